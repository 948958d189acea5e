// IDL layer: what a quoted string of a `.proto` file stands for. It is bytes first, because escapes may name any byte.
// The escapes are those of https://protobuf.dev/reference/protobuf/proto3-spec/#string_literals.

/** The bytes of a literal, or what is wrong with it and where (an offset in the literal). */
export type StringLiteral =
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  | { readonly kind: "wrong"; readonly offset: number; readonly length: number };

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["b", 8],
  ["f", 12],
  ["n", 10],
  ["r", 13],
  ["t", 9],
  ["v", 11],
  ["\\", 92],
  ["?", 63],
  ["'", 39],
  ['"', 34],
]);

/**
 * Reads a literal with its quotes; a missing closing quote is overlooked. Never throws. Two escapes that stand for the halves of
 * one character, `\ud83d\ude00`, are that character in a `.proto` file; text format has no escapes for halves.
 */
export function decodeStringLiteral(literal: string, halves: "joined" | "refused" = "joined"): StringLiteral {
  const closed = literal.length > 1 && literal.endsWith(literal[0] as string);
  const body = literal.slice(1, closed ? -1 : undefined);
  if (!body.includes("\\")) return { kind: "bytes", bytes: encodeText(body) };
  const bytes: number[] = [];
  let at = 0;
  while (at < body.length) {
    const slash = body.indexOf("\\", at);
    const end = slash < 0 ? body.length : slash;
    for (const byte of encodeText(body.slice(at, end))) bytes.push(byte);
    if (slash < 0) break;
    const read = readEscape(body, slash, halves);
    if (read === undefined) return { kind: "wrong", offset: slash + 1, length: Math.min(2, body.length - slash) };
    for (const byte of read.bytes) bytes.push(byte);
    at = read.end;
  }
  return { kind: "bytes", bytes: Uint8Array.from(bytes) };
}

function readEscape(
  body: string,
  at: number,
  halves: "joined" | "refused",
): { readonly bytes: Iterable<number>; readonly end: number } | undefined {
  const match = matchEscape(body, at);
  if (match === undefined) return undefined;
  const [whole, simple, octal, hex, short, long] = match;
  const end = at + whole.length;
  if (simple !== undefined) return { bytes: [simpleEscapes.get(simple) as number], end };
  const byte =
    octal !== undefined ? Number.parseInt(octal, 8) : hex !== undefined ? Number.parseInt(hex, 16) : undefined;
  if (byte !== undefined) return byte > 255 ? undefined : { bytes: [byte], end };
  const point = Number.parseInt((short ?? long) as string, 16);
  if (point > 0x10ffff) return undefined;
  if (point < 0xd800 || point > 0xdfff) return { bytes: encodeText(String.fromCodePoint(point)), end };
  // Half of a pair: it stands for a character only together with the other half behind it.
  const tail = halves === "joined" && point < 0xdc00 ? matchEscape(body, end) : undefined;
  const low = Number.parseInt(tail?.[4] ?? "0", 16);
  if (tail === undefined || low < 0xdc00 || low > 0xdfff) return undefined;
  return { bytes: encodeText(String.fromCharCode(point, low)), end: end + tail[0].length };
}

function matchEscape(body: string, at: number): RegExpExecArray | undefined {
  const pattern = /\\(?:([abfnrtv\\?'"])|([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;
  pattern.lastIndex = at;
  return pattern.exec(body) ?? undefined;
}

function encodeText(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The text that UTF-8 bytes stand for, or undefined when they are not UTF-8. */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
