// Marshal layer, text format: scalars and enum values out of tokens.
// https://protobuf.dev/reference/protobuf/textformat-spec/#value
import type { EnumDescriptor, ScalarType } from "../../idl/descriptor.ts";
import { parseInteger } from "../../idl/parser/option.ts";
import { decodeStringLiteral, decodeText } from "../../idl/string-literal.ts";
import type { EnumTables } from "../enum-tables.ts";
import { parseScalar } from "../json/scalar-json.ts";
import type { TextCursor } from "./cursor.ts";

const truths: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["True", true],
  ["t", true],
  ["false", false],
  ["False", false],
  ["f", false],
]);

/** The value of a scalar field. Throws a `MarshalError`. */
export function parseScalarText(cursor: TextCursor, type: ScalarType): unknown {
  switch (type) {
    case "bool":
      return parseBool(cursor);
    case "string": {
      const { at } = cursor;
      const text = decodeText(parseBytes(cursor));
      return text ?? cursor.fail("bad-text", "the string is not UTF-8", at);
    }
    case "bytes":
      return parseBytes(cursor);
    case "double":
    case "float":
      return parseFloatText(cursor, type);
    default:
      return parseIntegerText(cursor, type);
  }
}

function parseBool(cursor: TextCursor): boolean {
  const { kind, text } = cursor.token;
  const named = kind === "name" ? truths.get(text) : undefined;
  const number = kind === "integer" ? parseInteger(text) : undefined;
  const value = named ?? (number === 0n ? false : number === 1n ? true : undefined);
  if (value === undefined) return cursor.failExpected("true or false");
  cursor.take();
  return value;
}

/** One string, or several in a row that count as one. */
function parseBytes(cursor: TextCursor): Uint8Array {
  if (cursor.token.kind !== "string") cursor.failExpected("a string in quotes");
  const pieces: Uint8Array[] = [];
  while (cursor.token.kind === "string") {
    const { text, start } = cursor.take();
    const literal = decodeStringLiteral(text, "refused");
    if (literal.kind === "wrong") {
      const found = text.slice(literal.offset, literal.offset + literal.length);
      cursor.fail("bad-syntax", `"${found}" is not an escape that strings know`, start + literal.offset);
    }
    pieces.push(literal.bytes);
  }
  if (pieces.length === 1) return pieces[0] as Uint8Array;
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let end = 0;
  for (const piece of pieces) {
    bytes.set(piece, end);
    end += piece.length;
  }
  return bytes;
}

/** A number beyond the type's is infinite, as it is for every reader of text format. */
function parseFloatText(cursor: TextCursor, type: "double" | "float"): number {
  const negative = cursor.takeIf("-");
  const { kind, text } = cursor.token;
  const value =
    kind === "name" ? parseWord(text) : kind === "integer" || kind === "float" ? parseDecimal(text) : undefined;
  if (value === undefined) return cursor.failExpected(`a decimal number, inf or nan`);
  cursor.take();
  const signed = negative ? -value : value;
  return type === "float" ? Math.fround(signed) : signed;
}

function parseWord(word: string): number | undefined {
  if (/^inf(inity)?$/i.test(word)) return Number.POSITIVE_INFINITY;
  return /^nan$/i.test(word) ? Number.NaN : undefined;
}

/** Undefined: octal or hexadecimal, which only whole numbers can be. */
function parseDecimal(text: string): number | undefined {
  return /^0[\dxX]/.test(text) ? undefined : Number.parseFloat(text);
}

function parseIntegerText(cursor: TextCursor, type: ScalarType): unknown {
  const unsigned = type.startsWith("u") || type.startsWith("fixed");
  const { at } = cursor;
  const negative = !unsigned && cursor.takeIf("-");
  if (cursor.token.kind !== "integer") cursor.failExpected(`a whole number${unsigned ? " without a sign" : ""}`);
  const number = parseInteger(cursor.take().text);
  return cursor.located(() => parseScalar(type, negative ? -number : number), at);
}

/** The name of an enum's value, or a number that an open enum lacks. Throws a `MarshalError`. */
export function parseEnumText(cursor: TextCursor, descriptor: EnumDescriptor, tables: EnumTables): string | number {
  const { byName, byNumber } = tables.of(descriptor);
  const { at } = cursor;
  if (cursor.token.kind === "name") {
    const { text } = cursor.take();
    const named = byName.get(text);
    if (named === undefined) cursor.fail("unknown-name", `${descriptor.fullName} has no value ${text}`, at);
    return byNumber.get(named) ?? named;
  }
  const sign = cursor.takeIf("-") ? -1n : 1n;
  if (cursor.token.kind !== "integer") cursor.failExpected(`a value of ${descriptor.fullName}`);
  const integer = sign * parseInteger(cursor.take().text);
  const number = cursor.located(() => parseScalar("int32", integer), at) as number;
  const name = byNumber.get(number);
  if (name === undefined && descriptor.closed) {
    cursor.fail("unknown-name", `${descriptor.fullName} is closed and has no value ${number}`, at);
  }
  return name ?? number;
}
