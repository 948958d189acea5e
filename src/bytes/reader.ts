// Bytes layer: a cursor over bytes that others own, for decoders. It allocates only what it returns, reads nothing past
// its end, and checks every length before memory is taken. It knows no protocol.
import { float32, float64, highWord, int64, lowWord, uint64, words } from "./scratch.ts";
import { readText } from "./text.ts";

/** Why a `Reader` stopped. */
export type ReadErrorCode =
  /** A value or a length passes the end. */
  | "truncated"
  /** A varint of more than 10 bytes, or 5 for a tag. */
  | "bad-varint"
  /** Text that is not UTF-8. */
  | "bad-text"
  /** More levels than allowed. */
  | "too-deep";

/** Bytes that cannot be read. */
export class ReadError extends Error {
  override readonly name: string = "ReadError";
  readonly code: ReadErrorCode;
  /** Index in the reader's `bytes` of the value that could not be read. */
  readonly offset: number;

  constructor(code: ReadErrorCode, offset: number, message: string) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

const noBytes = new Uint8Array(0);

/** A copy of `bytes[start..end)` that shares no memory with it: always a plain `Uint8Array`. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const count = end - start;
  // Its own, for the caller may transfer it: 20 ns on Node 20, where `new Uint8Array(0)` takes 174.
  if (count === 0) return new Uint8Array(noBytes);
  // `slice` of a subclass would make one of that subclass, and Node's Buffer overrides it to share memory.
  if (count > 12 && bytes.constructor === Uint8Array) return bytes.slice(start, end);
  const copy = new Uint8Array(count);
  if (count > 12) copy.set(bytes.subarray(start, end));
  else for (let index = 0; index < count; index++) copy[index] = bytes[start + index] as number;
  return copy;
}

const maxVarintBytes = 10;
/** What a varint of one byte can be; none for a byte that says that more follow. */
const smallBigInts: readonly (bigint | undefined)[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 ? BigInt(byte) : undefined,
);

/** A cursor over `bytes[position..end)`. Hot decoders may compare `position` with `end` directly. */
export class Reader {
  readonly bytes: Uint8Array;
  /** Index in `bytes` of the next byte to read. */
  position: number;
  /** Index in `bytes` behind the last byte of the level being read. */
  end: number;
  /** Levels that may still be entered. */
  depthLeft: number;
  /** For the decoder's use: where the item being read begins. */
  mark: number;
  /**
   * For the decoder's use: what ends the level being read, where no length does, and `depthLeft` there. -1: a length
   * does.
   */
  endTag: number;
  endDepth: number;
  /** For the decoder's use: something lacks a part, which may yet come, or have come before. */
  incomplete: boolean;

  constructor(bytes: Uint8Array, start: number, end: number, maxDepth: number) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
    this.depthLeft = maxDepth;
    this.mark = start;
    this.endTag = -1;
    this.endDepth = -1;
    this.incomplete = false;
  }

  /** Moves past `count` bytes and returns the index of the first. */
  take(count: number): number {
    const at = this.position;
    if (count > this.end - at) {
      throw new ReadError("truncated", at, `${count} bytes are announced and ${this.end - at} remain`);
    }
    this.position = at + count;
    return at;
  }

  /** Goes down one level, which spans the next `count` bytes. Returns the outer end, to be given back to `leave`. */
  enter(count: number): number {
    this.descend();
    const outer = this.end;
    const inner = this.position + count;
    if (inner > outer) this.take(count);
    this.end = inner;
    return outer;
  }

  leave(outerEnd: number): void {
    this.end = outerEnd;
    this.depthLeft++;
  }

  /** Counts one level more; `depthLeft` is given back by the caller. */
  descend(): void {
    if (this.depthLeft <= 0) throw new ReadError("too-deep", this.position, "more levels than the limit allows");
    this.depthLeft--;
  }

  /** The low 32 bits of a varint of at most 10 bytes, signed. */
  varint32(): number {
    const at = this.position;
    if (at < this.end) {
      const first = this.bytes[at] as number;
      if (first < 0x80) {
        this.position = at + 1;
        return first;
      }
    }
    return this.#longVarint();
  }

  /** A varint length: what remains is checked by whoever uses it. Lengths from 2^31 are refused. */
  length(): number {
    const at = this.position;
    if (at < this.end) {
      const first = this.bytes[at] as number;
      if (first < 0x80) {
        this.position = at + 1;
        return first;
      }
    }
    return this.#longLength();
  }

  #longLength(): number {
    const at = this.position;
    const count = this.varint32();
    if (count < 0 || (this.position - at > 4 && this.#highOf(at) !== 0)) {
      throw new ReadError("truncated", at, `a length of 2 GiB or more is announced and ${this.end - at} bytes remain`);
    }
    return count;
  }

  /** A varint as a signed 64-bit integer. */
  varint64(): bigint {
    return this.#smallVarint() ?? this.#longVarint64();
  }

  /** A varint as an unsigned 64-bit integer. */
  varintU64(): bigint {
    return this.#smallVarint() ?? this.#longVarintU64();
  }

