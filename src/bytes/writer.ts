// Bytes layer: an output that encoders write straight into. It knows no protocol and does no IO.
// A writer is a run of finished parts plus one open chunk; what lies behind `mark` stays contiguous while it grows.

import { native } from "./native.ts";

const emptyBytes = new Uint8Array(0);

/** Where writers get their chunks and give them back, so that an idle writer holds no memory. */
export interface ChunkSource {
  /** A chunk of at least `minBytes`; its content is arbitrary. */
  take(minBytes: number): Uint8Array;
  /** Gives back a chunk that nobody reads any more. */
  give(chunk: Uint8Array): void;
  /** The chunk taken last, where `takeValue` may cut values out of it. */
  readonly pooled?: Uint8Array | undefined;
}

/** A `ChunkSource` that keeps up to `maxKept` chunks of `chunkBytes` for reuse. */
export class ChunkPool implements ChunkSource {
  readonly chunkBytes: number;
  readonly #kept: Uint8Array[] = [];
  readonly #maxKept: number;

  constructor(chunkBytes = 64 * 1024, maxKept = 16) {
    this.chunkBytes = chunkBytes;
    this.#maxKept = maxKept;
  }

  take(minBytes: number): Uint8Array {
    if (minBytes > this.chunkBytes) return new Uint8Array(minBytes);
    return this.#kept.pop() ?? new Uint8Array(this.chunkBytes);
  }

  give(chunk: Uint8Array): void {
    if (chunk.length === this.chunkBytes && this.#kept.length < this.#maxKept) this.#kept.push(chunk);
  }
}

/** Chunks from the garbage collector, for a writer of one value. */
const heapChunks: ChunkSource = { take: (minBytes) => new Uint8Array(Math.max(minBytes, 256)), give: () => {} };

/** A value up to this size may be a view of the chunk it was written in; a larger one has its memory to itself. */
const maxSharedBytes = 1024;
/** Up to this size, the room for a large value is taken at once where the last one was as large. */
const maxExpectedBytes = 1024 * 1024;

/** Chunks for a writer whose values are taken one by one with `takeValue`. */
export class ValueChunks implements ChunkSource {
  /** The chunk given last, where values may be cut out of it. */
  pooled: Uint8Array | undefined;

  take(minBytes: number): Uint8Array {
    this.pooled = minBytes <= maxSharedBytes ? native.pooled() : undefined;
    return this.pooled ?? new Uint8Array(Math.max(minBytes, maxSharedBytes));
  }

  give(): void {}
}

/**
 * A growing output. Hot encoders may use `bytes` and `position` directly after `ensure(count)`.
 *
 * Positions move when the writer grows, so a position that must outlive an `ensure` is kept as an `offset()`, which is
 * relative to `mark`, and turned back with `mark + offset`.
 */
export class Writer {
  /** The open chunk. */
  bytes: Uint8Array = emptyBytes;
  /** Index in `bytes` of the next byte to write. */
  position = 0;
  /** Index in `bytes` of the first byte that must stay contiguous with the last one: an open frame or message. */
  mark = 0;
  /** Index in `bytes` of the first byte not yet taken. */
  start = 0;
  /** Bytes taken so far and bytes in finished parts. */
  #finishedBytes = 0;
  #parts: Uint8Array[] = [];
  #lent = false;
  /** Bytes of the last value that was too large to share a chunk; the next is expected to be about as large. */
  #expectedBytes = 0;
  /** The chunk whose buffer is known: asking for it is a call. */
  #viewed: Uint8Array = emptyBytes;
  #buffer: ArrayBufferLike = emptyBytes.buffer;
  #byteOffset = 0;
  readonly #chunks: ChunkSource;

  constructor(chunks: ChunkSource = heapChunks) {
    this.#chunks = chunks;
  }

  /** Bytes written since the writer was made, taken ones included: a position in the whole stream of output. */
  get written(): number {
    return this.#finishedBytes + this.position - this.start;
  }

