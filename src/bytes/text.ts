// Bytes layer: UTF-8 (RFC 3629), checked both ways. The one file that may use Node's `Buffer`, found by a feature test;
// elsewhere `TextEncoder` and `TextDecoder` do the same work. Short ASCII takes a loop: a native call costs more.
import { closeLength, openLength, sizeOfVarint32 } from "./numbers.ts";
import type { Writer } from "./writer.ts";

/** Texts up to this many characters are worth a loop before a native call is made. Measured on Node 20. */
const maxLoopChars = 24;
const maxLoopBytes = 16;
/** Up to this many characters three bytes each are reserved; above, the text is measured first. */
const maxGuessedChars = 1024;

/** What the two ways of reaching native code have in common. */
interface NativeText {
  /** Bytes that `text` takes. */
  measure(text: string): number;
  /** Writes `text` at `bytes[start]` and returns how many bytes it took; lone surrogates become U+FFFD. There is room. */
  write(text: string, bytes: Uint8Array, start: number): number;
  /** Reads `bytes[start..end)`; what is not UTF-8 becomes U+FFFD. */
  read(bytes: Uint8Array, start: number, end: number): string;
}

interface BufferConstructor {
  byteLength(text: string): number;
  readonly prototype: {
    readonly utf8Write?: (this: Uint8Array, text: string, start: number, count: number) => number;
    readonly utf8Slice?: (this: Uint8Array, start: number, end: number) => string;
  };
}

function throughBuffer(): NativeText | undefined {
  const { Buffer: node } = globalThis as { readonly Buffer?: BufferConstructor };
  const utf8Write = node?.prototype.utf8Write;
  const utf8Slice = node?.prototype.utf8Slice;
  if (node === undefined || utf8Write === undefined || utf8Slice === undefined) return undefined;
  return {
    measure: (text) => node.byteLength(text),
    write: (text, bytes, start) => utf8Write.call(bytes, text, start, bytes.length - start),
    read: (bytes, start, end) => utf8Slice.call(bytes, start, end),
  };
}

function throughEncoding(): NativeText {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    measure: (text) => encoder.encode(text).length,
    write: (text, bytes, start) => encoder.encodeInto(text, bytes.subarray(start)).written,
    read: (bytes, start, end) => decoder.decode(bytes.subarray(start, end)),
  };
}

const native = /* @__PURE__ */ throughBuffer() ?? /* @__PURE__ */ throughEncoding();

/** True when `text` holds no half of a surrogate pair on its own: only then has it a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  const { isWellFormed: check } = text as { readonly isWellFormed?: () => boolean };
  return check === undefined ? !/\p{Surrogate}/u.test(text) : check.call(text);
}

/**
 * Writes `text` as UTF-8 behind its length in bytes, a varint. False when `text` holds a lone surrogate; nothing is
 * written then.
 */
export function writeSizedText(into: Writer, text: string): boolean {
  const { length } = text;
  if (length <= maxLoopChars && writeShortAscii(into, text)) return true;
  const measured = length > maxGuessedChars ? native.measure(text) : length;
  const reserved = sizeOfVarint32(measured);
  const opened = openLength(into, reserved);
  into.ensure(length > maxGuessedChars ? measured : length * 3);
  const written = native.write(text, into.bytes, into.position);
  // Only ASCII takes a byte a character; all else may hold a lone surrogate.
  if (written !== length && !isWellFormed(text)) {
    into.rewind(opened - reserved);
    return false;
  }
  into.position += written;
  closeLength(into, opened, reserved);
  return true;
}

/** Writes text of ASCII only with its length; false, with nothing written, when it holds anything else. */
function writeShortAscii(into: Writer, text: string): boolean {
  const { length } = text;
  into.ensure(length + 1);
  const { bytes } = into;
  let at = into.position;
  bytes[at++] = length;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return false;
    bytes[at++] = unit;
  }
  into.position = at;
  return true;
}

/** The text in `bytes[start..end)`, or undefined when they are not valid UTF-8. A byte order mark is kept. */
export function readText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= maxLoopBytes) {
    const ascii = readShortAscii(bytes, start, end);
    if (ascii !== undefined) return ascii;
  }
  const text = native.read(bytes, start, end);
  if (text.indexOf("\ufffd") < 0) return text;
  return isReplacementOnly(bytes, start, end, text) ? text : undefined;
}

function readShortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  for (let at = start; at < end; at += 8) {
    const some = readFewAscii(bytes, at, end - at);
    if (some === undefined) return undefined;
    text += some;
  }
  return text;
}

/** Up to eight characters at once: one call makes the string, where adding them one by one would make eight. */
function readFewAscii(bytes: Uint8Array, at: number, count: number): string | undefined {
  const a = bytes[at] as number;
  if (count === 1) return a > 0x7f ? undefined : String.fromCharCode(a);
  const b = bytes[at + 1] as number;
  if (count === 2) return (a | b) > 0x7f ? undefined : String.fromCharCode(a, b);
  const c = bytes[at + 2] as number;
  if (count === 3) return (a | b | c) > 0x7f ? undefined : String.fromCharCode(a, b, c);
  const d = bytes[at + 3] as number;
  if (count === 4) return (a | b | c | d) > 0x7f ? undefined : String.fromCharCode(a, b, c, d);
  const e = bytes[at + 4] as number;
  if (count === 5) return (a | b | c | d | e) > 0x7f ? undefined : String.fromCharCode(a, b, c, d, e);
  const f = bytes[at + 5] as number;
  if (count === 6) return (a | b | c | d | e | f) > 0x7f ? undefined : String.fromCharCode(a, b, c, d, e, f);
  const g = bytes[at + 6] as number;
  if (count === 7) return (a | b | c | d | e | f | g) > 0x7f ? undefined : String.fromCharCode(a, b, c, d, e, f, g);
  const h = bytes[at + 7] as number;
  return (a | b | c | d | e | f | g | h) > 0x7f ? undefined : String.fromCharCode(a, b, c, d, e, f, g, h);
}

/** True when each U+FFFD in `text` was written as such (EF BF BD) and none stands for bytes that are not UTF-8. */
function isReplacementOnly(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  let expected = 0;
  for (let at = start; at + 2 < end; at++) {
    if (bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd) expected++;
  }
  let found = 0;
  for (let at = text.indexOf("\ufffd"); at >= 0; at = text.indexOf("\ufffd", at + 1)) found++;
  return found === expected;
}
