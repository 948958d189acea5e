// Marshal layer, descriptor sets: fields and extensions out of `FieldDescriptorProto`. What peers send is checked here,
// since descriptors are trusted by all who read them.

import type { DefaultValue, FileDescriptor, ScalarType } from "../../idl/descriptor.ts";
import type { ExtensionOutline, FieldOutline, TypeOutline } from "../../idl/generator/outline.ts";
import { maxSetNumber } from "../../idl/linker/message-set.ts";
import { defaultJsonName, joinName } from "../../idl/names.ts";
import { parseDefault } from "./default-value.ts";
import type { DeferOptions } from "./option-bytes.ts";
import { type FieldProto, fieldLabels, fieldTypes, type MessageProto } from "./protos.ts";
import { badDescriptor, checkedName, type IndexedType, type TypeIndex } from "./type-index.ts";

const maxFieldNumber = 0x1fff_ffff;

const scalarsByNumber: ReadonlyMap<number, ScalarType> = /* @__PURE__ */ new Map(
  Object.entries(fieldTypes)
    .filter(([name]) => name !== "group" && name !== "message" && name !== "enum")
    .map(([name, number]) => [number, name as ScalarType]),
);

/** What the fields of one file have in common. */
export interface FieldContext {
  readonly syntax: FileDescriptor["syntax"];
  readonly types: TypeIndex;
  readonly deferOptions: DeferOptions;
}

/** What a field holds, as far as it is known before types are linked. */
type ProtoType = { readonly kind: "scalar"; readonly scalar: ScalarType } | IndexedType;

/** The fields of a message. Throws a `MarshalError`. */
export function outlineFields(message: MessageProto, fullName: string, context: FieldContext): FieldOutline[] {
  const numbers = new Set<number>();
  const names = new Set<string>();
  const outlines: FieldOutline[] = [];
  for (const proto of message.field) {
    const name = checkedName(proto.name, fullName);
    const number = checkNumber(proto, `${fullName}.${name}`);
    if (numbers.has(number)) throw badDescriptor(`${fullName}.${name}`, `another field has the number ${number}`);
    if (names.has(name)) throw badDescriptor(`${fullName}.${name}`, "another field has that name");
    numbers.add(number);
    names.add(name);
    outlines.push(outlineField(proto, { message, fullName, context }));
  }
  return outlines;
}

interface FieldPlace {
  readonly message: MessageProto;
  readonly fullName: string;
  readonly context: FieldContext;
}

function outlineField(proto: FieldProto, { message, fullName, context }: FieldPlace): FieldOutline {
  const name = proto.name as string;
  const subject = `${fullName}.${name}`;
  const type = typeOf(proto, { scope: fullName, subject, types: context.types });
  const repeated = proto.label === fieldLabels.repeated;
  const base = {
    name,
    number: proto.number as number,
    ...jsonNameOf(proto, name),
    ...defaultOf(proto, type),
    options: context.deferOptions("FieldOptions", proto.options, subject),
  };
  if ("entry" in type && type.entry !== undefined) {
    if (!repeated || type.fullName !== joinName(fullName, type.entry.name as string)) {
      throw badDescriptor(subject, `${type.fullName} is the entry of another map`);
    }
    return { ...base, ...outlineMap(type.entry, { ...context, fullName: type.fullName }) };
  }
  const oneof = oneofOf(proto, message, subject);
  const required = proto.label === fieldLabels.required;
  if (oneof !== undefined && (repeated || required)) {
    throw badDescriptor(subject, "a field of a oneof is neither repeated nor required");
  }
  return {
    ...base,
    type: outlineType(type),
    ...(repeated ? { repeated: true } : {}),
    ...(required ? { required: true } : {}),
    ...(isGroup(proto, type, { scope: fullName, subject, context }) ? { group: true } : {}),
    ...(proto.proto3Optional === true ? { optional: true } : {}),
    ...(oneof === undefined ? {} : { oneof }),
  };
}

/** The key and value types of a map, from its entry's two fields. */
function outlineMap(
  entry: MessageProto,
  { fullName, types }: FieldContext & { readonly fullName: string },
): { readonly mapKey: ScalarType; readonly type: TypeOutline } {
  const [key, value] = [1, 2].map((number) => {
    const proto = entry.field.find((one) => one.number === number);
    if (proto === undefined) throw badDescriptor(fullName, `the entry of a map lacks field ${number}`);
    return typeOf(proto, { scope: fullName, subject: `${fullName}.${proto.name}`, types });
  }) as [ProtoType, ProtoType];
  if (key.kind !== "scalar" || key.scalar === "double" || key.scalar === "float" || key.scalar === "bytes") {
    throw badDescriptor(fullName, "the key of a map is an integer, a bool or a string");
  }
  if ("entry" in value) throw badDescriptor(fullName, "the value of a map is no map");
  return { mapKey: key.scalar, type: outlineType(value) };
}

