// Benchmark, marshalling: the echo request written and read by hand, for nothing but this message and this release of Node.
// It checks all that generated code checks, so that what is between them is what being general costs: types and ranges,
// UTF-8 both ways, lengths, limits of varints and of groups, and fields it does not know, which it keeps.
import { MarshalError, type MarshalErrorCode } from "farcall/marshal";
import type { EchoRequest, EchoRequestInit } from "../gen/echo.ts";
import { skipField, varint, varintEnd } from "./by-hand-varint.ts";

type Utf8Write = (this: Uint8Array, text: string, start: number, count: number) => number;
type ReadSlice = (this: Uint8Array, start: number, end: number) => string;
const { utf8Write, utf8Slice, latin1Slice } = Buffer.prototype as unknown as {
  readonly utf8Write: Utf8Write;
  readonly utf8Slice: ReadSlice;
  readonly latin1Slice: ReadSlice;
};

/** Texts up to this many bytes are worth a loop. */
const maxLoopBytes = 64;

function refuse(code: MarshalErrorCode, path: string, detail: string): never {
  throw new MarshalError(code, detail, { path });
}

function checkMessage(value: unknown): void {
  if (typeof value === "object" && value !== null) {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null) return;
    if (Array.isArray(value)) refuse("wrong-type", "", "expected an object, got an array");
  } else if (typeof value !== "function") refuse("wrong-type", "", `expected an object, got ${typeof value}`);
  refuse("live-object", "", "expected a plain object");
}

/** Bytes of `value`, an unsigned 32-bit integer, as a varint. */
function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes a varint of an unsigned 32-bit integer at `at` and returns the index behind it. */
function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let to = at;
  while (rest > 0x7f) {
    bytes[to++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[to++] = rest;
  return to;
}

/** The bytes that a text takes: of a short one, those it takes if it is ASCII. */
function textSize(text: string): number {
  if (typeof text !== "string") refuse("wrong-type", "message", `expected a string, got ${typeof text}`);
  return text.length <= maxLoopBytes ? text.length : wholeTextSize(text);
}

function wholeTextSize(text: string): number {
  const size = Buffer.byteLength(text);
  // Only ASCII takes a byte a character; all else may hold half of a surrogate pair.
  if (size !== text.length && !(text as unknown as { isWellFormed(): boolean }).isWellFormed()) {
    refuse("lone-surrogate", "message", "the text holds half of a surrogate pair");
  }
  return size;
}

/** Writes field 1, which comes first, and returns the index behind it; -1 when a text is not ASCII that was taken for it. */
function writeText(bytes: Uint8Array, text: string, size: number): number {
  bytes[0] = 10;
  if (size > maxLoopBytes || size !== text.length) {
    const at = writeVarint(bytes, 1, size);
    return at + utf8Write.call(bytes, text, at, size);
  }
  bytes[1] = size;
  for (let index = 0; index < size; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return -1;
    bytes[index + 2] = unit;
  }
  return size + 2;
}

/** The bytes of field 2: its value is checked. */
function numberSize(n: number): number {
  if ((n | 0) !== n) {
    if (typeof n !== "number") refuse("wrong-type", "n", `expected a number, got ${typeof n}`);
    refuse("out-of-range", "n", `${n} is not a 32-bit integer`);
  }
  return n < 0 ? 11 : 1 + varintSize(n);
}

function writeNumber(bytes: Uint8Array, at: number, n: number): number {
  bytes[at] = 16;
  if (n >= 0) return writeVarint(bytes, at + 1, n);
  // Ten bytes: the sign fills the upper half.
  for (let index = 0; index < 4; index++) bytes[at + 1 + index] = ((n >> (7 * index)) & 0x7f) | 0x80;
  bytes[at + 5] = (n >> 28) | 0x80;
  bytes.fill(0xff, at + 6, at + 10);
  bytes[at + 10] = 1;
  return at + 11;
}

function checkBytes(bytes: Uint8Array, path: string): void {
  if (!(bytes instanceof Uint8Array)) refuse("wrong-type", path, "expected a Uint8Array");
}

/** The bytes of an echo request, which are the caller's own. */
export function encodeByHand(value: EchoRequestInit): Uint8Array {
  checkMessage(value);
  const { message, n, payload, $unknown } = value;
  return encodeFields({ message, n, payload, $unknown }, message === undefined ? 0 : textSize(message));
}

/** The same, of which the text takes `size` bytes. All is measured first, so that the bytes are written where they stay. */
function encodeFields({ message, n, payload, $unknown }: EchoRequestInit, size: number): Uint8Array {
  let whole = 0;
  if (size > 0) whole = 1 + varintSize(size) + size;
  if (n !== undefined && n !== 0) whole += numberSize(n);
  if (payload !== undefined) {
    checkBytes(payload, "payload");
    if (payload.length > 0) whole += 1 + varintSize(payload.length) + payload.length;
  }
  if ($unknown !== undefined) {
    checkBytes($unknown, "$unknown");
    whole += $unknown.length;
  }
  const bytes = new Uint8Array(whole);
  let at = 0;
  if (message !== undefined && size > 0) {
    at = writeText(bytes, message, size);
    if (at < 0) return encodeFields({ message, n, payload, $unknown }, wholeTextSize(message));
  }
  if (n !== undefined && n !== 0) at = writeNumber(bytes, at, n);
  if (payload !== undefined && payload.length > 0) {
    bytes[at] = 26;
    at = writeVarint(bytes, at + 1, payload.length);
    bytes.set(payload, at);
    at += payload.length;
  }
  if ($unknown !== undefined) bytes.set($unknown, at);
  return bytes;
}

function badText(offset: number): never {
  throw new MarshalError("bad-text", "the text is not UTF-8", { path: "message", offset });
}

function readText(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= maxLoopBytes) {
    let all = 0;
    for (let at = start; at < end; at++) all |= bytes[at] as number;
    if (all <= 0x7f) return latin1Slice.call(bytes, start, end);
  }
  const text = utf8Slice.call(bytes, start, end);
  // What was not UTF-8 became U+FFFD, which then takes other bytes than came.
  if (text.includes("\ufffd") && Buffer.compare(Buffer.from(text), bytes.subarray(start, end)) !== 0) badText(start);
  return text;
}

