// Marshal layer: protobuf's scalar types: written behind their tags, read without them. Values are checked when they are written:
// what a `.proto` type cannot hold is refused with a `MarshalError` at `name`, never cut to fit.
import {
  maxVarint32Bytes,
  maxVarint64Bytes,
  putDouble,
  putFixed32,
  putFixed64,
  putFloat,
  putVarint32,
  putVarint64,
} from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import { highWord, int64, lowWord, uint64, words } from "../bytes/scratch.ts";
import { putSizedText } from "../bytes/text.ts";
import type { Writer } from "../bytes/writer.ts";
import { MarshalError, outOfRange, wrongType } from "./errors.ts";
import { putTag } from "./tags.ts";

function checkInt32(value: number, name: string): void {
  if (typeof value === "number" && (value | 0) === value) return;
  throw typeof value === "number" ? outOfRange("a 32-bit integer", value, name) : wrongType("a number", value, name);
}

function checkUint32(value: number, name: string): void {
  if (typeof value === "number" && value >>> 0 === value) return;
  throw typeof value === "number"
    ? outOfRange("an unsigned 32-bit integer", value, name)
    : wrongType("a number", value, name);
}

function notInt64(type: string, value: unknown, name: string): MarshalError {
  if (typeof value === "number" || typeof value === "bigint") return outOfRange(type, value, name);
  return wrongType("a bigint or a safe integer", value, name);
}

/** Puts a signed 64-bit integer into the scratch words. */
function loadInt64(value: bigint | number, name: string): void {
  if (typeof value === "bigint") int64[0] = value;
  if (int64[0] !== value) loadNumber("a 64-bit integer", Number.MIN_SAFE_INTEGER, value, name);
}

/** Puts an unsigned 64-bit integer into the scratch words. */
function loadUint64(value: bigint | number, name: string): void {
  if (typeof value === "bigint") uint64[0] = value;
  if (uint64[0] !== value) loadNumber("an unsigned 64-bit integer", 0, value, name);
}

/** Puts what is no bigint in range into the scratch words: a safe integer; all else is refused. */
function loadNumber(type: string, min: number, value: bigint | number, name: string): void {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min) {
    throw notInt64(`${type} (numbers must be safe integers)`, value, name);
  }
  words[lowWord] = value;
  words[highWord] = Math.floor(value / 0x1_0000_0000);
}

/** Writes 32 bits, unsigned, as a varint. */
function putVarint(into: Writer, at: number, tag: number, value: number): number {
  const start = putTag(into, at, tag, maxVarint32Bytes);
  if (value > 0x7f) return putVarint32(into.bytes, start, value);
  into.bytes[start] = value;
  return start + 1;
}

/** Writes 64 bits as a varint. */
function putLongVarint(into: Writer, at: number, tag: number, low: number, high: number): number {
  const start = putTag(into, at, tag, maxVarint64Bytes);
  return putVarint64(into.bytes, start, low, high);
}

/** Writes the 64-bit integer in the scratch words as a varint. */
function putVarintWords(into: Writer, at: number, tag: number): number {
  const low = words[lowWord] as number;
  const high = words[highWord] as number;
  return high === 0 ? putVarint(into, at, tag, low) : putLongVarint(into, at, tag, low, high);
}

function putFixedWords(into: Writer, at: number, tag: number): number {
  const low = words[lowWord] as number;
  const high = words[highWord] as number;
  const start = putTag(into, at, tag, 8);
  return putFixed64(into.bytes, start, low, high);
}

// Each writes at index `at` of the writer's bytes, which may move as they grow, and gives the index behind: in a register, where
// the writer's own position would go through memory (an eighth of the time of a message). First comes the tag; none for tag 0.

/** Writes an `int32` as a varint: an integer from -2^31 to 2^31-1. Negative ones take ten bytes. */
export function writeInt32(into: Writer, at: number, tag: number, value: number, name: string): number {
  checkInt32(value, name);
  return value >= 0 ? putVarint(into, at, tag, value) : putLongVarint(into, at, tag, value, -1);
}

/** Writes a `uint32` as a varint: an integer from 0 to 2^32-1. */
export function writeUint32(into: Writer, at: number, tag: number, value: number, name: string): number {
  checkUint32(value, name);
  return putVarint(into, at, tag, value);
}

/** Writes a `sint32` as a zigzag varint: an integer from -2^31 to 2^31-1. */
export function writeSint32(into: Writer, at: number, tag: number, value: number, name: string): number {
  checkInt32(value, name);
  return putVarint(into, at, tag, ((value << 1) ^ (value >> 31)) >>> 0);
}

/** Writes a `fixed32` in four bytes: an integer from 0 to 2^32-1. */
export function writeFixed32(into: Writer, at: number, tag: number, value: number, name: string): number {
  checkUint32(value, name);
  const start = putTag(into, at, tag, 4);
  return putFixed32(into.bytes, start, value);
}

/** Writes a `sfixed32` in four bytes: an integer from -2^31 to 2^31-1. */
export function writeSfixed32(into: Writer, at: number, tag: number, value: number, name: string): number {
  checkInt32(value, name);
  const start = putTag(into, at, tag, 4);
  return putFixed32(into.bytes, start, value);
}