/** An extension. Throws a `MarshalError`. */
export function outlineExtension(proto: FieldProto, scope: string, context: FieldContext): ExtensionOutline {
  const name = checkedName(proto.name, scope);
  const subject = joinName(scope, name);
  const number = checkNumber(proto, subject, maxSetNumber);
  const extendee = context.types.resolve(proto.extendee ?? "", scope);
  if (extendee.kind !== "message") throw badDescriptor(subject, "what is extended must be a message");
  const type = typeOf(proto, { scope, subject, types: context.types });
  return {
    name,
    number,
    type: outlineType(type),
    extendee: `.${extendee.fullName}`,
    ...(proto.label === fieldLabels.repeated ? { repeated: true } : {}),
    ...(proto.proto3Optional === true ? { optional: true } : {}),
    ...(isGroup(proto, type, { scope, subject, context }) ? { group: true } : {}),
    ...defaultOf(proto, type),
    options: context.deferOptions("FieldOptions", proto.options, subject),
  };
}

function checkNumber({ number = 0 }: FieldProto, subject: string, max = maxFieldNumber): number {
  if (number >= 1 && number <= max) return number;
  throw badDescriptor(subject, `${number} is no field number: expected 1 to ${max}`);
}

/** The type of a field: by its number, or by its name alone, which a descriptor may leave to be looked up. */
function typeOf(
  { type = 0, typeName }: FieldProto,
  { scope, subject, types }: { readonly scope: string; readonly subject: string; readonly types: TypeIndex },
): ProtoType {
  const scalar = scalarsByNumber.get(type);
  if (scalar !== undefined) return { kind: "scalar", scalar };
  if (typeName === undefined) throw badDescriptor(subject, `no type has the number ${type}`);
  const found = types.resolve(typeName, scope);
  const fits =
    type === 0 ||
    (found.kind === "enum" ? type === fieldTypes.enum : type === fieldTypes.message || type === fieldTypes.group);
  if (fits) return found;
  throw badDescriptor(subject, `${found.fullName} is ${found.kind === "enum" ? "an enum" : "a message"}`);
}

/** Whether the type says "group". In editions it is the features that say how a message is delimited. */
function isGroup(
  { type, name = "" }: FieldProto,
  found: ProtoType,
  { scope, subject, context }: { readonly scope: string; readonly subject: string; readonly context: FieldContext },
): boolean {
  if (type !== fieldTypes.group || found.kind === "scalar") return false;
  if (context.syntax === "proto3") throw badDescriptor(subject, "proto3 has no groups");
  if (context.syntax === "editions") return false;
  // A group is a field and a message in one declaration; another message could be within itself.
  const messageName = found.fullName.slice(scope === "" ? 0 : scope.length + 1);
  if (joinName(scope, messageName) === found.fullName && messageName.toLowerCase() === name) return true;
  throw badDescriptor(subject, `${found.fullName} is not the message of the group ${name}, which stands beside it`);
}

function outlineType(type: ProtoType): TypeOutline {
  return type.kind === "scalar" ? type.scalar : `.${type.fullName}`;
}

function jsonNameOf({ jsonName = "" }: FieldProto, name: string): { readonly jsonName?: string } {
  return jsonName === "" || jsonName === defaultJsonName(name) ? {} : { jsonName };
}

/** The name of the oneof that was written around a field: not of one that stands for proto3's `optional`. */
function oneofOf(proto: FieldProto, message: MessageProto, subject: string): string | undefined {
  if (proto.oneofIndex === undefined || proto.proto3Optional === true) return undefined;
  const oneof = message.oneofDecl[proto.oneofIndex];
  if (oneof === undefined) throw badDescriptor(subject, `the message has no oneof ${proto.oneofIndex}`);
  return checkedName(oneof.name, subject);
}

/** The values of an enum are not looked at, so that its name is all that is needed here. */
function defaultOf({ defaultValue }: FieldProto, type: ProtoType): { readonly default?: DefaultValue } {
  if (defaultValue === undefined) return {};
  return { default: type.kind === "scalar" ? parseDefault(defaultValue, type) : { identifier: defaultValue } };
}
