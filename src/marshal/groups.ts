// Marshal layer: messages between a start and an end tag: proto2's groups, DELIMITED in editions. No length is moved into
// place, and the end is known when it comes (protobuf.dev, "Encoding", groups).
//
//   start tag (number, 3)   fields of the message   end tag (number, 4)
import type { Reader } from "../bytes/reader.ts";
import type { Writer } from "../bytes/writer.ts";
import { inField, MarshalError } from "./errors.ts";
import { type ReadFields, tooDeep, type WriteFields } from "./nested.ts";
import { putTag, tagOf, wireTypes } from "./tags.ts";
import { defaultMaxDepth, type Wire } from "./wire.ts";

interface GroupTags {
  /** 0: the tag that starts the group is there already. */
  readonly tag: number;
  readonly endTag: number;
}

/** Writes a message between the tag that starts it and the one that ends it. */
function writeGroup<Init>(
  into: Writer,
  at: number,
  value: Init,
  name: string,
  { write, tag, endTag, depth }: GroupTags & { readonly write: WriteFields<Init>; readonly depth: number },
): number {
  if (depth >= defaultMaxDepth) throw tooDeep(name);
  let end = putTag(into, at, tag, 0);
  try {
    end = write(into, end, value, depth + 1);
  } catch (error) {
    throw inField(error, name);
  }
  return putTag(into, end, endTag, 0);
}

/** Reads fields into `message`, which it returns, up to the tag that ends the group: `keepUnknown` notices it. */
function readGroup<Message>(from: Reader, message: Message, readFields: ReadFields<Message>, endTag: number): Message {
  const { end: outerEnd, endTag: outerTag, endDepth: outerDepth } = from;
  from.descend();
  from.endTag = endTag;
  from.endDepth = from.depthLeft;
  readFields(from, message);
  if (from.endTag === endTag) {
    throw new MarshalError("truncated", `the bytes end inside group ${endTag >>> 3}`, { offset: from.position });
  }
  from.end = outerEnd;
  from.endTag = outerTag;
  from.endDepth = outerDepth;
  from.depthLeft++;
  return message;
}

/** The wire of a field `number` that holds as a group what `wire` and `fields` make a message of. */
export function groupWire<Message, Init>(
  number: number,
  { empty, create }: Wire<Message, Init>,
  fields: {
    readonly write: WriteFields<Init>;
    readonly read: ReadFields<Message>;
    readonly empty: () => Message;
  },
): Wire<Message, Init> {
  const endTag = tagOf(number, wireTypes.groupEnd);
  return {
    wireType: wireTypes.groupStart,
    write: (into, at, tag, value, name, depth) =>
      writeGroup(into, at, value, name, { write: fields.write, tag, endTag, depth }),
    read: (from, previous) => readGroup(from, previous ?? fields.empty(), fields.read, endTag),
    empty,
    create,
  };
}

/** The wire of a field `number` that holds messages of `type` as groups. */
export function groupOf<Message, Init>(
  number: number,
  { wire }: { readonly wire: Wire<Message, Init> },
): Wire<Message, Init> {
  // A wire of something else has no form as a group: descriptors allow messages only.
  return wire.grouped?.(number) ?? wire;
}