/** Writes an `int64` as a varint: from -2^63 to 2^63-1. Negative ones take ten bytes. */
export function writeInt64(into: Writer, at: number, tag: number, value: bigint | number, name: string): number {
  loadInt64(value, name);
  return putVarintWords(into, at, tag);
}

/** Writes a `uint64` as a varint: from 0 to 2^64-1. */
export function writeUint64(into: Writer, at: number, tag: number, value: bigint | number, name: string): number {
  loadUint64(value, name);
  return putVarintWords(into, at, tag);
}

/** Writes a `sint64` as a zigzag varint: from -2^63 to 2^63-1. */
export function writeSint64(into: Writer, at: number, tag: number, value: bigint | number, name: string): number {
  loadInt64(value, name);
  const low = words[lowWord] as number;
  const high = words[highWord] as number;
  const sign = (high | 0) >> 31;
  return putLongVarint(into, at, tag, (low << 1) ^ sign, ((high << 1) | (low >>> 31)) ^ sign);
}

/** Writes a `fixed64` in eight bytes: from 0 to 2^64-1. */
export function writeFixed64(into: Writer, at: number, tag: number, value: bigint | number, name: string): number {
  loadUint64(value, name);
  return putFixedWords(into, at, tag);
}

/** Writes a `sfixed64` in eight bytes: from -2^63 to 2^63-1. */
export function writeSfixed64(into: Writer, at: number, tag: number, value: bigint | number, name: string): number {
  loadInt64(value, name);
  return putFixedWords(into, at, tag);
}

/** Writes the nearest single. A finite number beyond all singles is refused. */
export function writeFloat(into: Writer, at: number, tag: number, value: number, name: string): number {
  if (typeof value !== "number") throw wrongType("a number", value, name);
  if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw outOfRange("a float", value, name);
  const start = putTag(into, at, tag, 4);
  return putFloat(into.bytes, start, value);
}

/** Writes a double. */
export function writeDouble(into: Writer, at: number, tag: number, value: number, name: string): number {
  if (typeof value !== "number") throw wrongType("a number", value, name);
  const start = putTag(into, at, tag, 8);
  return putDouble(into.bytes, start, value);
}

/** Writes a truth value in one byte. */
export function writeBool(into: Writer, at: number, tag: number, value: boolean, name: string): number {
  if (typeof value !== "boolean") throw wrongType("a boolean", value, name);
  const start = putTag(into, at, tag, 1);
  into.bytes[start] = value ? 1 : 0;
  return start + 1;
}

/** Writes text as UTF-8 behind its length. A lone surrogate is refused. */
export function writeString(into: Writer, at: number, tag: number, value: string, name: string): number {
  if (typeof value !== "string") throw wrongType("a string", value, name);
  const end = putSizedText(into, putTag(into, at, tag, 0), value);
  if (end >= 0) return end;
  throw new MarshalError("lone-surrogate", "the text holds half of a surrogate pair", { path: name });
}

/** Writes a copy of bytes behind their length. */
export function writeBytes(into: Writer, at: number, tag: number, value: Uint8Array, name: string): number {
  if (!(value instanceof Uint8Array)) throw wrongType("a Uint8Array", value, name);
  const start = putTag(into, at, tag, maxVarint32Bytes);
  into.position = putVarint32(into.bytes, start, value.length);
  into.writeBytes(value);
  return into.position;
}

/** Reads an `int32`: the low 32 bits of its varint. */
export function readInt32(from: Reader): number {
  return from.varint32();
}

/** Reads a `uint32`: the low 32 bits of its varint. */
export function readUint32(from: Reader): number {
  return from.varint32() >>> 0;
}

/** Reads a `sint32`: the low 32 bits of its varint. */
export function readSint32(from: Reader): number {
  const bits = from.varint32();
  return (bits >>> 1) ^ -(bits & 1);
}

/** Reads a `fixed32`. */
export function readFixed32(from: Reader): number {
  return from.fixed32() >>> 0;
}

/** Reads a `sfixed32`. */
export function readSfixed32(from: Reader): number {
  return from.fixed32();
}

/** Reads an `int64`. */
export function readInt64(from: Reader): bigint {
  return from.varint64();
}

/** Reads a `uint64`. */
export function readUint64(from: Reader): bigint {
  return from.varintU64();
}

/** Reads a `sint64`. */
export function readSint64(from: Reader): bigint {
  return from.zigzag64();
}

/** Reads a `fixed64`. */
export function readFixed64(from: Reader): bigint {
  return from.fixedU64();
}

/** Reads a `sfixed64`. */
export function readSfixed64(from: Reader): bigint {
  return from.fixed64();
}

/** Reads a single, as the double of its value. */
export function readFloat(from: Reader): number {
  return from.float();
}

/** Reads a double. */
export function readDouble(from: Reader): number {
  return from.double();
}

/** Reads a truth value: any varint but zero is true. */
export function readBool(from: Reader): boolean {
  return from.bool();
}

/** Reads text; what is not UTF-8 is refused. */
export function readString(from: Reader): string {
  return from.text();
}

/** A copy: the bytes are the caller's own. */
export function readBytes(from: Reader): Uint8Array {
  return from.copy();
}
