// Bytes layer: short ASCII texts out of bytes, without a native call: that takes 70 to 100 ns for 8 to 32 bytes, and
// these take 18 to 57. Longer texts, and all that is not ASCII, go the native way in `text.ts`.

/** Up to this many bytes are read here: at 32, 57 ns against 103 for the native call (Node 20). */
export const maxAsciiBytes = 32;
/** Texts from this length on that V8 cuts out of others share their memory; shorter ones it copies. */
const minSharedChars = 13;

/**
 * The text in `bytes[start..end)`, at most `maxAsciiBytes` long; undefined when it is not ASCII, or stands in fewer bytes than are
 * read at once.
 */
export function readAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const count = end - start;
  if (count <= 8) return count === 0 ? "" : upTo8(bytes, start, count);
  if (count < minSharedChars) {
    const head = upTo8(bytes, start, 8);
    const tail = upTo8(bytes, start + 8, count - 8);
    return head === undefined || tail === undefined ? undefined : head + tail;
  }
  // 16, 24 or 32 bytes are read at once; those that are not of the text are cut off.
  const width = count <= 16 ? 16 : count <= 24 ? 24 : 32;
  const from = start + width <= bytes.length ? start : end - width;
  if (from < 0) return undefined;
  const read = width === 16 ? read16 : width === 24 ? read24 : read32;
  const wide = read(bytes, from, start, end);
  return width === count || wide === undefined ? wide : wide.substring(start - from, end - from);
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let all = 0;
  for (let at = start; at < end; at++) all |= bytes[at] as number;
  return all < 0x80;
}

/** One call makes the string, where adding characters one by one would make eight. */
function upTo8(bytes: Uint8Array, at: number, count: number): string | undefined {
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

// Each makes a text of all its bytes where those of `bytes[start..end)` are ASCII; the others are cut off by the caller.

function read16(bytes: Uint8Array, at: number, start: number, end: number): string | undefined {
  const b0 = bytes[at] as number;
  const b1 = bytes[at + 1] as number;
  const b2 = bytes[at + 2] as number;
  const b3 = bytes[at + 3] as number;
  const b4 = bytes[at + 4] as number;
  const b5 = bytes[at + 5] as number;
  const b6 = bytes[at + 6] as number;
  const b7 = bytes[at + 7] as number;
  const b8 = bytes[at + 8] as number;
  const b9 = bytes[at + 9] as number;
  const b10 = bytes[at + 10] as number;
  const b11 = bytes[at + 11] as number;
  const b12 = bytes[at + 12] as number;
  const b13 = bytes[at + 13] as number;
  const b14 = bytes[at + 14] as number;
  const b15 = bytes[at + 15] as number;
  const all = b0 | b1 | b2 | b3 | b4 | b5 | b6 | b7 | b8 | b9 | b10 | b11 | b12 | b13 | b14 | b15;
  if (all > 0x7f && !isAscii(bytes, start, end)) return undefined;
  return String.fromCharCode(b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15);
}

function read24(bytes: Uint8Array, at: number, start: number, end: number): string | undefined {
  const b0 = bytes[at] as number;
  const b1 = bytes[at + 1] as number;
  const b2 = bytes[at + 2] as number;
  const b3 = bytes[at + 3] as number;
  const b4 = bytes[at + 4] as number;
  const b5 = bytes[at + 5] as number;
  const b6 = bytes[at + 6] as number;
  const b7 = bytes[at + 7] as number;
  const b8 = bytes[at + 8] as number;
  const b9 = bytes[at + 9] as number;
  const b10 = bytes[at + 10] as number;
  const b11 = bytes[at + 11] as number;
  const b12 = bytes[at + 12] as number;
  const b13 = bytes[at + 13] as number;
  const b14 = bytes[at + 14] as number;
  const b15 = bytes[at + 15] as number;
  const b16 = bytes[at + 16] as number;
  const b17 = bytes[at + 17] as number;
  const b18 = bytes[at + 18] as number;
  const b19 = bytes[at + 19] as number;
  const b20 = bytes[at + 20] as number;
  const b21 = bytes[at + 21] as number;
  const b22 = bytes[at + 22] as number;
  const b23 = bytes[at + 23] as number;
  const all =
    b0 |
    b1 |
    b2 |
    b3 |
    b4 |
    b5 |
    b6 |
    b7 |
    b8 |
    b9 |
    b10 |
    b11 |
    b12 |
    b13 |
    b14 |
    b15 |
    b16 |
    b17 |
    b18 |
    b19 |
    b20 |
    b21 |
    b22 |
    b23;
  if (all > 0x7f && !isAscii(bytes, start, end)) return undefined;
  return String.fromCharCode(
    b0,
    b1,
    b2,
    b3,
    b4,
    b5,
    b6,
    b7,
    b8,
    b9,
    b10,
    b11,
    b12,
    b13,
    b14,
    b15,
    b16,
    b17,
    b18,
    b19,
    b20,
    b21,
    b22,
    b23,
  );
}

function read32(bytes: Uint8Array, at: number, start: number, end: number): string | undefined {
  const b0 = bytes[at] as number;
  const b1 = bytes[at + 1] as number;
  const b2 = bytes[at + 2] as number;
  const b3 = bytes[at + 3] as number;
  const b4 = bytes[at + 4] as number;
  const b5 = bytes[at + 5] as number;
  const b6 = bytes[at + 6] as number;
  const b7 = bytes[at + 7] as number;
  const b8 = bytes[at + 8] as number;
  const b9 = bytes[at + 9] as number;
  const b10 = bytes[at + 10] as number;
  const b11 = bytes[at + 11] as number;
  const b12 = bytes[at + 12] as number;
  const b13 = bytes[at + 13] as number;
  const b14 = bytes[at + 14] as number;
  const b15 = bytes[at + 15] as number;
  const b16 = bytes[at + 16] as number;
  const b17 = bytes[at + 17] as number;
  const b18 = bytes[at + 18] as number;
  const b19 = bytes[at + 19] as number;
  const b20 = bytes[at + 20] as number;
  const b21 = bytes[at + 21] as number;
  const b22 = bytes[at + 22] as number;
  const b23 = bytes[at + 23] as number;
  const b24 = bytes[at + 24] as number;
  const b25 = bytes[at + 25] as number;
  const b26 = bytes[at + 26] as number;
  const b27 = bytes[at + 27] as number;
  const b28 = bytes[at + 28] as number;
  const b29 = bytes[at + 29] as number;
  const b30 = bytes[at + 30] as number;
  const b31 = bytes[at + 31] as number;
  const all =
    b0 |
    b1 |
    b2 |
    b3 |
    b4 |
    b5 |
    b6 |
    b7 |
    b8 |
    b9 |
    b10 |
    b11 |
    b12 |
    b13 |
    b14 |
    b15 |
    b16 |
    b17 |
    b18 |
    b19 |
    b20 |
    b21 |
    b22 |
    b23 |
    b24 |
    b25 |
    b26 |
    b27 |
    b28 |
    b29 |
    b30 |
    b31;
  if (all > 0x7f && !isAscii(bytes, start, end)) return undefined;
  return String.fromCharCode(
    b0,
    b1,
    b2,
    b3,
    b4,
    b5,
    b6,
    b7,
    b8,
    b9,
    b10,
    b11,
    b12,
    b13,
    b14,
    b15,
    b16,
    b17,
    b18,
    b19,
    b20,
    b21,
    b22,
    b23,
    b24,
    b25,
    b26,
    b27,
    b28,
    b29,
    b30,
    b31,
  );
}
