// IDL layer: what a contract says, as plain read-only data. The parser and the builder both make these; marshalling, the
// generator, reflection and the compatibility check read them. Names follow protobuf's descriptor.proto.

/** A scalar type as a `.proto` file spells it. */
export type ScalarType =
  | "double"
  | "float"
  | "int32"
  | "int64"
  | "uint32"
  | "uint64"
  | "sint32"
  | "sint64"
  | "fixed32"
  | "fixed64"
  | "sfixed32"
  | "sfixed64"
  | "bool"
  | "string"
  | "bytes";

/**
 * Option name to value: `deprecated`, or `(dirs.owner)` with the extension's full name for a custom option. A repeated
 * option is an array, a message value a nested record, an enum value's name an `{ identifier }`; 64-bit integers are `bigint`.
 */
export interface Options {
  readonly [name: string]: OptionValue;
}
export type OptionValue =
  | string
  | number
  | bigint
  | boolean
  | Uint8Array
  | { readonly identifier: string }
  | Options
  | readonly OptionValue[];

/** Text around a declaration, comment marks removed, lines joined with `\n`. */
export interface Comments {
  readonly leading?: string;
  readonly trailing?: string;
  readonly detached?: readonly string[];
}

export interface FileDescriptor {
  readonly kind: "file";
  /** The path it is imported by, such as `google/protobuf/empty.proto`. */
  readonly name: string;
  /** `""` when the file names none. */
  readonly package: string;
  readonly syntax: "proto2" | "proto3" | "editions";
  readonly dependencies: readonly FileDescriptor[];
  /** Those of `dependencies` that are imported `public`. */
  readonly publicDependencies: readonly FileDescriptor[];
  /** Those of `dependencies` that are imported `weak`; absent when there are none. */
  readonly weakDependencies?: readonly FileDescriptor[];
  readonly messages: readonly MessageDescriptor[];
  readonly enums: readonly EnumDescriptor[];
  readonly services: readonly ServiceDescriptor[];
  /** What its `extend` blocks at top level declare; absent when there are none. */
  readonly extensions?: readonly ExtensionDescriptor[];
  /** The form of 64-bit integers in the module generated of it, where that is not bigint: nothing that the contract says. */
  readonly int64?: "string" | "number";
  readonly options: Options;
  readonly comments: Comments;
}

export interface MessageDescriptor {
  readonly kind: "message";
  readonly name: string;
  /** Package, enclosing messages and name, joined with dots; no leading dot. */
  readonly fullName: string;
  readonly file: FileDescriptor;
  readonly parent: MessageDescriptor | undefined;
  /** In the order declared. */
  readonly fields: readonly FieldDescriptor[];
  /** Real oneofs only: a proto3 `optional` field has none. */
  readonly oneofs: readonly OneofDescriptor[];
  readonly messages: readonly MessageDescriptor[];
  readonly enums: readonly EnumDescriptor[];
  /** Half-open: `[from, to)`. */
  readonly reservedRanges: readonly (readonly [number, number])[];
  readonly reservedNames: readonly string[];
  /** Numbers that other files may give to extensions of it; proto2 only, absent when there are none. */
  readonly extensionRanges?: readonly ExtensionRange[];
  /** What its `extend` blocks declare; absent when there are none. */
  readonly extensions?: readonly ExtensionDescriptor[];
  /** The synthetic entry type of a map field; it is listed in `messages` all the same. */
  readonly mapEntry: boolean;
  readonly options: Options;
  readonly comments: Comments;
}

/** What a field, a map's value or a repeated field's element holds. */
export type FieldType =
  | { readonly kind: "scalar"; readonly scalar: ScalarType }
  | { readonly kind: "enum"; readonly enum: EnumDescriptor }
  | { readonly kind: "message"; readonly message: MessageDescriptor };

