// IDL layer, compatibility: fields and extensions that keep their number and change otherwise.
import type { EnumDescriptor, ExtensionDescriptor, FieldDescriptor } from "../descriptor.ts";
import { featuresOf } from "../features.ts";
import { getOption } from "../option-record.ts";
import { decodeText } from "../string-literal.ts";
import { type Breach, type CompatLevel, codeOnly, everywhere, exceptWire, type Rule } from "./rule.ts";
import { breaks, type TypeChange, typeChange } from "./wire-types.ts";
import { formatDefault, formatType, optionWord } from "./words.ts";

type AnyField = FieldDescriptor | ExtensionDescriptor;
type FieldRule = Rule<AnyField>;

/** A breach of a field, with what is the same for all. */
function breachOf(
  old: AnyField,
  now: AnyField,
  { change, advice, option }: Pick<Breach, "change" | "advice"> & { readonly option?: string },
): Breach {
  const subject = old.kind === "field" ? `${old.message.fullName}.${old.name}` : old.fullName;
  return {
    subject,
    file: now.kind === "field" ? now.message.file.name : now.file.name,
    change: `${subject} (${old.kind} ${old.number}) ${change}`,
    advice,
    old: { declaration: old, option },
    now: { declaration: now, option },
  };
}

const typeAdvice: Readonly<Record<Exclude<TypeChange, "none">, string>> = {
  wire: "programs with the old contract misread it or refuse the message: leave the type, and add a new field with a new number for the new one",
  json: "bytes still fit, but JSON of old programs is not read, and programs no longer build: leave the type, and add a new field for the new one",
  code: "bytes and JSON still fit, but programs that use it may no longer build, and values that do not fit both types change: leave the type, or tell who builds against it",
};

const typeChanged: FieldRule = {
  code: "field-type-changed",
  about:
    "a field has another type: any (source, package), one whose JSON or bytes differ (wire-json), or whose bytes do (wire)",
  levels: {
    ...codeOnly("FIELD_SAME_TYPE"),
    "wire-json": "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
    wire: "FIELD_WIRE_COMPATIBLE_TYPE",
  },
  *find({ old, now, level }) {
    const change = typeChange(old, now);
    if (change === "none" || !breaks(change, level)) return;
    yield breachOf(old, now, {
      change: `was ${formatType(old)} and is ${formatType(now)}`,
      advice: typeAdvice[change],
    });
  },
};

type Cardinality = "optional" | "implicit" | "required" | "repeated" | "map";

function cardinalityOf({ cardinality, required, presence }: AnyField): Cardinality {
  if (cardinality !== "singular") return cardinality;
  if (required === true) return "required";
  return presence === "explicit" ? "optional" : "implicit";
}

const cardinalityNames: Readonly<Record<Cardinality, string>> = {
  optional: "singular with presence",
  implicit: "singular without presence",
  required: "required",
  repeated: "repeated",
  map: "a map",
};

/** Cardinalities that a level takes for one. */
function cardinalityClass(cardinality: Cardinality, level: CompatLevel): Cardinality {
  if (level === "source" || level === "package") return cardinality;
  if (cardinality === "implicit") return "optional";
  // A map is a repeated message of keys and values, but its JSON is an object.
  return cardinality === "map" && level === "wire" ? "repeated" : cardinality;
}

const cardinalityChanged: FieldRule = {
  code: "field-cardinality-changed",
  about:
    "a field changes between singular, required, repeated and map; and in whether it knows that it is set (source, package)",
  levels: {
    ...codeOnly("FIELD_SAME_CARDINALITY"),
    "wire-json": "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
    wire: "FIELD_WIRE_COMPATIBLE_CARDINALITY",
  },
  *find({ old, now, level }) {
    const [before, after] = [cardinalityOf(old), cardinalityOf(now)];
    if (cardinalityClass(before, level) === cardinalityClass(after, level)) return;
    const sameBytes = cardinalityClass(before, "wire") === cardinalityClass(after, "wire");
    yield breachOf(old, now, {
      change: `was ${cardinalityNames[before]} and is ${cardinalityNames[after]}`,
      advice: sameBytes
        ? "bytes still fit, but programs that read it may no longer build or mean another thing by its absence: leave it, or tell who builds against it"
        : "programs with the old contract lose values or refuse the message: leave it, and add a new field with a new number",
    });
  },
};

