// Marshal layer: what fields are read as while they are not set: the default that their declaration gives, else zero.
// Messages stay as they came, so that it shows which fields were set; whoever wants a default asks for it here.
import type { ExtensionDescriptor, FieldDescriptor, MessageDescriptor, ScalarType } from "../idl/descriptor.ts";
import { int64FormOf } from "../idl/int64-form.ts";
import { int64InForm } from "./int64-wires.ts";
import { noBytes, toBigInt } from "./scalar-wires.ts";

type Scalar = string | number | bigint | boolean | Uint8Array;

/** The defaults of a message's fields of one value, by the fields' names: `port` of `{ port: number | undefined }`. */
export type DefaultsOf<Message> = {
  readonly [Key in keyof Message as Key extends "$unknown"
    ? never
    : NonNullable<Message[Key]> extends Scalar
      ? Key
      : never]-?: NonNullable<Message[Key]>;
};

/** What a field is read as while it is not set; undefined for messages, lists and maps. */
export function defaultOf(field: FieldDescriptor | ExtensionDescriptor): unknown {
  const { type, cardinality, default: declared } = field;
  if (cardinality !== "singular" || type.kind === "message") return undefined;
  if (type.kind === "enum") {
    const named = declared as { readonly identifier: string } | undefined;
    const [first] = type.enum.values;
    const number = type.enum.values.find(({ name }) => name === named?.identifier)?.number ?? first?.number ?? 0;
    return type.enum.values.find((value) => value.number === number)?.name ?? number;
  }
  const form = int64FormOf(field);
  if (form !== undefined) return int64InForm(toBigInt((declared as bigint | undefined) ?? 0n), form);
  return declared ?? zeroOf(type.scalar);
}

function zeroOf(scalar: ScalarType): Scalar {
  if (scalar === "bool") return false;
  if (scalar === "string") return "";
  if (scalar === "bytes") return noBytes();
  return 0;
}

/** The value of a field that is not set, in a whole message: a new one where it is a list or a map. */
export function unsetValueOf(field: FieldDescriptor): unknown {
  if (field.cardinality === "repeated") return [];
  if (field.cardinality === "map") return new Map();
  return field.presence === "explicit" ? undefined : defaultOf(field);
}

/** The defaults of all fields that have one. */
export function defaultsOf(descriptor: MessageDescriptor): { readonly [localName: string]: unknown } {
  const found = descriptor.fields.filter(({ oneof }) => oneof === undefined);
  const entries = found.map((field) => [field.localName, defaultOf(field)] as const);
  return Object.freeze(Object.fromEntries(entries.filter(([, value]) => value !== undefined)));
}
