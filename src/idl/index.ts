export {
  type CompareOptions,
  compareFiles,
  compatRules,
} from "./compat/compare.ts";
export {
  type Breach,
  type CompatLevel,
  type CompatRule,
  compatLevels,
  type Finding,
  type FindingSide,
} from "./compat/rule.ts";
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
} from "./descriptor.ts";
export { defaultIdlLimits, type IdlLimits } from "./limits.ts";
export { type LinkResult, linkFiles } from "./linker/link.ts";
export type { ResolveImport } from "./linker/load.ts";
export type { PositionOf, SourcePlace } from "./linker/positions.ts";
export { defaultJsonName, LocalNames } from "./names.ts";
export { getOption } from "./option-record.ts";
export { parseFile } from "./parser/file.ts";
export { printDeclaration, printFile } from "./printer/print-file.ts";
export { SourceError, type SourceErrorCode } from "./source-error.ts";
export type { ParsedFile } from "./syntax-tree.ts";
