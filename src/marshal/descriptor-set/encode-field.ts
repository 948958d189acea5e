// Marshal layer, descriptor sets: fields and extensions as `FieldDescriptorProto`.
import type { ExtensionDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor } from "../../idl/descriptor.ts";
import { defaultJsonName, mapEntryName } from "../../idl/names.ts";
import { formatDefault } from "./default-value.ts";
import type { EncodeOptions } from "./option-bytes.ts";
import { type FieldProto, fieldLabels, fieldTypes, type ProtoInit } from "./protos.ts";

/** A proto3 `optional` field: descriptor.proto puts it alone in a oneof that nobody wrote. */
export function isSyntheticOptional({ optional }: FieldDescriptor): boolean {
  return optional === true;
}

/** A field of a message; `oneofIndex` counts the message's oneofs, those of proto3 `optional` fields included. */
export function encodeField(
  field: FieldDescriptor,
  { oneofIndex, encodeOptions }: { readonly oneofIndex: number | undefined; readonly encodeOptions: EncodeOptions },
): ProtoInit<FieldProto> {
  const { name, message, number, cardinality, jsonName, options } = field;
  const entry = cardinality === "map" ? entryOf(field) : undefined;
  const singularLabel = field.required === true && message.file.syntax === "proto2" ? "required" : "optional";
  return {
    name,
    number,
    label: fieldLabels[cardinality === "singular" ? singularLabel : "repeated"],
    ...(entry === undefined ? encodeType(field, message.file) : encodeMessageType(entry)),
    defaultValue: field.default === undefined ? undefined : formatDefault(field.default, field.type),
    options: encodeOptions("FieldOptions", options, `${message.fullName}.${name}`),
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
  const { name, fullName, number, cardinality, extendee, jsonName, options } = extension;
  return {
    name,
    number,
    label: fieldLabels[cardinality === "singular" ? "optional" : "repeated"],
    ...encodeType(extension, extension.file),
    extendee: `.${extendee.fullName}`,
    defaultValue: extension.default === undefined ? undefined : formatDefault(extension.default, extension.type),
    options: encodeOptions("FieldOptions", options, fullName),
    jsonName,
    proto3Optional: extension.optional,
  };
}

interface EncodedType {
  readonly type: number;
  readonly typeName?: string;
}

/** Only proto2 says "group": editions have a feature for it. */
function encodeType({ type, delimited }: FieldDescriptor | ExtensionDescriptor, file: FileDescriptor): EncodedType {
  if (type.kind === "scalar") return { type: fieldTypes[type.scalar] };
  if (type.kind === "enum") return { type: fieldTypes.enum, typeName: `.${type.enum.fullName}` };
  const { typeName } = encodeMessageType(type.message);
  return { type: delimited && file.syntax === "proto2" ? fieldTypes.group : fieldTypes.message, typeName };
}

function encodeMessageType({ fullName }: MessageDescriptor): Required<EncodedType> {
  return { type: fieldTypes.message, typeName: `.${fullName}` };
}
