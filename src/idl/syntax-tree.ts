// IDL layer: a `.proto` file as it was written, before any name is looked up. `at` is always an offset in the source.
import type { Comments } from "./descriptor.ts";
import type { Source } from "./source.ts";
import type { SourceError } from "./source-error.ts";

export interface NameNode {
  readonly text: string;
  readonly at: number;
}

/** A whole number as written, with its sign. */
export interface NumberNode {
  readonly value: number;
  readonly at: number;
}

/** One part of `(dirs.rules).max.(more)`: an extension's name in parentheses, or a field's. */
export interface OptionPartNode {
  readonly extension: boolean;
  readonly text: string;
  readonly at: number;
}

export interface OptionNode {
  readonly parts: readonly OptionPartNode[];
  readonly value: ValueNode;
  readonly at: number;
}

/** The value of an option, untyped. */
export type ValueNode =
  | { readonly kind: "name"; readonly text: string; readonly negative: boolean; readonly at: number }
  | {
      readonly kind: "integer";
      readonly value: bigint;
      readonly negative: boolean;
      /** Not written in octal or hexadecimal digits. */
      readonly decimal: boolean;
      readonly at: number;
    }
  | { readonly kind: "float"; readonly value: number; readonly at: number }
  | { readonly kind: "string"; readonly bytes: Uint8Array; readonly at: number }
  | { readonly kind: "message"; readonly entries: readonly EntryNode[]; readonly at: number }
  | { readonly kind: "list"; readonly items: readonly ValueNode[]; readonly at: number };

/** `name: value`, `[extension.name]: value` or `[type.googleapis.com/some.Message] { }` inside a message value. */
export interface EntryNode {
  readonly form: "field" | "extension" | "any";
  readonly name: string;
  /** Whether a colon stands behind the name: messages and lists of them need none. */
  readonly colon: boolean;
  readonly value: ValueNode;
  readonly at: number;
}

export interface ImportNode {
  readonly path: string;
  readonly kind: "plain" | "public" | "weak";
  readonly at: number;
}

export type Label = "optional" | "required" | "repeated";

export interface FieldNode {
  readonly label: Label | undefined;
  readonly labelAt: number;
  /** A scalar type or the name of a message or enum. A map's value type. */
  readonly type: NameNode;
  /** Only for `map<key, type>`. */
  readonly mapKey: NameNode | undefined;
  /** Only for a group: the message that it declares beside the field; `type` is its name. */
  readonly group: MessageNode | undefined;
  readonly name: NameNode;
  readonly number: NumberNode;
  /** The oneof around it: an element of the message's `oneofs`. */
  readonly oneof: OneofNode | undefined;
  readonly options: readonly OptionNode[];
  readonly comments: Comments;
}

export interface OneofNode {
  readonly name: NameNode;
  readonly options: readonly OptionNode[];
  readonly comments: Comments;
}

/** `[from, to)` with where it was written. */
export interface RangeNode {
  readonly from: number;
  readonly to: number;
  /** Its end is written `max`. */
  readonly toMax: boolean;
  readonly at: number;
}

export interface ExtensionRangeNode extends RangeNode {
  readonly options: readonly OptionNode[];
}

export interface ExtendNode {
  readonly extendee: NameNode;
  readonly fields: readonly FieldNode[];
}

export interface MessageNode {
  readonly name: NameNode;
  /** In the order declared, members of oneofs included. */
  readonly fields: readonly FieldNode[];
  readonly oneofs: readonly OneofNode[];
  readonly messages: readonly MessageNode[];
  readonly enums: readonly EnumNode[];
  readonly extends: readonly ExtendNode[];
  readonly reservedRanges: readonly RangeNode[];
  readonly reservedNames: readonly NameNode[];
  readonly extensionRanges: readonly ExtensionRangeNode[];
  readonly options: readonly OptionNode[];
  readonly comments: Comments;
}

export interface EnumValueNode {
  readonly name: NameNode;
  readonly number: NumberNode;
  readonly options: readonly OptionNode[];
  readonly comments: Comments;
}

export interface EnumNode {
  readonly name: NameNode;
  readonly values: readonly EnumValueNode[];
  readonly reservedRanges: readonly RangeNode[];
  readonly reservedNames: readonly NameNode[];
  readonly options: readonly OptionNode[];
  readonly comments: Comments;
}

export interface MethodNode {
  readonly name: NameNode;
  readonly input: NameNode;
  readonly output: NameNode;
  readonly clientStreaming: boolean;
  readonly serverStreaming: boolean;
  readonly options: readonly OptionNode[];
  /** It ends with `{ }`, and not with `;`. */
  readonly braced: boolean;
  readonly comments: Comments;
}

export interface ServiceNode {
  readonly name: NameNode;
  readonly methods: readonly MethodNode[];
  readonly options: readonly OptionNode[];
  readonly comments: Comments;
}

/** A file that was read, as far as it could be. It is worth linking only when `errors` is empty. */
export interface ParsedFile {
  readonly source: Source;
  readonly syntax: "proto2" | "proto3" | "editions";
  readonly package: NameNode | undefined;
  readonly imports: readonly ImportNode[];
  readonly messages: readonly MessageNode[];
  readonly enums: readonly EnumNode[];
  readonly services: readonly ServiceNode[];
  readonly extends: readonly ExtendNode[];
  readonly options: readonly OptionNode[];
  readonly comments: Comments;
  readonly errors: readonly SourceError[];
  readonly warnings: readonly SourceError[];
}
