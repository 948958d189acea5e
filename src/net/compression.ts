// The real machine: gzip (RFC 1952) and deflate (RFC 1950, as HTTP and gRPC use the name) by Node's zlib, which is
// loaded on first use and works off the main thread.
import { type Compression, CompressionError, type Compressor } from "../host/index.ts";

type Zlib = typeof import("node:zlib");
type Finished = (error: Error | null, result: Uint8Array) => void;

interface Algorithm {
  readonly name: string;
  compress(zlib: Zlib, bytes: Uint8Array, finished: Finished): void;
  decompress(zlib: Zlib, bytes: Uint8Array, maxOutputLength: number, finished: Finished): void;
}

const algorithms: readonly Algorithm[] = [
  {
    name: "gzip",
    compress: (zlib, bytes, finished) => zlib.gzip(bytes, finished),
    decompress: (zlib, bytes, maxOutputLength, finished) => zlib.gunzip(bytes, { maxOutputLength }, finished),
  },
  {
    name: "deflate",
    compress: (zlib, bytes, finished) => zlib.deflate(bytes, finished),
    decompress: (zlib, bytes, maxOutputLength, finished) => zlib.inflate(bytes, { maxOutputLength }, finished),
  },
];

function createCompressor(algorithm: Algorithm): Compressor {
  const { name } = algorithm;
  return {
    name,
    async compress(bytes) {
      const zlib = await import("node:zlib");
      return new Promise((resolve, reject) => {
        algorithm.compress(zlib, bytes, (error, result) => (error === null ? resolve(plain(result)) : reject(error)));
      });
    },
    async decompress(bytes, maxBytes) {
      const zlib = await import("node:zlib");
      return new Promise((resolve, reject) => {
        const tooLarge = () => new CompressionError("too-large", `a ${name} message holds more than ${maxBytes} bytes`);
        // zlib takes no limit of 0.
        algorithm.decompress(zlib, bytes, Math.max(1, maxBytes), (error, result) => {
          if (error === null) return result.length > maxBytes ? reject(tooLarge()) : resolve(plain(result));
          if ("code" in error && error.code === "ERR_BUFFER_TOO_LARGE") return reject(tooLarge());
          reject(new CompressionError("corrupt", `a ${name} message is damaged: ${error.message}`, error));
        });
      });
    },
  };
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
