// IDL layer, linker: the numbers that a field or an extension can have.
import { maxFieldNumber } from "../parser/range.ts";
import type { NumberNode } from "../syntax-tree.ts";
import type { Unit } from "./unit.ts";

/** Numbers that protobuf keeps for its own implementations. */
export const implementationNumbers = { from: 19_000, to: 20_000 };

/** Whether a field can have this number; if not, it is reported. */
export function isFieldNumber(unit: Unit, { value, at }: NumberNode, max = maxFieldNumber): boolean {
  if (value < 1 || value > max) {
    unit.report(at, {
      code: "number-out-of-range",
      sentence: `${value} cannot be a field's number`,
      found: String(value),
      expected: `1 to ${max}, without ${implementationNumbers.from} to ${implementationNumbers.to - 1}`,
      hint: `field numbers are 1 to ${max}`,
    });
    return false;
  }
  if (value >= implementationNumbers.from && value < implementationNumbers.to) {
    unit.report(at, {
      code: "number-out-of-range",
      sentence: `${value} cannot be a field's number: protobuf keeps 19000 to 19999 for itself`,
      found: String(value),
    });
    return false;
  }
  return true;
}
