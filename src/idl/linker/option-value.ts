// IDL layer, linker: the values of options, checked against the type that the option has and turned into plain data.
import type {
  EnumDescriptor,
  EnumValueDescriptor,
  FieldDescriptor,
  FieldType,
  MessageDescriptor,
  Options,
  OptionValue,
  ScalarType,
} from "../descriptor.ts";
import { formOf } from "../generator/properties.ts";
import { getOption, setOption } from "../option-record.ts";
import { decodeText } from "../string-literal.ts";
import type { EntryNode, ValueNode } from "../syntax-tree.ts";
import type { OptionTypes, SettableField } from "./option-types.ts";

/** Where a value stands, which decides a little of what it may look like. */
interface ValuePlace {
  /** How sentences call the option. */
  readonly label: string;
  /** Inside a message value: text format, which admits numbers for enums and bools. */
  readonly inMessage: boolean;
  /** It is a field's default, and sets no option. */
  readonly isDefault?: true;
  readonly bounds?: SettableField["bounds"];
}

/** Reads the values of one file's options. A value that does not fit is reported and read as undefined. */
export class OptionValues {
  readonly #types: OptionTypes;
  readonly #valuesByEnum = new Map<EnumDescriptor, ReadonlyMap<string, EnumValueDescriptor>>();

  constructor(types: OptionTypes) {
    this.#types = types;
  }

  read(type: FieldType, node: ValueNode, place: ValuePlace): OptionValue | undefined {
    if (type.kind === "message") {
      if (node.kind === "message") return this.#message(type.message, node);
      return this.#refuse(node, `a message value in braces of type ${type.message.fullName}`, place);
    }
    if (type.kind === "scalar") return this.#scalar(type.scalar, node, place);
    if (node.kind === "name" && !node.negative) {
      const value = this.#valuesOf(type.enum).get(node.text);
      if (value !== undefined) {
        if (place.isDefault !== true)
          this.#types.uses.push({ at: node.at, label: value.name, declared: value.options });
        return { identifier: value.name };
      }
      const names = type.enum.values.map(({ name }) => name);
      return this.#refuse(node, `one of ${names.length > 12 ? type.enum.fullName : names.join(", ")}`, place);
    }
    if (node.kind === "integer" && place.inMessage) {
      const value = type.enum.values.find(({ number }) => BigInt(number) === node.value);
      if (value !== undefined) return { identifier: value.name };
      if (!type.enum.closed) return this.#integer("int32", node, place);
    }
    return this.#refuse(node, `the name of a value of ${type.enum.fullName}`, place);
  }

