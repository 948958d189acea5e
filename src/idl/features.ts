// IDL layer: features, by which editions say what proto2 and proto3 said by being what they are: presence, open enums,
// packing, groups. https://protobuf.dev/editions/features/. What an element does not set it has from what is around it.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FieldDescriptor,
  FieldType,
  FileDescriptor,
  MessageDescriptor,
  OneofDescriptor,
  Options,
} from "./descriptor.ts";
import { getOption } from "./option-record.ts";

/** The standard features of `google.protobuf.FeatureSet` up to edition 2023, by the names of their values. */
export interface Features {
  readonly fieldPresence: "EXPLICIT" | "IMPLICIT" | "LEGACY_REQUIRED";
  readonly enumType: "OPEN" | "CLOSED";
  readonly repeatedFieldEncoding: "PACKED" | "EXPANDED";
  readonly utf8Validation: "VERIFY" | "NONE";
  readonly messageEncoding: "LENGTH_PREFIXED" | "DELIMITED";
  readonly jsonFormat: "ALLOW" | "LEGACY_BEST_EFFORT";
}

/** What holds in a file that sets nothing. */
export const defaultFeatures: { readonly [syntax in FileDescriptor["syntax"]]: Features } = {
  proto2: {
    fieldPresence: "EXPLICIT",
    enumType: "CLOSED",
    repeatedFieldEncoding: "EXPANDED",
    utf8Validation: "NONE",
    messageEncoding: "LENGTH_PREFIXED",
    jsonFormat: "LEGACY_BEST_EFFORT",
  },
  proto3: {
    fieldPresence: "IMPLICIT",
    enumType: "OPEN",
    repeatedFieldEncoding: "PACKED",
    utf8Validation: "VERIFY",
    messageEncoding: "LENGTH_PREFIXED",
    jsonFormat: "ALLOW",
  },
  editions: {
    fieldPresence: "EXPLICIT",
    enumType: "OPEN",
    repeatedFieldEncoding: "PACKED",
    utf8Validation: "VERIFY",
    messageEncoding: "LENGTH_PREFIXED",
    jsonFormat: "ALLOW",
  },
};

/** What features are asked of; a field has them from its oneof, its message and its file. */
export type FeatureOwner =
  | FileDescriptor
  | MessageDescriptor
  | EnumDescriptor
  | OneofDescriptor
  | FieldDescriptor
  | ExtensionDescriptor;

/** The features in force for `owner`; its options, and those around it, must be read. */
export function featuresOf(owner: FeatureOwner): Features {
  const outer = owner.kind === "file" ? defaultFeatures[owner.syntax] : featuresOf(outerOf(owner));
  return inheritFeatures(outer, owner.options);
}

function outerOf(owner: Exclude<FeatureOwner, FileDescriptor>): FeatureOwner {
  switch (owner.kind) {
    case "field":
      return owner.oneof ?? owner.message;
    case "oneof":
      return owner.message;
    case "message":
    case "enum":
    case "extension":
      return owner.parent ?? owner.file;
  }
}

function inheritFeatures(outer: Features, options: Options): Features {
  const own = getOption(options, "features") as Options | undefined;
  if (own === undefined) return outer;
  const pick = <Value extends string>(name: string, inherited: Value): Value =>
    (getOption(own, name) as { readonly identifier: Value } | undefined)?.identifier ?? inherited;
  return {
    fieldPresence: pick("field_presence", outer.fieldPresence),
    enumType: pick("enum_type", outer.enumType),
    repeatedFieldEncoding: pick("repeated_field_encoding", outer.repeatedFieldEncoding),
    utf8Validation: pick("utf8_validation", outer.utf8Validation),
    messageEncoding: pick("message_encoding", outer.messageEncoding),
    jsonFormat: pick("json_format", outer.jsonFormat),
  };
}

/** What a field's declaration says beside its options. */
export interface FieldWords {
  readonly label: "optional" | "required" | "repeated" | undefined;
  /** It was written as a group. */
  readonly group: boolean;
}

/** What follows for a field from its words, its options and its features. */
export type FieldTraits = Pick<FieldDescriptor, "presence" | "required" | "packed" | "delimited">;

/** The traits of a field or an extension whose type, cardinality and options are known. */
export function fieldTraits(
  field: Omit<FieldDescriptor | ExtensionDescriptor, keyof FieldTraits> & FeatureOwner,
  { label, group }: FieldWords,
): FieldTraits {
  const features = featuresOf(field);
  const { type, cardinality, options } = field;
  const singular = cardinality === "singular";
  const required = label === "required" || (singular && features.fieldPresence === "LEGACY_REQUIRED");
  const knows =
    field.kind === "extension" ||
    field.oneof !== undefined ||
    label === "optional" ||
    type.kind === "message" ||
    features.fieldPresence !== "IMPLICIT";
  const packed = getOption(options, "packed");
  const packable = cardinality === "repeated" && isPackable(type);
  return {
    presence: singular && knows ? "explicit" : "implicit",
    ...(required ? { required: true as const } : {}),
    packed: packable && (typeof packed === "boolean" ? packed : features.repeatedFieldEncoding === "PACKED"),
    delimited: group || (type.kind === "message" && cardinality !== "map" && features.messageEncoding === "DELIMITED"),
  };
}

/** Repeated elements of this type may share one length: numbers, bools and enums. */
export function isPackable(type: FieldType): boolean {
  return type.kind === "enum" || (type.kind === "scalar" && type.scalar !== "string" && type.scalar !== "bytes");
}

/**
 * Whether a field is a group as proto2 writes them, a message and its field in one; DELIMITED fields of editions that look
 * like one are. Text format calls such a field by its message.
 */
export function isGroup(
  field: FieldDescriptor | ExtensionDescriptor,
): field is (FieldDescriptor | ExtensionDescriptor) & { readonly type: { readonly kind: "message" } } {
  if (!field.delimited || field.type.kind !== "message") return false;
  const { message } = field.type;
  const around = field.kind === "field" ? field.message : field.parent;
  const file = field.kind === "field" ? field.message.file : field.file;
  return message.name.toLowerCase() === field.name && message.parent === around && message.file === file;
}
