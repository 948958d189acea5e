export { DefinitionError, type DefinitionErrorCode } from "./definition-error.ts";
export type { TypeOptions } from "./describe.ts";
export { extend } from "./extend.ts";
export {
  bool,
  bytes,
  double,
  type Field,
  type FieldOptions,
  type FieldTarget,
  field,
  fixed32,
  fixed64,
  float,
  int32,
  int64,
  type KeyScalar,
  map,
  type Oneof,
  oneof,
  optional,
  type RepeatedOptions,
  repeated,
  required,
  type Scalar,
  type SingularField,
  sfixed32,
  sfixed64,
  sint32,
  sint64,
  string,
  type TypeFieldOptions,
  uint32,
  uint64,
} from "./fields.ts";
export { type EnumOptions, enumeration, message } from "./message.ts";
export {
  bidiStream,
  clientStream,
  type MethodOptions,
  type MethodRecord,
  type MethodSpec,
  serverStream,
  service,
  unary,
} from "./service.ts";
export type { FieldRecord, InitShape, MessageShape } from "./shapes.ts";
