// Marshal layer, builder: how a message defined in TypeScript is written and read. Each field becomes a few closures made
// once; nothing is compiled at run time, so it works where `eval` is forbidden. Generated code is faster and does the same.
import type { Reader } from "../../bytes/reader.ts";
import type { Writer } from "../../bytes/writer.ts";
import type { ScalarType } from "../../idl/descriptor.ts";
import { type Int64Form, is64Bit } from "../../idl/int64-form.ts";
import { readClosed, readClosedRun } from "../enums.ts";
import { missingField } from "../errors.ts";
import { groupOf } from "../groups.ts";
import { int64WireIn, isZeroInteger } from "../int64-wires.ts";
import { createList, readPacked, writeList, writePacked } from "../lists.ts";
import { createMap, type MapInit, type MapKey, mapWire, readClosedEntry, readEntry, writeMap } from "../maps.ts";
import type { MessageFields } from "../message-type.ts";
import { checkMessage } from "../nested.ts";
import { createOneof, isOneof, unknownKind } from "../oneofs.ts";
import { isEmptyBytes, noBytes, scalarWires, unsetBytes } from "../scalar-wires.ts";
import { type HasUnknown, keepUnknown, readTag, tagOf, wireTypes, writeUnknown } from "../tags.ts";
import type { Wire } from "../wire.ts";
import { copierFor } from "./copier.ts";
import { DefinitionError } from "./definition-error.ts";
import type { Field, Oneof } from "./fields.ts";
import type { FieldRecord } from "./shapes.ts";

/** A message while its type is not known to the compiler. */
export type OpenMessage = HasUnknown & { [localName: string]: unknown };

/** What one property of a message takes part in. */
interface PropertyPlan {
  /** The lowest field number: the place in the order of writing. */
  readonly number: number;
  /** It must be set. */
  readonly required?: boolean;
  /** Its value when nothing is set; lists and maps are made for each message by `fresh`. */
  readonly unset: unknown;
  readonly fresh?: () => unknown;
  /** Writes at index `at` and gives the index behind. */
  write(into: Writer, at: number, message: OpenMessage, depth: number): number;
  /** By tag: each reads the value behind it into the message. */
  readonly readers: readonly (readonly [tag: number, read: FieldReader])[];
  /** A whole value out of an accepted one that is there. */
  create(init: unknown): unknown;
}
type FieldReader = (from: Reader, message: OpenMessage) => void;

/** Tags below this are looked up in an array: those of fields 1 to 31. */
const directTags = 256;

/** The four functions of a message type, made of its fields. The fields' types must be known by now. */
export function planMessage(fields: FieldRecord): MessageFields<OpenMessage, OpenMessage> {
  const properties = Object.entries(fields).map(([name, one]) => ({
    name,
    plan: one.kind === "oneof" ? planOneof(name, one) : planField(name, one),
  }));
  const template: OpenMessage = Object.fromEntries(properties.map(({ name, plan }) => [name, plan.unset]));
  const copy = copierFor(Object.keys(fields));
  const fresh = properties.flatMap(({ name, plan }) => (plan.fresh === undefined ? [] : [{ name, make: plan.fresh }]));
  const bytesNames = properties.filter(({ plan }) => plan.unset === unsetBytes).map(({ name }) => name);
  const requiredNames = properties.filter(({ plan }) => plan.required === true).map(({ name }) => name);
  const ordered = properties.map(({ plan }) => plan).sort((a, b) => a.number - b.number);
  // Functions alone, and not what they are properties of: that has many shapes, and a look-up for each would be made anew.
  const writes = ordered.map(({ write }) => write);
  const readers = new Map(ordered.flatMap((plan) => plan.readers));
  const direct = Array.from({ length: directTags }, (_, tag) => readers.get(tag));

  const empty = (): OpenMessage => {
    const message = copy(template);
    for (const { name, make } of fresh) message[name] = make();
    return message;
  };
  const settleBytes = (message: OpenMessage): void => {
    for (const name of bytesNames) if (message[name] === unsetBytes) message[name] = noBytes();
  };
  return {
    empty,
    write(into, at, message, depth) {
      if (message?.constructor !== Object) checkMessage(message);
      let end = at;
      for (const write of writes) end = write(into, end, message, depth);
      return message.$unknown === undefined ? end : writeUnknown(into, end, message.$unknown);
    },
    read(from, message) {
      while (from.position < from.end) {
        const tag = readTag(from);
        const read = tag < directTags ? direct[tag] : readers.get(tag);
        if (read === undefined) keepUnknown(from, tag, message);
        else read(from, message);
      }
      settleBytes(message);
      for (const name of requiredNames) if (message[name] === undefined) from.incomplete = true;
    },
    create(init) {
      const message = empty();
      for (const { name, plan } of properties) {
        const value = init[name] ?? undefined;
        if (value !== undefined) message[name] = plan.create(value);
      }
      settleBytes(message);
      if (init.$unknown !== undefined) message.$unknown = init.$unknown;
      return message;
    },
  };
}

