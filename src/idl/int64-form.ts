// IDL layer: how TypeScript sees 64-bit integers: bigint, unless a field's `jstype` or the module that was generated of its file
// says otherwise. Bytes and JSON are the same in each form.
import type { ExtensionDescriptor, FieldDescriptor, ScalarType } from "./descriptor.ts";
import { getOption } from "./option-record.ts";

/** A form of 64-bit integers: as text in decimal, or as a number, which holds those up to 2^53 - 1 only. */
export type Int64Form = "bigint" | "string" | "number";

const formsOfJstype: { readonly [identifier: string]: Int64Form } = { JS_STRING: "string", JS_NUMBER: "number" };

/** Whether values of a scalar type have 64 bits and no fraction. */
export function is64Bit(scalar: ScalarType): boolean {
  return scalar.endsWith("64");
}

/** The form of a field's 64-bit values: its own, else that of its file, else `whole`. Undefined for other types. */
export function int64FormOf(
  field: FieldDescriptor | ExtensionDescriptor,
  whole: Int64Form = "bigint",
): Int64Form | undefined {
  const { type, options } = field;
  if (type.kind !== "scalar" || !is64Bit(type.scalar)) return undefined;
  const jstype = getOption(options, "jstype") as { readonly identifier?: string } | undefined;
  return formsOfJstype[jstype?.identifier ?? ""] ?? fileFormOf(field) ?? whole;
}

/** The form of a map's 64-bit keys, which have no `jstype`. Undefined for other keys. */
export function int64KeyFormOf(field: FieldDescriptor, whole: Int64Form = "bigint"): Int64Form | undefined {
  return field.mapKey === undefined || !is64Bit(field.mapKey) ? undefined : (fileFormOf(field) ?? whole);
}

function fileFormOf(field: FieldDescriptor | ExtensionDescriptor): Int64Form | undefined {
  return (field.kind === "field" ? field.message.file : field.file).int64;
}
