// Bytes layer: numbers written into a `Writer`: varints, little-endian words and floats, and lengths that are filled in
// once what they measure is written. Values are taken as they are: ranges are checked by the caller.
import { float32, float64, highWord, int64, lowWord, words } from "./scratch.ts";
import type { Writer } from "./writer.ts";

/** Bytes that `value`, an unsigned 32-bit integer, takes as a varint: 1 to 5. */
export function sizeOfVarint32(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes an unsigned 32-bit integer as a varint of 1 to 5 bytes. */
export function writeVarint32(into: Writer, value: number): void {
  into.ensure(5);
  const { bytes } = into;
  let at = into.position;
  if (value < 0x80) {
    bytes[at] = value;
    into.position = at + 1;
    return;
  }
  let rest = value;
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  into.position = at;
}

/** Writes the 64-bit integer `high * 2^32 + low` as a varint of 1 to 10 bytes. Both are taken as unsigned words. */
export function writeVarint64(into: Writer, low: number, high: number): void {
  into.ensure(10);
  const { bytes } = into;
  let at = into.position;
  let lowRest = low >>> 0;
  let highRest = high >>> 0;
  while (highRest > 0 || lowRest > 0x7f) {
    bytes[at++] = (lowRest & 0x7f) | 0x80;
    lowRest = ((lowRest >>> 7) | (highRest << 25)) >>> 0;
    highRest >>>= 7;
  }
  bytes[at++] = lowRest;
  into.position = at;
}

/** Writes a bigint, modulo 2^64, as a varint of 1 to 10 bytes. */
export function writeVarintBigInt(into: Writer, value: bigint): void {
  int64[0] = value;
  writeVarint64(into, words[lowWord] as number, words[highWord] as number);
}

/** Writes a 32-bit word, signed or not, in little-endian order. */
export function writeFixed32(into: Writer, value: number): void {
  into.ensure(4);
  const { bytes } = into;
  const at = into.position;
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
  into.position = at + 4;
}

/** Writes the 64-bit integer `high * 2^32 + low` in little-endian order. */
export function writeFixed64(into: Writer, low: number, high: number): void {
  into.ensure(8);
  const { bytes } = into;
  const at = into.position;
  bytes[at] = low;
  bytes[at + 1] = low >>> 8;
  bytes[at + 2] = low >>> 16;
  bytes[at + 3] = low >>> 24;
  bytes[at + 4] = high;
  bytes[at + 5] = high >>> 8;
  bytes[at + 6] = high >>> 16;
  bytes[at + 7] = high >>> 24;
  into.position = at + 8;
}

/** Writes a bigint, modulo 2^64, in little-endian order. */
export function writeFixedBigInt(into: Writer, value: bigint): void {
  int64[0] = value;
  writeFixed64(into, words[lowWord] as number, words[highWord] as number);
}

/** Writes the nearest IEEE 754 single in little-endian order. */
export function writeFloat(into: Writer, value: number): void {
  float32[0] = value;
  writeFixed32(into, words[0] as number);
}

/** Writes an IEEE 754 double in little-endian order. */
export function writeDouble(into: Writer, value: number): void {
  float64[0] = value;
  writeFixed64(into, words[lowWord] as number, words[highWord] as number);
}

/** Leaves `reservedBytes` for the varint length of what follows; `closeLength` takes the offset returned. */
export function openLength(into: Writer, reservedBytes: number): number {
  into.ensure(reservedBytes);
  into.position += reservedBytes;
  return into.offset();
}

/** Fills in the length of everything written since `openLength`, moving it when its length needs other than `reservedBytes`. */
export function closeLength(into: Writer, opened: number, reservedBytes: number): void {
  const count = into.offset() - opened;
  if (count < 0x80 && reservedBytes === 1) {
    into.bytes[into.mark + opened - 1] = count;
    return;
  }
  const missing = sizeOfVarint32(count) - reservedBytes;
  if (missing > 0) into.ensure(missing);
  const start = into.mark + opened;
  const end = into.position;
  if (missing !== 0) into.bytes.copyWithin(start + missing, start, end);
  into.position = start - reservedBytes;
  writeVarint32(into, count);
  into.position = end + missing;
}
