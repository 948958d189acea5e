// Marshal layer: repeated fields. Numbers, bools and enums may come packed, as one run behind one length, or one by one:
// both are read wherever either is.
import { putLength, sizeOfVarint32 } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { inField, wrongType } from "./errors.ts";
import { type WriteFields, writeNested } from "./nested.ts";
import { putTag } from "./tags.ts";
import type { Wire } from "./wire.ts";

/** Writes each element behind the tag; nothing for an absent or empty list. */
export function writeList<Value, Init>(
  into: Writer,
  at: number,
  tag: number,
  values: readonly Init[] | undefined,
  name: string,
  wire: Wire<Value, Init>,
  depth: number,
): number {
  if (values === undefined) return at;
  if (!Array.isArray(values)) throw wrongType("an array", values, name);
  const { write } = wire;
  let index = 0;
  let end = at;
  try {
    for (; index < values.length; index++) end = write(into, end, tag, values[index] as Init, "", depth);
  } catch (error) {
    throw inField(error, `${name}[${index}]`);
  }
  return end;
}

/** Writes each message behind the tag and its length; nothing for an absent or empty list. */
export function writeNestedList<Init>(
  into: Writer,
  at: number,
  tag: number,
  values: readonly Init[] | undefined,
  name: string,
  writeFields: WriteFields<Init>,
  depth: number,
): number {
  if (values === undefined) return at;
  if (!Array.isArray(values)) throw wrongType("an array", values, name);
  let index = 0;
  let end = at;
  try {
    for (; index < values.length; index++) {
      end = writeNested(into, end, tag, values[index] as Init, "", writeFields, depth);
    }
  } catch (error) {
    throw inField(error, `${name}[${index}]`);
  }
  return end;
}

/** Writes all elements behind one tag and one length; nothing for an absent or empty list. */
export function writePacked<Value, Init>(
  into: Writer,
  at: number,
  tag: number,
  values: readonly Init[] | undefined,
  name: string,
  wire: Wire<Value, Init>,
): number {
  if (values === undefined) return at;
  if (!Array.isArray(values)) throw wrongType("an array", values, name);
  if (values.length === 0) return at;
  const reserved = sizeOfVarint32(values.length);
  into.position = putTag(into, at, tag, reserved) + reserved;
  const opened = into.offset();
  // What a run stops at is written once more, to be refused with its reason.
  let index = wire.writeRun?.(into, values) ?? 0;
  let end = into.position;
  try {
    for (; index < values.length; index++) end = wire.write(into, end, 0, values[index] as Init, "", 0);
  } catch (error) {
    throw inField(error, `${name}[${index}]`);
  }
  return putLength(into, end, opened, reserved);
}

/** Reads a packed run: gives `values` with its elements behind, or a new list where there were none. */
export function readPacked<Value>(from: Reader, values: Value[], wire: Wire<Value, never>): Value[] {
  const outerEnd = enterRun(from);
  let list = values;
  if (wire.readRun !== undefined) list = wire.readRun(from, values);
  else while (from.position < from.end) values.push(wire.read(from));
  from.end = outerEnd;
  return list;
}

/** Makes the packed run that begins here all there is to read, and returns the end to be set behind it. */
export function enterRun(from: Reader): number {
  const count = from.length();
  const outerEnd = from.end;
  from.end = from.take(count) + count;
  from.position = from.end - count;
  return outerEnd;
}

/** A list of whole values out of accepted forms. */
export function createList<Value, Init>(init: readonly Init[] | undefined, wire: Wire<Value, Init>): Value[] {
  if (init === undefined || init === null) return [];
  if (!Array.isArray(init)) throw wrongType("an array", init, "");
  return init.map((value: Init) => wire.create(value));
}