export interface FieldDescriptor {
  readonly kind: "field";
  /** As the `.proto` spells it: `is_directory`. */
  readonly name: string;
  /** Its property in TypeScript: `isDirectory`. */
  readonly localName: string;
  readonly jsonName: string;
  readonly number: number;
  readonly message: MessageDescriptor;
  readonly type: FieldType;
  readonly cardinality: "singular" | "repeated" | "map";
  /** Only when `cardinality` is "map": `type` is then the value's. */
  readonly mapKey: ScalarType | undefined;
  /** Singular fields: "explicit" fields know whether they were set (`optional`, messages, oneof members); "implicit" ones are absent when zero. */
  readonly presence: "explicit" | "implicit";
  /** It was written `optional` in a proto3 file, which tells message fields nothing; else absent. */
  readonly optional?: true;
  /** A `required` field of proto2, LEGACY_REQUIRED in editions; else absent. */
  readonly required?: true;
  /** A message between a start and an end tag instead of behind a length: a proto2 group, DELIMITED in editions. */
  readonly delimited: boolean;
  /** What a field with presence is read as while it is not set, when its declaration says so. */
  readonly default?: DefaultValue;
  /** Repeated numbers, bools and enums on the wire as one length-delimited run. */
  readonly packed: boolean;
  readonly oneof: OneofDescriptor | undefined;
  readonly options: Options;
  readonly comments: Comments;
}

/** A field's declared default: an enum's by its value's name. */
export type DefaultValue = string | number | bigint | boolean | Uint8Array | { readonly identifier: string };

/** `[from, to)` with the options of the statement that declared it. */
export interface ExtensionRange {
  readonly from: number;
  readonly to: number;
  readonly options: Options;
}

/** A field that is added to a message from outside of it. Custom options are extensions of the messages `google.protobuf.*Options`. */
export interface ExtensionDescriptor {
  readonly kind: "extension";
  readonly name: string;
  /** Package, enclosing messages and name. */
  readonly fullName: string;
  readonly file: FileDescriptor;
  /** The message around its `extend` block. */
  readonly parent: MessageDescriptor | undefined;
  readonly extendee: MessageDescriptor;
  readonly number: number;
  readonly jsonName: string;
  readonly type: FieldType;
  readonly cardinality: "singular" | "repeated";
  /** A singular extension always knows whether it was set. */
  readonly presence: "explicit" | "implicit";
  /** It was written `optional` in a proto3 file, which tells nothing; else absent. */
  readonly optional?: true;
  readonly required?: never;
  readonly delimited: boolean;
  readonly default?: DefaultValue;
  readonly packed: boolean;
  readonly options: Options;
  readonly comments: Comments;
}

export interface OneofDescriptor {
  readonly kind: "oneof";
  readonly name: string;
  readonly localName: string;
  readonly message: MessageDescriptor;
  readonly fields: readonly FieldDescriptor[];
  readonly options: Options;
  readonly comments: Comments;
}

export interface EnumDescriptor {
  readonly kind: "enum";
  readonly name: string;
  readonly fullName: string;
  readonly file: FileDescriptor;
  readonly parent: MessageDescriptor | undefined;
  /** In the order declared; the first is the default. */
  readonly values: readonly EnumValueDescriptor[];
  /** Numbers that it lacks are unknown fields where it is used (proto2, CLOSED in editions); else they are values too. */
  readonly closed: boolean;
  readonly reservedRanges: readonly (readonly [number, number])[];
  readonly reservedNames: readonly string[];
  readonly options: Options;
  readonly comments: Comments;
}

export interface EnumValueDescriptor {
  readonly kind: "enum-value";
  /** As written. */
  readonly name: string;
  readonly number: number;
  readonly options: Options;
  readonly comments: Comments;
}

export interface ServiceDescriptor {
  readonly kind: "service";
  readonly name: string;
  readonly fullName: string;
  readonly file: FileDescriptor;
  readonly methods: readonly MethodDescriptor[];
  readonly options: Options;
  readonly comments: Comments;
}

export interface MethodDescriptor {
  readonly kind: "method";
  /** As written: `MakeDirectory`. */
  readonly name: string;
  /** Its property in TypeScript: `makeDirectory`. */
  readonly localName: string;
  readonly service: ServiceDescriptor;
  readonly input: MessageDescriptor;
  readonly output: MessageDescriptor;
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
  /** It was written with `{ }`: protoc then says that it has options, though it may set none. Else absent. */
  readonly braced?: true;
  readonly options: Options;
  readonly comments: Comments;
}

/** Whatever a contract declares. */
export type AnyDescriptor =
  | FileDescriptor
  | MessageDescriptor
  | FieldDescriptor
  | OneofDescriptor
  | EnumDescriptor
  | EnumValueDescriptor
  | ExtensionDescriptor
  | ServiceDescriptor
  | MethodDescriptor;
