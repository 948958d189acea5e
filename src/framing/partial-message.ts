// Framing layer: the part of a message that has arrived. Memory grows with what has come, not with what was announced, so
// a peer that announces much and sends little costs little. It keeps one chunk for the next message.

const firstChunkBytes = 1024;
/** A chunk larger than this is not kept between messages. */
const maxKeptBytes = 64 * 1024;

/** Collects pieces of one message after the other. */
export class PartialMessage {
  /** The bytes so far are `bytes[0..length)`. */
  bytes = new Uint8Array(0);
  length = 0;

  append(source: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(firstChunkBytes, needed, Math.min(this.bytes.length * 2, needed * 2)));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    this.bytes.set(source.subarray(start, end), this.length);
    this.length = needed;
  }

  /** Forgets the message. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length > maxKeptBytes) this.bytes = new Uint8Array(0);
  }
}
