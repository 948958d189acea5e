// IDL layer, linker, fourth step: what follows for fields and enums from their options and features, and the rules that
// features and options must keep. https://protobuf.dev/editions/features/
import type { ExtensionRange, Options } from "../descriptor.ts";
import { type Features, featuresOf, fieldTraits, isPackable } from "../features.ts";
import { is64Bit } from "../int64-form.ts";
import { getOption } from "../option-record.ts";
import type { FieldNode, OptionNode } from "../syntax-tree.ts";
import { isMessageSet, maxSetNumber } from "./message-set.ts";
import { isNamed } from "./options.ts";
import type { Draft, ExtensionWork, FieldWork, MessageWork, OptionWork, Unit } from "./unit.ts";

/** An option of Java's that a feature has replaced. */
const utf8Option = "java_string_check_utf8";

type AnyField = FieldWork["field"] | ExtensionWork["extension"];

/** Settles the traits of `unit`'s enums, fields and extensions; its options must be read. */
export function settleTraits(unit: Unit): void {
  for (const work of unit.messages) widenMessageSet(work);
  for (const { enum: descriptor } of unit.enums) descriptor.closed = featuresOf(descriptor).enumType === "CLOSED";
  const fields: { readonly node: FieldNode; readonly field: AnyField }[] = [
    ...unit.fields,
    ...unit.extensions.map(({ node, extension }) => ({ node, field: extension })),
  ];
  for (const { node, field } of fields) {
    Object.assign(field as Draft<AnyField>, fieldTraits(field, { label: node.label, group: node.group !== undefined }));
    new FieldRules(unit, node, field).check();
  }
  checkPlaces(unit);
}

/** Numbers in a message set are types, not fields: `max` is the largest number of 32 bits there. */
function widenMessageSet({ node, message }: MessageWork): void {
  if (!isMessageSet(message)) return;
  for (const [index, range] of (message.extensionRanges ?? []).entries()) {
    if (node.extensionRanges[index]?.toMax === true) (range as Draft<ExtensionRange>).to = maxSetNumber + 1;
  }
}

/** The rules of one field. */
class FieldRules {
  readonly #unit: Unit;
  readonly #node: FieldNode;
  readonly #field: AnyField;
  readonly #features: Features;

  constructor(unit: Unit, node: FieldNode, field: AnyField) {
    this.#unit = unit;
    this.#node = node;
    this.#field = field;
    this.#features = featuresOf(field);
  }

  check(): void {
    this.#checkOptions();
    if (this.#unit.parsed.syntax === "editions") this.#checkEdition();
    this.#checkEnum();
  }

  #misuse(option: string, sentence: string, hint?: string): void {
    const node = this.#node.options.find((candidate) => isNamed(candidate, option) || isFeature(candidate, option));
    this.#unit.report(node?.at ?? this.#node.name.at, { code: "option-misused", sentence, found: option, hint });
  }

  /** Options that only some types of fields have. */
  #checkOptions(): void {
    const { options, type, cardinality } = this.#field;
    const packable = cardinality === "repeated" && isPackable(type);
    if (getOption(options, "packed") === true && !packable)
      this.#misuse("packed", "only repeated numbers, bools and enums can be packed");
    for (const option of ["lazy", "unverified_lazy"]) {
      if (getOption(options, option) !== true || (type.kind === "message" && !this.#field.delimited)) continue;
      this.#misuse(option, "only messages behind a length can be lazy");
    }
    const jstype = (getOption(options, "jstype") as { identifier: string } | undefined)?.identifier;
    const is64 = type.kind === "scalar" && is64Bit(type.scalar) && cardinality !== "map";
    if (jstype !== undefined && jstype !== "JS_NORMAL" && !is64) {
      this.#misuse("jstype", "only 64-bit integers have a jstype");
    }
  }

  #checkEdition(): void {
    const { options, type, cardinality } = this.#field;
    if (getOption(options, "packed") !== undefined) {
      this.#misuse(
        "packed",
        "editions have no option packed",
        "write features.repeated_field_encoding = PACKED or EXPANDED",
      );
    }
    const own = getOption(options, "features") as Options | undefined;
    const sets = (feature: string) => own !== undefined && getOption(own, feature) !== undefined;
    if (sets("field_presence")) this.#checkPresence();
    if (sets("repeated_field_encoding")) {
      const packable = cardinality === "repeated" && isPackable(type);
      if (cardinality === "singular")
        this.#misuse("repeated_field_encoding", "only repeated fields have an encoding of the whole");
      else if (this.#features.repeatedFieldEncoding === "PACKED" && !packable) {
        this.#misuse("repeated_field_encoding", "only repeated numbers, bools and enums can be packed");
      }
    }
    const values = cardinality === "map" ? mapTypes(this.#field) : [type];
    if (sets("utf8_validation") && !values.some((one) => one.kind === "scalar" && one.scalar === "string")) {
      this.#misuse("utf8_validation", "only strings are checked for UTF-8");
    }
    if (sets("message_encoding") && (type.kind !== "message" || cardinality === "map")) {
      this.#misuse("message_encoding", "only message fields have a message encoding");
    }
    if (this.#field.default !== undefined && this.#isImplicit()) {
      this.#misuse("default", "a field with implicit presence has no default value but zero");
    }
  }

