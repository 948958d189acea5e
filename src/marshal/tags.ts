// Marshal layer: field tags of protobuf's binary format (protobuf.dev, "Encoding"), and fields that the schema lacks:
// they are skipped, with a limit on nested groups, and kept byte for byte.
import { putVarint32 } from "../bytes/numbers.ts";
import type { Reader } from "../bytes/reader.ts";
import { copyBytes } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { tagOf, type WireType, wireTypes } from "../idl/generator/tags.ts";
import { MarshalError, wrongType } from "./errors.ts";

export { tagOf, type WireType, wireTypes };

/** Bytes that a tag takes at most. */
const maxTagBytes = 5;

/**
 * Makes room at index `at` of a writer's bytes for a field's tag and `valueBytes` more, and puts the tag there, or nothing for
 * tag 0. Gives the index behind it.
 */
export function putTag(into: Writer, at: number, tag: number, valueBytes: number): number {
  const start = into.roomAt(at, maxTagBytes + valueBytes);
  if (tag > 0x7f) return putVarint32(into.bytes, start, tag);
  if (tag === 0) return start;
  into.bytes[start] = tag;
  return start + 1;
}

/** The next tag, unsigned; `from.mark` is left at its beginning. Its field number and wire type are checked only by who does not know it: `skipField`. */
export function readTag(from: Reader): number {
  const at = from.position;
  from.mark = at;
  if (at < from.end) {
    const first = from.bytes[at] as number;
    if (first < 0x80) {
      from.position = at + 1;
      return first;
    }
  }
  return readLongTag(from);
}

/** Apart from the tags of fields 1 to 15, so that engines make that part of its caller. */
function readLongTag(from: Reader): number {
  const at = from.position;
  const tag = from.varint32() >>> 0;
  const size = from.position - at;
  if (size > 4 && (size > 5 || (from.bytes[at + 4] as number) > 0x0f)) {
    throw new MarshalError("bad-varint", "a tag is longer than 32 bits", { offset: at });
  }
  return tag;
}

/** Moves past the value of a field whose tag was just read. Groups within it count as levels. */
export function skipField(from: Reader, tag: number): void {
  const offset = from.mark;
  if (tag >>> 3 === 0) throw new MarshalError("bad-tag", "a field has number 0", { offset });
  switch (tag & 7) {
    case wireTypes.varint:
      from.varint32();
      return;
    case wireTypes.fixed64:
      from.take(8);
      return;
    case wireTypes.sized:
      from.take(from.length());
      return;
    case wireTypes.fixed32:
      from.take(4);
      return;
    case wireTypes.groupStart:
      skipGroup(from, tag);
      return;
    case wireTypes.groupEnd:
      throw new MarshalError("bad-group", `group ${tag >>> 3} ends and was not begun`, { offset });
    default:
      throw new MarshalError("bad-tag", `field ${tag >>> 3} has wire type ${tag & 7}`, { offset });
  }
}

function skipGroup(from: Reader, startTag: number): void {
  const endTag = startTag + wireTypes.groupEnd - wireTypes.groupStart;
  from.descend();
  for (;;) {
    const tag = readTag(from);
    if (tag === endTag) break;
    skipField(from, tag);
  }
  from.depthLeft++;
}

/** A message that may carry fields its schema lacks: whole, tags included, in the order they came. */
export interface HasUnknown {
  $unknown?: Uint8Array;
}

/**
 * Moves past a field whose tag was just read, keeping its bytes in `message.$unknown`. The tag that ends the group being
 * read ends the reader's level: decoders look for no other end.
 */
export function keepUnknown(from: Reader, tag: number, message: HasUnknown): void {
  if (tag === from.endTag && from.depthLeft === from.endDepth) {
    from.end = from.position;
    from.endTag = -1;
    return;
  }
  const start = from.mark;
  skipField(from, tag);
  keepBytes(message, from.bytes, start, from.position);
}

/** Adds `bytes[start..end)`, one field or more, to the unknown fields of a message that is being read. */
export function keepBytes(message: HasUnknown, bytes: Uint8Array, start: number, end: number): void {
  const kept = message.$unknown;
  message.$unknown = kept === undefined ? copyBytes(bytes, start, end) : append(kept, bytes, start, end);
}

/**
 * Appends in room that doubles, so that many unknown fields cost linear time. The room behind the view is nobody else's:
 * only a decoder that has not returned yet gets here with it.
 */
function append(kept: Uint8Array, bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = kept.length + end - start;
  const room = kept.buffer.byteLength - kept.byteOffset;
  const whole =
    room >= size ? new Uint8Array(kept.buffer, kept.byteOffset, size) : new Uint8Array(2 * size).subarray(0, size);
  if (whole.buffer !== kept.buffer) whole.set(kept);
  whole.set(bytes.subarray(start, end), kept.length);
  return whole;
}

/** Writes the fields that a decoder kept at index `at` and gives the index behind them. */
export function writeUnknown(into: Writer, at: number, kept: Uint8Array): number {
  if (!(kept instanceof Uint8Array)) throw wrongType("a Uint8Array", kept, "$unknown");
  into.position = at;
  into.writeBytes(kept);
  return into.position;
}
