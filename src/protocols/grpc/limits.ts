// gRPC: what a peer can make grow on a stream, beside its messages, whose size is an option of servers and channels.

/** Limits of one stream. They are fixed. */
export interface GrpcLimits {
  /**
   * Messages that are decoded and that nobody has taken yet. The next stay bytes, which take less: an empty message is 5 bytes
   * in the window and some hundred as an object.
   */
  readonly maxDecodedAhead: number;
  /** Bytes of an encoded status message that are sent; the rest is cut off, for peers take fields of 8 KiB. */
  readonly maxStatusBytes: number;
  /** Characters that an error quotes of an answer that is no gRPC. */
  readonly maxForeignChars: number;
}

export const grpcLimits: GrpcLimits = { maxDecodedAhead: 256, maxStatusBytes: 4096, maxForeignChars: 100 };
