// Marshal layer, builder: values of custom options, from what a type accepts to what descriptors hold.
import { Writer } from "../../bytes/writer.ts";
import type { FieldType, MessageDescriptor, Options, OptionValue } from "../../idl/descriptor.ts";
import { is64Bit } from "../../idl/int64-form.ts";
import { mapEntryName } from "../../idl/names.ts";
import { getOption, setOption } from "../../idl/option-record.ts";
import { MarshalError } from "../errors.ts";
import { DefinitionError } from "./definition-error.ts";
import type { OptionSetting } from "./options.ts";

/** A custom option that waits until the descriptors of its file are made. */
export interface PendingSetting {
  readonly setting: OptionSetting;
  /** The record that it is set in. */
  readonly record: Options;
  /** The message of options, `google.protobuf.FieldOptions`. */
  readonly target: string;
  /** Whose option it is. */
  readonly subject: string;
}

const featureSet = "google.protobuf.FeatureSet";

/** Sets a custom option. Throws a `DefinitionError` for one that does not belong there, or cannot hold the value. */
export function applySetting({ setting, record, target, subject }: PendingSetting): void {
  const { extension, value } = setting;
  const { descriptor, layout, typeName } = extension;
  const extendee = descriptor.extendee.fullName;
  if (extendee !== target && extendee !== featureSet) {
    throw new DefinitionError(
      "bad-option",
      subject,
      `${typeName} extends ${extendee}, and what it is set on has ${target}`,
    );
  }
  const holder = extendee === featureSet && target !== featureSet ? featuresIn(record) : record;
  const key = `(${typeName})`;
  const before = getOption(holder, key);
  if (before !== undefined && !layout.repeated) {
    throw new DefinitionError("bad-option", subject, `the option ${typeName} is set twice`);
  }
  const values = layout.repeated ? (Array.isArray(value) ? (value as readonly unknown[]) : [value]) : [value];
  try {
    for (const one of values) layout.wire.write(new Writer(), 0, 0, one, "", 0);
  } catch (error) {
    if (!(error instanceof MarshalError)) throw error;
    throw new DefinitionError("bad-option", subject, `the option ${typeName} cannot hold its value: ${error.message}`);
  }
  const converted = values.map((one) => convert(descriptor.type, one));
  const list = [...((before ?? []) as readonly OptionValue[]), ...converted];
  setOption(holder, key, layout.repeated ? list : (converted[0] as OptionValue));
}

function featuresIn(record: Options): Options {
  const features = (getOption(record, "features") ?? {}) as Options;
  setOption(record, "features", features);
  return features;
}

function convert(type: FieldType, value: unknown): OptionValue {
  if (type.kind === "message") return convertMessage(type.message, value as { readonly [localName: string]: unknown });
  if (type.kind === "enum") {
    const found = type.enum.values.find(({ name, number }) => name === value || number === value);
    return found === undefined ? (value as number) : { identifier: found.name };
  }
  if (type.scalar === "float") return Math.fround(value as number);
  return is64Bit(type.scalar) ? BigInt(value as bigint) : (value as OptionValue);
}

/** What is set in a message; a member of a oneof stands for itself. */
function convertMessage(message: MessageDescriptor, value: { readonly [localName: string]: unknown }): Options {
  const record: Options = {};
  for (const field of message.fields) {
    const { name, localName, oneof, cardinality, type } = field;
    const chosen = oneof && (value[oneof.localName] as { readonly kind: string; readonly value: unknown } | undefined);
    const held = oneof === undefined ? value[localName] : chosen?.kind === localName ? chosen.value : undefined;
    if (held === undefined) continue;
    if (cardinality === "singular") setOption(record, name, convert(type, held));
    else if (cardinality === "repeated") {
      setOption(
        record,
        name,
        (held as readonly unknown[]).map((one) => convert(type, one)),
      );
    } else setOption(record, name, convertMap(message, name, held));
  }
  return record;
}

/** A map as options have it: a list of its entries. */
function convertMap(message: MessageDescriptor, name: string, held: unknown): OptionValue {
  const entry = message.messages.find((one) => one.mapEntry && one.name === mapEntryName(name));
  const entries = held instanceof Map ? [...(held as ReadonlyMap<unknown, unknown>)] : Object.entries(held as object);
  const [keyField, valueField] = entry?.fields ?? [];
  if (keyField === undefined || valueField === undefined)
    throw new TypeError(`${message.fullName}.${name} has no entries`);
  return entries.map(([key, value]) => ({
    key: convertKey(keyField.type, key),
    value: convert(valueField.type, value),
  }));
}

/** A key, which is text where the map is an object. */
function convertKey(type: FieldType, key: unknown): OptionValue {
  if (type.kind !== "scalar" || typeof key !== "string" || type.scalar === "string") return convert(type, key);
  if (type.scalar === "bool") return key === "true";
  return convert(type, is64Bit(type.scalar) ? BigInt(key) : Number(key));
}
