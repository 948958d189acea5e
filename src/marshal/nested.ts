// Marshal layer: messages within messages. A length is left open, filled in afterwards and moved when it needs more than a
// byte; errors get the field's name on their way out. Values that contain themselves end at the depth limit.
import { putLength } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { inField, MarshalError, nameOfValue, wrongType } from "./errors.ts";
import { putTag } from "./tags.ts";
import { defaultMaxDepth } from "./wire.ts";

/**
 * Writes the fields of a message, without its length, and refuses what is none. `at` is the index in the writer's bytes to
 * write at, and the one behind the fields is given back; `depth` counts the messages around it.
 */
export type WriteFields<Init> = (into: Writer, at: number, value: Init, depth: number) => number;
/** Reads fields up to the reader's end into `message`. */
export type ReadFields<Message> = (from: Reader, message: Message) => void;

/**
 * Refuses what cannot be a message: all but plain objects. A class instance may be live: it cannot be sent. Encoders ask only
 * about a value whose `constructor` is not `Object`: to ask for a prototype takes 9 ns.
 */
export function checkMessage(value: unknown, name = ""): void {
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

/** Writes a nested message with its length, behind its tag. For tag 0, without one. */
export function writeNested<Init>(
  into: Writer,
  at: number,
  tag: number,
  value: Init,
  name: string,
  writeFields: WriteFields<Init>,
  depth: number,
): number {
  if (depth >= defaultMaxDepth) throw tooDeep(name);
  const start = putTag(into, at, tag, 1) + 1;
  const opened = start - into.mark;
  let end: number;
  try {
    end = writeFields(into, start, value, depth + 1);
  } catch (error) {
    throw inField(error, name);
  }
  return putLength(into, end, opened, 1);
}

/** The error for a message within as many others as are allowed. */
export function tooDeep(name: string): MarshalError {
  return new MarshalError("too-deep", `more than ${defaultMaxDepth} messages within messages`, { path: name });
}

/** Reads a nested message with its length into `message`, which it returns. */
export function readNested<Message>(from: Reader, message: Message, readFields: ReadFields<Message>): Message {
  const outerEnd = from.enter(from.length());
  readFields(from, message);
  from.leave(outerEnd);
  return message;
}
