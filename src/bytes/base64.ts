// Bytes layer: base64 (RFC 4648 section 4), as text of one char a byte. Padding is optional when reading.

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Formats bytes without padding unless `padded`. */
export function formatBase64(bytes: Uint8Array, padded = false): string {
  let text = "";
  let at = 0;
  for (; at + 2 < bytes.length; at += 3) {
    const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    text += (alphabet[group >>> 18] as string) + alphabet[(group >>> 12) & 63];
    text += (alphabet[(group >>> 6) & 63] as string) + alphabet[group & 63];
  }
  const rest = bytes.length - at;
  if (rest === 0) return text;
  const group = ((bytes[at] as number) << 16) | ((bytes[at + 1] ?? 0) << 8);
  text += (alphabet[group >>> 18] as string) + alphabet[(group >>> 12) & 63];
  if (rest === 2) text += alphabet[(group >>> 6) & 63];
  return padded ? text + "=".repeat(3 - rest) : text;
}

/** Parses base64; undefined when `text` is none. The URL alphabet (`-` and `_`) is read too. */
export function parseBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, "");
  if (digits.length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let bitCount = 0;
  let at = 0;
  for (let index = 0; index < digits.length; index++) {
    const value = digitValue(digits.charCodeAt(index));
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xffffff;
    bitCount += 6;
    if (bitCount < 8) continue;
    bitCount -= 8;
    bytes[at++] = bits >>> bitCount;
  }
  return bytes;
}

function digitValue(char: number): number {
  if (char >= 0x41 && char <= 0x5a) return char - 0x41;
  if (char >= 0x61 && char <= 0x7a) return char - 0x61 + 26;
  if (char >= 0x30 && char <= 0x39) return char - 0x30 + 52;
  if (char === 0x2b || char === 0x2d) return 62;
  if (char === 0x2f || char === 0x5f) return 63;
  return -1;
}
