// IDL layer, generator: the short form of a descriptor, plain data without cycles, which generated code carries as source
// text and the TypeScript builder puts together. What protobuf says when nothing is written is left out.
import type { Comments, DefaultValue, ExtensionRange, Options, ScalarType } from "../descriptor.ts";

/** A scalar type, or a full name behind a dot: `.dirs.DirectoryEntry`. */
export type TypeOutline = ScalarType | `.${string}`;

/** What stands around a declaration; generated code leaves it out. */
export interface Commented {
  readonly comments?: Comments;
}

/** A file; its dependencies are handed in beside it. */
export interface FileOutline extends FileHeader, FileContent {}

/** What a file says of itself. */
export interface FileHeader extends Commented {
  readonly name: string;
  readonly package?: string;
  /** Default "proto3". */
  readonly syntax?: "proto2" | "proto3" | "editions";
  /** Indices of the dependencies that are imported `public`. */
  readonly publicDependencies?: readonly number[];
  readonly weakDependencies?: readonly number[];
  /** The form of 64-bit integers without a `jstype`. Default bigint. */
  readonly int64?: "string" | "number";
  readonly options?: Options;
}

/** What a file declares. */
export interface FileContent {
  readonly messages?: readonly MessageOutline[];
  readonly enums?: readonly EnumOutline[];
  readonly services?: readonly ServiceOutline[];
  readonly extensions?: readonly ExtensionOutline[];
}

/** What messages and enums may keep from being used: half-open ranges of numbers, and names. */
export interface ReservedOutline extends Commented {
  readonly reservedRanges?: readonly (readonly [number, number])[];
  readonly reservedNames?: readonly string[];
}

/** A message type. */
export interface MessageOutline extends ReservedOutline {
  readonly name: string;
  readonly fields?: readonly FieldOutline[];
  /** Only those with options or comments; the rest follow from the fields. */
  readonly oneofs?: readonly OneofOutline[];
  /** Without the entry types of map fields. */
  readonly messages?: readonly MessageOutline[];
  /**
   * For each map field in order, how many of `messages` were declared before it; absent when all were before the first.
   * Descriptors list entry types among messages, in the order of the text.
   */
  readonly entriesAt?: readonly number[];
  readonly enums?: readonly EnumOutline[];
  readonly extensionRanges?: readonly ExtensionRange[];
  readonly extensions?: readonly ExtensionOutline[];
  readonly options?: Options;
}

/** What a oneof says besides its fields. */
export interface OneofOutline extends Commented {
  readonly name: string;
  readonly options: Options;
}

/** A field of a message. */
export interface FieldOutline extends Commented {
  readonly name: string;
  readonly number: number;
  readonly type: TypeOutline;
  readonly repeated?: true;
  /** A map's key type; `type` is then the value's. */
  readonly mapKey?: ScalarType;
  /** Written `optional` in a proto3 file. */
  readonly optional?: true;
  /** proto2's `required`. */
  readonly required?: true;
  /** It was written as a proto2 group. */
  readonly group?: true;
  readonly default?: DefaultValue;
  /** Only when it is not what follows from the type, the options and the features of its file. */
  readonly packed?: boolean;
  /** The oneof that it is a member of. */
  readonly oneof?: string;
  /** Only when it does not follow from the name. */
  readonly jsonName?: string;
  readonly options?: Options;
}

/** A field that a file adds to a message of another. */
export interface ExtensionOutline extends Commented {
  readonly name: string;
  readonly number: number;
  readonly type: TypeOutline;
  /** Full name behind a dot. */
  readonly extendee: `.${string}`;
  readonly repeated?: true;
  /** Written `optional` in a proto3 file. */
  readonly optional?: true;
  readonly packed?: boolean;
  readonly group?: true;
  readonly default?: DefaultValue;
  readonly options?: Options;
}

/** An enum type. */
export interface EnumOutline extends ReservedOutline {
  readonly name: string;
  readonly values: readonly EnumValueOutline[];
  readonly options?: Options;
}

/** A value of an enum. */
export type EnumValueOutline = readonly [name: string, number: number, options?: Options, comments?: Comments];

/** A service. */
export interface ServiceOutline extends Commented {
  readonly name: string;
  readonly methods: readonly MethodOutline[];
  readonly options?: Options;
}

/** A method of a service. */
export interface MethodOutline extends Commented {
  readonly name: string;
  /** Full name behind a dot. */
  readonly input: `.${string}`;
  readonly output: `.${string}`;
  readonly clientStreaming?: true;
  readonly serverStreaming?: true;
  readonly braced?: true;
  readonly options?: Options;
}
