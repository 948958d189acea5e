// Marshal layer: which field lies at a byte. Decoders keep no track of where they are; when one fails, the bytes are walked
// once more with the schema, so that success pays nothing for the path in the error.
import { Reader } from "../bytes/reader.ts";
import type { FieldDescriptor, MessageDescriptor } from "../idl/descriptor.ts";
import { readTag, skipField, wireTypes } from "./tags.ts";

/** Levels that a walk goes down: as deep as any decoder may have gone. */
const maxWalkDepth = 10_000;

/** The bytes of one message, and the byte that could not be read. */
export interface Fault {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly offset: number;
}

/** The path to the field at `fault.offset`, such as `entries[3].name`; `""` when it lies in no known field. */
export function pathAt(message: MessageDescriptor, fault: Fault): string {
  return walk(message, fault) ?? "";
}

/** Undefined: every field up to the fault's offset is whole, and the next does not exist. */
function walk(message: MessageDescriptor, fault: Fault): string | undefined {
  const from = new Reader(fault.bytes, fault.start, fault.end, maxWalkDepth);
  const counts = new Map<number, number>();
  while (from.position < fault.end) {
    const tag = attempt(() => readTag(from));
    if (tag === undefined) return "";
    // A group that is walked ends.
    if ((tag & 7) === wireTypes.groupEnd) return undefined;
    const valueStart = from.position;
    const field = message.fields.find((one) => one.number === tag >>> 3);
    const index = counts.get(tag >>> 3) ?? 0;
    counts.set(tag >>> 3, index + 1);
    const whole = attempt(() => skip(from, tag)) !== undefined;
    const valueEnd = whole ? from.position : fault.end + 1;
    // Into a group also when it does not end: there is no length to believe.
    const walkable = whole || ((tag & 7) === wireTypes.groupStart && fault.offset > valueStart);
    if (field !== undefined && walkable && fault.offset <= valueEnd) {
      const inner = walkInto(field, tag, { ...fault, start: valueStart, end: Math.min(valueEnd, fault.end) });
      if (inner !== undefined) return join(segmentOf(field, tag, index), inner);
    }
    if (fault.offset < valueEnd) return field === undefined ? "" : segmentOf(field, tag, index);
  }
  return undefined;
}

/** The path within the nested message whose length, or first field, starts at `fault.start`. */
function walkInto(field: FieldDescriptor, tag: number, fault: Fault): string | undefined {
  if (field.type.kind !== "message" || field.cardinality === "map") return undefined;
  if ((tag & 7) === wireTypes.groupStart && field.delimited) return walk(field.type.message, fault);
  if ((tag & 7) !== wireTypes.sized || field.delimited) return undefined;
  const from = new Reader(fault.bytes, fault.start, fault.end, 0);
  from.length();
  return fault.offset < from.position ? undefined : walk(field.type.message, { ...fault, start: from.position });
}

function segmentOf(field: FieldDescriptor, tag: number, index: number): string {
  if (field.oneof !== undefined) return `${field.oneof.localName}.value`;
  const packed = (tag & 7) === wireTypes.sized && field.packed;
  return field.cardinality === "repeated" && !packed ? `${field.localName}[${index}]` : field.localName;
}

function join(outer: string, inner: string): string {
  return inner === "" ? outer : `${outer}.${inner}`;
}

/** The index behind the field's value. */
function skip(from: Reader, tag: number): number {
  skipField(from, tag);
  return from.position;
}

/** The result, or undefined when the bytes cannot be read. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
