// Marshal layer, builder: descriptors of types written in TypeScript, made when first asked for. Types that hold each other
// share a file, all others have one each, so that files import each other without cycles, as protobuf demands.
import type {
  DefaultValue,
  EnumDescriptor,
  FileDescriptor,
  MessageDescriptor,
  Options,
  ServiceDescriptor,
} from "../../idl/descriptor.ts";
import { describeFile } from "../../idl/generator/describe.ts";
import type {
  EnumOutline,
  FieldOutline,
  MessageOutline,
  MethodOutline,
  TypeOutline,
} from "../../idl/generator/outline.ts";
import { is64Bit } from "../../idl/int64-form.ts";
import { methodOptionName, serviceOptionName } from "../../idl/rpc-options.ts";
import { rpcOptionsFile } from "../rpc-options-file.ts";
import type { EnumType, MessageType, Service } from "../types.ts";
import { type Numbers, protoNameOf, type Reserved } from "./check.ts";
import { DefinitionError } from "./definition-error.ts";
import type { Field } from "./fields.ts";
import type { FieldRecord } from "./shapes.ts";

// biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
type AnyMessageType = MessageType<any, any>;
type AnyType = AnyMessageType | EnumType;

/** What may be said about a message or an enum besides its content. */
export interface TypeOptions {
  readonly deprecated?: boolean;
  readonly reserved?: Reserved;
  /** Of a message: numbers that extensions may have, see `extend`. */
  readonly extensions?: Numbers;
  /** More of protobuf's own options, as a `.proto` names them. */
  readonly options?: Options;
}

/** What a message type of the builder was made from. */
export interface Definition {
  readonly fields: FieldRecord;
  readonly options: TypeOptions;
  /** Shared by all types of one file once any of them was described. */
  file?: FileDescriptor;
}

/** Under this property a message type of the builder keeps its definition; generated types have none. */
export const definitionKey: unique symbol = Symbol("farcall.definition");

/** What a type of the builder was made from; undefined for other types and enums. */
export function definitionOf(type: AnyType): Definition | undefined {
  return (type as { readonly [definitionKey]?: Definition })[definitionKey];
}

/** The descriptor of a message type of the builder. */
export function describeMessage(type: AnyMessageType): MessageDescriptor {
  const file = definitionOf(type)?.file ?? describeGroup(type);
  const found = file.messages.find((one) => one.fullName === type.typeName);
  if (found === undefined) throw new DefinitionError("bad-name", type.typeName, "another type of that name is in use");
  return found;
}

/** The descriptor of an enum type of the builder. */
export function describeEnum(type: EnumType, options: TypeOptions & { readonly allowAlias?: boolean }): EnumDescriptor {
  const outline: EnumOutline = {
    ...outlineType(type.typeName, options),
    values: Object.entries(type.values),
    options: {
      ...(options.allowAlias === true ? { allow_alias: true } : {}),
      ...(type.closed ? featureOptions({ enum_type: "CLOSED" }) : {}),
      ...saidOptions(options),
    },
  };
  const file = describeFile({ ...placeOf(type.typeName), ...(type.closed ? editionFile : {}), enums: [outline] });
  return file.enums[0] as EnumDescriptor;
}

/** The descriptor of a service of the builder. */
export function describeService(service: Service, options: Options): ServiceDescriptor {
  const methods = Object.values(service.methods);
  const outlines = methods.map((method): MethodOutline => {
    const { name, callKind, input, output, options } = method;
    return {
      name,
      input: `.${input.typeName}`,
      output: `.${output.typeName}`,
      ...(callKind === "clientStream" || callKind === "bidiStream" ? { clientStreaming: true } : {}),
      ...(callKind === "serverStream" || callKind === "bidiStream" ? { serverStreaming: true } : {}),
      options,
    };
  });
  const usesRpcOptions =
    Object.hasOwn(options, serviceOptionName) || methods.some((one) => Object.hasOwn(one.options, methodOptionName));
  const dependencies = new Set([
    ...methods.flatMap(({ input, output }) => [input.descriptor.file, output.descriptor.file]),
    ...(usesRpcOptions ? [rpcOptionsFile()] : []),
  ]);
  const place = placeOf(service.typeName);
  const outline = { name: lastName(service.typeName), methods: outlines, options };
  const file = describeFile({ ...place, services: [outline] }, [...dependencies]);
  return file.services[0] as ServiceDescriptor;
}

