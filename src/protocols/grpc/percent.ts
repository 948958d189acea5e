// gRPC: the percent-encoding of `grpc-message`: UTF-8 bytes outside printable ASCII, and `%`, as `%XX`.

const hex = "0123456789ABCDEF";

export function encodePercent(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text.trim() === text ? text : encodeBytes(text, true);
  return encodeBytes(text, false);
}

function encodeBytes(text: string, spaces: boolean): string {
  let encoded = "";
  for (const byte of new TextEncoder().encode(text)) {
    const plain = byte >= 0x20 && byte <= 0x7e && byte !== 0x25 && !(spaces && byte === 0x20);
    encoded += plain ? String.fromCharCode(byte) : `%${hex[byte >>> 4]}${hex[byte & 15]}`;
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
  return new TextDecoder().decode(bytes.subarray(0, count));
}
