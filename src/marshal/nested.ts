// Marshal layer: messages within messages. A length is left open, filled in afterwards and moved when it needs more than a
// byte; errors get the field's name on their way out. Values that contain themselves end at the depth limit.
import { closeLength, openLength } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { inField, MarshalError, nameOfValue, wrongType } from "./errors.ts";
import { defaultMaxDepth } from "./wire.ts";

/** Writes the fields of a message, without its length. `depth` counts the messages around it. */
export type WriteFields<Init> = (into: Writer, value: Init, depth: number) => void;
/** Reads fields up to the reader's end into `message`. */
export type ReadFields<Message> = (from: Reader, message: Message) => void;

/** Refuses what cannot be a message: all but plain objects. A class instance may be live: it cannot be sent. */
export function checkMessage(value: unknown, name: string): void {
  if (typeof value === "object" && value !== null) {
    if (isPlainObject(value)) return;
    if (Array.isArray(value)) throw wrongType("an object", value, name);
  } else if (typeof value !== "function") throw wrongType("an object", value, name);
  throw new MarshalError("live-object", `expected a plain object, got ${nameOfValue(value)}`, { path: name });
}

/** Whether an object is data and nothing else: no array, and no instance of a class. */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm: its prototype is that realm's root.
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Writes a nested message with its length, behind its tag. */
export function writeNested<Init>(
  into: Writer,
  value: Init,
  name: string,
  writeFields: WriteFields<Init>,
  depth: number,
): void {
  checkNesting(value, name, depth);
  const opened = openLength(into, 1);
  try {
    writeFields(into, value, depth + 1);
  } catch (error) {
    throw inField(error, name);
  }
  closeLength(into, opened, 1);
}

/** Refuses what cannot be a message within `depth` others. */
export function checkNesting(value: unknown, name: string, depth: number): void {
  checkMessage(value, name);
  if (depth < defaultMaxDepth) return;
  throw new MarshalError("too-deep", `more than ${defaultMaxDepth} messages within messages`, { path: name });
}

/** Reads a nested message with its length into `message`, which it returns. */
export function readNested<Message>(from: Reader, message: Message, readFields: ReadFields<Message>): Message {
  const outerEnd = from.enter(from.length());
  readFields(from, message);
  from.leave(outerEnd);
  return message;
}
