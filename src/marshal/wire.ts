// Marshal layer: the one shape in which every type of value - scalar, enum, message - is written, read and completed.
// Generated code and the TypeScript builder are both put together from these.
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import type { WireType } from "./tags.ts";

/** How values of one type look on the wire, behind their tag. Its functions need no `this`. */
export interface Wire<Value = unknown, Init = Value> {
  readonly wireType: WireType;
  /**
   * Writes a tag and the value behind it; for tag 0, the value alone. `at` is the index in the writer's bytes to write at, which
   * moves as they grow: the index behind the value is given back. `name` is the field's, for errors; `depth` counts the
   * messages around it. Throws a `MarshalError`.
   */
  write(into: Writer, at: number, tag: number, value: Init, name: string, depth: number): number;
  /** Reads a value; a message is merged into `previous`. */
  read(from: Reader, previous?: Value): Value;
  /** Gives `values` with those that fill the rest of `from`'s level behind, or a new list: faster than one by one. */
  readRun?(from: Reader, values: Value[]): Value[];
  /**
   * Writes values at the writer's position without anything between them: faster than one by one. Stops at the first that `write` would refuse and
   * returns its index, else how many there are.
   */
  writeRun?(into: Writer, values: readonly Init[]): number;
  /** The value of a field that is absent. */
  empty(): Value;
  /** A whole value out of a form that is accepted. What is not accepted is left for `write` to refuse. */
  create(init: Init): Value;
  /** Of a message only: the same between the start and the end tag of field `number`. */
  grouped?(number: number): Wire<Value, Init>;
}

/** Messages within messages that an encoder writes and, by default, a decoder reads. */
export const defaultMaxDepth = 100;
