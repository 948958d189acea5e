// Host layer: compression as the machine offers it.

/** One compression, such as gzip. Both functions are stateless: one whole message at a time. */
export interface Compressor {
  /** Its name on the wire: `gzip`, `deflate`. */
  readonly name: string;
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  /** Stops and rejects as soon as the output would pass `maxBytes`. */
  decompress(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array>;
}

export interface Compression {
  /** The compressor of that name, or undefined when this machine has none. */
  find(name: string): Compressor | undefined;
  readonly names: readonly string[];
}
