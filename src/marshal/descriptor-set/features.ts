// Marshal layer, descriptor sets: what files of an edition say by features and others by syntax: presence, packing, groups
// (protobuf.dev, "Feature Settings for Editions"). Of features only these matter to how messages look on the wire.
import type { FieldDescriptor } from "../../idl/descriptor.ts";
import { isPackable } from "../../idl/generator/tags.ts";
import { field, int32, optional } from "../builder/fields.ts";
import { message } from "../builder/message.ts";
import type { FieldProto, FileProto } from "./protos.ts";
import { fieldLabels, fieldTypes } from "./protos.ts";

/** The numbers in `FeatureSet`; what a file leaves out is 0 here. */
export interface Features {
  readonly presence: number;
  readonly repeatedEncoding: number;
  readonly messageEncoding: number;
}

/** The edition that is written for files of one: what descriptors say of a file is the same in all of them. */
export const edition2023 = 1000;

const presences = { explicit: 1, implicit: 2, required: 3 } as const;
const repeatedEncodings = { packed: 1, expanded: 2 } as const;
const messageEncodings = { sized: 1, delimited: 2 } as const;

const editionDefaults: Features = {
  presence: presences.explicit,
  repeatedEncoding: repeatedEncodings.packed,
  messageEncoding: messageEncodings.sized,
};

const FeatureSet = /* @__PURE__ */ message("google.protobuf.FeatureSet", {
  fieldPresence: optional(int32(1)),
  repeatedFieldEncoding: optional(int32(3)),
  messageEncoding: optional(int32(5)),
});
const FileFeatures = /* @__PURE__ */ message("google.protobuf.FileOptions", { features: field(() => FeatureSet, 50) });
const FieldFeatures = /* @__PURE__ */ message("google.protobuf.FieldOptions", {
  features: field(() => FeatureSet, 21),
  packed: optional(int32(2)),
});

function inherit(outer: Features, own: ReturnType<typeof FeatureSet.create> | undefined): Features {
  return {
    presence: own?.fieldPresence ?? outer.presence,
    repeatedEncoding: own?.repeatedFieldEncoding ?? outer.repeatedEncoding,
    messageEncoding: own?.messageEncoding ?? outer.messageEncoding,
  };
}

/** The features of a file: those of its edition or syntax, and what its options say. Throws a `MarshalError`. */
export function featuresOfFile({ syntax, options }: FileProto): Features {
  if (syntax === "proto3")
    return { ...editionDefaults, presence: presences.implicit, repeatedEncoding: repeatedEncodings.packed };
  if (syntax !== "editions") return { ...editionDefaults, repeatedEncoding: repeatedEncodings.expanded };
  return inherit(editionDefaults, options === undefined ? undefined : FileFeatures.decode(options).features);
}

/** What the wire needs to know of a field. */
export interface FieldTraits {
  readonly explicit: boolean;
  readonly required: boolean;
  /** Only of use when the field is repeated and its type can be packed. */
  readonly packed: boolean;
  /** A group, or a message between tags: our messages have none. */
  readonly delimited: boolean;
}

/** What `proto` says by its label, its options and the features of its file. Throws a `MarshalError`. */
export function traitsOf(proto: FieldProto, file: Features): FieldTraits {
  const options = proto.options === undefined ? undefined : FieldFeatures.decode(proto.options);
  const features = inherit(file, options?.features);
  const required = proto.label === fieldLabels.required || features.presence === presences.required;
  return {
    explicit: proto.proto3Optional === true || features.presence !== presences.implicit,
    required,
    packed:
      options?.packed === undefined ? features.repeatedEncoding === repeatedEncodings.packed : options.packed !== 0,
    delimited: proto.type === fieldTypes.group || features.messageEncoding === messageEncodings.delimited,
  };
}

/** The bytes to put behind a field's options in a file of an edition; undefined when it is as the edition has it. */
export function encodeFieldFeatures(descriptor: FieldDescriptor): Uint8Array | undefined {
  const { type, cardinality, presence, required, packed } = descriptor;
  const singular = cardinality === "singular";
  const expanded = cardinality === "repeated" && isPackable(type) && !packed;
  const fieldPresence = required === true ? presences.required : presences.implicit;
  const special = required === true || presence === "implicit";
  const features = {
    ...(singular && special ? { fieldPresence } : {}),
    ...(expanded ? { repeatedFieldEncoding: repeatedEncodings.expanded } : {}),
  };
  return Object.keys(features).length === 0 ? undefined : FieldFeatures.encode({ features });
}
