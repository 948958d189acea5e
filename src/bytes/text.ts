// Bytes layer: UTF-8 (RFC 3629), checked both ways. Short ASCII takes a loop: a native call costs more.
import { maxAsciiBytes, readAscii } from "./ascii.ts";
import { native } from "./native.ts";
import { putLength, sizeOfVarint32 } from "./numbers.ts";
import type { Writer } from "./writer.ts";

/** Texts up to this many characters are worth a loop before a native call is made. Measured on Node 20. */
const maxLoopChars = 40;
/** Up to this many characters three bytes each are reserved; above, the text is measured first. */
const maxGuessedChars = 1024;

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
  const end = putSizedText(into, into.position, text);
  if (end < 0) return false;
  into.position = end;
  return true;
}

/** Puts `text` at index `at` of a writer's bytes, behind its length. Gives the index behind it, -1 for a lone surrogate. */
export function putSizedText(into: Writer, at: number, text: string): number {
  if (text.length <= maxLoopChars) {
    const start = into.roomAt(at, text.length + 1);
    const end = putShortAscii(into.bytes, start, text);
    return end < 0 ? putNative(into, start, text) : end;
  }
  return putNative(into, at, text);
}

function putNative(into: Writer, at: number, text: string): number {
  const { length } = text;
  const measured = length > maxGuessedChars ? native.measure(text) : length;
  const reserved = sizeOfVarint32(measured);
  const start = into.roomAt(at, reserved + (length > maxGuessedChars ? measured : length * 3)) + reserved;
  const written = native.write(text, into.bytes, start);
  // Only ASCII takes a byte a character; all else may hold a lone surrogate.
  if (written !== length && !isWellFormed(text)) return -1;
  return putLength(into, start + written, start - into.mark, reserved);
}

/** Puts text of ASCII only behind its length; -1 when it holds anything else. */
function putShortAscii(bytes: Uint8Array, at: number, text: string): number {
  const { length } = text;
  let to = at;
  bytes[to++] = length;
  let index = 0;
  // Four at a time: at 32 characters, 57 ns against 67 ns one by one.
  for (; index + 4 <= length; index += 4) {
    const a = text.charCodeAt(index);
    const b = text.charCodeAt(index + 1);
    const c = text.charCodeAt(index + 2);
    const d = text.charCodeAt(index + 3);
    if ((a | b | c | d) > 0x7f) return -1;
    bytes[to] = a;
    bytes[to + 1] = b;
    bytes[to + 2] = c;
    bytes[to + 3] = d;
    to += 4;
  }
  for (; index < length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) return -1;
    bytes[to++] = unit;
  }
  return to;
}

/** The text in `bytes[start..end)`, or undefined when they are not valid UTF-8. A byte order mark is kept. */
export function readText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start <= maxAsciiBytes) {
    const ascii = readAscii(bytes, start, end);
    if (ascii !== undefined) return ascii;
  }
  const text = native.read(bytes, start, end);
  if (text.indexOf("\ufffd") < 0) return text;
  return isReplacementOnly(bytes, start, end, text) ? text : undefined;
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
