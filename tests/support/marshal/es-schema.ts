// Our descriptors as protobuf-es takes them, so that its own encoder can be asked about our contracts.
import { create, createFileRegistry, type DescMessage } from "@bufbuild/protobuf";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  EnumDescriptorProtoSchema,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  MessageOptionsSchema,
} from "@bufbuild/protobuf/wkt";
import type { FieldDescriptor, FileDescriptor, MessageDescriptor } from "farcall/idl";

/** protobuf-es's schema of a message of `file`, which imports nothing. */
export function createEsSchema(file: FileDescriptor, fullName: string): DescMessage {
  const proto = create(FileDescriptorProtoSchema, {
    name: file.name,
    package: file.package,
    syntax: file.syntax,
    messageType: file.messages.map(messageProto),
    enumType: file.enums.map(({ name, values }) =>
      create(EnumDescriptorProtoSchema, { name, value: values.map((one) => ({ name: one.name, number: one.number })) }),
    ),
  });
  const schema = createFileRegistry(proto, () => undefined).getMessage(fullName);
  if (schema === undefined) throw new Error(`protobuf-es does not find ${fullName}`);
  return schema;
}

function messageProto(message: MessageDescriptor): DescriptorProto {
  // A proto3 `optional` field is the only one of a oneof of its own there; those come behind all others.
  const optionals = message.fields.filter((field) => isOptional(field));
  const oneofs = [...message.oneofs, ...optionals];
  return create(DescriptorProtoSchema, {
    name: message.name,
    field: message.fields.map((field) => fieldProto(field, oneofs)),
    oneofDecl: oneofs.map((one) => ({ name: one.kind === "oneof" ? one.name : `_${one.name}` })),
    nestedType: message.messages.map(messageProto),
    ...(message.mapEntry ? { options: create(MessageOptionsSchema, { mapEntry: true }) } : {}),
  });
}

function isOptional({ presence, oneof, type }: FieldDescriptor): boolean {
  return presence === "explicit" && oneof === undefined && type.kind !== "message";
}

function fieldProto(field: FieldDescriptor, oneofs: readonly unknown[]): FieldDescriptorProto {
  const { type, cardinality, message } = field;
  const entry = message.messages.find((one) => one.mapEntry && one.name === entryName(field));
  const target = cardinality === "map" ? entry?.fullName : typeName(field);
  const kind =
    cardinality === "map" || type.kind === "message"
      ? "MESSAGE"
      : type.kind === "enum"
        ? "ENUM"
        : type.scalar.toUpperCase();
  const oneofIndex = oneofs.indexOf(field.oneof ?? field);
  return create(FieldDescriptorProtoSchema, {
    name: field.name,
    number: field.number,
    label: FieldDescriptorProto_Label[cardinality === "singular" ? "OPTIONAL" : "REPEATED"],
    type: FieldDescriptorProto_Type[kind as keyof typeof FieldDescriptorProto_Type],
    ...(target === undefined ? {} : { typeName: `.${target}` }),
    ...(oneofIndex < 0 ? {} : { oneofIndex }),
    ...(isOptional(field) ? { proto3Optional: true } : {}),
    ...(cardinality === "repeated" && !field.packed ? { options: create(FieldOptionsSchema, { packed: false }) } : {}),
  });
}

function typeName({ type }: FieldDescriptor): string | undefined {
  if (type.kind === "scalar") return undefined;
  return type.kind === "enum" ? type.enum.fullName : type.message.fullName;
}

/** `by_flag` -> `ByFlagEntry`. */
function entryName({ name }: FieldDescriptor): string {
  return `${name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Entry`;
}
