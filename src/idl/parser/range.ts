// IDL layer: numbers and ranges of numbers: `= 5`, `reserved 2, 9 to 11, 40 to max;`, and reserved names.
import type { NameNode, NumberNode, RangeNode } from "../syntax-tree.ts";
import type { Cursor } from "./cursor.ts";
import { parseInteger } from "./option.ts";

/** The highest field number, 2^29 - 1: three bits of a 32-bit tag hold the wire type. */
export const maxFieldNumber = 536_870_911;
/** Enum values are 32-bit. */
export const maxEnumNumber = 2_147_483_647;
/** Enum values are 32-bit. */
export const minEnumNumber = -2_147_483_648;

/** A whole number with an optional minus; beyond 32 bits is an error here, since no number of a contract is larger. */
export function parseNumber(cursor: Cursor, what: string): NumberNode {
  const { at } = cursor;
  const negative = cursor.takeIf("-");
  if (cursor.token.kind !== "integer") cursor.failExpected(what);
  const { text } = cursor.take();
  const value = negative ? -parseInteger(text) : parseInteger(text);
  if (value > BigInt(maxEnumNumber) || value < BigInt(minEnumNumber)) {
    cursor.fail({ code: "number-out-of-range", sentence: `${value} does not fit in 32 bits`, found: text }, at);
  }
  return { value: Number(value), at };
}

/** What a `reserved` statement may hold. */
interface ReservedRules {
  /** What `max` stands for. */
  readonly max: number;
  readonly what: string;
}

/** `reserved` numbers or names, with the word next; the results go into `ranges` and `names`. */
export function parseReserved(cursor: Cursor, rules: ReservedRules, into: Reserved): void {
  cursor.expect("reserved", "");
  const quoted = cursor.syntax !== "editions";
  if (cursor.token.kind === "string") {
    if (!quoted) cursor.failExpected("reserved names without quotes", "", "editions write them as they are");
    do into.reservedNames.push(takeReservedName(cursor));
    while (cursor.takeIf(","));
  } else if (cursor.token.kind === "name") {
    const { text } = cursor.token;
    if (quoted) cursor.failExpected("reserved names in quotes", "", `write reserved "${text}";`);
    do into.reservedNames.push(cursor.takeName("a reserved name"));
    while (cursor.takeIf(","));
  } else {
    do into.reservedRanges.push(parseRange(cursor, rules));
    while (cursor.takeIf(","));
  }
  cursor.expectEnd(`after the reserved ${into.reservedNames.length > 0 ? "names" : "numbers"}`);
}

function takeReservedName(cursor: Cursor): NameNode {
  const name = cursor.takeText("a reserved name");
  if (!/^[A-Za-z_]\w*$/.test(name.text)) {
    cursor.report(
      {
        code: "reserved-name",
        sentence: `"${name.text}" can be the name of nothing, so it need not be reserved`,
        found: name.text,
        severity: "warning",
      },
      name.at,
    );
  }
  return name;
}

export interface Reserved {
  readonly reservedRanges: RangeNode[];
  readonly reservedNames: NameNode[];
}

/** `5`, `9 to 11` or `40 to max`. */
export function parseRange(cursor: Cursor, rules: ReservedRules): RangeNode {
  const first = parseNumber(cursor, rules.what);
  let last = first.value;
  let toMax = false;
  if (cursor.takeIf("to")) {
    toMax = cursor.takeIf("max");
    last = toMax ? rules.max : parseNumber(cursor, 'the last number or "max"').value;
  }
  if (last < first.value) {
    cursor.report(
      { code: "bad-range", sentence: `the range ${first.value} to ${last} ends before it begins` },
      first.at,
    );
    last = first.value;
  }
  return { from: first.value, to: last + 1, toMax, at: first.at };
}