  #valuesOf(type: EnumDescriptor): ReadonlyMap<string, EnumValueDescriptor> {
    const values = this.#valuesByEnum.get(type) ?? new Map(type.values.map((value) => [value.name, value]));
    this.#valuesByEnum.set(type, values);
    return values;
  }

  #scalar(scalar: ScalarType, node: ValueNode, place: ValuePlace): OptionValue | undefined {
    switch (scalar) {
      case "bool":
        return this.#bool(node, place);
      case "string": {
        const text = node.kind === "string" ? decodeText(node.bytes) : undefined;
        return (
          text ?? this.#refuse(node, node.kind === "string" ? "text that is valid UTF-8" : "a string in quotes", place)
        );
      }
      case "bytes":
        return node.kind === "string" ? node.bytes : this.#refuse(node, "a string in quotes", place);
      case "double":
      case "float":
        return this.#float(scalar, node, place);
      default:
        return this.#integer(scalar, node, place);
    }
  }

  #bool(node: ValueNode, place: ValuePlace): boolean | undefined {
    if (node.kind === "name" && !node.negative) {
      if (node.text === "true" || (place.inMessage && (node.text === "True" || node.text === "t"))) return true;
      if (node.text === "false" || (place.inMessage && (node.text === "False" || node.text === "f"))) return false;
    }
    if (node.kind === "integer" && place.inMessage && (node.value === 0n || node.value === 1n))
      return node.value === 1n;
    return this.#refuse(node, "true or false", place);
  }

  #float(scalar: "double" | "float", node: ValueNode, place: ValuePlace): number | undefined {
    const { inMessage } = place;
    let value: number;
    if (node.kind === "integer" && inMessage && !node.decimal) return this.#refuse(node, "a decimal number", place);
    if (node.kind === "integer") value = node.negative && node.value === 0n ? -0 : Number(node.value);
    else if (node.kind === "float") value = node.value;
    else if (node.kind === "name" && (inMessage ? /^(inf|infinity|nan)$/i : /^(inf|nan)$/).test(node.text)) {
      value = (/^n/i.test(node.text) ? Number.NaN : Number.POSITIVE_INFINITY) * (node.negative ? -1 : 1);
    } else return this.#refuse(node, "a number, inf or nan", place);
    return scalar === "float" ? Math.fround(value) : value;
  }

  #integer(scalar: ScalarType, node: ValueNode, place: ValuePlace): number | bigint | undefined {
    const is64 = scalar.endsWith("64");
    const unsigned = scalar.startsWith("u") || scalar.startsWith("fixed");
    const bits = is64 ? 64n : 32n;
    const { bounds } = place;
    const min = bounds !== undefined ? BigInt(bounds.min) : unsigned ? 0n : -(1n << (bits - 1n));
    const max = bounds !== undefined ? BigInt(bounds.max) : (1n << (unsigned ? bits : bits - 1n)) - 1n;
    if (node.kind === "integer" && node.value >= min && node.value <= max && !(unsigned && node.negative)) {
      return is64 ? node.value : Number(node.value);
    }
    return this.#refuse(node, `a whole number from ${min} to ${max}`, place);
  }

  /** A whole message in text format. */
  #message(message: MessageDescriptor, { entries, at }: { entries: readonly EntryNode[]; at: number }): Options {
    const record: Options = {};
    const chosen = new Map<object, string>();
    for (const entry of entries) {
      if (entry.form === "any") {
        this.#any(message, entry, record);
        if (entries.length > 1) this.#refuseBeside(entry);
        continue;
      }
      // What a field was called once may still stand in old texts.
      if (entry.form === "field" && message.reservedNames.includes(entry.name)) continue;
      const field = this.#types.findEntryField(message, entry);
      if (field === undefined) continue;
      const other = field.oneof === undefined ? undefined : chosen.get(field.oneof);
      if (field.oneof !== undefined) chosen.set(field.oneof, field.label);
      if (other !== undefined && other !== field.label) {
        this.#types.report(entry.at, {
          code: "option-set-twice",
          sentence: `"${field.label}" and "${other}" are members of one oneof, so only one of them can be set`,
          found: field.label,
        });
        continue;
      }
      this.#entry(field, entry, record);
    }
    const missing = missingIn(message, record);
    if (missing !== undefined) {
      const sentence = `the value lacks "${missing.name}", which ${missing.message.fullName} requires`;
      this.#types.report(at, { code: "bad-option-value", sentence, expected: missing.name });
    }
    if (message.mapEntry) fillEntry(message, record);
    return record;
  }

  #entry(field: SettableField, { value: node, at, colon }: EntryNode, record: Options): void {
    if (!colon && field.type.kind !== "message") {
      const sentence = `expected ":" after "${field.label}"`;
      this.#types.report(node.at, { code: "unexpected-token", sentence, expected: '":"' });
      return;
    }
    const place = { label: field.label, inMessage: true, bounds: field.bounds };
    const before = getOption(record, field.key);
    if (field.cardinality === "singular") {
      if (before !== undefined) {
        this.#types.report(at, {
          code: "option-set-twice",
          sentence: `"${field.label}" is set twice`,
          found: field.label,
        });
        return;
      }
      const value = this.read(field.type, node, place);
      if (value !== undefined) setOption(record, field.key, value);
      return;
    }
    const added: OptionValue[] = [];
    for (const item of node.kind === "list" ? node.items : [node]) {
      const value = this.read(field.type, item, place);
      if (value !== undefined) added.push(value);
    }
    const values = (before ?? []) as OptionValue[];
    values.push(...added);
    setOption(record, field.key, values);
  }

  /** `[type.googleapis.com/some.Message] { ... }`, which only google.protobuf.Any has. */
  #any(message: MessageDescriptor, entry: EntryNode, record: Options): void {
    const type = this.#types.findAnyType(message, entry);
    if (type === undefined) return;
    const value = this.read({ kind: "message", message: type }, entry.value, { label: entry.name, inMessage: true });
    if (value !== undefined) setOption(record, `[${entry.name}]`, value);
  }

  #refuseBeside({ at, name }: EntryNode): void {
    const sentence = `"[${name}]" is the whole of an Any, so nothing can stand beside it`;
    this.#types.report(at, { code: "option-set-twice", sentence, found: name });
  }

  #refuse(node: ValueNode, expected: string, { label, bounds }: ValuePlace): undefined {
    const found = describeValue(node);
    this.#types.report(node.at, {
      code: "bad-option-value",
      sentence: `expected ${expected} for "${label}", found ${found}`,
      found,
      expected,
      hint: bounds?.hint,
    });
    return undefined;
  }
}

/** A required field that is not set: an entry of a map that lacks its value has an empty one. */
function missingIn(message: MessageDescriptor, record: Options): FieldDescriptor | undefined {
  const missing = message.fields.find(({ name, required }) => required === true && !Object.hasOwn(record, name));
  const content = message.mapEntry && !Object.hasOwn(record, "value") ? message.fields[1]?.type : undefined;
  return missing ?? (content?.kind === "message" ? missingIn(content.message, {}) : undefined);
}

/** An entry of a map holds both its sides, though only one may be written. */
function fillEntry({ fields }: MessageDescriptor, record: Options): void {
  for (const { name, type } of fields) if (!Object.hasOwn(record, name)) setOption(record, name, zeroOf(type));
}

function zeroOf(type: FieldType): OptionValue {
  if (type.kind === "enum") return { identifier: type.enum.values[0]?.name ?? "" };
  switch (formOf(type)) {
    case "number":
      return 0;
    case "bigint":
      return 0n;
    case "boolean":
      return false;
    case "string":
      return "";
    case "bytes":
      return new Uint8Array(0);
    default:
      return {};
  }
}

function describeValue(node: ValueNode): string {
  switch (node.kind) {
    case "name":
      return `${node.negative ? "-" : ""}${node.text}`;
    case "integer":
      return `${node.negative && node.value === 0n ? "-" : ""}${node.value}`;
    case "float":
      return Number.isInteger(node.value) ? node.value.toFixed(1) : String(node.value);
    case "string":
      return "a string";
    case "message":
      return "a message value";
    case "list":
      return "a list";
  }
}
