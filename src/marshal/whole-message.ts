// Marshal layer: what is done to whole messages, as `create` and decoders make them: merged, compared, made independent of
// what they were made of, put in order.
import { copyBytes } from "../bytes/reader.ts";
import type { EnumDescriptor, FieldDescriptor, FieldType, MessageDescriptor } from "../idl/descriptor.ts";
import { is64Bit } from "../idl/int64-form.ts";
import { isZeroInteger } from "./int64-wires.ts";
import { isPlainObject } from "./nested.ts";

/** A whole message while its type is not known to the compiler. */
export interface WholeMessage {
  [localName: string]: unknown;
  $unknown?: Uint8Array;
}
interface Chosen {
  readonly kind: string;
  readonly value: unknown;
}

/**
 * Merges `source`, which is used up, into `target`, as a decoder would that read its bytes behind those of `target`.
 */
export function mergeInto(descriptor: MessageDescriptor, target: WholeMessage, source: WholeMessage): void {
  for (const field of descriptor.fields) {
    if (field.oneof === undefined) mergeField(field, target, source[field.localName]);
  }
  for (const { localName, fields } of descriptor.oneofs) {
    const chosen = source[localName] as Chosen | undefined;
    if (chosen === undefined) continue;
    const type = fields.find((one) => one.localName === chosen.kind)?.type;
    const before = target[localName] as Chosen | undefined;
    if (type?.kind === "message" && before?.kind === chosen.kind) {
      mergeInto(type.message, before.value as WholeMessage, chosen.value as WholeMessage);
    } else target[localName] = chosen;
  }
  const kept = source.$unknown;
  if (kept !== undefined) target.$unknown = joinBytes(target.$unknown, kept);
}

function mergeField(field: FieldDescriptor, target: WholeMessage, value: unknown): void {
  const { localName, cardinality, type } = field;
  const before = target[localName];
  if (value === undefined) return;
  if (before === undefined) target[localName] = value;
  else if (cardinality === "repeated") for (const one of value as unknown[]) (before as unknown[]).push(one);
  else if (cardinality === "map") {
    for (const [key, one] of value as Map<unknown, unknown>) (before as Map<unknown, unknown>).set(key, one);
  } else if (type.kind === "message") mergeInto(type.message, before as WholeMessage, value as WholeMessage);
  else if (field.presence === "explicit" || !isZero(type, value)) target[localName] = value;
}

/** True for the value that a field without presence has while it is not set. -0 is not zero: its sign would be lost. */
export function isZero(type: FieldType, value: unknown): boolean {
  if (value instanceof Uint8Array) return value.length === 0;
  if (type.kind === "enum") return numberOf(type.enum, value) === 0;
  if (type.kind === "message" || isFloat(type)) return Object.is(value, 0);
  if (type.scalar === "bool") return value === false;
  if (type.scalar === "string") return value === "";
  return is64Bit(type.scalar) ? isZeroInteger(value) : value === 0;
}

function isFloat(type: FieldType): boolean {
  return type.kind === "scalar" && (type.scalar === "float" || type.scalar === "double");
}

function numberOf(descriptor: EnumDescriptor, value: unknown): unknown {
  return typeof value === "string" ? descriptor.values.find(({ name }) => name === value)?.number : value;
}

function joinBytes(first: Uint8Array | undefined, second: Uint8Array): Uint8Array {
  const start = first?.length ?? 0;
  const whole = new Uint8Array(start + second.length);
  if (first !== undefined) whole.set(first);
  whole.set(second, start);
  return whole;
}

/** True when both say the same. */
export function areEqual(descriptor: MessageDescriptor, a: WholeMessage, b: WholeMessage): boolean {
  const differs = (field: FieldDescriptor): boolean =>
    field.oneof === undefined && !areFieldsEqual(field, a[field.localName], b[field.localName]);
  if (descriptor.fields.some(differs)) return false;
  for (const { localName, fields } of descriptor.oneofs) {
    const [one, other] = [a[localName] as Chosen | undefined, b[localName] as Chosen | undefined];
    if (one?.kind !== other?.kind) return false;
    const field = fields.find(({ localName: kind }) => kind === one?.kind);
    if (field !== undefined && !areValuesEqual(field.type, one?.value, other?.value)) return false;
  }
  return areBytesEqual(a.$unknown ?? noBytes, b.$unknown ?? noBytes);
}

const noBytes: Uint8Array = new Uint8Array(0);

function areFieldsEqual({ cardinality, type }: FieldDescriptor, a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (cardinality === "repeated") {
    const [list, other] = [a as readonly unknown[], b as readonly unknown[]];
    return list.length === other.length && list.every((value, index) => areValuesEqual(type, value, other[index]));
  }
  if (cardinality === "singular") return areValuesEqual(type, a, b);
  const [map, other] = [a as ReadonlyMap<unknown, unknown>, b as ReadonlyMap<unknown, unknown>];
  if (map.size !== other.size) return false;
  for (const [key, value] of map) if (!other.has(key) || !areValuesEqual(type, value, other.get(key))) return false;
  return true;
}

function areValuesEqual(type: FieldType, a: unknown, b: unknown): boolean {
  if (type.kind === "message") return areEqual(type.message, a as WholeMessage, b as WholeMessage);
  if (type.kind === "enum") return a === b || numberOf(type.enum, a) === numberOf(type.enum, b);
  if (type.scalar === "bytes") return areBytesEqual(a as Uint8Array, b as Uint8Array);
  return isFloat(type) ? Object.is(a, b) : a === b;
}

function areBytesEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return false;
  return true;
}

/** Puts what `visit` makes of each array of bytes and each map in its place, in all that a message holds. */
function replaceWithin(value: unknown, visit: (value: Uint8Array | Map<unknown, unknown>) => unknown): unknown {
  if (value instanceof Uint8Array) return visit(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Map) {
    for (const [key, one] of value) value.set(key, replaceWithin(one, visit));
    return visit(value);
  }
  // Whatever else it is, it is not the message's: an encoder refuses it.
  if (!Array.isArray(value) && !isPlainObject(value)) return value;
  const holder = value as { [key: string]: unknown };
  for (const key of Object.keys(holder)) {
    const one = holder[key];
    if (typeof one === "object") holder[key] = replaceWithin(one, visit);
  }
  return value;
}

/** Makes `message`, which `create` made, share no bytes with what it was made of. */
export function detachBytes(message: object): void {
  replaceWithin(message, (value) => (value instanceof Map ? value : copyBytes(value, 0, value.length)));
}

/** Puts the entries of all maps in the order of their keys: numbers by size, text by its UTF-8 bytes, false before true. */
export function sortMaps(message: object): void {
  replaceWithin(message, (value) => {
    if (!(value instanceof Map)) return value;
    return new Map([...value].sort(([a], [b]) => compareKeys(a, b)));
  });
}

function compareKeys(a: unknown, b: unknown): number {
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  // What is no key at all has no order: it is refused later.
  if (![a, b].every((key) => ["number", "bigint", "boolean"].includes(typeof key))) return 0;
  return (a as number) < (b as number) ? -1 : Number((a as number) > (b as number));
}

/** As their UTF-8 bytes would: surrogates, which are halves of greater code points, come last. */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const [one, other] = [a.charCodeAt(index), b.charCodeAt(index)];
    if (one === other) continue;
    const [isHalf, otherIsHalf] = [isSurrogate(one), isSurrogate(other)];
    if (isHalf !== otherIsHalf) return isHalf ? 1 : -1;
    return one - other;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}
