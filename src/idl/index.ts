export type {
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
export { defaultJsonName, LocalNames } from "./names.ts";
export { getOption } from "./option-record.ts";
export { parseFile } from "./parser/file.ts";
export { printDeclaration, printFile } from "./printer/print-file.ts";
export { SourceError, type SourceErrorCode } from "./source-error.ts";
export type { ParsedFile } from "./syntax-tree.ts";