function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  // A Buffer's slice would share its memory.
  if (bytes.constructor === Uint8Array) return bytes.slice(start, end);
  const copy = new Uint8Array(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}

/** Joins parts of `bytes`, given as starts and ends. */
function joinParts(bytes: Uint8Array, parts: readonly number[]): Uint8Array {
  let size = 0;
  for (let index = 0; index < parts.length; index += 2) size += (parts[index + 1] as number) - (parts[index] as number);
  const joined = new Uint8Array(size);
  let to = 0;
  for (let index = 0; index < parts.length; index += 2) {
    const part = bytes.subarray(parts[index], parts[index + 1]);
    joined.set(part, to);
    to += part.length;
  }
  return joined;
}

/** A length at `at`, checked against what remains; `varintEnd` is behind it. */
function lengthAt(bytes: Uint8Array, at: number): number {
  const count = varint(bytes, at, "length");
  if (count > bytes.length - varintEnd) {
    throw new MarshalError("truncated", `${count} bytes are announced and ${bytes.length - varintEnd} remain`, {
      offset: varintEnd,
    });
  }
  return count;
}

/** An echo request out of its bytes, of which it keeps none. */
export function decodeByHand(bytes: Uint8Array): EchoRequest {
  const end = bytes.length;
  let at = 0;
  let message = "";
  let n = 0;
  let payload: Uint8Array | undefined;
  let unknown: number[] | undefined;
  while (at < end) {
    const start = at;
    const tag = varint(bytes, at, "tag") >>> 0;
    switch (tag) {
      case 10: {
        const count = lengthAt(bytes, varintEnd);
        at = varintEnd + count;
        message = readText(bytes, at - count, at);
        break;
      }
      case 16:
        n = varint(bytes, varintEnd, "value");
        at = varintEnd;
        break;
      case 26: {
        const count = lengthAt(bytes, varintEnd);
        at = varintEnd + count;
        payload = copyOf(bytes, at - count, at);
        break;
      }
      default:
        at = skipField(bytes, { tag, start, depth: 0 });
        unknown ??= [];
        unknown.push(start, at);
    }
  }
  // Not one for all: whoever gets it may transfer its memory to another thread.
  const request: EchoRequest = { message, n, payload: payload ?? new Uint8Array([]) };
  if (unknown !== undefined) request.$unknown = joinParts(bytes, unknown);
  return request;
}
