// Marshal layer, text format: strings and bytes in quotes, with the escapes of C.

const named: ReadonlyMap<number, string> = new Map([
  [9, "\\t"],
  [10, "\\n"],
  [13, "\\r"],
  [34, '\\"'],
  [39, "\\'"],
  [92, "\\\\"],
]);

function escapeByte(byte: number): string {
  return named.get(byte) ?? `\\${byte.toString(8).padStart(3, "0")}`;
}

/** A well-formed text in quotes; `asciiOnly` escapes what is not ASCII, byte by byte of its UTF-8 form. */
export function quoteText(text: string, asciiOnly: boolean): string {
  if (asciiOnly) return quoteBytes(new TextEncoder().encode(text));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  return `"${text.replace(/[\0-\x1f"'\\\x7f]/g, (letter) => escapeByte(letter.charCodeAt(0)))}"`;
}

/** Bytes in quotes: printable ASCII as it is, all else escaped. */
export function quoteBytes(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) {
    text += byte < 32 || byte > 126 || named.has(byte) ? escapeByte(byte) : String.fromCharCode(byte);
  }
  return `"${text}"`;
}
