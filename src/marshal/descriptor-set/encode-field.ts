// Marshal layer, descriptor sets: fields and extensions as `FieldDescriptorProto`.
import type {
  ExtensionDescriptor,
  FieldDescriptor,
  FieldType,
  MessageDescriptor,
  Options,
  OptionValue,
} from "../../idl/descriptor.ts";
import { defaultJsonName, mapEntryName } from "../../idl/names.ts";
import { getOption } from "../../idl/option-record.ts";
import { formatDefault } from "./default-value.ts";
import { encodeFieldFeatures } from "./features.ts";
import type { EncodeOptions } from "./option-bytes.ts";
import { type FieldProto, fieldLabels, fieldTypes, type ProtoInit } from "./protos.ts";

/** A proto3 `optional` scalar or enum: descriptor.proto puts it alone in a oneof that nobody wrote. */
export function isSyntheticOptional({ message, presence, cardinality, oneof, type }: FieldDescriptor): boolean {
  return (
    message.file.syntax === "proto3" &&
    cardinality === "singular" &&
    presence === "explicit" &&
    oneof === undefined &&
    type.kind !== "message"
  );
}

/** The name of that oneof: the field's behind one `_`, and `X` before that while the message has such a name already. */
export function syntheticOneofName({ name, message }: FieldDescriptor): string {
  const { fields, oneofs, messages, enums } = message;
  const taken = new Set([...fields, ...oneofs, ...messages, ...enums].map((one) => one.name));
  let chosen = name.startsWith("_") ? name : `_${name}`;
  while (taken.has(chosen)) chosen = `X${chosen}`;
  return chosen;
}

/** A field of a message; `oneofIndex` counts the message's oneofs, those of proto3 `optional` fields included. */
export function encodeField(
  field: FieldDescriptor,
  { oneofIndex, encodeOptions }: { readonly oneofIndex: number | undefined; readonly encodeOptions: EncodeOptions },
): ProtoInit<FieldProto> {
  const { name, message, number, cardinality, type, jsonName } = field;
  const entry = cardinality === "map" ? entryOf(field) : undefined;
  const features = message.file.syntax === "editions" ? encodeFieldFeatures(field) : undefined;
  const singularLabel = field.required === true && message.file.syntax === "proto2" ? "required" : "optional";
  return {
    name,
    number,
    label: fieldLabels[cardinality === "singular" ? singularLabel : "repeated"],
    ...encodeType(entry === undefined ? type : { kind: "message", message: entry }),
    ...encodeFieldOptions(field.options, { owner: `${message.fullName}.${name}`, encodeOptions, features }),
    oneofIndex,
    jsonName: jsonName === "" ? defaultJsonName(name) : jsonName,
    proto3Optional: isSyntheticOptional(field) ? true : undefined,
  };
}

function entryOf({ message, name }: FieldDescriptor): MessageDescriptor {
  const found = message.messages.find((one) => one.mapEntry && one.name === mapEntryName(name));
  if (found === undefined) throw new TypeError(`${message.fullName} lacks the entry type of its map ${name}`);
  return found;
}

/** An extension, which stands beside its fields in the file or message around it. */
export function encodeExtension(extension: ExtensionDescriptor, encodeOptions: EncodeOptions): ProtoInit<FieldProto> {
  const { name, fullName, number, type, cardinality, extendee, options } = extension;
  return {
    name,
    number,
    label: fieldLabels[cardinality === "singular" ? "optional" : "repeated"],
    ...encodeType(type),
    extendee: `.${extendee.fullName}`,
    ...encodeFieldOptions(options, { owner: fullName, encodeOptions, features: undefined }),
    jsonName: defaultJsonName(name),
  };
}

function encodeType(type: FieldType): { readonly type: number; readonly typeName?: string } {
  if (type.kind === "scalar") return { type: fieldTypes[type.scalar] };
  if (type.kind === "enum") return { type: fieldTypes.enum, typeName: `.${type.enum.fullName}` };
  return { type: fieldTypes.message, typeName: `.${type.message.fullName}` };
}

interface FieldOptionPlace {
  readonly owner: string;
  readonly encodeOptions: EncodeOptions;
  readonly features: Uint8Array | undefined;
}

/** `default` stands among the options of a `.proto`, and beside them here. */
function encodeFieldOptions(options: Options, { owner, encodeOptions, features }: FieldOptionPlace) {
  const value = getOption(options, "default");
  const others = value === undefined ? options : without(options, "default");
  const bytes = encodeOptions("FieldOptions", others, owner);
  return { defaultValue: value === undefined ? undefined : formatDefault(value), options: joinBytes(bytes, features) };
}

function without(options: Options, name: string): Options {
  return Object.fromEntries(Object.entries(options).filter(([one]) => one !== name)) as {
    readonly [name: string]: OptionValue;
  };
}

function joinBytes(one: Uint8Array | undefined, other: Uint8Array | undefined): Uint8Array | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const joined = new Uint8Array(one.length + other.length);
  joined.set(one);
  joined.set(other, one.length);
  return joined;
}
