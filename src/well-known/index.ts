// The subpath farcall/well-known: protobuf's own message types, and small functions between them and what JavaScript has.
// Each stands alone: a bundler keeps those that are used. They take messages of any module that was generated of these types.

export { Any } from "../services/gen/google/protobuf/any.ts";
export { Duration } from "../services/gen/google/protobuf/duration.ts";
export { Empty } from "../services/gen/google/protobuf/empty.ts";
export { FieldMask } from "../services/gen/google/protobuf/field_mask.ts";
export {
  ListValue,
  type ListValueInit,
  NullValue,
  Struct,
  type StructInit,
  Value,
  type ValueInit,
} from "../services/gen/google/protobuf/struct.ts";
export { Timestamp } from "../services/gen/google/protobuf/timestamp.ts";
export {
  BoolValue,
  BytesValue,
  DoubleValue,
  FloatValue,
  Int32Value,
  Int64Value,
  StringValue,
  UInt32Value,
  UInt64Value,
} from "../services/gen/google/protobuf/wrappers.ts";
export { type AnyInit, anyTypeName, isAny, packAny, unpackAny, unpackAnyOf } from "./any.ts";
export { durationFromMs, durationFromNanos, durationToMs, durationToNanos } from "./duration.ts";
export {
  applyFieldMask,
  type FieldMaskInit,
  fieldMaskOf,
  intersectFieldMasks,
  unionFieldMasks,
  updateByFieldMask,
} from "./field-mask.ts";
export {
  listValueFromJson,
  listValueToJson,
  structFromJson,
  structToJson,
  valueFromJson,
  valueToJson,
} from "./struct.ts";
export type { TimeInit } from "./time.ts";
export {
  timestampFromDate,
  timestampFromMs,
  timestampFromNanos,
  timestampNow,
  timestampToDate,
  timestampToMs,
  timestampToNanos,
} from "./timestamp.ts";
export { unwrap, wrap } from "./wrappers.ts";
