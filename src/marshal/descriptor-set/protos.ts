// Marshal layer, descriptor sets: the messages of google/protobuf/descriptor.proto, as far as descriptors hold what is in
// them. Options stay bytes here: what they mean depends on extensions, which may stand in another file of the same set.
import { bool, bytes, field, int32, optional, repeated, string } from "../builder/fields.ts";
import { message } from "../builder/message.ts";
import type { MessageType } from "../types.ts";

type Optional<Value> = Value | undefined;

/** `FieldDescriptorProto`: a field or an extension. `label` and `type` are numbers of `fieldLabels` and `fieldTypes`. */
export interface FieldProto {
  name: Optional<string>;
  number: Optional<number>;
  label: Optional<number>;
  type: Optional<number>;
  typeName: Optional<string>;
  extendee: Optional<string>;
  defaultValue: Optional<string>;
  oneofIndex: Optional<number>;
  jsonName: Optional<string>;
  options: Optional<Uint8Array>;
  proto3Optional: Optional<boolean>;
}

/** Numbers from `start` to `end`: without `end` in messages, with it in enums. */
export interface RangeProto {
  start: Optional<number>;
  end: Optional<number>;
}

/** `DescriptorProto.ExtensionRange`. */
export interface ExtensionRangeProto extends RangeProto {
  options: Optional<Uint8Array>;
}

/** `OneofDescriptorProto`. */
export interface OneofProto {
  name: Optional<string>;
  options: Optional<Uint8Array>;
}

/** `EnumValueDescriptorProto`. */
export interface EnumValueProto {
  name: Optional<string>;
  number: Optional<number>;
  options: Optional<Uint8Array>;
}

/** `EnumDescriptorProto`. */
export interface EnumProto {
  name: Optional<string>;
  value: EnumValueProto[];
  options: Optional<Uint8Array>;
  reservedRange: RangeProto[];
  reservedName: string[];
}

/** `DescriptorProto`: a message type. */
export interface MessageProto {
  name: Optional<string>;
  field: FieldProto[];
  nestedType: MessageProto[];
  enumType: EnumProto[];
  extensionRange: ExtensionRangeProto[];
  extension: FieldProto[];
  options: Optional<Uint8Array>;
  oneofDecl: OneofProto[];
  reservedRange: RangeProto[];
  reservedName: string[];
}

/** `MethodDescriptorProto`. */
export interface MethodProto {
  name: Optional<string>;
  inputType: Optional<string>;
  outputType: Optional<string>;
  options: Optional<Uint8Array>;
  clientStreaming: Optional<boolean>;
  serverStreaming: Optional<boolean>;
}

/** `ServiceDescriptorProto`. */
export interface ServiceProto {
  name: Optional<string>;
  method: MethodProto[];
  options: Optional<Uint8Array>;
}

/** `FileDescriptorProto`. */
export interface FileProto {
  name: Optional<string>;
  package: Optional<string>;
  dependency: string[];
  messageType: MessageProto[];
  enumType: EnumProto[];
  service: ServiceProto[];
  extension: FieldProto[];
  options: Optional<Uint8Array>;
  publicDependency: number[];
  weakDependency: number[];
  syntax: Optional<string>;
  edition: Optional<number>;
}

/** What may be passed for a message of these: every field may be left out. */
export type ProtoInit<Proto> = {
  readonly [Name in keyof Proto]?: InitOfProperty<Proto[Name]> | undefined;
};
type InitOfProperty<Value> = Value extends (infer Item)[] ? readonly InitOfItem<Item>[] : Value;
type InitOfItem<Item> = Item extends Uint8Array | string | number ? Item : ProtoInit<Item>;
type ProtoType<Proto> = MessageType<Proto, ProtoInit<Proto>>;

const FieldType: ProtoType<FieldProto> = /* @__PURE__ */ message("google.protobuf.FieldDescriptorProto", {
  name: optional(string(1)),
  extendee: optional(string(2)),
  number: optional(int32(3)),
  label: optional(int32(4)),
  type: optional(int32(5)),
  typeName: optional(string(6)),
  defaultValue: optional(string(7)),
  options: optional(bytes(8)),
  oneofIndex: optional(int32(9)),
  jsonName: optional(string(10)),
  proto3Optional: optional(bool(17)),
});

