// IDL layer, compatibility: types that read each other's bytes, and each other's JSON.
// https://protobuf.dev/programming-guides/proto3/#updating and https://protobuf.dev/programming-guides/json/
import type { EnumDescriptor, ExtensionDescriptor, FieldDescriptor, FieldType, ScalarType } from "../descriptor.ts";
import type { CompatLevel } from "./rule.ts";

type AnyField = FieldDescriptor | ExtensionDescriptor;

/** Scalars that are the same varint or the same bytes; those that stand nowhere are like themselves only. */
const sameOnWire: readonly (readonly ScalarType[])[] = [
  ["int32", "uint32", "int64", "uint64", "bool"],
  ["sint32", "sint64"],
  ["fixed32", "sfixed32"],
  ["fixed64", "sfixed64"],
];

/** Of those, the ones whose JSON is read by each other too: 64 bits are strings there, bools are words. */
const sameInJson: readonly (readonly ScalarType[])[] = [
  ["int32", "uint32"],
  ["int64", "uint64"],
  ["fixed32", "sfixed32"],
  ["fixed64", "sfixed64"],
];

/** How far a type is from another. */
export type TypeChange = "none" | "code" | "json" | "wire";

/**
 * What a new type breaks: generated code alone, JSON too, or the bytes as well. A string may become bytes, since all that it
 * held is valid there; not the reverse.
 */
export function typeChange(old: AnyField, now: AnyField): TypeChange {
  const [oldKey, nowKey] = [mapKeyOf(old), mapKeyOf(now)];
  // The entries of a map are a message of their own.
  if ((oldKey === undefined) !== (nowKey === undefined) || old.delimited !== now.delimited) return "wire";
  const value = valueChange(old.type, now.type);
  return oldKey === undefined || nowKey === undefined ? value : worse(scalarChange(oldKey, nowKey), value);
}

/** Whether `change` is a breach at `level`. */
export function breaks(change: TypeChange, level: CompatLevel): boolean {
  if (level === "wire") return change === "wire";
  if (level === "wire-json") return change === "wire" || change === "json";
  return change !== "none";
}

const changes: readonly TypeChange[] = ["none", "code", "json", "wire"];

function worse(one: TypeChange, other: TypeChange): TypeChange {
  return changes.indexOf(one) > changes.indexOf(other) ? one : other;
}

function valueChange(old: FieldType, now: FieldType): TypeChange {
  if (old.kind === "scalar" && now.kind === "scalar") return scalarChange(old.scalar, now.scalar);
  if (old.kind === "message" && now.kind === "message")
    return old.message.fullName === now.message.fullName ? "none" : "wire";
  if (old.kind === "enum" && now.kind === "enum") return enumChange(old.enum, now.enum);
  return "wire";
}

/** An enum that moved and has all that the old one had is the same for bytes and JSON. */
function enumChange(old: EnumDescriptor, now: EnumDescriptor): TypeChange {
  if (old.fullName === now.fullName) return "none";
  const kept = (value: EnumDescriptor["values"][number]) =>
    now.values.some(({ name, number }) => name === value.name && number === value.number);
  return old.name === now.name && old.values.every(kept) ? "code" : "wire";
}

function mapKeyOf(field: AnyField): ScalarType | undefined {
  return field.kind === "field" ? field.mapKey : undefined;
}

function scalarChange(old: ScalarType, now: ScalarType): TypeChange {
  if (old === now) return "none";
  const share = (groups: readonly (readonly ScalarType[])[]) =>
    groups.some((group) => group.includes(old) && group.includes(now));
  if (share(sameInJson)) return "code";
  return share(sameOnWire) || (old === "string" && now === "bytes") ? "json" : "wire";
}
