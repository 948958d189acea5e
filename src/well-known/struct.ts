// Well-known layer: google.protobuf.Struct, Value and ListValue from and to plain JSON. They hold what JSON does: no bigint, no
// infinity.
import type { JsonObject, JsonValue } from "../marshal/json/json-value.ts";
import {
  ListValue,
  type ListValueInit,
  Struct,
  type StructInit,
  Value,
  type ValueInit,
} from "../services/gen/google/protobuf/struct.ts";

/** A Struct out of a plain object. Throws a `MarshalError` with the path of what JSON does not have. */
export function structFromJson(json: JsonObject): Struct {
  return Struct.fromJson(json);
}

/** A plain object. Throws a `MarshalError` with the path of a Value of which nothing is set, and of infinite numbers. */
export function structToJson(struct: StructInit): JsonObject {
  return Struct.toJson(struct) as JsonObject;
}

/** A Value out of anything that JSON has. Throws a `MarshalError`. */
export function valueFromJson(json: JsonValue): Value {
  return Value.fromJson(json);
}

/** What `JSON.parse` would give. Throws a `MarshalError`. */
export function valueToJson(value: ValueInit): JsonValue {
  return Value.toJson(value);
}

/** A ListValue out of an array. Throws a `MarshalError`. */
export function listValueFromJson(json: readonly JsonValue[]): ListValue {
  return ListValue.fromJson(json);
}

/** An array. Throws a `MarshalError`. */
export function listValueToJson(list: ListValueInit): readonly JsonValue[] {
  return ListValue.toJson(list) as readonly JsonValue[];
}
