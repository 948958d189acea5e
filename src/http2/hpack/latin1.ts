// HPACK: header octets as text, one char an octet (ISO 8859-1, not the windows-1252 that TextDecoder means by it).

const { fromCharCode } = String;

/** The octets `bytes[start..end)` as text of the same length. */
export function readLatin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  let at = start;
  // Eight at a time: a call per char costs three times as much, and spreading a subarray more still for short strings.
  for (; at + 8 <= end; at += 8) {
    text += fromCharCode(
      bytes[at] as number,
      bytes[at + 1] as number,
      bytes[at + 2] as number,
      bytes[at + 3] as number,
      bytes[at + 4] as number,
      bytes[at + 5] as number,
      bytes[at + 6] as number,
      bytes[at + 7] as number,
    );
  }
  for (; at < end; at++) text += fromCharCode(bytes[at] as number);
  return text;
}
