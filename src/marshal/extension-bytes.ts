// Marshal layer: where extensions lie in a message's unknown fields, read and written. In a message set each stands in a
// group of its own, whose type is the extension's number.
//
//   field of an extension   tag (number)   value
//   item of a message set   0b   10 type (varint)   1a length, message   0c
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import { wrongType } from "./errors.ts";
import { readPacked, writeList, writePacked } from "./lists.ts";
import { readUint32, writeUint32 } from "./scalars.ts";
import { putTag, readTag, skipField, tagOf, wireTypes } from "./tags.ts";
import { defaultMaxDepth, type Wire } from "./wire.ts";

/** How one extension looks among the fields of a message. */
export interface ExtensionLayout {
  readonly number: number;
  readonly wire: Wire;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** Numbers, which its enum lacks, are not among its values. */
  readonly closed: boolean;
  /** The message is a message set. */
  readonly inSet: boolean;
}

const itemTag = /* @__PURE__ */ tagOf(1, wireTypes.groupStart);
const itemEndTag = /* @__PURE__ */ tagOf(1, wireTypes.groupEnd);
const itemTypeTag = /* @__PURE__ */ tagOf(2, wireTypes.varint);
const itemMessageTag = /* @__PURE__ */ tagOf(3, wireTypes.sized);

/** One field of the extension: where it lies, tag included, and where its values begin: a message set's item may hold many. */
interface Found {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  readonly values: readonly number[];
}

/** The fields of the extension in `kept`, in their order. Throws a `ReadError` or a `MarshalError`. */
function find(kept: Uint8Array, { number, inSet }: ExtensionLayout): Found[] {
  const found: Found[] = [];
  const from = new Reader(kept, 0, kept.length, defaultMaxDepth);
  while (from.position < from.end) {
    const tag = readTag(from);
    const start = from.mark;
    const value = from.position;
    if (inSet && tag === itemTag) {
      const { type, messages } = readItem(from);
      if (type === number) found.push({ tag, start, end: from.position, values: messages });
      continue;
    }
    skipField(from, tag);
    if (!inSet && tag >>> 3 === number) found.push({ tag, start, end: from.position, values: [value] });
  }
  return found;
}

/** Reads an item of a message set, whose start tag was just read: its parts may come in any order. */
function readItem(from: Reader): { readonly type: number | undefined; readonly messages: readonly number[] } {
  let type: number | undefined;
  const messages: number[] = [];
  from.descend();
  for (;;) {
    const tag = readTag(from);
    if (tag === itemEndTag) break;
    if (tag === itemTypeTag) type = readUint32(from);
    else {
      if (tag === itemMessageTag) messages.push(from.position);
      skipField(from, tag);
    }
  }
  from.depthLeft++;
  return { type, messages };
}

/** The numbers of all fields in `kept`; those of a message set are the types of its items. */
export function numbersIn(kept: Uint8Array, inSet: boolean): ReadonlySet<number> {
  const numbers = new Set<number>();
  const from = new Reader(kept, 0, kept.length, defaultMaxDepth);
  while (from.position < from.end) {
    const tag = readTag(from);
    if (inSet && tag === itemTag) {
      const { type } = readItem(from);
      if (type !== undefined) numbers.add(type);
      continue;
    }
    skipField(from, tag);
    numbers.add(tag >>> 3);
  }
  return numbers;
}

/** The extension's value, a list when it is repeated; undefined when it is not there. `incomplete`: something may be missing. */
export function readExtension(
  kept: Uint8Array,
  layout: ExtensionLayout,
): { readonly value: unknown; readonly incomplete: boolean } {
  const { number, wire, repeated, closed, inSet } = layout;
  const from = new Reader(kept, 0, kept.length, defaultMaxDepth);
  const ownTag = inSet ? itemTag : tagOf(number, wire.wireType);
  const packable = repeated && wire.wireType !== wireTypes.sized && wire.wireType !== wireTypes.groupStart;
  const values: unknown[] = [];
  const isKnown = (value: unknown): boolean => !(closed && typeof value === "number");
  for (const { tag, values: positions } of find(kept, layout)) {
    for (const position of positions) {
      from.position = position;
      if (tag === ownTag) {
        const value = wire.read(from, repeated ? undefined : values[0]);
        if (isKnown(value)) values[repeated ? values.length : 0] = value;
      } else if (packable && tag === tagOf(number, wireTypes.sized)) {
        for (const value of readPacked(from, [], wire)) if (isKnown(value)) values.push(value);
      }
    }
  }
  return { value: repeated ? values : values[0], incomplete: from.incomplete };
}

/** `kept` without the extension's fields; undefined when nothing else is there. */
export function dropExtension(kept: Uint8Array, layout: ExtensionLayout): Uint8Array | undefined {
  const into = new Writer();
  let at = 0;
  for (const { start, end } of find(kept, layout)) {
    into.writeBytes(kept, at, start);
    at = end;
  }
  into.writeBytes(kept, at, kept.length);
  return into.position === into.start ? undefined : into.toBytes();
}

/** `kept` with the extension's fields behind it. Throws a `MarshalError` at `name` for what the extension cannot hold. */
export function addExtension(
  kept: Uint8Array | undefined,
  layout: ExtensionLayout,
  { value, name }: { readonly value: unknown; readonly name: string },
): Uint8Array {
  const { number, wire, repeated, packed, inSet } = layout;
  const into = new Writer();
  if (kept !== undefined) into.writeBytes(kept);
  if (inSet) {
    let end = putTag(into, into.position, itemTag, 0);
    end = writeUint32(into, end, itemTypeTag, number, name);
    end = wire.write(into, end, itemMessageTag, value, name, 1);
    into.position = putTag(into, end, itemEndTag, 0);
  } else if (repeated) {
    if (value === undefined) throw wrongType("an array", value, name);
    const values = value as readonly unknown[];
    into.position = packed
      ? writePacked(into, into.position, tagOf(number, wireTypes.sized), values, name, wire)
      : writeList(into, into.position, tagOf(number, wire.wireType), values, name, wire, 0);
  } else {
    into.position = wire.write(into, into.position, tagOf(number, wire.wireType), value, name, 0);
  }
  return into.toBytes();
}