/** Describes `type` and all types that hold it and are held by it, in one file. */
function describeGroup(type: AnyMessageType): FileDescriptor {
  const group = [...reachable(type)].filter((one) => reachable(one).has(type)) as AnyMessageType[];
  group.sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
  const dependencies = new Set<FileDescriptor>();
  for (const member of group) {
    for (const held of heldTypes(member)) {
      if (!group.includes(held as AnyMessageType)) dependencies.add(held.descriptor.file);
    }
  }
  const place = placeOf((group[0] as AnyMessageType).typeName);
  const stranger = group.find((one) => placeOf(one.typeName).package !== place.package);
  if (stranger !== undefined) {
    throw new DefinitionError(
      "bad-type",
      stranger.typeName,
      `it and ${type.typeName} hold each other: give both one package`,
    );
  }
  const ofEdition = group.some(needsEdition);
  const messages = group.map((one) => outlineMessage(one, ofEdition));
  const file = describeFile({ ...place, ...(ofEdition ? editionFile : {}), messages }, [...dependencies]);
  for (const member of group) {
    const definition = definitionOf(member);
    if (definition !== undefined) definition.file = file;
  }
  return file;
}

/** Features by name, as an option. */
export function featureOptions(features: { readonly [name: string]: string }): Options {
  const entries = Object.entries(features).map(([name, identifier]) => [name, { identifier }]);
  return entries.length === 0 ? {} : { features: Object.fromEntries(entries) };
}

/** A file for what proto3 has not; fields are as in proto3 where they do not say otherwise. */
const editionFile = {
  syntax: "editions",
  options: { features: { field_presence: { identifier: "IMPLICIT" } } },
} as const;

/** True for a message with something that proto3 has not. */
function needsEdition(type: AnyMessageType): boolean {
  const { fields = {}, options = {} } = definitionOf(type) ?? {};
  if (options.extensions !== undefined) return true;
  return fieldsOf(fields).some(({ field }) => {
    const held = field.content.kind === "type" ? field.content.find() : undefined;
    const beyond = field.required === true || field.delimited === true || field.options.default !== undefined;
    return beyond || (held?.kind === "enum" && held.closed);
  });
}

/** All types that `type` holds, at any distance, and itself. */
function reachable(type: AnyType): Set<AnyType> {
  const found = new Set([type]);
  // A set's iterator also visits what is added on the way.
  for (const one of found) for (const held of heldTypes(one)) found.add(held);
  return found;
}

function fieldsOf(
  fields: FieldRecord,
): { readonly localName: string; readonly field: Field; readonly oneof?: string }[] {
  return Object.entries(fields).flatMap(([localName, one]) =>
    one.kind === "field"
      ? [{ localName, field: one }]
      : Object.entries(one.fields).map(([kind, field]) => ({
          localName: kind,
          field: field as Field,
          oneof: localName,
        })),
  );
}

function heldTypes(type: AnyType): AnyType[] {
  return fieldsOf(definitionOf(type)?.fields ?? {}).flatMap(({ field }) =>
    field.content.kind === "type" ? [field.content.find()] : [],
  );
}

function outlineMessage(type: AnyMessageType, ofEdition: boolean): MessageOutline {
  const { fields = {}, options = {} } = definitionOf(type) ?? {};
  return {
    ...outlineType(type.typeName, options),
    fields: fieldsOf(fields).map((one) => outlineField(one, ofEdition)),
    ...(options.extensions === undefined ? {} : { extensionRanges: rangesOf(options.extensions) }),
    options: saidOptions(options),
  };
}

