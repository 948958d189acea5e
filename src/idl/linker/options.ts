// IDL layer, linker, third step: options get their meaning. https://protobuf.dev/programming-guides/proto3/#options

import type { DefaultValue, FieldType, MessageDescriptor, Options, OptionValue } from "../descriptor.ts";
import { getOption, setOption } from "../option-record.ts";
import { decodeText } from "../string-literal.ts";
import type { OptionNode } from "../syntax-tree.ts";
import { checkFeatureSupport } from "./feature-support.ts";
import { OptionTypes, type SettableField } from "./option-types.ts";
import { OptionValues } from "./option-value.ts";
import type { Scope } from "./scope.ts";
import type { FieldWork, OptionTarget, OptionWork, StandardOptions, Unit } from "./unit.ts";

/** The message that types the options of each thing. */
const schemas: Readonly<Record<OptionTarget, string>> = {
  FILE: "FileOptions",
  EXTENSION_RANGE: "ExtensionRangeOptions",
  MESSAGE: "MessageOptions",
  FIELD: "FieldOptions",
  ONEOF: "OneofOptions",
  ENUM: "EnumOptions",
  ENUM_ENTRY: "EnumValueOptions",
  SERVICE: "ServiceOptions",
  METHOD: "MethodOptions",
};

/** Reads all options of `unit`, whose types must be resolved. */
export function readOptions(unit: Unit, names: Scope, standard: StandardOptions): void {
  new OptionReader(unit, names, standard).run();
}

class OptionReader {
  readonly #unit: Unit;
  readonly #types: OptionTypes;
  readonly #values: OptionValues;
  readonly #standard: StandardOptions;

  constructor(unit: Unit, names: Scope, standard: StandardOptions) {
    this.#unit = unit;
    this.#types = new OptionTypes(unit, names);
    this.#values = new OptionValues(this.#types);
    this.#standard = standard;
  }

  run(): void {
    // Extensions first: their `targets` say where they may be used in the same file.
    for (const { node, extension } of this.#unit.extensions) {
      const scope = extension.parent?.fullName ?? extension.file.package;
      const nodes = this.#takeDefault(node.options, extension);
      for (const option of node.options) this.#refuseJsonName(option);
      this.#read({ nodes, target: "FIELD", owner: extension, scope });
    }
    for (const { node, field } of this.#unit.fields) {
      const nodes = this.#takeJsonName({ node, field }, this.#takeDefault(node.options, field));
      this.#read({ nodes, target: "FIELD", owner: field, scope: field.message.fullName });
      const features = getOption(field.options, "features");
      // What holds for a map holds for the two fields of its entries.
      const sides = features === undefined ? [] : (this.#unit.mapEntries.get(node)?.fields ?? []);
      for (const side of sides) setOption(side.options, "features", features as OptionValue);
    }
    for (const work of this.#unit.options) this.#read(work);
    checkFeatureSupport(this.#unit, this.#types.uses, this.#standard);
  }

  #read({ nodes, target, owner, scope }: OptionWork): void {
    if (nodes.length === 0) return;
    const message = this.#standard.get(`google.protobuf.${schemas[target]}`);
    if (message === undefined) throw new Error(`the standard options lack ${schemas[target]}`);
    this.#types.scope = scope;
    this.#types.target = target;
    for (const node of nodes) this.#set(owner.options, message, node);
  }

  #set(options: Options, schema: MessageDescriptor, node: OptionNode): void {
    let record = options;
    let message = schema;
    for (const [index, part] of node.parts.entries()) {
      const field = this.#types.findPart(message, part);
      if (field === undefined) return;
      if (index === node.parts.length - 1) {
        this.#assign(record, field, node);
        return;
      }
      if (field.type.kind !== "message" || field.cardinality !== "singular") {
        this.#unit.report(part.at, {
          code: "bad-option-value",
          sentence: `"${field.label}" is not a single message, so its fields cannot be set one by one`,
          found: field.label,
          hint: field.type.kind === "message" ? "give a whole message in braces" : undefined,
        });
        return;
      }
      const inner = (getOption(record, field.key) ?? {}) as Options;
      setOption(record, field.key, inner);
      record = inner;
      message = field.type.message;
    }
  }

  #assign(record: Options, field: SettableField, node: OptionNode): void {
    const before = getOption(record, field.key);
    if (before !== undefined && field.cardinality === "singular") {
      this.#unit.report(node.at, {
        code: "option-set-twice",
        sentence: `"${optionName(node)}" was set before`,
        found: optionName(node),
      });
      return;
    }
    const { label, bounds } = field;
    const value = this.#values.read(field.type, node.value, { label, inMessage: false, bounds });
    if (value === undefined) return;
    if (field.cardinality === "singular") setOption(record, field.key, value);
    else if (before === undefined) setOption(record, field.key, [value]);
    else (before as OptionValue[]).push(value);
  }

  /** `default` looks like an option but belongs to the field. Returns the other options. */
  #takeDefault(
    nodes: readonly OptionNode[],
    field: { readonly type: FieldType; readonly cardinality: string; default?: DefaultValue },
  ): readonly OptionNode[] {
    const found = nodes.filter((node) => isNamed(node, "default"));
    for (const [index, node] of found.entries()) {
      const refuse = (sentence: string) =>
        this.#unit.report(node.at, { code: "option-misused", sentence, found: "default" });
      if (this.#unit.parsed.syntax === "proto3") refuse("proto3 has no default values but zero");
      else if (field.cardinality !== "singular") refuse("a repeated field has no default value");
      else if (field.type.kind === "message") refuse("a message field has no default value");
      else if (index > 0)
        this.#unit.report(node.at, { code: "option-set-twice", sentence: '"default" was set before' });
      else {
        const value = this.#values.read(field.type, node.value, {
          label: "default",
          inMessage: false,
          isDefault: true,
        });
        if (value !== undefined) field.default = value as DefaultValue;
      }
    }
    return found.length === 0 ? nodes : nodes.filter((node) => !found.includes(node));
  }

  /** `json_name` likewise. */
  #takeJsonName({ field }: FieldWork, nodes: readonly OptionNode[]): readonly OptionNode[] {
    const found = nodes.filter((node) => isNamed(node, "json_name"));
    for (const [index, { at, value }] of found.entries()) {
      const name = value.kind === "string" ? decodeText(value.bytes) : undefined;
      const refuse = (sentence: string) =>
        this.#unit.report(value.at, {
          code: "bad-option-value",
          sentence,
          found: name,
          expected: "a string in quotes",
        });
      if (name === undefined) refuse('expected a string in quotes for "json_name"');
      else if (index > 0) this.#unit.report(at, { code: "option-set-twice", sentence: '"json_name" was set before' });
      else if (name.includes("\0")) refuse('"json_name" cannot hold a zero character');
      else if (/^\[.*\]$/s.test(name)) refuse('"json_name" cannot stand in brackets: that is how extensions are named');
      else field.jsonName = name;
    }
    return found.length === 0 ? nodes : nodes.filter((node) => !found.includes(node));
  }

  #refuseJsonName(node: OptionNode): void {
    if (!isNamed(node, "json_name")) return;
    this.#unit.report(node.at, {
      code: "option-misused",
      sentence: 'an extension has no "json_name"',
      found: "json_name",
    });
  }
}

/** Whether an option is set by this one name. */
export function isNamed({ parts }: OptionNode, name: string): boolean {
  return parts.length === 1 && parts[0]?.extension === false && parts[0].text === name;
}

function optionName({ parts }: OptionNode): string {
  return parts.map(({ extension, text }) => (extension ? `(${text})` : text)).join(".");
}