/** The wire of what a field holds. */
export function wireOf(field: Field): Wire {
  const { content } = field;
  if (content.kind === "scalar") return scalarWireOf(content.scalar, field.options.as);
  const type = content.find();
  return field.delimited === true ? groupOf(field.number, type as { readonly wire: Wire }) : (type.wire as Wire);
}

function scalarWireOf(scalar: ScalarType, form: Int64Form | undefined): Wire {
  const wire = scalarWires[scalar] as Wire;
  return form === undefined || !is64Bit(scalar) ? wire : int64WireIn(form, wire as Wire<bigint, bigint | number>);
}

/** Whether numbers that the field's enum lacks are unknown fields. */
function isClosed({ content }: Field): boolean {
  if (content.kind === "scalar") return false;
  const type = content.find();
  return type.kind === "enum" && type.closed;
}

function isMessage(field: Field): boolean {
  return field.content.kind === "type" && field.content.find().kind === "message";
}

function planField(name: string, field: Field): PropertyPlan {
  if (field.cardinality === "map") return planMap(name, field);
  if (field.cardinality === "repeated") return planList(name, field);
  const wire = wireOf(field);
  const tag = tagOf(field.number, wire.wireType);
  const explicit = field.optional || isMessage(field);
  if (!explicit && isClosed(field)) {
    throw new DefinitionError("bad-type", name, "a field of a closed enum must know its presence: write optional(...)");
  }
  const { write, create } = wire;
  const isZero = explicit ? undefined : zeroTest(field, wire);
  const required = field.required === true;
  return {
    number: field.number,
    required,
    unset: explicit ? undefined : wire.empty() instanceof Uint8Array ? unsetBytes : wire.empty(),
    write(into, at, message, depth) {
      const value = message[name];
      if (value === undefined || isZero?.(value)) {
        if (required) throw missingField(name);
        return at;
      }
      return write(into, at, tag, value, name, depth);
    },
    readers: [[tag, singularReader(name, field, wire)]],
    create,
  };
}

function singularReader(name: string, field: Field, wire: Wire): FieldReader {
  const { read } = wire;
  if (isMessage(field)) {
    return (from, message) => {
      message[name] = read(from, message[name]);
    };
  }
  if (isClosed(field)) {
    return (from, message) => {
      message[name] = readClosed(from, wire, message) ?? message[name];
    };
  }
  return (from, message) => {
    message[name] = read(from);
  };
}

/** Tells the values that a field without presence does not write. -0 is not zero: its sign would be lost. */
function zeroTest(field: Field, wire: Wire): (value: unknown) => boolean {
  const zero = wire.empty();
  if (zero instanceof Uint8Array) return (value) => isEmptyBytes(value as Uint8Array);
  const { content } = field;
  if (content.kind === "scalar" && (content.scalar === "float" || content.scalar === "double")) {
    return (value) => Object.is(value, 0);
  }
  if (content.kind === "scalar") return is64Bit(content.scalar) ? isZeroInteger : (value) => value === zero;
  const type = content.find();
  const zeroNames = type.kind === "enum" ? Object.keys(type.values).filter((one) => type.values[one] === 0) : [];
  return (value) => value === 0 || value === zero || zeroNames.includes(value as string);
}