function outlineField(one: ReturnType<typeof fieldsOf>[number], ofEdition: boolean): FieldOutline {
  const { localName, field, oneof } = one;
  const { cardinality, mapKey, options } = field;
  return {
    name: protoNameOf(localName),
    number: field.number,
    type: typeOutlineOf(field),
    ...(cardinality === "repeated" ? { repeated: true, packed: field.packed } : {}),
    ...(cardinality === "map" && mapKey !== undefined ? { mapKey } : {}),
    ...(field.optional && !ofEdition ? { optional: true } : {}),
    ...(oneof === undefined ? {} : { oneof: protoNameOf(oneof) }),
    ...(options.jsonName === undefined ? {} : { jsonName: options.jsonName }),
    ...(options.default === undefined ? {} : { default: defaultOutline(field) }),
    options: ofEdition ? editionOptions(field) : fieldOptions(field),
  };
}

/** What a field holds, in an outline. */
export function typeOutlineOf({ content }: Field): TypeOutline {
  return content.kind === "scalar" ? content.scalar : `.${content.find().typeName}`;
}

/** A default as descriptors have it. */
export function defaultOutline({ content, options }: Field): DefaultValue {
  const value = options.default as DefaultValue;
  if (content.kind === "type") {
    const type = content.find();
    if (type.kind === "enum" && Object.hasOwn(type.values, value as string)) return { identifier: value as string };
    throw new DefinitionError(
      "bad-type",
      type.typeName,
      `${String(value)} is no name of a value: it cannot be a default`,
    );
  }
  return is64Bit(content.scalar) ? BigInt(value as bigint) : value;
}

/** A field's options as a `.proto` would give them. */
function fieldOptions({ options, cardinality, packed }: Field): Options {
  return {
    ...(cardinality === "repeated" && !packed ? { packed: false } : {}),
    ...jstypeOf(options),
    ...saidOptions(options),
  };
}

/** The same in an edition, which says by features what proto3 says by words. */
function editionOptions(field: Field): Options {
  const { options, cardinality, packed, optional, required, delimited, content } = field;
  const isMessage = content.kind === "type" && content.find().kind === "message";
  const features = {
    ...(cardinality === "repeated" && !packed && !isMessage ? { repeated_field_encoding: "EXPANDED" } : {}),
    ...(optional && !isMessage ? { field_presence: "EXPLICIT" } : {}),
    ...(required === true ? { field_presence: "LEGACY_REQUIRED" } : {}),
    ...(delimited === true && isMessage ? { message_encoding: "DELIMITED" } : {}),
  };
  return { ...featureOptions(features), ...jstypeOf(options), ...saidOptions(options) };
}

function rangesOf(numbers: Numbers): { readonly from: number; readonly to: number; readonly options: Options }[] {
  return numbers.map((one) => {
    const [first, last] = typeof one === "number" ? [one, one] : one;
    return { from: first, to: last + 1, options: {} };
  });
}

function outlineType(typeName: string, { reserved = {} }: TypeOptions) {
  const { numbers = [], names = [] } = reserved;
  return {
    name: lastName(typeName),
    reservedRanges: rangesOf(numbers).map(({ from, to }) => [from, to] as const),
    reservedNames: names,
  };
}

/** The form of 64-bit integers, as an option. */
export function jstypeOf({ as }: Field["options"]): Options {
  if (as === undefined || as === "bigint") return {};
  return { jstype: { identifier: as === "number" ? "JS_NUMBER" : "JS_STRING" } };
}

/** The options that were written, and whether it is deprecated. */
export function saidOptions(said: { readonly deprecated?: boolean; readonly options?: Options }): Options {
  return { ...(said.deprecated === true ? { deprecated: true } : {}), ...said.options };
}

/** `Entry` of `dirs.Entry`. */
export function lastName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf(".") + 1);
}

/** The file of a type that is written nowhere: `dirs/Entry.proto` for `dirs.Entry`. */
export function placeOf(fullName: string): { readonly name: string; readonly package: string } {
  return {
    name: `${fullName.replaceAll(".", "/")}.proto`,
    package: fullName.slice(0, Math.max(0, fullName.lastIndexOf("."))),
  };
}