  #checkPresence(): void {
    const { type, cardinality } = this.#field;
    const { fieldPresence } = this.#features;
    const feature = "field_presence";
    if (cardinality !== "singular") this.#misuse(feature, "a repeated field has no presence to set");
    else if (this.#node.oneof !== undefined)
      this.#misuse(feature, "a member of a oneof always knows whether it is set");
    else if (this.#field.kind === "extension") {
      if (fieldPresence === "LEGACY_REQUIRED") this.#misuse(feature, "an extension cannot be required");
      else this.#misuse(feature, "an extension always knows whether it is set");
    } else if (type.kind === "message" && fieldPresence === "IMPLICIT") {
      this.#misuse(feature, "a message field always knows whether it is set");
    }
  }

  #isImplicit(): boolean {
    return this.#field.cardinality === "singular" && this.#field.presence === "implicit";
  }

  /** A field that is absent when it is zero needs an enum that has a zero for what it does not know. */
  #checkEnum(): void {
    const { type, cardinality } = this.#field;
    if (type.kind !== "enum" || !type.enum.closed) return;
    if (cardinality === "map" && type.enum.values[0]?.number !== 0) {
      this.#unit.report(this.#node.type.at, {
        code: "wrong-kind",
        sentence: `the first value of enum "${this.#node.type.text}" is not 0, so a map cannot hold its values`,
        found: this.#node.type.text,
        hint: "an entry that lacks its value is read as the one with the number 0",
      });
    }
    if (this.#unit.parsed.syntax === "proto3") {
      this.#unit.report(this.#node.type.at, {
        code: "wrong-kind",
        sentence: `enum "${this.#node.type.text}" is closed, as enums of proto2 are, and a proto3 message cannot use it`,
        found: this.#node.type.text,
      });
    } else if (this.#isImplicit()) {
      this.#unit.report(this.#node.type.at, {
        code: "wrong-kind",
        sentence: `enum "${this.#node.type.text}" is closed, and a field with implicit presence cannot use it`,
        found: this.#node.type.text,
      });
    } else if (cardinality === "map" && this.#features.fieldPresence === "IMPLICIT") {
      this.#unit.report(this.#node.type.at, {
        code: "wrong-kind",
        sentence: `enum "${this.#node.type.text}" is closed, and a map in a file of implicit presence cannot hold its values`,
        found: this.#node.type.text,
        hint: "what a file says of presence holds for the entries of its maps: say it of the fields instead",
      });
    }
  }
}

function mapTypes(field: AnyField): readonly AnyField["type"][] {
  const key =
    "mapKey" in field && field.mapKey !== undefined ? [{ kind: "scalar", scalar: field.mapKey } as const] : [];
  return [field.type, ...key];
}

function isFeature({ parts }: OptionNode, name: string): boolean {
  return parts.length === 2 && parts[0]?.text === "features" && parts[1]?.text === name;
}

/** What a file's own options may not say. */
function checkPlaces(unit: Unit): void {
  const { syntax } = unit.parsed;
  const misuse = (node: OptionNode, sentence: string, found: string): void =>
    unit.report(node.at, { code: "option-misused", sentence, found });
  const all: readonly Pick<OptionWork, "nodes" | "target" | "owner">[] = [
    ...unit.options,
    ...unit.fields.map(({ node, field }) => ({ nodes: node.options, target: "FIELD" as const, owner: field })),
    ...unit.extensions.map(({ node, extension }) => ({
      nodes: node.options,
      target: "FIELD" as const,
      owner: extension,
    })),
  ];
  for (const { nodes, target, owner } of all) {
    for (const node of nodes) {
      const [first, second] = node.parts;
      if (syntax === "editions" && target === "FILE" && isNamed(node, utf8Option)) {
        misuse(node, `editions have no option ${utf8Option}: write option features.utf8_validation`, utf8Option);
      }
      if (first?.extension !== false || first.text !== "features") continue;
      const unknown = unknownFeature(owner.options);
      if (syntax !== "editions") misuse(node, `features belong to editions, and this file is ${syntax}`, "features");
      else if (unknown !== undefined) misuse(node, `${unknown} is the absence of a value, and not one to set`, unknown);
      else if (second?.text === "field_presence" && target === "FILE" && isWord(node, "LEGACY_REQUIRED")) {
        misuse(node, "required presence cannot be set for a whole file", "LEGACY_REQUIRED");
      }
    }
  }
}

/** A feature's value that stands for its not being set. */
function unknownFeature(options: Options): string | undefined {
  const features = (getOption(options, "features") ?? {}) as Options;
  const words = Object.values(features).map((value) => (value as { readonly identifier?: string }).identifier);
  return words.find((word) => word?.endsWith("_UNKNOWN"));
}

function isWord({ value }: OptionNode, word: string): boolean {
  return value.kind === "name" && value.text === word;
}