const nameChanged: FieldRule = {
  code: "field-renamed",
  about: "a field has another name",
  levels: exceptWire("FIELD_SAME_NAME"),
  *find({ old, now }) {
    const name = (field: AnyField) => (field.kind === "extension" ? field.fullName : field.name);
    if (name(old) === name(now)) return;
    const advice = `bytes still fit, but programs that use ${old.name} no longer build, and JSON and field masks that name it are not understood: leave the name`;
    yield breachOf(old, now, { change: `is named "${name(now)}" now`, advice });
  },
};

const jsonNameChanged: FieldRule = {
  code: "field-json-name-changed",
  about: "a field has another name in JSON",
  levels: exceptWire("FIELD_SAME_JSON_NAME"),
  *find({ old, now }) {
    if (old.kind === "extension" || old.jsonName === now.jsonName) return;
    yield breachOf(old, now, {
      change: `is "${now.jsonName}" in JSON and was "${old.jsonName}"`,
      advice: `JSON of old programs is refused or loses it: write [json_name = "${old.jsonName}"]`,
      option: "json_name",
    });
  },
};

const oneofChanged: FieldRule = {
  code: "field-oneof-changed",
  about: "a field goes into a oneof, out of one, or into another",
  levels: everywhere("FIELD_SAME_ONEOF"),
  *find({ old, now }) {
    if (old.kind === "extension" || now.kind === "extension" || old.oneof?.name === now.oneof?.name) return;
    const where = (field: FieldDescriptor) =>
      field.oneof === undefined ? "in no oneof" : `in the oneof ${field.oneof.name}`;
    yield breachOf(old, now, {
      change: `was ${where(old)} and is ${where(now)}`,
      advice:
        "setting one member clears the others, so programs with the other contract lose values that were set together: leave it, and add a new field",
    });
  },
};

const defaultChanged: FieldRule = {
  code: "field-default-changed",
  about: "a field has another default",
  levels: everywhere("FIELD_SAME_DEFAULT"),
  *find({ old, now }) {
    const [before, after] = [defaultOf(old), defaultOf(now)];
    if (before === undefined || after === undefined || sameDefault(before, after)) return;
    yield breachOf(old, now, {
      change: `had the default ${before.text} and has ${after.text}`,
      advice:
        "a default is not on the wire: one message without the field means one thing to old programs and another to new ones; leave it, and set the new value where messages are made",
      option: "default",
    });
  },
};

/** What a field is read as when it is absent; undefined for what has no default. Zero, "" and false are one. */
function defaultOf(field: AnyField): FieldDefault | undefined {
  const { cardinality, type, default: declared } = field;
  if (cardinality !== "singular" || type.kind === "message") return undefined;
  if (type.kind === "enum") return enumDefault(type.enum, declared);
  if (declared === undefined) return { value: 0, text: "none" };
  const text = formatDefault(declared);
  if (typeof declared === "string") return { value: declared || 0, text };
  if (declared instanceof Uint8Array) return { value: decodeText(declared) ?? declared.join(), text };
  if (typeof declared === "object") return { value: declared.identifier, text };
  return { value: declared, text, single: type.scalar === "float" };
}

interface FieldDefault {
  readonly value: string | number | bigint | boolean;
  readonly text: string;
  /** It is kept with the precision of a float. */
  readonly single?: boolean;
}

function enumDefault({ values }: EnumDescriptor, declared: AnyField["default"]): FieldDefault {
  const name = typeof declared === "object" && "identifier" in declared ? declared.identifier : undefined;
  const value = values.find((one) => one.name === name) ?? values[0];
  return { value: value?.number ?? 0, text: value?.name ?? "none" };
}

