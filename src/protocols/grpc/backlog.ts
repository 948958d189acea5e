// gRPC: bytes of a body that wait to be read as messages, in one piece of memory: many small pieces must not cost more than
// their bytes.

const minBytes = 1024;
const noBytes = new Uint8Array(0);

export class Backlog {
  bytes: Uint8Array = noBytes;
  start = 0;
  end = 0;

  get length(): number {
    return this.end - this.start;
  }

  /** Copies `bytes[start..end)` behind what waits. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.end + count > this.bytes.length) this.#makeRoom(count);
    this.bytes.set(bytes.subarray(start, end), this.end);
    this.end += count;
  }

  /** Says how far it was read; what is empty takes no memory. */
  readTo(at: number): void {
    this.start = at;
    if (this.start === this.end) this.clear();
  }

  clear(): void {
    this.bytes = noBytes;
    this.start = 0;
    this.end = 0;
  }

  #makeRoom(count: number): void {
    const { length, bytes, start, end } = this;
    const needed = length + count;
    // What fits once the part that was read is left out is only moved.
    const enough = needed * 2 <= bytes.length;
    const larger = enough ? bytes : new Uint8Array(Math.max(minBytes, needed + (needed >>> 1)));
    if (enough) bytes.copyWithin(0, start, end);
    else larger.set(bytes.subarray(start, end));
    this.bytes = larger;
    this.start = 0;
    this.end = length;
  }
}