const ExtensionRangeType: ProtoType<ExtensionRangeProto> = /* @__PURE__ */ message(
  "google.protobuf.DescriptorProto.ExtensionRange",
  { start: optional(int32(1)), end: optional(int32(2)), options: optional(bytes(3)) },
);

const ReservedRangeType: ProtoType<RangeProto> = /* @__PURE__ */ message(
  "google.protobuf.DescriptorProto.ReservedRange",
  { start: optional(int32(1)), end: optional(int32(2)) },
);

const OneofType: ProtoType<OneofProto> = /* @__PURE__ */ message("google.protobuf.OneofDescriptorProto", {
  name: optional(string(1)),
  options: optional(bytes(2)),
});

const EnumValueType: ProtoType<EnumValueProto> = /* @__PURE__ */ message("google.protobuf.EnumValueDescriptorProto", {
  name: optional(string(1)),
  number: optional(int32(2)),
  options: optional(bytes(3)),
});

const EnumProtoType: ProtoType<EnumProto> = /* @__PURE__ */ message("google.protobuf.EnumDescriptorProto", {
  name: optional(string(1)),
  value: repeated(field(() => EnumValueType, 2)),
  options: optional(bytes(3)),
  reservedRange: repeated(field(() => ReservedRangeType, 4)),
  reservedName: repeated(string(5)),
});

const MessageProtoType: ProtoType<MessageProto> = /* @__PURE__ */ message("google.protobuf.DescriptorProto", {
  name: optional(string(1)),
  field: repeated(field(() => FieldType, 2)),
  nestedType: repeated(field(() => MessageProtoType, 3)),
  enumType: repeated(field(() => EnumProtoType, 4)),
  extensionRange: repeated(field(() => ExtensionRangeType, 5)),
  extension: repeated(field(() => FieldType, 6)),
  options: optional(bytes(7)),
  oneofDecl: repeated(field(() => OneofType, 8)),
  reservedRange: repeated(field(() => ReservedRangeType, 9)),
  reservedName: repeated(string(10)),
});

const MethodType: ProtoType<MethodProto> = /* @__PURE__ */ message("google.protobuf.MethodDescriptorProto", {
  name: optional(string(1)),
  inputType: optional(string(2)),
  outputType: optional(string(3)),
  options: optional(bytes(4)),
  clientStreaming: optional(bool(5)),
  serverStreaming: optional(bool(6)),
});

const ServiceType: ProtoType<ServiceProto> = /* @__PURE__ */ message("google.protobuf.ServiceDescriptorProto", {
  name: optional(string(1)),
  method: repeated(field(() => MethodType, 2)),
  options: optional(bytes(3)),
});

/** One file. */
export const FileProtoType: ProtoType<FileProto> = /* @__PURE__ */ message("google.protobuf.FileDescriptorProto", {
  name: optional(string(1)),
  package: optional(string(2)),
  dependency: repeated(string(3)),
  messageType: repeated(field(() => MessageProtoType, 4)),
  enumType: repeated(field(() => EnumProtoType, 5)),
  service: repeated(field(() => ServiceType, 6)),
  extension: repeated(field(() => FieldType, 7)),
  options: optional(bytes(8)),
  publicDependency: repeated(int32(10), { packed: false }),
  weakDependency: repeated(int32(11), { packed: false }),
  syntax: optional(string(12)),
  edition: optional(int32(14)),
});

/** Files, each as the bytes of a `FileDescriptorProto`. */
export const FileSetType: ProtoType<{ file: Uint8Array[] }> = /* @__PURE__ */ message(
  "google.protobuf.FileDescriptorSet",
  { file: repeated(bytes(1)) },
);

/** `FieldDescriptorProto.Label`. */
export const fieldLabels = { optional: 1, required: 2, repeated: 3 } as const;

/** `FieldDescriptorProto.Type`. */
export const fieldTypes = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  group: 10,
  message: 11,
  bytes: 12,
  uint32: 13,
  enum: 14,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
} as const;

/** `Edition.EDITION_2023`. */
export const edition2023 = 1000;
