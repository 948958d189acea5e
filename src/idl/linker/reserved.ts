// IDL layer, linker: reserved numbers and names, of messages and of enums alike.
import type { NameNode, NumberNode, RangeNode } from "../syntax-tree.ts";
import type { Unit } from "./unit.ts";

/** What is reserved, and who might use it. */
interface Reservations {
  readonly what: "field" | "enum value";
  readonly ranges: readonly RangeNode[];
  readonly names: readonly NameNode[];
  readonly users: readonly { readonly name: NameNode; readonly number: NumberNode }[];
  /** The lowest number that can be reserved. */
  readonly minNumber: number;
}

/** Reports reservations that overlap or repeat, and uses of what is reserved. */
export function checkReserved(unit: Unit, { what, ranges, names, users, minNumber }: Reservations): void {
  const sorted = ranges.toSorted((one, other) => one.from - other.from);
  for (const [index, range] of sorted.entries()) {
    const before = sorted[index - 1];
    if (range.from < minNumber) {
      unit.report(range.at, { code: "number-out-of-range", sentence: `${range.from} cannot be a ${what}'s number` });
    }
    if (before === undefined || before.to <= range.from) continue;
    const later = before.at > range.at ? before : range;
    unit.report(later.at, { code: "bad-range", sentence: "these numbers are reserved already" });
  }
  const reservedNames = new Set<string>();
  for (const { text, at } of names) {
    if (reservedNames.has(text)) {
      unit.report(at, { code: "reserved-name", sentence: `"${text}" is reserved already`, found: text });
    }
    reservedNames.add(text);
  }
  for (const { name, number } of users) {
    if (reservedNames.has(name.text)) {
      unit.report(name.at, {
        code: "reserved-name",
        sentence: `${what} "${name.text}" has a reserved name`,
        found: name.text,
        hint: "a reserved name was used before: give this one another",
      });
    }
    if (!isInside(sorted, number.value)) continue;
    unit.report(number.at, {
      code: "reserved-number",
      sentence: `${what} "${name.text}" has the reserved number ${number.value}`,
      found: String(number.value),
      hint: "a reserved number was used before: give this one another",
    });
  }
}

/** Whether a number lies in one of the ranges, which are sorted by where they begin. */
function isInside(sorted: readonly RangeNode[], number: number): boolean {
  const range = lastBefore(sorted, number);
  return range !== undefined && number < range.to;
}

/** The last of the ranges, which are sorted by where they begin, that begins at `number` or before. */
export function lastBefore<Range extends { readonly from: number }>(
  sorted: readonly Range[],
  number: number,
): Range | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as Range).from <= number) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}
