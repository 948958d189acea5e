export type { EnumValue, MessageOptions, Nestable, TypeOptions } from "./definition.ts";
export { DefinitionError, type DefinitionErrorCode } from "./definition-error.ts";
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
export { type ContractFile, type FileOptions, file, type ImportInit } from "./file.ts";
export { type EnumOptions, type EnumValues, enumeration, enumValue, message } from "./message.ts";
export { type OptionTarget, optionsOf } from "./option-targets.ts";
export { type Annotated, type OptionSetting, type OptionsInit, option, type Said } from "./options.ts";
export type { ExtensionDeclaration, ExtensionRangeInit, ExtensionRangeSpec, Numbers, Reserved } from "./ranges.ts";
export {
  bidiStream,
  clientStream,
  type MethodOptions,
  type MethodRecord,
  type MethodSpec,
  type ServiceOptions,
  serverStream,
  service,
  unary,
} from "./service.ts";
export type { FieldRecord, InitShape, MessageShape } from "./shapes.ts";
