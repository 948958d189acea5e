// Marshal layer, builder: outlines of what was written in TypeScript, in the words of the file that it comes to stand in.
import type { DefaultValue, ExtensionRange, Options } from "../../idl/descriptor.ts";
import { isPackable } from "../../idl/features.ts";
import type {
  EnumOutline,
  ExtensionOutline,
  FieldOutline,
  FileContent,
  MessageOutline,
  MethodOutline,
  OneofOutline,
  ServiceOutline,
  TypeOutline,
} from "../../idl/generator/outline.ts";
import { featureRecord, joinOptions } from "../../idl/generator/reword.ts";
import { type FieldMeaning, type FileRules, sayField, unsayable } from "../../idl/generator/words.ts";
import { is64Bit } from "../../idl/int64-form.ts";
import type { EnumType } from "../types.ts";
import { enumComplaint, protoNameOf } from "./check.ts";
import {
  type AnyExtension,
  type AnyMessageType,
  type AnyService,
  type Declared,
  definitionOf,
  type EnumDefinition,
  type ExtensionDefinition,
  lastName,
  type MessageDefinition,
  type ServiceDefinition,
  type TypeOptions,
} from "./definition.ts";
import { DefinitionError } from "./definition-error.ts";
import type { Field } from "./fields.ts";
import { fieldsOf, type NamedField } from "./group.ts";
import type { PendingSetting } from "./option-value.ts";
import { commentsOf, recordOf, type Said, settingsIn } from "./options.ts";
import type { ExtensionDeclaration, ExtensionRangeInit, Numbers } from "./ranges.ts";

/** What a field means, whatever words its file has for it. */
export function fieldMeaning(field: Field, knows: boolean): FieldMeaning {
  const { content, cardinality, optional, required, packed, delimited, options } = field;
  const held = content.kind === "type" ? content.find() : undefined;
  const type = content.kind === "scalar" ? "scalar" : held?.kind === "enum" ? "enum" : "message";
  const isKnown = optional || knows || type === "message";
  return {
    type,
    cardinality,
    presence: required === true ? "LEGACY_REQUIRED" : isKnown ? "EXPLICIT" : "IMPLICIT",
    knows,
    packable: cardinality === "repeated" && (content.kind === "scalar" ? isPackable(content) : type === "enum"),
    packed,
    delimited: delimited === true && type === "message",
    hasDefault: options.default !== undefined,
    closed: held?.kind === "enum" && held.closed,
  };
}

/** Outlines the declarations of one file. */
export class DeclaredOutliner {
  readonly #rules: FileRules;
  /** Custom options that are set once the file's descriptors are there. */
  readonly pending: PendingSetting[] = [];

  constructor(rules: FileRules) {
    this.#rules = rules;
  }

