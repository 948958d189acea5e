// Marshal layer, builder: what a declaration was made from. It stays with the declaration until somebody asks for its
// descriptor, and says where it belongs: in a message, in a file.
import type { FileDescriptor } from "../../idl/descriptor.ts";
import type { EnumType, Extension, MessageType, Method, Service } from "../types.ts";
import type { Field } from "./fields.ts";
import type { Said } from "./options.ts";
import type { ExtensionRangeInit, Reserved } from "./ranges.ts";
import type { FieldRecord } from "./shapes.ts";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
export type AnyMessageType = MessageType<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: the same for extensions
export type AnyExtension = Extension<any, any, any>;
export type AnyService = Service<{ readonly [localName: string]: Method }>;
/** What has a name of its own in a contract. */
export type Declared = AnyMessageType | EnumType | AnyExtension | AnyService;

/** What may be said about a message or an enum besides its content. */
export interface TypeOptions extends Said {
  readonly reserved?: Reserved;
}

/** What may be said about a message besides its fields. */
export interface MessageOptions extends TypeOptions {
  /** Numbers that extensions may have, see `extend`. */
  readonly extensions?: readonly ExtensionRangeInit[];
  /** Types and extensions that are declared in it, by names such as `dirs.Entry.Kind`. */
  readonly nested?: readonly Nestable[];
}

/** What can be declared in a message. */
export type Nestable = AnyMessageType | EnumType | AnyExtension;

/** A file that is put together when its descriptor is first asked for. */
export interface Contract {
  readonly name: string;
  readonly package: string;
  describe(): FileDescriptor;
}

/** Where a declaration belongs; filled in when that is known. */
export interface Home {
  parent?: AnyMessageType;
  contract?: Contract;
  file?: FileDescriptor;
}

export interface MessageDefinition {
  readonly kind: "message";
  readonly home: Home;
  readonly fields: FieldRecord;
  readonly options: MessageOptions;
}

/** A value of an enum with what is said about it. */
export interface EnumValue extends Said {
  readonly kind: "enum-value";
  readonly number: number;
}

export interface EnumDefinition {
  readonly kind: "enum";
  readonly home: Home;
  readonly values: readonly (readonly [name: string, value: EnumValue])[];
  readonly options: TypeOptions & { readonly allowAlias?: boolean };
}

export interface ExtensionDefinition {
  readonly kind: "extension";
  readonly home: Home;
  readonly extendee: AnyMessageType;
  readonly field: Field;
}

export interface ServiceDefinition {
  readonly kind: "service";
  readonly home: Home;
  readonly said: Said;
  /** Of the methods, by their names on the wire. */
  readonly methods: { readonly [name: string]: Said };
}

export type Definition = MessageDefinition | EnumDefinition | ExtensionDefinition | ServiceDefinition;

/** Under this property a declaration of the builder keeps its definition; others, such as generated ones, have none. */
export const definitionKey: unique symbol = Symbol("farcall.definition");

interface Defined<Kind extends Definition = Definition> {
  readonly [definitionKey]?: Kind;
}

/** What a declaration of the builder was made from; undefined for others. */
export function definitionOf(declared: AnyMessageType): MessageDefinition | undefined;
export function definitionOf(declared: EnumType): EnumDefinition | undefined;
export function definitionOf(declared: AnyExtension): ExtensionDefinition | undefined;
export function definitionOf(declared: Declared): Definition | undefined;
export function definitionOf(declared: Declared): Definition | undefined {
  return (declared as Defined)[definitionKey];
}

/** A declaration with its definition. */
export function define<Type extends Declared>(declared: Type, definition: Definition): Type {
  return Object.assign(declared, { [definitionKey]: definition });
}

/** The outermost declaration around one: itself, or a message. */
export function outermost(declared: Declared): Declared {
  const parent = definitionOf(declared)?.home.parent;
  return parent === undefined ? declared : outermost(parent);
}

/** A message and all that is declared in it; of others, themselves. */
export function withNested(declared: Declared): Declared[] {
  const definition = definitionOf(declared);
  const nested = definition?.kind === "message" ? (definition.options.nested ?? []) : [];
  return [declared, ...nested.flatMap(withNested)];
}

/** `Entry` of `dirs.Entry`. */
export function lastName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf(".") + 1);
}

/** `dirs` of `dirs.Entry`. */
export function packageOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf(".")));
}