function planList(name: string, field: Field): PropertyPlan {
  const wire = wireOf(field);
  const tag = tagOf(field.number, wire.wireType);
  const packable = wire.wireType !== wireTypes.sized && wire.wireType !== wireTypes.groupStart;
  const packedTag = tagOf(field.number, wireTypes.sized);
  const { readOne, readRun } = isClosed(field) ? closedListReaders(name, tag, wire) : listReaders(name, wire);
  return {
    number: field.number,
    unset: undefined,
    fresh: () => [],
    write(into, at, message, depth) {
      const values = message[name] as readonly unknown[] | undefined;
      return packable && field.packed
        ? writePacked(into, at, packedTag, values, name, wire)
        : writeList(into, at, tag, values, name, wire, depth);
    },
    readers: packable
      ? [
          [tag, readOne],
          [packedTag, readRun],
        ]
      : [[tag, readOne]],
    create: (init) => createList(init as readonly unknown[], wire),
  };
}

/** What reads one element of a list, and what reads a packed run of them. */
interface ListReaders {
  readonly readOne: FieldReader;
  readonly readRun: FieldReader;
}

function listReaders(name: string, wire: Wire): ListReaders {
  const { read } = wire;
  return {
    readOne(from, message) {
      (message[name] as unknown[]).push(read(from));
    },
    readRun(from, message) {
      message[name] = readPacked(from, message[name] as unknown[], wire);
    },
  };
}

function closedListReaders(name: string, tag: number, wire: Wire): ListReaders {
  return {
    readOne(from, message) {
      const value = readClosed(from, wire, message);
      if (value !== undefined) (message[name] as unknown[]).push(value);
    },
    readRun: (from, message) => readClosedRun(from, message[name] as unknown[], wire, { message, tag }),
  };
}

function planMap(name: string, field: Field): PropertyPlan {
  const key = scalarWireOf(field.mapKey ?? "string", field.keyAs) as Wire<MapKey>;
  const wire = mapWire(key, wireOf(field));
  const tag = tagOf(field.number, wireTypes.sized);
  return {
    number: field.number,
    unset: undefined,
    fresh: () => new Map(),
    write(into, at, message, depth) {
      return writeMap(into, at, tag, message[name] as MapInit<MapKey, unknown> | undefined, name, wire, depth);
    },
    readers: [
      [
        tag,
        isClosed(field)
          ? (from, message) => readClosedEntry(from, message[name] as Map<MapKey, unknown>, wire, message)
          : (from, message) => readEntry(from, message[name] as Map<MapKey, unknown>, wire),
      ],
    ],
    create: (init) => createMap(init as MapInit<MapKey, unknown>, wire),
  };
}

/** A oneof's value: the name of the field that is set, and its value. */
interface Alternative {
  readonly kind: string;
  readonly value: unknown;
}

function planOneof(name: string, oneof: Oneof): PropertyPlan {
  const members = new Map(
    Object.entries(oneof.fields).map(([kind, field]) => {
      const wire = wireOf(field);
      const tag = tagOf(field.number, wire.wireType);
      return [kind, { tag, wire, merges: isMessage(field), closed: isClosed(field) }] as const;
    }),
  );
  const wires = Object.fromEntries([...members].map(([kind, { wire }]) => [kind, wire]));
  const valuePath = `${name}.value`;
  const readers = [...members].map(([kind, { tag, wire, merges, closed }]) => {
    const readKnown: FieldReader = (from, message) => {
      const value = readClosed(from, wire, message);
      if (value !== undefined) message[name] = { kind, value };
    };
    if (closed) return [tag, readKnown] as const;
    const read: FieldReader = (from, message) => {
      const previous = message[name] as Alternative | undefined;
      const merged = merges && previous?.kind === kind ? previous.value : undefined;
      message[name] = { kind, value: wire.read(from, merged) };
    };
    return [tag, read] as const;
  });
  return {
    number: Math.min(...Object.values(oneof.fields).map((field) => field.number)),
    unset: undefined,
    write(into, at, message, depth) {
      const chosen = message[name] as Alternative | undefined;
      if (!isOneof(chosen, name)) return at;
      const member = members.get(chosen.kind);
      if (member === undefined) throw unknownKind(chosen, name);
      return member.wire.write(into, at, member.tag, chosen.value, valuePath, depth);
    },
    readers,
    create: (init) => createOneof(init as Alternative, wires),
  };
}