  /** A varint of one byte: with a bigint that is there already 6 ns, with one that is made 15 (Node 20). */
  #smallVarint(): bigint | undefined {
    const at = this.position;
    const small = at < this.end ? smallBigInts[this.bytes[at] as number] : undefined;
    if (small !== undefined) this.position = at + 1;
    return small;
  }

  #longVarint64(): bigint {
    this.varintWords();
    return int64[0] as bigint;
  }

  #longVarintU64(): bigint {
    this.varintWords();
    return uint64[0] as bigint;
  }

  /** A zigzag varint as a signed 64-bit integer. */
  zigzag64(): bigint {
    this.varintWords();
    const low = words[lowWord] as number;
    const high = words[highWord] as number;
    const sign = -(low & 1);
    words[lowWord] = ((low >>> 1) | (high << 31)) ^ sign;
    words[highWord] = (high >>> 1) ^ sign;
    return int64[0] as bigint;
  }

  /** A varint read as a truth value: false only when all 64 bits are zero. */
  bool(): boolean {
    const at = this.position;
    const low = this.varint32();
    if (low !== 0) return true;
    return this.position - at > 4 && this.#highOf(at) !== 0;
  }

  /** A little-endian 32-bit word, signed. */
  fixed32(): number {
    const at = this.take(4);
    const { bytes } = this;
    return (
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    );
  }

  /** A little-endian signed 64-bit integer. */
  fixed64(): bigint {
    this.#fixedWords();
    return int64[0] as bigint;
  }

  /** A little-endian unsigned 64-bit integer. */
  fixedU64(): bigint {
    this.#fixedWords();
    return uint64[0] as bigint;
  }

  float(): number {
    words[0] = this.fixed32();
    return float32[0] as number;
  }

  double(): number {
    this.#fixedWords();
    return float64[0] as number;
  }

  /** UTF-8 text behind its length, a varint. */
  text(): string {
    const count = this.length();
    const at = this.take(count);
    const text = readText(this.bytes, at, at + count);
    if (text === undefined) throw new ReadError("bad-text", at, "the text is not UTF-8");
    return text;
  }

  /** A copy of the bytes behind a length, a varint. */
  copy(): Uint8Array {
    const count = this.length();
    const at = this.take(count);
    return copyBytes(this.bytes, at, at + count);
  }

  #longVarint(): number {
    const { bytes } = this;
    let at = this.position;
    if (this.end - at < 10) return this.#lastVarint();
    let byte = bytes[at++] as number;
    let value = byte & 0x7f;
    byte = bytes[at++] as number;
    value |= (byte & 0x7f) << 7;
    if (byte > 0x7f) {
      byte = bytes[at++] as number;
      value |= (byte & 0x7f) << 14;
      if (byte > 0x7f) {
        byte = bytes[at++] as number;
        value |= (byte & 0x7f) << 21;
        if (byte > 0x7f) {
          byte = bytes[at++] as number;
          value |= byte << 28;
          if (byte > 0x7f) return this.#lastVarint();
        }
      }
    }
    this.position = at;
    return value;
  }

  /** A varint of any length, and one that the bytes may end in. */
  #lastVarint(): number {
    const start = this.position;
    const { bytes, end } = this;
    let value = 0;
    for (let index = 0; index < 10; index++) {
      const at = start + index;
      if (at >= end) throw new ReadError("truncated", start, "the bytes end inside a varint");
      const byte = bytes[at] as number;
      if (index < 5) value |= (byte & 0x7f) << (7 * index);
      if (byte < 0x80) {
        this.position = at + 1;
        return value;
      }
    }
    throw new ReadError("bad-varint", start, "a varint is longer than 10 bytes");
  }

  /** The high 32 bits of the varint that starts at `start` and was read before. */
  #highOf(start: number): number {
    this.position = start;
    this.varintWords();
    return words[highWord] as number;
  }

  /** Reads a varint of 64 bits into the scratch words. */
  varintWords(): void {
    const { bytes, position } = this;
    if (this.end - position < maxVarintBytes) return this.#lastVarintWords();
    let at = position;
    let byte = bytes[at++] as number;
    let low = byte & 0x7f;
    let high = 0;
    // Each further byte brings seven bits; the fifth has four of the low word and three of the high one.
    if (byte > 0x7f) {
      byte = bytes[at++] as number;
      low |= (byte & 0x7f) << 7;
    }
    if (byte > 0x7f) {
      byte = bytes[at++] as number;
      low |= (byte & 0x7f) << 14;
    }
    if (byte > 0x7f) {
      byte = bytes[at++] as number;
      low |= (byte & 0x7f) << 21;
    }
    if (byte > 0x7f) {
      byte = bytes[at++] as number;
      low |= (byte & 0x7f) << 28;
      high = (byte & 0x7f) >>> 4;
      for (let shift = 3; byte > 0x7f && shift < 32; shift += 7) {
        byte = bytes[at++] as number;
        high |= (byte & 0x7f) << shift;
      }
      if (byte > 0x7f) throw new ReadError("bad-varint", position, "a varint is longer than 10 bytes");
    }
    this.position = at;
    words[lowWord] = low;
    words[highWord] = high;
  }

  /** The same for one that the bytes may end in. */
  #lastVarintWords(): void {
    const start = this.position;
    const { bytes, end } = this;
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      const at = start + index;
      if (at >= end) throw new ReadError("truncated", start, "the bytes end inside a varint");
      const byte = bytes[at] as number;
      const bits = byte & 0x7f;
      if (index < 5) low |= bits << (7 * index);
      // The fifth byte holds bits 28 to 34: its upper three belong to the high word.
      if (index === 4) high = bits >>> 4;
      else if (index > 4) high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        this.position = at + 1;
        words[lowWord] = low;
        words[highWord] = high;
        return;
      }
    }
    throw new ReadError("bad-varint", start, "a varint is longer than 10 bytes");
  }

  #fixedWords(): void {
    const low = this.fixed32();
    words[highWord] = this.fixed32();
    words[lowWord] = low;
  }
}
