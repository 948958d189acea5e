// Marshal layer, descriptor sets: the bytes of messages within options, behind a length or as groups.
import type { Reader } from "../../bytes/reader.ts";
import type { Writer } from "../../bytes/writer.ts";
import { readBytes, writeBytes } from "../scalars.ts";
import { readTag, skipField, tagOf, wireTypes, writeTag } from "../tags.ts";

/** How the fields of a message within a message are marked off. */
export interface NestedBytes {
  write(into: Writer, bytes: Uint8Array): void;
  read(from: Reader): Uint8Array;
}

/** A message behind its length. */
export const sizedBytes: NestedBytes = {
  write: (into, bytes) => writeBytes(into, bytes, ""),
  read: readBytes,
};

/** A message between the start and the end tag of a field; the start tag is the caller's. */
export function groupBytes(number: number): NestedBytes {
  const endTag = tagOf(number, wireTypes.groupEnd);
  return {
    write(into, bytes) {
      into.writeBytes(bytes);
      writeTag(into, endTag);
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
