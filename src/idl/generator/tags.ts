// IDL layer, generator: how protobuf lays values out behind their tags (protobuf.dev, "Encoding"). What encoders at run time
// need of it, they take from here, so that generated tags and theirs are one.
import type { ExtensionDescriptor, FieldDescriptor, FieldType, ScalarType } from "../descriptor.ts";

/** How many bytes a field's value takes is told by the lower three bits of its tag. */
export const wireTypes = { varint: 0, fixed64: 1, sized: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;
/** One of `wireTypes`. */
export type WireType = (typeof wireTypes)[keyof typeof wireTypes];

/** The tag of a field: its number and how its value is laid out, as one unsigned 32-bit integer. */
export function tagOf(number: number, wireType: WireType): number {
  return ((number << 3) | wireType) >>> 0;
}

const scalarWireTypes: { readonly [scalar in ScalarType]: WireType } = {
  double: wireTypes.fixed64,
  float: wireTypes.fixed32,
  int32: wireTypes.varint,
  int64: wireTypes.varint,
  uint32: wireTypes.varint,
  uint64: wireTypes.varint,
  sint32: wireTypes.varint,
  sint64: wireTypes.varint,
  fixed32: wireTypes.fixed32,
  fixed64: wireTypes.fixed64,
  sfixed32: wireTypes.fixed32,
  sfixed64: wireTypes.fixed64,
  bool: wireTypes.varint,
  string: wireTypes.sized,
  bytes: wireTypes.sized,
};

/** How one value of a type is laid out. */
export function wireTypeOf(type: FieldType): WireType {
  if (type.kind === "scalar") return scalarWireTypes[type.scalar];
  return type.kind === "enum" ? wireTypes.varint : wireTypes.sized;
}

/** How one value of a field is laid out; those of a map are messages. */
export function fieldWireType(field: FieldDescriptor | ExtensionDescriptor): WireType {
  if (field.cardinality === "map") return wireTypes.sized;
  return field.delimited ? wireTypes.groupStart : wireTypeOf(field.type);
}
