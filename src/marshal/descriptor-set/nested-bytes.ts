// Marshal layer, descriptor sets: the bytes of messages within options, behind a length or as groups.
import type { Reader } from "../../bytes/reader.ts";
import type { Writer } from "../../bytes/writer.ts";
import { readBytes, writeBytes } from "../scalars.ts";
import { putTag, readTag, skipField, tagOf, wireTypes } from "../tags.ts";

/** How the fields of a message within a message are marked off. */
export interface NestedBytes {
  /** Writes at index `at` of the writer's bytes, first the tag, none for tag 0, and gives the index behind. */
  write(into: Writer, at: number, tag: number, bytes: Uint8Array): number;
  read(from: Reader): Uint8Array;
}

/** A message behind its length. */
export const sizedBytes: NestedBytes = {
  write: (into, at, tag, bytes) => writeBytes(into, at, tag, bytes, ""),
  read: readBytes,
};

/** A message between the start and the end tag of a field. */
export function groupBytes(number: number): NestedBytes {
  const endTag = tagOf(number, wireTypes.groupEnd);
  return {
    write(into, at, tag, bytes) {
      into.position = putTag(into, at, tag, 0);
      into.writeBytes(bytes);
      return putTag(into, into.position, endTag, 0);
    },
    read(from) {
      const start = from.position;
      from.descend();
      for (let tag = readTag(from); tag !== endTag; tag = readTag(from)) skipField(from, tag);
      from.depthLeft++;
      return from.bytes.subarray(start, from.mark);
    },
  };
}
