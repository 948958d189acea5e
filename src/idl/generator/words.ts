// IDL layer, generator: what is meant of a field, in the words of the file that it stands in: labels and options in proto2 and
// proto3, features in editions, and there only those that the file does not say for all of its fields.
import type { ExtensionDescriptor, FieldDescriptor, FileDescriptor, Options } from "../descriptor.ts";
import { type Features, isPackable } from "../features.ts";
import type { FieldOutline } from "./outline.ts";

/** What a file says for all that it declares. */
export interface FileRules {
  readonly syntax: FileDescriptor["syntax"];
  /** Those in force at its top. */
  readonly features: Features;
}

/** What is meant of a field, in whatever words. */
export interface FieldMeaning {
  readonly type: "scalar" | "enum" | "message";
  readonly cardinality: FieldDescriptor["cardinality"];
  readonly presence: Features["fieldPresence"];
  /** A member of a oneof or an extension: whether it is set is always known. */
  readonly knows: boolean;
  /** It is a list of what can share one length. */
  readonly packable: boolean;
  readonly packed: boolean;
  readonly delimited: boolean;
  readonly hasDefault: boolean;
  /** A closed enum's values are held. */
  readonly closed: boolean;
}

/** A field's words: labels, and options without the brackets. */
export interface FieldSayings extends Pick<FieldOutline, "optional" | "required" | "group"> {
  readonly features: Options;
  readonly options: Options;
}

/** What a field or an extension means. */
export function meaningOf(field: FieldDescriptor | ExtensionDescriptor): FieldMeaning {
  const { type, cardinality, presence, required, packed, delimited } = field;
  return {
    type: type.kind,
    cardinality,
    presence: required === true ? "LEGACY_REQUIRED" : presence === "explicit" ? "EXPLICIT" : "IMPLICIT",
    knows: field.kind === "extension" || field.oneof !== undefined,
    packable: cardinality === "repeated" && isPackable(type),
    packed,
    delimited,
    hasDefault: field.default !== undefined,
    closed: type.kind === "enum" && type.enum.closed,
  };
}

/** The words for it. What `unsayable` names is left out. */
export function sayField(meaning: FieldMeaning, { syntax, features }: FileRules): FieldSayings {
  const { type, cardinality, presence, knows, packable, packed, delimited } = meaning;
  const required = presence === "LEGACY_REQUIRED";
  if (syntax === "editions") return { features: fieldFeatures(meaning, features), options: {} };
  const usuallyPacked = features.repeatedFieldEncoding === "PACKED";
  const optional = syntax === "proto3" && presence === "EXPLICIT" && cardinality === "singular" && !knows;
  return {
    ...(required && syntax === "proto2" ? { required: true } : {}),
    ...(optional && type !== "message" ? { optional: true } : {}),
    ...(delimited && syntax === "proto2" ? { group: true } : {}),
    features: {},
    options: packable && packed !== usuallyPacked ? { packed } : {},
  };
}

function fieldFeatures(meaning: FieldMeaning, outer: Features): Options {
  const { type, cardinality, presence, knows, packable, packed, delimited } = meaning;
  const setsPresence = cardinality === "singular" && !knows && presence !== outer.fieldPresence;
  const isLone = type === "message" && presence !== "LEGACY_REQUIRED";
  const encoding = packed ? "PACKED" : "EXPANDED";
  const nesting = delimited ? "DELIMITED" : "LENGTH_PREFIXED";
  return {
    ...(setsPresence && !isLone ? { field_presence: { identifier: presence } } : {}),
    ...(packable && encoding !== outer.repeatedFieldEncoding
      ? { repeated_field_encoding: { identifier: encoding } }
      : {}),
    ...(type === "message" && cardinality !== "map" && nesting !== outer.messageEncoding
      ? { message_encoding: { identifier: nesting } }
      : {}),
  };
}

/** What a file of these rules cannot say of a field; undefined when it can say all. */
export function unsayable(meaning: FieldMeaning, { syntax, features }: FileRules): string | undefined {
  const { type, cardinality, presence, knows, delimited, hasDefault, closed } = meaning;
  const isImplicit = cardinality === "singular" && presence === "IMPLICIT" && !knows && type !== "message";
  if (syntax === "proto2" && isImplicit) return "fields of proto2 know whether they are set: write optional(...)";
  if (syntax === "proto3") {
    if (presence === "LEGACY_REQUIRED") return "proto3 has no required fields";
    if (delimited) return "proto3 has no delimited messages";
    if (hasDefault) return "proto3 has no defaults but zero";
    if (closed) return "messages of proto3 do not hold closed enums";
  }
  if (closed && isImplicit) return "a field of a closed enum must know its presence: write optional(...)";
  if (closed && cardinality === "map" && features.fieldPresence === "IMPLICIT") {
    return "a map in a file of implicit presence cannot hold a closed enum";
  }
  return undefined;
}

/** Features of an edition for a file with these fields: implicit presence for all, where that says it shorter. */
export function presenceFor(meanings: Iterable<FieldMeaning>): Features["fieldPresence"] {
  let presence: Features["fieldPresence"] = "EXPLICIT";
  for (const { cardinality, presence: own, knows, type, closed } of meanings) {
    // What a file says of presence holds for the entries of its maps, which cannot be told otherwise.
    if (closed && cardinality === "map") return "EXPLICIT";
    if (cardinality === "singular" && own === "IMPLICIT" && !knows && type !== "message") presence = "IMPLICIT";
  }
  return presence;
}
