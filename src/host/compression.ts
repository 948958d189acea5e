// Host layer: compression as the machine offers it. RFC 1952 (gzip), RFC 1950 (what gRPC calls deflate).

/** Why a message could not be decompressed. */
export type CompressionErrorCode =
  /** The output would pass the limit. */
  | "too-large"
  /** The bytes are damaged, or end too early. */
  | "corrupt";

/** A message that could not be decompressed. */
export class CompressionError extends Error {
  override readonly name = "CompressionError";
  readonly code: CompressionErrorCode;

  constructor(code: CompressionErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/**
 * One compression, such as gzip. Both functions are stateless: one whole message at a time. They work at once: messages
 * are at most some MiB, and a trip to another thread costs more than most of them.
 */
export interface Compressor {
  /** Its name on the wire: `gzip`, `deflate`. */
  readonly name: string;
  compress(bytes: Uint8Array): Uint8Array;
  /** Throws a `CompressionError`, and stops as soon as the output would pass `maxBytes`. */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array;
}

export interface Compression {
  /** The compressor of that name, or undefined when this machine has none. */
  find(name: string): Compressor | undefined;
  readonly names: readonly string[];
}
