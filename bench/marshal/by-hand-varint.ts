// Benchmark, marshalling: what the codec by hand needs of protobuf's binary format beside its own fields: varints, and the
// way past a field that it does not know.
import { MarshalError, type MarshalErrorCode } from "farcall/marshal";

/** Groups within groups. */
const maxDepth = 100;

/** Behind the varint that was read last. */
export let varintEnd = 0;

function refuse(code: MarshalErrorCode, detail: string, offset: number): never {
  throw new MarshalError(code, detail, { offset });
}

/** The low 32 bits of the varint at `at`, signed. A length has no other bits; a tag has five bytes at most and no other bits. */
export function varint(bytes: Uint8Array, at: number, what: "value" | "length" | "tag"): number {
  if (at < bytes.length) {
    const first = bytes[at] as number;
    if (first < 0x80) {
      varintEnd = at + 1;
      return first;
    }
  }
  return longVarint(bytes, at, what);
}

function longVarint(bytes: Uint8Array, at: number, what: "value" | "length" | "tag"): number {
  let low = 0;
  let high = 0;
  for (let index = 0; index < 10; index++) {
    if (at + index >= bytes.length) refuse("truncated", "the bytes end inside a varint", at);
    const byte = bytes[at + index] as number;
    if (index < 5) low |= (byte & 0x7f) << (7 * index);
    if (index === 4) high = (byte & 0x7f) >>> 4;
    else if (index > 4) high |= (byte & 0x7f) << (7 * index - 32);
    if (byte < 0x80) {
      varintEnd = at + index + 1;
      if (what === "length" && (low < 0 || high !== 0)) refuse("truncated", "a length of 2 GiB or more", at);
      if (what === "tag" && (index > 4 || high !== 0)) refuse("bad-varint", "a tag is longer than 32 bits", at);
      return low;
    }
  }
  return refuse("bad-varint", "a varint is longer than 10 bytes", at);
}

function past(bytes: Uint8Array, at: number, count: number): number {
  if (count > bytes.length - at)
    refuse("truncated", `${count} bytes are announced and ${bytes.length - at} remain`, at);
  return at + count;
}

/** A field whose tag was just read, from `start` on. */
interface Begun {
  readonly tag: number;
  readonly start: number;
  /** Groups around it. */
  readonly depth: number;
}

/** The index behind the value of a field, which begins at `varintEnd`. */
export function skipField(bytes: Uint8Array, { tag, start, depth }: Begun): number {
  if (tag >>> 3 === 0) refuse("bad-tag", "a field has number 0", start);
  switch (tag & 7) {
    case 0:
      varint(bytes, varintEnd, "value");
      return varintEnd;
    case 1:
      return past(bytes, varintEnd, 8);
    case 2: {
      const count = varint(bytes, varintEnd, "length");
      return past(bytes, varintEnd, count);
    }
    case 3:
      return skipGroup(bytes, tag + 1, depth);
    case 4:
      return refuse("bad-group", `group ${tag >>> 3} ends and was not begun`, start);
    case 5:
      return past(bytes, varintEnd, 4);
    default:
      return refuse("bad-tag", `field ${tag >>> 3} has wire type ${tag & 7}`, start);
  }
}

/** From behind a group's first tag to behind its last, which is `endTag`. */
function skipGroup(bytes: Uint8Array, endTag: number, depth: number): number {
  if (depth >= maxDepth) refuse("too-deep", "more groups within groups than the limit allows", varintEnd);
  let at = varintEnd;
  for (;;) {
    const tag = varint(bytes, at, "tag") >>> 0;
    if (tag === endTag) return varintEnd;
    at = skipField(bytes, { tag, start: at, depth: depth + 1 });
  }
}