  /** Bytes written and not yet taken. */
  get pending(): number {
    let bytes = this.position - this.start;
    for (const part of this.#parts) bytes += part.length;
    return bytes;
  }

  /** The position relative to `mark`; it stays true when the writer grows. */
  offset(): number {
    return this.position - this.mark;
  }

  /** Makes room for `count` more bytes in `bytes`. */
  ensure(count: number): void {
    if (this.position + count > this.bytes.length) this.#grow(count);
  }

  /**
   * Makes room for `count` more bytes at index `at`, the end of what is being put there by who keeps the position himself:
   * gives that index, which moves when the writer grows.
   */
  roomAt(at: number, count: number): number {
    if (at + count <= this.bytes.length) return at;
    this.position = at;
    this.#grow(count);
    return this.position;
  }

  /** Declares that everything before `position` is complete: it may be left behind in an older chunk. */
  seal(): void {
    this.mark = this.position;
  }

  /** Forgets everything written since `offset` (a value of `offset()`). */
  rewind(offset: number): void {
    this.position = this.mark + offset;
  }

  /**
   * Takes out what was written since `offset` (a value of `offset()`), for the caller to keep. It is not copied when it
   * fills most of its chunk: the chunk then goes with it.
   */
  takeOpen(offset: number): Uint8Array {
    const from = this.mark + offset;
    if ((this.position - from) * 2 < this.bytes.length) {
      const copy = this.bytes.slice(from, this.position);
      this.rewind(offset);
      return copy;
    }
    const open = this.bytes.subarray(from, this.position);
    this.#finish(this.mark);
    this.bytes = emptyBytes;
    this.position = this.mark = this.start = 0;
    this.#lent = false;
    return open;
  }

  /**
   * Takes out everything that was written since the last value, for the caller to keep: nobody writes in it any more. Small
   * values are views of pooled memory, as small Buffers of Node are: 20 ns each, where memory of their own takes 80, and 250
   * from 65 bytes on (Node 20). For writers that encode one value after the other: the output knows of none of them.
   */
  takeValue(): Uint8Array {
    const { bytes, mark, position } = this;
    const count = position - mark;
    if (count > maxSharedBytes || count === 0 || bytes !== this.#chunks.pooled) return this.#takeWhole();
    if (this.#viewed !== bytes) {
      this.#viewed = bytes;
      this.#buffer = bytes.buffer;
      this.#byteOffset = bytes.byteOffset;
    }
    this.start = this.mark = position;
    return new Uint8Array(this.#buffer, this.#byteOffset + mark, count);
  }

  #takeWhole(): Uint8Array {
    const { pending } = this;
    this.#expectedBytes = pending > maxExpectedBytes ? 0 : pending;
    if (this.#parts.length === 0 && this.bytes !== this.#chunks.pooled) {
      const value = this.takeOpen(0);
      // Values that are small again go back to pooled memory.
      if (this.bytes.length > maxSharedBytes) this.bytes = emptyBytes;
      return value;
    }
    const whole = this.toBytes();
    this.drop();
    return whole;
  }

  /** Writes a copy of `source[start..end)`. */
  writeBytes(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start;
    this.ensure(count);
    if (count < 24) {
      const { bytes } = this;
      let to = this.position;
      for (let from = start; from < end; from++) bytes[to++] = source[from] as number;
      this.position = to;
      return;
    }
    this.bytes.set(start === 0 && end === source.length ? source : source.subarray(start, end), this.position);
    this.position += count;
  }

  /** Appends whole parts behind what is written, without copying: they are lent until the output has left. */
  writeLent(part: Uint8Array): void {
    this.#finish(this.position);
    this.mark = this.position;
    this.#parts.push(part);
    this.#finishedBytes += part.length;
  }

  /** Moves all complete output into `into`. The parts are views: they stay valid until `recycle`. */
  takeParts(into: Uint8Array[]): void {
    for (const part of this.#parts) into.push(part);
    if (this.#parts.length > 0) this.#parts = [];
    if (this.mark > this.start) {
      into.push(this.bytes.subarray(this.start, this.mark));
      this.#finishedBytes += this.mark - this.start;
      this.start = this.mark;
      this.#lent = true;
    }
  }

  /** Says that nobody reads any part taken so far: the chunk is used again from its beginning, or given back. */
  recycle(): void {
    if (this.start !== this.position || this.#parts.length > 0) return;
    if (this.bytes !== emptyBytes) this.#chunks.give(this.bytes);
    this.bytes = emptyBytes;
    this.position = this.mark = this.start = 0;
    this.#lent = false;
  }

  /** Forgets everything not yet taken. */
  drop(): void {
    for (const part of this.#parts) this.#finishedBytes -= part.length;
    this.#parts = [];
    this.position = this.mark = this.start;
  }

  /** A copy of everything not yet taken; nothing is consumed. For writers that encode one value. */
  toBytes(): Uint8Array {
    if (this.#parts.length === 0) return this.bytes.slice(this.start, this.position);
    const whole = new Uint8Array(this.pending);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    whole.set(this.bytes.subarray(this.start, this.position), at);
    return whole;
  }

  /** Empties the writer for another value, keeping its chunk. Only when nothing of it was taken. */
  reset(): void {
    this.position = this.mark = this.start = 0;
    this.#parts = [];
  }

  #finish(end: number): void {
    if (end === this.start) return;
    this.#parts.push(this.bytes.subarray(this.start, end));
    this.#finishedBytes += end - this.start;
    this.start = end;
    this.#lent = true;
  }

  #grow(count: number): void {
    const open = this.position - this.mark;
    const fresh = this.#chunks.take(Math.max(open + count, open * 2, open > 0 ? this.#expectedBytes * 1.1 : 0));
    if (open > 0) fresh.set(this.bytes.subarray(this.mark, this.position));
    this.#finish(this.mark);
    if (!this.#lent && this.bytes !== emptyBytes) this.#chunks.give(this.bytes);
    this.#lent = false;
    this.bytes = fresh;
    this.start = this.mark = 0;
    this.position = open;
  }
}