  content(declared: Iterable<Declared>): FileContent {
    const content = { messages: [], enums: [], services: [], extensions: [] } as {
      readonly messages: MessageOutline[];
      readonly enums: EnumOutline[];
      readonly services: ServiceOutline[];
      readonly extensions: ExtensionOutline[];
    };
    for (const one of declared) {
      const definition = definitionOf(one);
      if (definition?.kind === "message") content.messages.push(this.#message(one as AnyMessageType, definition));
      else if (definition?.kind === "enum") content.enums.push(this.#enum(one as EnumType, definition));
      else if (definition?.kind === "service") content.services.push(this.#service(one as AnyService, definition));
      else if (definition?.kind === "extension") {
        content.extensions.push(this.#extension(one as AnyExtension, definition));
      }
    }
    const { extensions, ...others } = content;
    return extensions.length === 0 ? others : content;
  }

  /** The options of one thing, `own` among them. */
  say(said: Said, target: string, subject: string, own: Options = {}): Options {
    const { features: ownFeatures = {}, ...ownOthers } = own;
    const { features = {}, ...others } = recordOf(said);
    for (const name of Object.keys(features)) {
      if (!wordedFeatures.has(name) || target === "FileOptions") continue;
      const advice = `features.${name} follows from the type and the words of the builder (optional, closed, packed, delimited)`;
      throw new DefinitionError("bad-option", subject, advice);
    }
    const record = joinOptions({ ...(ownFeatures as Options), ...(features as Options) }, { ...ownOthers, ...others });
    for (const setting of settingsIn(said.options)) {
      this.pending.push({ setting, record, target: `google.protobuf.${target}`, subject });
    }
    return record;
  }

  #message(type: AnyMessageType, { fields, options }: MessageDefinition): MessageOutline {
    const { typeName } = type;
    const nested = this.content(options.nested ?? []);
    const oneofs = Object.entries(fields).flatMap(([name, one]): OneofOutline[] => {
      if (one.kind !== "oneof" || one.said === undefined) return [];
      const said = this.say(one.said, "OneofOptions", `${typeName}.${name}`);
      return [{ name: protoNameOf(name), options: said, ...commentsOf(one.said) }];
    });
    return {
      ...outlineType(typeName, options),
      fields: fieldsOf(fields).map((one) => this.#field(one, type)),
      oneofs,
      ...(nested.messages?.length ? { messages: nested.messages } : {}),
      ...(nested.enums?.length ? { enums: nested.enums } : {}),
      ...(nested.extensions === undefined ? {} : { extensions: nested.extensions }),
      ...(options.extensions === undefined
        ? {}
        : { extensionRanges: options.extensions.flatMap((one) => this.#ranges(one, typeName)) }),
      options: this.say(options, "MessageOptions", typeName),
    };
  }

  #ranges(init: ExtensionRangeInit, owner: string): ExtensionRange[] {
    if (this.#rules.syntax === "proto3") {
      throw new DefinitionError("bad-option", owner, "messages of proto3 have no room for extensions");
    }
    const spec = typeof init === "object" && "numbers" in init ? init : { numbers: [init] as Numbers };
    const { declarations = [], verification } = spec;
    return rangesOf(spec.numbers).map(([from, to]) => {
      const within = declarations.filter(({ number }) => number >= from && number < to);
      const own = rangeOptions(within, verification);
      return { from, to, options: this.say(spec, "ExtensionRangeOptions", owner, own) };
    });
  }

  #field(one: NamedField, owner: AnyMessageType): FieldOutline {
    const { localName, field, oneof } = one;
    const { cardinality, mapKey, options } = field;
    const subject = `${owner.typeName}.${localName}`;
    const name = protoNameOf(localName);
    const { sayings, shared } = this.#common(field, oneof !== undefined, subject);
    if (sayings.group === true) assertGroup(field, { name, owner: owner.typeName, subject });
    return {
      name,
      ...shared,
      ...(cardinality === "map" && mapKey !== undefined ? { mapKey } : {}),
      ...(sayings.optional === true || (field.optional && this.#rules.syntax === "proto3") ? { optional: true } : {}),
      ...(sayings.required === true ? { required: true } : {}),
      ...(oneof === undefined ? {} : { oneof: protoNameOf(oneof) }),
      ...(options.jsonName === undefined ? {} : { jsonName: options.jsonName }),
    };
  }

  #extension({ typeName }: AnyExtension, { extendee, field }: ExtensionDefinition): ExtensionOutline {
    const { sayings, shared } = this.#common(field, true, typeName);
    if (this.#rules.syntax === "proto3" && !isOptions(extendee)) {
      throw new DefinitionError("bad-type", typeName, "proto3 extends options only, google.protobuf.*Options");
    }
    const name = lastName(typeName);
    if (sayings.group === true)
      assertGroup(field, { name, owner: typeName.slice(0, -name.length - 1), subject: typeName });
    return { name, extendee: `.${extendee.typeName}`, ...shared };
  }

  /** What fields and extensions have in common. */
  #common(field: Field, knows: boolean, subject: string) {
    const meaning = fieldMeaning(field, knows);
    const held = field.content.kind === "type" ? field.content.find() : undefined;
    const complaint =
      (held && enumComplaint({ ...field, optional: field.optional || knows }, held)) ?? unsayable(meaning, this.#rules);
    if (complaint !== undefined) throw new DefinitionError("bad-type", subject, complaint);
    const sayings = sayField(meaning, this.#rules);
    const own = { ...sayings.options, ...jstypeOf(field), ...joinOptions(sayings.features, {}) };
    const shared = {
      number: field.number,
      type: typeOutlineOf(field),
      ...(field.cardinality === "repeated" ? { repeated: true as const } : {}),
      ...(sayings.group === true ? { group: true as const } : {}),
      ...(field.options.default === undefined ? {} : { default: defaultOutline(field, subject) }),
      options: this.say(field.options, "FieldOptions", subject, own),
      ...commentsOf(field.options),
    };
    return { sayings, shared };
  }

  #enum({ typeName, closed }: EnumType, { values, options }: EnumDefinition): EnumOutline {
    const { syntax, features } = this.#rules;
    const enumType = closed ? "CLOSED" : "OPEN";
    if (syntax !== "editions" && features.enumType !== enumType) {
      const advice = closed ? "enums of proto3 are open" : "enums of proto2 are closed: write { closed: true }";
      throw new DefinitionError("bad-option", typeName, advice);
    }
    const own = joinOptions(featureRecord({ ...features, enumType }, features), {
      ...(options.allowAlias === true ? { allow_alias: true } : {}),
    });
    return {
      ...outlineType(typeName, options),
      values: values.map(([name, value]) => {
        const said = this.say(value, "EnumValueOptions", `${typeName}.${name}`);
        const { comments } = commentsOf(value);
        return comments === undefined ? [name, value.number, said] : [name, value.number, said, comments];
      }),
      options: this.say(options, "EnumOptions", typeName, own),
    };
  }

  #service({ typeName, methods }: AnyService, { said, methods: specs }: ServiceDefinition): ServiceOutline {
    return {
      name: lastName(typeName),
      methods: Object.values(methods).map(({ name, callKind, input, output }): MethodOutline => {
        const spec: Said = specs[name] ?? {};
        const options = this.say(spec, "MethodOptions", `${typeName}.${name}`);
        const braced = Object.keys(options).length > 0 || settingsIn(spec.options).length > 0;
        return {
          name,
          input: `.${input.typeName}`,
          output: `.${output.typeName}`,
          ...(callKind === "clientStream" || callKind === "bidiStream" ? { clientStreaming: true } : {}),
          ...(callKind === "serverStream" || callKind === "bidiStream" ? { serverStreaming: true } : {}),
          ...(braced ? { braced } : {}),
          options,
          ...commentsOf(spec),
        };
      }),
      options: this.say(said, "ServiceOptions", typeName),
      ...commentsOf(said),
    };
  }
}

/** What a range says of the extensions to come. */
function rangeOptions(declarations: readonly ExtensionDeclaration[], verification: string | undefined): Options {
  const records = declarations.map(({ number, fullName, type, repeated, reserved }) => ({
    number,
    full_name: `.${fullName}`,
    type: type.includes(".") ? `.${type}` : type,
    ...(repeated === true ? { repeated } : {}),
    ...(reserved === true ? { reserved } : {}),
  }));
  return {
    ...(records.length === 0 ? {} : { declaration: records }),
    ...(verification === undefined ? {} : { verification: { identifier: verification } }),
  };
}

/** Features that the builder has words of its own for. */
const wordedFeatures: ReadonlySet<string> = new Set([
  ...["field_presence", "enum_type", "repeated_field_encoding", "message_encoding"],
]);

/** Whether a message holds options. */
export function isOptions({ typeName }: { readonly typeName: string }): boolean {
  return /^google\.protobuf\.[A-Za-z]+Options$/.test(typeName);
}

/** proto2 has delimited messages as groups only, which declare the message and the field in one. */
function assertGroup(
  { content }: Field,
  { name, owner, subject }: { readonly name: string; readonly owner: string; readonly subject: string },
): void {
  const typeName = content.kind === "type" ? content.find().typeName : "";
  if (typeName.toLowerCase() === `${owner}.${name}`.toLowerCase() && lastName(typeName).toLowerCase() === name) return;
  const advice = `proto2 has groups only: the message is nested beside the field and called as it is, ${owner}.${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  throw new DefinitionError("bad-type", subject, advice);
}

/** What a field holds, in an outline. */
function typeOutlineOf({ content }: Field): TypeOutline {
  return content.kind === "scalar" ? content.scalar : `.${content.find().typeName}`;
}

/** A default as descriptors have it. */
function defaultOutline({ content, options }: Field, subject: string): DefaultValue {
  const value = options.default as DefaultValue;
  if (content.kind === "scalar") {
    if (content.scalar === "float") return Math.fround(value as number);
    return is64Bit(content.scalar) ? BigInt(value as bigint) : value;
  }
  const type = content.find();
  if (type.kind === "enum" && Object.hasOwn(type.values, value as string)) return { identifier: value as string };
  throw new DefinitionError(
    "bad-type",
    subject,
    `${String(value)} is no name of a value of ${type.typeName}: it cannot be a default`,
  );
}

/** The form of 64-bit integers, as an option: maps have none, so that it is TypeScript's alone there. */
function jstypeOf({ options: { as }, cardinality, content }: Field): Options {
  const is64 = content.kind === "scalar" && is64Bit(content.scalar);
  if (as === undefined || as === "bigint" || cardinality === "map" || !is64) return {};
  return { jstype: { identifier: as === "number" ? "JS_NUMBER" : "JS_STRING" } };
}

function outlineType(typeName: string, { reserved = {}, ...said }: TypeOptions) {
  const { numbers = [], names = [] } = reserved;
  return { name: lastName(typeName), reservedRanges: rangesOf(numbers), reservedNames: names, ...commentsOf(said) };
}

/** Half-open ranges, as descriptors have them. */
function rangesOf(numbers: Numbers): (readonly [from: number, to: number])[] {
  return numbers.map((one) => (typeof one === "number" ? [one, one + 1] : [one[0], one[1] + 1]));
}
