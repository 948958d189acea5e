// Marshal layer: map fields. On the wire a map is a list of entries, messages of a key (1) and a value (2); of two entries
// with one key the last counts. In TypeScript it is a `Map`, so that `__proto__` is a key like any other.
import { putLength } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { entrySegment, inField, wrongType } from "./errors.ts";
import { checkMessage } from "./nested.ts";
import { type HasUnknown, keepBytes, putTag, readTag, skipField, tagOf } from "./tags.ts";
import type { Wire } from "./wire.ts";

/** What the key of a map can be in TypeScript. */
export type MapKey = string | number | bigint | boolean;

/** What a map field accepts: a `Map`, or a plain object, whose keys are then read as the key's type. */
export type MapInit<Key extends MapKey, ValueInit> =
  | ReadonlyMap<Key | (Key extends bigint ? number : never), ValueInit>
  | { readonly [key: string]: ValueInit };

/** How the entries of one map field look on the wire. */
export interface MapWire<Key extends MapKey, Value, ValueInit = Value> {
  readonly key: Wire<Key, never>;
  readonly keyTag: number;
  readonly value: Wire<Value, ValueInit>;
  readonly valueTag: number;
}

/** Puts together the wire of a map field; a message or enum type may stand for its own wire. */
export function mapWire<Key extends MapKey, KeyInit extends MapKey, Value, ValueInit>(
  key: Wire<Key, KeyInit>,
  value: Wire<Value, ValueInit> | { readonly wire: Wire<Value, ValueInit> },
): MapWire<Key, Value, ValueInit> {
  const valueWire = "wire" in value ? value.wire : value;
  return { key, keyTag: tagOf(1, key.wireType), value: valueWire, valueTag: tagOf(2, valueWire.wireType) };
}

/** Writes each entry behind the tag, in the map's own order. */
export function writeMap<Key extends MapKey, Value, ValueInit>(
  into: Writer,
  at: number,
  tag: number,
  map: MapInit<NoInfer<Key>, ValueInit> | undefined,
  name: string,
  wire: MapWire<Key, Value, ValueInit>,
  depth: number,
): number {
  if (map === undefined) return at;
  let end = at;
  for (const [key, value] of entriesOf(map, wire.key, name)) {
    const start = putTag(into, end, tag, 1) + 1;
    const opened = start - into.mark;
    try {
      end = wire.key.write(into, start, wire.keyTag, key as never, "", depth);
      end = wire.value.write(into, end, wire.valueTag, value as ValueInit, "", depth);
    } catch (error) {
      throw inField(error, name + entrySegment(key));
    }
    end = putLength(into, end, opened, 1);
  }
  return end;
}

/** Reads one entry into `map`. */
export function readEntry<Key extends MapKey, Value, ValueInit>(
  from: Reader,
  map: Map<Key, Value>,
  wire: MapWire<Key, Value, ValueInit>,
): void {
  const outerEnd = from.enter(from.length());
  let key: Key | undefined;
  let value: Value | undefined;
  while (from.position < from.end) {
    const tag = readTag(from);
    if (tag === wire.keyTag) key = wire.key.read(from);
    else if (tag === wire.valueTag) value = wire.value.read(from, value);
    else skipField(from, tag);
  }
  from.leave(outerEnd);
  map.set(key ?? wire.key.empty(), value ?? emptyValue(from, wire.value));
}

function emptyValue<Value>(from: Reader, wire: Wire<Value, never>): Value {
  // A message of which nothing came may lack what is required.
  from.incomplete = true;
  return wire.empty();
}

/** The same where values are of a closed enum: an entry with a value that it lacks is an unknown field of `message`. */
export function readClosedEntry<Key extends MapKey, Value, ValueInit>(
  from: Reader,
  map: Map<Key, Value>,
  wire: MapWire<Key, Value, ValueInit>,
  message: HasUnknown,
): void {
  const start = from.mark;
  const lone = new Map<Key, Value>();
  readEntry(from, lone, wire);
  for (const [key, value] of lone) {
    if (typeof value === "number") keepBytes(message, from.bytes, start, from.position);
    else map.set(key, value);
  }
}

/** A `Map` of whole values out of an accepted form. */
export function createMap<Key extends MapKey, Value, ValueInit>(
  init: MapInit<NoInfer<Key>, ValueInit> | undefined,
  wire: MapWire<Key, Value, ValueInit>,
): Map<Key, Value> {
  const map = new Map<Key, Value>();
  if (init === undefined || init === null) return map;
  for (const [key, value] of entriesOf(init, wire.key, "")) {
    map.set(wire.key.create(key as never), wire.value.create(value as ValueInit));
  }
  return map;
}

/** The entries of a `Map`, or of a plain object, whose property names are read as keys of the field's type. */
export function entriesOf(
  map: unknown,
  keyWire: Wire<unknown, never>,
  name: string,
): Iterable<readonly [unknown, unknown]> {
  if (map instanceof Map) return map as ReadonlyMap<unknown, unknown>;
  if (Array.isArray(map)) throw wrongType("a Map or an object", map, name);
  checkMessage(map, name);
  const kind = typeof keyWire.empty();
  const entries = Object.entries(map as { readonly [key: string]: unknown });
  return kind === "string" ? entries : entries.map(([text, value]) => [parseKey(text, kind), value]);
}

/** A property name as a key of another type; what does not read as one stays text, for the encoder to refuse. */
function parseKey(text: string, kind: string): unknown {
  if (kind === "boolean") return text === "true" ? true : text === "false" ? false : text;
  if (!/^-?\d+$/.test(text)) return text;
  return kind === "bigint" ? BigInt(text) : Number(text);
}
