// Marshal layer: 64-bit integers as numbers or as text, for fields that ask for it. Each is made of the wire that has them as
// bigint: what is on the wire is the same. A number that would lose digits is refused both ways.
import type { Int64Form } from "../idl/int64-form.ts";
import { MarshalError, outOfRange, wrongType } from "./errors.ts";
import type { Wire } from "./wire.ts";

/** What is accepted as a 64-bit integer in text form: text in decimal, too. */
export type Int64TextInit = string | bigint | number;
type BigIntWire = Wire<bigint, bigint | number>;

/** Whether a text is an integer in decimal. */
export function isIntegerText(text: string): boolean {
  return /^-?\d+$/.test(text);
}

const numberType = "a safe integer, which this field has for a 64-bit one (up to 2^53 - 1)";

/** Numbers: up to 2^53 - 1 in size. A bigint of that size is accepted too. */
export function int64AsNumber(wire: BigIntWire): Wire<number, number | bigint> {
  return {
    wireType: wire.wireType,
    write(into, at, tag, value, name, depth) {
      if (typeof value !== "number" && typeof value !== "bigint") throw wrongType("a safe integer", value, name);
      if (!Number.isSafeInteger(Number(value))) throw outOfRange(numberType, value, name);
      return wire.write(into, at, tag, value, name, depth);
    },
    read(from) {
      const offset = from.position;
      const value = wire.read(from);
      const number = Number(value);
      if (Number.isSafeInteger(number)) return number;
      throw new MarshalError("out-of-range", `${value} is not ${numberType}`, { offset });
    },
    empty: () => 0,
    create: (init) =>
      typeof init === "bigint" && Number.isSafeInteger(Number(init)) ? Number(init) : (init as number),
  };
}

/** Text in decimal: `"-12"`. A bigint and a safe integer are accepted too. */
export function int64AsText(wire: BigIntWire): Wire<string, Int64TextInit> {
  return {
    wireType: wire.wireType,
    write(into, at, tag, value, name, depth) {
      if (typeof value !== "string") return wire.write(into, at, tag, value, name, depth);
      if (isIntegerText(value)) return wire.write(into, at, tag, BigInt(value), name, depth);
      throw new MarshalError("wrong-type", "expected an integer in decimal, got other text", { path: name });
    },
    read: (from) => String(wire.read(from)),
    empty: () => "0",
    create(init) {
      const isWhole =
        typeof init === "string" ? isIntegerText(init) : typeof init === "bigint" || Number.isSafeInteger(init);
      return isWhole ? String(BigInt(init)) : (init as string);
    },
  };
}

/** The wire of 64-bit integers in a form. */
export function int64WireIn(form: Int64Form, wire: BigIntWire): Wire {
  if (form === "bigint") return wire as Wire as Wire;
  return (form === "number" ? int64AsNumber(wire) : int64AsText(wire)) as Wire;
}

/** Whether a 64-bit integer in any form is zero: a field without presence is not written then. */
export function isZeroInteger(value: unknown): boolean {
  return value === 0n || value === 0 || (typeof value === "string" && /^-?0+$/.test(value));
}

/** A scalar of JSON or text as its field has it: a 64-bit integer in the field's `form`, which other types have none of. */
export function scalarInForm(value: unknown, form: Int64Form | undefined): unknown {
  return form === undefined ? value : int64InForm(value as bigint, form);
}

/** A 64-bit integer in a form. Throws a `MarshalError` for a number that would lose digits. */
export function int64InForm(value: bigint, form: Int64Form): bigint | number | string {
  if (form === "bigint") return value;
  if (form === "string") return String(value);
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  throw outOfRange(numberType, value, "");
}
