// Marshal layer, descriptor sets: an `Options` record as the bytes of the message it stands for, and back. Fields that no
// file of the set declares are passed over when read: a record has no place for them.
import { Reader } from "../../bytes/reader.ts";
import { Writer } from "../../bytes/writer.ts";
import type { EnumDescriptor, FieldType, MessageDescriptor, Options, OptionValue } from "../../idl/descriptor.ts";
import { wireTypeOf } from "../../idl/generator/tags.ts";
import { getOption, setOption } from "../../idl/option-record.ts";
import { inField, MarshalError, wrongType } from "../errors.ts";
import { readPacked, writePacked } from "../lists.ts";
import { scalarWires } from "../scalar-wires.ts";
import { readInt32, writeInt32 } from "../scalars.ts";
import { readTag, skipField, tagOf, wireTypes } from "../tags.ts";
import { typeNameOf } from "../type-url.ts";
import { defaultMaxDepth, type Wire } from "../wire.ts";
import { groupBytes, sizedBytes } from "./nested-bytes.ts";
import type { OptionField, OptionSchema } from "./option-schema.ts";

/** The message of standard options that a thing takes its options from. */
export type OptionTarget =
  | "FileOptions"
  | "MessageOptions"
  | "ExtensionRangeOptions"
  | "FieldOptions"
  | "OneofOptions"
  | "EnumOptions"
  | "EnumValueOptions"
  | "ServiceOptions"
  | "MethodOptions";

/** Encodes the options of one thing, which `owner` calls by name in errors; undefined when it has none. */
export type EncodeOptions = (target: OptionTarget, options: Options, owner: string) => Uint8Array | undefined;

/**
 * Gives the record for the options of one thing, which `owner` calls by name in errors. It is filled in once all files of
 * a set are linked: an option's type may stand behind its use.
 */
export type DeferOptions = (target: OptionTarget, bytes: Uint8Array | undefined, owner: string) => Options;

const anyName = "google.protobuf.Any";
const anyUrlTag = /* @__PURE__ */ tagOf(1, wireTypes.sized);
const anyValueTag = /* @__PURE__ */ tagOf(2, wireTypes.sized);

/** Writes the fields of `record`, a message of type `message`, by number. Throws a `MarshalError` for what does not fit. */
export function encodeOptions(schema: OptionSchema, message: MessageDescriptor, record: Options): Uint8Array {
  const into = new Writer();
  if (message.fullName === anyName && encodeAny(schema, record, into)) return into.toBytes();
  const entries = Object.entries(record).map(([key, value]) => {
    const field = schema.byKey(message, key);
    if (field !== undefined) return { field, value };
    throw new MarshalError(
      "unknown-name",
      `neither ${message.fullName} nor an imported extension of it has that name`,
      {
        path: key,
      },
    );
  });
  entries.sort((one, other) => one.field.number - other.field.number);
  for (const { field, value } of entries) if (!field.sourceOnly) writeField(schema, into, { field, value });
  return into.toBytes();
}

function writeField(
  schema: OptionSchema,
  into: Writer,
  { field, value }: { readonly field: OptionField; readonly value: OptionValue },
): void {
  const { key, number, type, repeated, packed, implicit } = field;
  const wire = wireOf(schema, field);
  const tag = tagOf(number, wire.wireType);
  if (!repeated) {
    if (implicit && isZero(value, type)) return;
    into.position = wire.write(into, into.position, tag, value, key, 0);
    return;
  }
  if (!Array.isArray(value)) throw wrongType("an array", value, key);
  if (packed) {
    const packedTag = tagOf(number, wireTypes.sized);
    into.position = writePacked(into, into.position, packedTag, value as readonly OptionValue[], key, wire);
    return;
  }
  for (const [index, item] of (value as readonly OptionValue[]).entries()) {
    into.position = wire.write(into, into.position, tag, item, `${key}[${index}]`, 0);
  }
}

/** An Any written out in full is a record of one entry, `[host/type]`. */
function encodeAny(schema: OptionSchema, record: Options, into: Writer): boolean {
  const [entry, ...others] = Object.entries(record);
  if (entry === undefined || others.length > 0 || !entry[0].startsWith("[")) return false;
  const url = entry[0].slice(1, -1);
  const type = schema.findMessage(typeNameOf(url));
  if (type === undefined) throw new MarshalError("unknown-type", `no file declares ${url}`, { path: entry[0] });
  const at = scalarWires.string.write(into, into.position, anyUrlTag, url, "type_url", 0);
  const value = encodeOptions(schema, type, entry[1] as Options);
  into.position = scalarWires.bytes.write(into, at, anyValueTag, value, "value", 0);
  return true;
}

function isZero(value: OptionValue, type: FieldType): boolean {
  if (type.kind === "enum") return typeof value === "object" ? numberOf(type.enum, value, "") === 0 : value === 0;
  if (value instanceof Uint8Array) return value.length === 0;
  return value === "" || value === false || value === 0n || Object.is(value, 0);
}

