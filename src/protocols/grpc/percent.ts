// gRPC: the percent-encoding of `grpc-message`: UTF-8 bytes outside printable ASCII, and `%`, as `%XX` (PROTOCOL-HTTP2.md,
// "Status-Message"). A blank at either end is encoded too: no field value may begin or end with one (RFC 9113 §8.2.1).

const hex = "0123456789ABCDEF";

/** At most `maxLength` characters long: what does not fit is cut off, never within a character. */
export function encodePercent(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const plain = /^(?:[\x21-\x24\x26-\x7e](?:[\x20-\x24\x26-\x7e]*[\x21-\x24\x26-\x7e])?)?$/.test(text);
  return plain && text.length <= maxLength ? text : encodeBytes(text, maxLength);
}

function encodeBytes(text: string, maxLength: number): string {
  const bytes = new TextEncoder().encode(text);
  let encoded = "";
  /** Where the present character begins in `encoded`. */
  let from = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    if ((byte & 0xc0) !== 0x80) from = encoded.length;
    const inside = index > 0 && index < bytes.length - 1;
    const plain = byte > 0x20 ? byte <= 0x7e && byte !== 0x25 : byte === 0x20 && inside;
    encoded += plain ? String.fromCharCode(byte) : `%${hex[byte >>> 4]}${hex[byte & 15]}`;
    if (encoded.length > maxLength) return encoded.slice(0, from).trimEnd();
  }
  return encoded;
}

/** Never fails: what is no percent-encoding stands as it is, and bytes that are no UTF-8 become U+FFFD. */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  const bytes = new Uint8Array(text.length);
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const pair = text.slice(index + 1, index + 3);
    if (text[index] === "%" && /^[0-9a-fA-F]{2}$/.test(pair)) {
      bytes[count++] = Number.parseInt(pair, 16);
      index += 2;
    } else bytes[count++] = text.charCodeAt(index);
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, count));
}
