// IDL layer, linker: which field of which message an option's name means: a standard option, an extension in
// parentheses, or a field of the message that one of these holds.
import type { FieldType, MessageDescriptor, Options } from "../descriptor.ts";
import { isGroup } from "../features.ts";
import { mapEntryName } from "../names.ts";
import { getOption } from "../option-record.ts";
import { optionBounds } from "../rpc-options.ts";
import type { SourceErrorDetails } from "../source-error.ts";
import type { EntryNode, NameNode, OptionPartNode } from "../syntax-tree.ts";
import type { OptionUse } from "./feature-support.ts";
import { reportMissing, type Scope } from "./scope.ts";
import { kindNames, type OptionTarget, type Unit } from "./unit.ts";

/** A field or extension that an option sets. */
export interface SettableField {
  /** Its key in the record of options: `deprecated`, `(dirs.owner)`. */
  readonly key: string;
  /** How sentences call it. */
  readonly label: string;
  readonly type: FieldType;
  readonly cardinality: "singular" | "repeated";
  /** The oneof that it is a member of; compared by identity. */
  readonly oneof: object | undefined;
  /** The kinds of things it may be written on; empty: all. */
  readonly targets: readonly string[];
  /** The options of its declaration. */
  readonly declared: Options;
  /** The whole numbers it takes, where its type has more. */
  readonly bounds?: { readonly min: number; readonly max: number; readonly hint: string } | undefined;
}

/** What options are written on, as sentences call it. */
const targetNames: Readonly<Record<OptionTarget, string>> = {
  FILE: "a file",
  EXTENSION_RANGE: "a range of extensions",
  MESSAGE: "a message",
  FIELD: "a field",
  ONEOF: "a oneof",
  ENUM: "an enum",
  ENUM_ENTRY: "an enum value",
  SERVICE: "a service",
  METHOD: "a method",
};

/** Hosts of type URLs whose types are the ones declared in files. */
const anyHosts: ReadonlySet<string> = new Set(["type.googleapis.com", "type.googleprod.com"]);

/** Finds the types of one file's options. */
export class OptionTypes {
  readonly #unit: Unit;
  readonly #names: Scope;
  readonly #fields = new Map<MessageDescriptor, ReadonlyMap<string, SettableField>>();
  /** What was used so far. */
  readonly uses: OptionUse[] = [];
  /** Where the names of extensions are looked up from, and what is written on, for the options being read. */
  scope = "";
  target: OptionTarget = "FILE";

  constructor(unit: Unit, names: Scope) {
    this.#unit = unit;
    this.#names = names;
  }

  report(at: number, details: SourceErrorDetails): void {
    this.#unit.report(at, details);
  }

  /** What `part` means in `message`; undefined after an error was reported. */
  findPart(message: MessageDescriptor, part: OptionPartNode): SettableField | undefined {
    const field = part.extension ? this.#extension(message, part) : this.#field(message, part);
    if (field !== undefined) this.uses.push({ at: part.at, label: field.label, declared: field.declared });
    if (field === undefined || field.targets.length === 0 || field.targets.includes(this.target)) return field;
    this.report(part.at, {
      code: "option-misused",
      sentence: `"${field.label}" cannot be set on ${targetNames[this.target]}`,
      found: field.label,
      expected: field.targets.map((name) => targetNames[name as OptionTarget] ?? name).join(" or "),
    });
    return undefined;
  }