/** Reads `bytes`, a message of type `message`, into `record`. Throws a `MarshalError`. */
export function decodeOptions(
  schema: OptionSchema,
  message: MessageDescriptor,
  { bytes, record, depth = 0 }: { readonly bytes: Uint8Array; readonly record: Options; readonly depth?: number },
): void {
  if (depth > defaultMaxDepth) {
    throw new MarshalError("too-deep", `more than ${defaultMaxDepth} messages within messages`);
  }
  if (message.fullName === anyName && decodeAny(schema, bytes, { record, depth })) return;
  const from = new Reader(bytes, 0, bytes.length, defaultMaxDepth);
  while (from.position < from.end) {
    const tag = readTag(from);
    const field = schema.byNumber(message, tag >>> 3);
    if (field === undefined) skipField(from, tag);
    else readField(from, tag, { schema, field, record, depth });
  }
}

interface ReadPlace {
  readonly schema: OptionSchema;
  readonly field: OptionField;
  readonly record: Options;
  readonly depth: number;
}

function readField(from: Reader, tag: number, { schema, field, record, depth }: ReadPlace): void {
  const { key, repeated, delimited } = field;
  const wire = wireOf(schema, field, depth);
  const before = getOption(record, key);
  const asRun = repeated && !delimited && (tag & 7) === wireTypes.sized && wire.wireType !== wireTypes.sized;
  if (!asRun && (tag & 7) !== wire.wireType) {
    skipField(from, tag);
    return;
  }
  if (!repeated) {
    setOption(record, key, wire.read(from, before));
    return;
  }
  const values = (before ?? []) as OptionValue[];
  if (!asRun) values.push(wire.read(from));
  setOption(record, key, asRun ? readPacked(from, values, wire as Wire<OptionValue, never>) : values);
}

/** True: the Any holds a type that is known, and stands in `record` in full. */
function decodeAny(
  schema: OptionSchema,
  bytes: Uint8Array,
  { record, depth }: { readonly record: Options; readonly depth: number },
): boolean {
  const from = new Reader(bytes, 0, bytes.length, defaultMaxDepth);
  let url = "";
  let value = new Uint8Array(0);
  while (from.position < from.end) {
    const tag = readTag(from);
    if (tag === anyUrlTag) url = scalarWires.string.read(from);
    else if (tag === anyValueTag) value = Uint8Array.from(scalarWires.bytes.read(from));
    else skipField(from, tag);
  }
  const type = schema.findMessage(typeNameOf(url));
  if (type === undefined) return false;
  const inner: Options = {};
  decodeOptions(schema, type, { bytes: value, record: inner, depth: depth + 1 });
  setOption(record, `[${url}]`, inner);
  return true;
}

/** How values of a type stand in a record and on the wire. */
function wireOf(schema: OptionSchema, { type, number, delimited }: OptionField, depth = 0): Wire<OptionValue> {
  if (type.kind === "scalar") return scalarWires[type.scalar] as unknown as Wire<OptionValue>;
  const base = { wireType: wireTypeOf(type), empty: () => ({}), create: (value: OptionValue) => value };
  if (type.kind === "enum") {
    return {
      ...base,
      write: (into, at, tag, value, path) => writeInt32(into, at, tag, numberOf(type.enum, value, path), path),
      read: (from) => nameOf(type.enum, readInt32(from)),
    };
  }
  const nested = delimited ? groupBytes(number) : sizedBytes;
  return {
    ...base,
    wireType: delimited ? wireTypes.groupStart : wireTypes.sized,
    write(into, at, tag, value, path) {
      if (!isRecord(value)) throw wrongType("a record of options", value, path);
      let encoded: Uint8Array;
      try {
        encoded = encodeOptions(schema, type.message, value);
      } catch (error) {
        throw inField(error, path);
      }
      return nested.write(into, at, tag, encoded);
    },
    read(from, previous) {
      const record: Options = previous !== undefined && isRecord(previous) ? previous : {};
      decodeOptions(schema, type.message, { bytes: nested.read(from), record, depth: depth + 1 });
      return record;
    },
  };
}

function isRecord(value: OptionValue): value is Options {
  return typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array);
}

function numberOf(type: EnumDescriptor, value: OptionValue, path: string): number {
  if (typeof value === "number") return value;
  const name = isRecord(value) ? value["identifier"] : undefined;
  const found = type.values.find((one) => one.name === name);
  if (found !== undefined) return found.number;
  throw wrongType(`the name of a value of ${type.fullName}`, value, path);
}

function nameOf(type: EnumDescriptor, number: number): OptionValue {
  const found = type.values.find((one) => one.number === number);
  return found === undefined ? number : { identifier: found.name };
}
