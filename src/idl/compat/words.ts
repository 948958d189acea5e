// IDL layer, compatibility: values as sentences have them.
import type { DefaultValue, ExtensionDescriptor, FieldDescriptor, FieldType, OptionValue } from "../descriptor.ts";

/** The value of a scalar or enum option as a word; undefined when it is not set. */
export function optionWord(value: OptionValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "object" && "identifier" in value) return String(value["identifier"]);
  return String(value);
}

/** An option's word, or that it has none. */
export function formatOption(word: string): string {
  return word === "" ? "not set" : word;
}

/** A field's type as a `.proto` has it: `int32`, `shop.Item`, `map<string, shop.Item>`. */
export function formatType(field: FieldDescriptor | ExtensionDescriptor): string {
  const value = typeName(field.type);
  if (field.delimited) return `group ${value}`;
  return field.kind === "field" && field.mapKey !== undefined ? `map<${field.mapKey}, ${value}>` : value;
}

/** `int32`, or the full name of a message or an enum. */
export function typeName(type: FieldType): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "enum":
      return type.enum.fullName;
    case "message":
      return type.message.fullName;
  }
}

/** A default as a `.proto` would write it, as near as a sentence needs. */
export function formatDefault(value: DefaultValue): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  return typeof value === "object" ? value.identifier : String(value);
}

/** A half-open range: `3`, or `3 to 5`. */
export function formatRange([from, to]: readonly [number, number]): string {
  return to === from + 1 ? String(from) : `${from} to ${to - 1}`;
}

/** `a, b and c`. */
export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}
