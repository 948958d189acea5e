// Bytes layer: what Node's `Buffer` does in native code. The one file that may use it, found by a feature test; elsewhere
// `TextEncoder` and `TextDecoder` do the same work.

/** What the two ways of reaching native code have in common. */
interface Native {
  /** Bytes that `text` takes. */
  measure(text: string): number;
  /** Writes `text` at `bytes[start]` and returns how many bytes it took; lone surrogates become U+FFFD. There is room. */
  write(text: string, bytes: Uint8Array, start: number): number;
  /** Reads `bytes[start..end)`; what is not UTF-8 becomes U+FFFD. */
  read(bytes: Uint8Array, start: number, end: number): string;
  /**
   * Memory to be cut into views that go to different owners: one of them cannot take it from the others by a transfer to a
   * worker. Undefined where there is no such memory.
   */
  pooled(): Uint8Array | undefined;
}

/** Node gives up to half of its pool of 8 KiB at once, and keeps it from being transferred. */
const pooledBytes = 4095;

interface BufferConstructor {
  byteLength(text: string): number;
  allocUnsafe(bytes: number): Uint8Array;
  readonly prototype: {
    readonly utf8Write?: (this: Uint8Array, text: string, start: number, count: number) => number;
    readonly utf8Slice?: (this: Uint8Array, start: number, end: number) => string;
  };
}

function throughBuffer(): Native | undefined {
  const { Buffer: node } = globalThis as { readonly Buffer?: BufferConstructor };
  const utf8Write = node?.prototype.utf8Write;
  const utf8Slice = node?.prototype.utf8Slice;
  if (node === undefined || utf8Write === undefined || utf8Slice === undefined) return undefined;
  return {
    measure: (text) => node.byteLength(text),
    write: (text, bytes, start) => utf8Write.call(bytes, text, start, bytes.length - start),
    read: (bytes, start, end) => utf8Slice.call(bytes, start, end),
    pooled() {
      const { buffer, byteOffset } = node.allocUnsafe(pooledBytes);
      // A program may have made the pool smaller: the memory is then no part of it.
      return buffer.byteLength > pooledBytes ? new Uint8Array(buffer, byteOffset, pooledBytes) : undefined;
    },
  };
}

function throughEncoding(): Native {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    measure: (text) => encoder.encode(text).length,
    write: (text, bytes, start) => encoder.encodeInto(text, bytes.subarray(start)).written,
    read: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
    pooled: () => undefined,
  };
}

export const native: Native = /* @__PURE__ */ throughBuffer() ?? /* @__PURE__ */ throughEncoding();
