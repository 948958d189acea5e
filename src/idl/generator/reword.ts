// IDL layer, generator: declarations of one file in the words of another, of an edition: they say the same there.
import type { EnumDescriptor, FieldDescriptor, FileDescriptor, MessageDescriptor, Options } from "../descriptor.ts";
import { defaultFeatures, type FeatureOwner, type Features, featuresOf } from "../features.ts";
import { getOption } from "../option-record.ts";
import type { EnumOutline, ExtensionOutline, FieldOutline, MessageOutline } from "./outline.ts";
import type { Outliner } from "./outline-of.ts";
import { type FileRules, meaningOf, presenceFor, sayField } from "./words.ts";

/** What an edition's file must say for the declarations of these files. */
export function editionRules(files: readonly FileDescriptor[]): FileRules {
  const fields = files.flatMap((file) => allMessages(file.messages)).flatMap(({ fields }) => fields);
  const fieldPresence = presenceFor(fields.map(meaningOf));
  return { syntax: "editions", features: { ...defaultFeatures.editions, fieldPresence } };
}

function allMessages(messages: readonly MessageDescriptor[]): MessageDescriptor[] {
  return messages.filter((one) => !one.mapEntry).flatMap((one) => [one, ...allMessages(one.messages)]);
}

/** Features of protobuf's own, by the names of their options. */
const featureNames: { readonly [feature in keyof Features]: string } = {
  fieldPresence: "field_presence",
  enumType: "enum_type",
  repeatedFieldEncoding: "repeated_field_encoding",
  utf8Validation: "utf8_validation",
  messageEncoding: "message_encoding",
  jsonFormat: "json_format",
};

/** Features as a file's or an element's option has them; those alone in which they differ from `outer`. */
export function featureRecord(features: Features, outer: Features): Options {
  const names = Object.keys(featureNames) as (keyof Features)[];
  const set = names.filter((name) => features[name] !== outer[name]);
  return Object.fromEntries(set.map((name) => [featureNames[name], { identifier: features[name] }]));
}

/** An option `features` and others, without what is not there. */
export function joinOptions(features: Options, others: Options): Options {
  return { ...(Object.keys(features).length === 0 ? {} : { features }), ...others };
}

/** Gives outlines of a file's declarations in the words of another file. */
export class Reworder {
  readonly #outliner: Outliner;
  readonly #rules: FileRules;

  constructor(outliner: Outliner, rules: FileRules) {
    this.#outliner = outliner;
    this.#rules = rules;
  }

  message(message: MessageDescriptor): MessageOutline {
    const { fields = [], extensions = [], options = {}, ...outline } = this.#outliner.message(message);
    const nested = message.messages.filter((one) => !one.mapEntry);
    return {
      ...outline,
      fields: fields.map((one, index) => this.#field(one, message.fields[index] as FieldDescriptor)),
      messages: nested.map((one) => this.message(one)),
      enums: message.enums.map((one) => this.enum(one)),
      ...(extensions.length === 0 ? {} : { extensions: this.#extensions(extensions, message) }),
      options: this.#withOwn(message, ["jsonFormat"], options),
    };
  }

  enum(descriptor: EnumDescriptor): EnumOutline {
    const { options = {}, ...outline } = this.#outliner.enum(descriptor);
    return { ...outline, options: this.#withOwn(descriptor, ["enumType", "jsonFormat"], options) };
  }

  extensions(file: FileDescriptor): readonly ExtensionOutline[] {
    return this.#extensions(this.#outliner.others(file).extensions ?? [], file);
  }

  #extensions(
    outlines: readonly ExtensionOutline[],
    { extensions = [] }: FileDescriptor | MessageDescriptor,
  ): readonly ExtensionOutline[] {
    return outlines.map((one, index) => this.#field(one, extensions[index] as NonNullable<typeof extensions>[number]));
  }

  #field<Outline extends FieldOutline | ExtensionOutline>(
    { optional: _, packed: __, group: ___, options = {}, ...outline }: Outline,
    field: Parameters<typeof meaningOf>[0],
  ): Outline {
    const { packed: ____, features: _____, ...others } = options;
    const { features } = sayField(meaningOf(field), this.#rules);
    const isText = field.type.kind === "scalar" && field.type.scalar === "string";
    const own = isText ? this.#own(field, ["utf8Validation"]) : {};
    const custom = customFeatures(options);
    return {
      ...outline,
      ...("required" in outline ? { required: undefined } : {}),
      options: joinOptions({ ...features, ...own, ...custom }, others),
    } as unknown as Outline;
  }

  #withOwn(owner: FeatureOwner, names: readonly (keyof Features)[], options: Options): Options {
    const { features: _, ...others } = options;
    return joinOptions({ ...this.#own(owner, names), ...customFeatures(options) }, others);
  }

  /** Those of the features that the file does not say for `owner`. */
  #own(owner: FeatureOwner, names: readonly (keyof Features)[]): Options {
    const features = featuresOf(owner);
    const picked = Object.fromEntries(names.map((name) => [name, features[name]]));
    return featureRecord({ ...this.#rules.features, ...picked }, this.#rules.features);
  }
}

/** Features that extensions of `google.protobuf.FeatureSet` have declared. */
function customFeatures(options: Options): Options {
  const features = (getOption(options, "features") ?? {}) as Options;
  return Object.fromEntries(Object.entries(features).filter(([name]) => name.startsWith("(")));
}
