// Bytes layer: numbers as varints, little-endian words and floats. Each comes twice: `put` into bytes at an index, where there
// is room, giving the index behind; and written behind what a `Writer` holds. Ranges are checked by the caller.
import { float32, float64, highWord, int64, lowWord, words } from "./scratch.ts";
import type { Writer } from "./writer.ts";

/** Bytes that a varint of 32 bits takes at most. */
export const maxVarint32Bytes = 5;
/** Bytes that a varint of 64 bits takes at most. */
export const maxVarint64Bytes = 10;

/** Bytes that `value`, an unsigned 32-bit integer, takes as a varint: 1 to 5. */
export function sizeOfVarint32(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Puts an unsigned 32-bit integer at `bytes[at]` as a varint of 1 to 5 bytes. */
export function putVarint32(bytes: Uint8Array, at: number, value: number): number {
  let to = at;
  let rest = value;
  while (rest > 0x7f) {
    bytes[to++] = rest | 0x80;
    rest >>>= 7;
  }
  bytes[to] = rest;
  return to + 1;
}

/** Puts the 64-bit integer `high * 2^32 + low` at `bytes[at]` as a varint of 1 to 10 bytes. Both are taken as unsigned. */
export function putVarint64(bytes: Uint8Array, at: number, low: number, high: number): number {
  if (high === 0) return putVarint32(bytes, at, low >>> 0);
  const to = putSeptets(bytes, at, low);
  const middle = ((high << 4) | (low >>> 28)) >>> 0;
  const top = high >>> 24;
  return top < 0x10 ? putVarint32(bytes, to, middle) : putVarint32(bytes, putSeptets(bytes, to, middle), top);
}

/** Puts the lowest 28 bits in four bytes that say that more follow. */
function putSeptets(bytes: Uint8Array, at: number, bits: number): number {
  bytes[at] = bits | 0x80;
  bytes[at + 1] = (bits >>> 7) | 0x80;
  bytes[at + 2] = (bits >>> 14) | 0x80;
  bytes[at + 3] = (bits >>> 21) | 0x80;
  return at + 4;
}

/** Puts a 32-bit word, signed or not, at `bytes[at]` in little-endian order. */
export function putFixed32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  return at + 4;
}

/** Puts the 64-bit integer `high * 2^32 + low` at `bytes[at]` in little-endian order. */
export function putFixed64(bytes: Uint8Array, at: number, low: number, high: number): number {
  return putFixed32(bytes, putFixed32(bytes, at, low), high);
}

/** Puts the nearest IEEE 754 single at `bytes[at]` in little-endian order. */
export function putFloat(bytes: Uint8Array, at: number, value: number): number {
  float32[0] = value;
  return putFixed32(bytes, at, words[0] as number);
}

/** Puts an IEEE 754 double at `bytes[at]` in little-endian order. */
export function putDouble(bytes: Uint8Array, at: number, value: number): number {
  float64[0] = value;
  return putFixed64(bytes, at, words[lowWord] as number, words[highWord] as number);
}

/** Writes an unsigned 32-bit integer as a varint of 1 to 5 bytes. */
export function writeVarint32(into: Writer, value: number): void {
  into.ensure(maxVarint32Bytes);
  into.position = putVarint32(into.bytes, into.position, value);
}

/** Writes the 64-bit integer `high * 2^32 + low` as a varint of 1 to 10 bytes. Both are taken as unsigned words. */
export function writeVarint64(into: Writer, low: number, high: number): void {
  into.ensure(maxVarint64Bytes);
  into.position = putVarint64(into.bytes, into.position, low, high);
}

/** Writes a bigint, modulo 2^64, as a varint of 1 to 10 bytes. */
export function writeVarintBigInt(into: Writer, value: bigint): void {
  int64[0] = value;
  writeVarint64(into, words[lowWord] as number, words[highWord] as number);
}

/** Writes a 32-bit word, signed or not, in little-endian order. */
export function writeFixed32(into: Writer, value: number): void {
  into.ensure(4);
  into.position = putFixed32(into.bytes, into.position, value);
}

/** Writes the 64-bit integer `high * 2^32 + low` in little-endian order. */
export function writeFixed64(into: Writer, low: number, high: number): void {
  into.ensure(8);
  into.position = putFixed64(into.bytes, into.position, low, high);
}

/** Writes a bigint, modulo 2^64, in little-endian order. */
export function writeFixedBigInt(into: Writer, value: bigint): void {
  int64[0] = value;
  writeFixed64(into, words[lowWord] as number, words[highWord] as number);
}

/** Writes the nearest IEEE 754 single in little-endian order. */
export function writeFloat(into: Writer, value: number): void {
  into.ensure(4);
  into.position = putFloat(into.bytes, into.position, value);
}

/** Writes an IEEE 754 double in little-endian order. */
export function writeDouble(into: Writer, value: number): void {
  into.ensure(8);
  into.position = putDouble(into.bytes, into.position, value);
}

/** Leaves `reservedBytes` for the varint length of what follows; `closeLength` takes the offset returned. */
export function openLength(into: Writer, reservedBytes: number): number {
  into.ensure(reservedBytes);
  into.position += reservedBytes;
  return into.offset();
}

/** Fills in the length of everything written since `openLength`, moving it when its length needs other than `reservedBytes`. */
export function closeLength(into: Writer, opened: number, reservedBytes: number): void {
  into.position = putLength(into, into.position, opened, reservedBytes);
}

/**
 * Puts the length of what stands from `opened`, an offset from the mark, to the index `end` in the `reservedBytes` before it,
 * moving it when the length takes other than that. Gives the index behind it all.
 */
export function putLength(into: Writer, end: number, opened: number, reservedBytes: number): number {
  const start = into.mark + opened;
  const count = end - start;
  if (count > 0x7f || reservedBytes !== 1) return putOtherLength(into, end, opened, reservedBytes);
  into.bytes[start - 1] = count;
  return end;
}

/** Apart from the short length, which is most frequent, so that engines make that part of its caller. */
function putOtherLength(into: Writer, end: number, opened: number, reservedBytes: number): number {
  const count = end - into.mark - opened;
  const missing = sizeOfVarint32(count) - reservedBytes;
  const from = into.roomAt(end, Math.max(missing, 0));
  const start = into.mark + opened;
  if (missing !== 0) into.bytes.copyWithin(start + missing, start, from);
  putVarint32(into.bytes, start - reservedBytes, count);
  return from + missing;
}