  #field(message: MessageDescriptor, part: OptionPartNode): SettableField | undefined {
    const field = this.#fieldsOf(message).get(part.text);
    if (field !== undefined) return field;
    const custom = part.text === "uninterpreted_option" ? undefined : `(${part.text})`;
    this.report(part.at, {
      code: "unknown-option",
      sentence: `${message.fullName} has no field "${part.text}"`,
      found: part.text,
      hint:
        isOptions(message) && custom !== undefined ? `a custom option is written in parentheses: ${custom}` : undefined,
    });
    return undefined;
  }

  /** What an entry of a message value sets. */
  findEntryField(message: MessageDescriptor, { form, name, at }: EntryNode): SettableField | undefined {
    const extension = form === "extension";
    if (extension || this.#fieldsOf(message).has(name)) return this.findPart(message, { extension, text: name, at });
    // Text format calls a group by its message, too.
    const group = message.fields.find((field) => isGroup(field) && field.type.message.name === name);
    return this.findPart(message, { extension, text: group?.name ?? name, at });
  }

  /** The message that an entry of a google.protobuf.Any holds. */
  findAnyType(message: MessageDescriptor, { name, at }: EntryNode): MessageDescriptor | undefined {
    const [host = "", typeName = ""] = name.split("/");
    const isAny = message.fullName === "google.protobuf.Any";
    if (!isAny || !anyHosts.has(host)) {
      const sentence = isAny
        ? `types in an Any are found at ${[...anyHosts].join(" and ")}, not at ${host}`
        : `only google.protobuf.Any takes "[${name}]", and this is ${message.fullName}`;
      this.report(at, { code: "bad-option-value", sentence, found: name });
      return undefined;
    }
    const written = { text: `.${typeName}`, at };
    const type = this.#names.findMessage(written, this.#unit, { scope: "", what: "the content of an Any" });
    return type?.declared.kind === "message" ? type.declared.message : undefined;
  }

  #extension(message: MessageDescriptor, written: NameNode): SettableField | undefined {
    const lookup = this.#names.lookup(written.text, this.#unit, { scope: this.scope, typesOnly: false });
    if (lookup.kind === "missing") {
      reportMissing(lookup, written, this.#unit);
      return undefined;
    }
    const { declared } = lookup.name;
    if (declared.kind !== "extension") {
      this.report(written.at, {
        code: "unknown-option",
        sentence: `"${written.text}" is ${kindNames[declared.kind]}, not an extension`,
        found: written.text,
      });
      return undefined;
    }
    // Its own declaration is wrong: that was reported there.
    if (declared.extension === undefined) return undefined;
    const { extension } = declared;
    if (message.fullName === "google.protobuf.FeatureSet" && extension.file === this.#unit.file) {
      this.report(written.at, {
        code: "option-misused",
        sentence: `the feature "${written.text}" cannot be set in the file that declares it`,
        found: written.text,
      });
      return undefined;
    }
    if (extension.extendee.fullName !== message.fullName) {
      this.report(written.at, {
        code: "unknown-option",
        sentence: `"${written.text}" extends ${extension.extendee.fullName}, not ${message.fullName}`,
        found: written.text,
      });
      return undefined;
    }
    return {
      key: `(${extension.fullName})`,
      label: `(${written.text})`,
      type: extension.type,
      cardinality: extension.cardinality,
      oneof: undefined,
      targets: targetsOf(getOption(extension.options, "targets")),
      declared: extension.options,
    };
  }

  #fieldsOf(message: MessageDescriptor): ReadonlyMap<string, SettableField> {
    const known = this.#fields.get(message);
    if (known !== undefined) return known;
    const fields = new Map<string, SettableField>();
    const entries = new Map(message.messages.filter(({ mapEntry }) => mapEntry).map((entry) => [entry.name, entry]));
    for (const { name, type, cardinality, oneof, options } of message.fields) {
      // Options see a map as the repeated message that it is on the wire.
      const entry = cardinality === "map" ? entries.get(mapEntryName(name)) : undefined;
      fields.set(name, {
        key: name,
        label: name,
        type: entry === undefined ? type : { kind: "message", message: entry },
        cardinality: cardinality === "singular" ? "singular" : "repeated",
        oneof,
        targets: targetsOf(getOption(options, "targets")),
        declared: options,
        bounds: optionBounds.get(`${message.fullName}.${name}`),
      });
    }
    this.#fields.set(message, fields);
    return fields;
  }
}

function isOptions(message: MessageDescriptor): boolean {
  return /^google\.protobuf\.[A-Za-z]+Options$/.test(message.fullName);
}

function targetsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.map(({ identifier }: { identifier: string }) => identifier.replace("TARGET_TYPE_", ""));
}
