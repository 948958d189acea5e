// Marshal layer: repeated fields. Numbers, bools and enums may come packed, as one run behind one length, or one by one:
// both are read wherever either is.
import { closeLength, openLength, sizeOfVarint32 } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { inField, wrongType } from "./errors.ts";
import { writeTag } from "./tags.ts";
import type { Wire } from "./wire.ts";

/** Writes each element behind the tag; nothing for an absent or empty list. */
export function writeList<Value, Init>(
  into: Writer,
  tag: number,
  values: readonly Init[] | undefined,
  name: string,
  wire: Wire<Value, Init>,
  depth: number,
): void {
  if (values === undefined) return;
  if (!Array.isArray(values)) throw wrongType("an array", values, name);
  let index = 0;
  try {
    for (; index < values.length; index++) {
      writeTag(into, tag);
      wire.write(into, values[index] as Init, "", depth);
    }
  } catch (error) {
    throw inField(error, `${name}[${index}]`);
  }
}

/** Writes all elements behind one tag and one length; nothing for an absent or empty list. */
export function writePacked<Value, Init>(
  into: Writer,
  tag: number,
  values: readonly Init[] | undefined,
  name: string,
  wire: Wire<Value, Init>,
): void {
  if (values === undefined) return;
  if (!Array.isArray(values)) throw wrongType("an array", values, name);
  if (values.length === 0) return;
  writeTag(into, tag);
  const reserved = sizeOfVarint32(values.length);
  const opened = openLength(into, reserved);
  // What a run stops at is written once more, to be refused with its reason.
  let index = wire.writeRun?.(into, values) ?? 0;
  try {
    for (; index < values.length; index++) wire.write(into, values[index] as Init, "", 0);
  } catch (error) {
    throw inField(error, `${name}[${index}]`);
  }
  closeLength(into, opened, reserved);
}

/** Reads a packed run and appends its elements to `values`. */
export function readPacked<Value>(from: Reader, values: Value[], wire: Wire<Value, never>): void {
  const outerEnd = enterRun(from);
  if (wire.readRun !== undefined) wire.readRun(from, values);
  else while (from.position < from.end) values.push(wire.read(from));
  from.end = outerEnd;
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
