// The real machine: gzip (RFC 1952) and deflate (RFC 1950, as HTTP and gRPC use the name) by Node's zlib, which is loaded
// on first use.
import { type Compression, CompressionError, type Compressor } from "../host/index.ts";

type Zlib = typeof import("node:zlib");

interface Algorithm {
  readonly name: string;
  compress(zlib: Zlib, bytes: Uint8Array): Uint8Array;
  decompress(zlib: Zlib, bytes: Uint8Array, maxOutputLength: number): Uint8Array;
}

const algorithms: readonly Algorithm[] = [
  {
    name: "gzip",
    compress: (zlib, bytes) => zlib.gzipSync(bytes, compressOptions),
    decompress: (zlib, bytes, maxOutputLength) => zlib.gunzipSync(bytes, { maxOutputLength }),
  },
  {
    name: "deflate",
    compress: (zlib, bytes) => zlib.deflateSync(bytes, compressOptions),
    decompress: (zlib, bytes, maxOutputLength) => zlib.inflateSync(bytes, { maxOutputLength }),
  },
];

/** Level 1: messages are compressed on the way, where time is dearer than the last few per cent. */
const compressOptions = { level: 1 };

function createCompressor(algorithm: Algorithm): Compressor {
  const { name } = algorithm;
  return {
    name,
    compress: (bytes) => plain(algorithm.compress(loadZlib(), bytes)),
    decompress(bytes, maxBytes) {
      let result: Uint8Array;
      try {
        // zlib takes no limit of 0.
        result = algorithm.decompress(loadZlib(), bytes, Math.max(1, maxBytes));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE")
          throw tooLarge(maxBytes);
        const reason = error instanceof Error ? error.message : String(error);
        throw new CompressionError("corrupt", `a ${name} message is damaged: ${reason}`, error);
      }
      if (result.length > maxBytes) throw tooLarge(maxBytes);
      return plain(result);
    },
  };

  function tooLarge(maxBytes: number): CompressionError {
    return new CompressionError("too-large", `a ${name} message holds more than ${maxBytes} bytes`);
  }
}

function loadZlib(): Zlib {
  return process.getBuiltinModule("node:zlib");
}

/** The same memory without the ways of a `Buffer`. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const compressors: ReadonlyMap<string, Compressor> = new Map(
  algorithms.map((algorithm) => [algorithm.name, createCompressor(algorithm)]),
);

/** gzip and deflate. */
export const realCompression: Compression = {
  names: [...compressors.keys()],
  find: (name) => compressors.get(name),
};