/** Numbers are compared by value whatever their type: that a type changed is told by its own rule. */
function sameDefault(old: FieldDefault, now: FieldDefault): boolean {
  const single = old.single === true || now.single === true;
  const read = ({ value }: FieldDefault) => (single && typeof value === "number" ? Math.fround(value) : value);
  const [one, other] = [read(old), read(now)];
  if (typeof one === "string" || typeof other === "string") return one === other;
  if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) && Number.isNaN(other);
  // biome-ignore lint/suspicious/noDoubleEquals: a bigint, a number and a bool are one value when they are equal as numbers
  return one == other;
}

/** A rule about an option or a feature of fields of some types, which generated code follows. */
function fieldWord(
  rule: Pick<FieldRule, "code" | "about" | "levels"> & {
    /** The word in force; undefined where the rule does not hold. */
    word(field: AnyField): string | undefined;
    /** Changes that do no harm. */
    readonly harmless?: (before: string, after: string) => boolean;
    readonly what: string;
    readonly advice: string;
    readonly option: string;
  },
): FieldRule {
  const { code, about, levels, word, harmless, what, advice, option } = rule;
  return {
    code,
    about,
    levels,
    *find({ old, now }) {
      const [before, after] = [word(old), word(now)];
      if (before === undefined || after === undefined || before === after || harmless?.(before, after) === true) return;
      yield breachOf(old, now, { change: `had ${what} ${before} and has ${after}`, advice, option });
    },
  };
}

const scalarOf = ({ type }: AnyField): string | undefined => (type.kind === "scalar" ? type.scalar : undefined);
/** It is a string, or a map with strings for keys or values. */
const holdsText = (field: AnyField): boolean =>
  scalarOf(field) === "string" || (field.kind === "field" && field.mapKey === "string");
const optionOf = ({ options }: AnyField, name: string, unset: string): string =>
  optionWord(getOption(options, name)) ?? unset;

const optionRules: readonly FieldRule[] = [
  fieldWord({
    code: "field-jstype-changed",
    about: "option jstype of a 64-bit integer changes",
    levels: codeOnly("FIELD_SAME_JSTYPE"),
    word: (field) => (scalarOf(field)?.endsWith("64") === true ? optionOf(field, "jstype", "JS_NORMAL") : undefined),
    what: "jstype",
    advice: "JavaScript programs get another type from generated code: leave it",
    option: "jstype",
  }),
  fieldWord({
    code: "field-ctype-changed",
    about: "option ctype of a string or of bytes changes",
    levels: codeOnly("FIELD_SAME_CPP_STRING_TYPE"),
    word: (field) =>
      scalarOf(field) === "string" || scalarOf(field) === "bytes" ? optionOf(field, "ctype", "STRING") : undefined,
    harmless: (before, after) => before === "STRING_PIECE" && after === "STRING",
    what: "ctype",
    advice: "C++ programs get another type from generated code: leave it, or accept this where nobody generates C++",
    option: "ctype",
  }),
  fieldWord({
    code: "field-utf8-validation-changed",
    about: "a string is no longer checked for UTF-8, or is from now on",
    levels: codeOnly("FIELD_SAME_UTF8_VALIDATION"),
    word: (field) => (holdsText(field) ? featuresOf(field).utf8Validation : undefined),
    what: "utf8_validation",
    advice: "what one side sends the other refuses: leave it, or use bytes for what is no text",
    option: "features",
  }),
  fieldWord({
    code: "field-java-utf8-validation-changed",
    about: "a string is no longer checked for UTF-8 in Java, or is from now on",
    levels: codeOnly("FIELD_SAME_JAVA_UTF8_VALIDATION"),
    word: javaUtf8Validation,
    what: "UTF-8 validation in Java",
    advice: "Java programs refuse what they took, or take what they refused: set java_string_check_utf8 as it was",
    option: "features",
  }),
];

function javaUtf8Validation(field: AnyField): string | undefined {
  if (!holdsText(field)) return undefined;
  const { options } = field.kind === "field" ? field.message.file : field.file;
  return getOption(options, "java_string_check_utf8") === true ? "VERIFY" : featuresOf(field).utf8Validation;
}

export const fieldRules: readonly FieldRule[] = [
  typeChanged,
  cardinalityChanged,
  nameChanged,
  jsonNameChanged,
  oneofChanged,
  defaultChanged,
  ...optionRules,
];
