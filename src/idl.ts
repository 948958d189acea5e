// The subpath farcall/idl: contracts, written in TypeScript or read from .proto texts.
export {
  type CompareOptions,
  compareFiles,
  compatRules,
} from "./idl/compat/compare.ts";
export {
  type Breach,
  type CompatLevel,
  type CompatRule,
  compatLevels,
  type Finding,
  type FindingSide,
} from "./idl/compat/rule.ts";
export type {
  AnyDescriptor,
  Comments,
  EnumDescriptor,
  EnumValueDescriptor,
  ExtensionDescriptor,
  ExtensionRange,
  FieldDescriptor,
  FieldType,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  OneofDescriptor,
  Options,
  OptionValue,
  ScalarType,
  ServiceDescriptor,
} from "./idl/descriptor.ts";
export type { Features } from "./idl/features.ts";
export { type GeneratedFile, type GenerateOptions, generateFiles } from "./idl/generator/index.ts";
export { joinFiles } from "./idl/generator/join-files.ts";
export type { Int64Form } from "./idl/int64-form.ts";
export { defaultIdlLimits, type IdlLimits } from "./idl/limits.ts";
export { type LinkResult, linkFiles } from "./idl/linker/link.ts";
export type { ResolveImport } from "./idl/linker/load.ts";
export type { PositionOf, SourcePlace } from "./idl/linker/positions.ts";
export { defaultJsonName, LocalNames } from "./idl/names.ts";
export { getOption } from "./idl/option-record.ts";
export { parseFile } from "./idl/parser/file.ts";
export { printDeclaration, printFile } from "./idl/printer/print-file.ts";
export { SourceError, type SourceErrorCode } from "./idl/source-error.ts";
export type { ParsedFile } from "./idl/syntax-tree.ts";
export type { EnumValue, MessageOptions, Nestable, TypeOptions } from "./marshal/builder/definition.ts";
export { DefinitionError, type DefinitionErrorCode } from "./marshal/builder/definition-error.ts";
export { extend } from "./marshal/builder/extend.ts";
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
  type Int64Options,
  type Int64Scalar,
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
  type ValueOptions,
} from "./marshal/builder/fields.ts";
export { type ContractFile, type FileOptions, file, type ImportInit } from "./marshal/builder/file.ts";
export { type EnumOptions, type EnumValues, enumeration, enumValue, message } from "./marshal/builder/message.ts";
export { type OptionTarget, optionsOf } from "./marshal/builder/option-targets.ts";
export { type Annotated, type OptionSetting, type OptionsInit, option, type Said } from "./marshal/builder/options.ts";
export type {
  ExtensionDeclaration,
  ExtensionRangeInit,
  ExtensionRangeSpec,
  Numbers,
  Reserved,
} from "./marshal/builder/ranges.ts";
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
} from "./marshal/builder/service.ts";
export type { FieldRecord, InitShape, MessageShape } from "./marshal/builder/shapes.ts";
export type { EnumType, Extension, InitOf, MessageOf, MessageType, Method, Service } from "./marshal/types.ts";
