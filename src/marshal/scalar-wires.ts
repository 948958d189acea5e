// Marshal layer: the scalar types as `Wire` values, for lists, maps and the builder, which handle all types alike.
import { copyBytes } from "../bytes/reader.ts";
import type { ScalarType } from "../idl/descriptor.ts";
import {
  readBools,
  readDoubles,
  readFixed32s,
  readFloats,
  readInt32s,
  readInt64s,
  readSfixed32s,
  readSint32s,
  readUint32s,
  readUint64s,
} from "./runs-read.ts";
import {
  writeBools,
  writeDoubles,
  writeFixed32s,
  writeFloats,
  writeInt32s,
  writeInt64s,
  writeSfixed32s,
  writeSint32s,
  writeUint32s,
  writeUint64s,
} from "./runs-write.ts";
import {
  readBool,
  readBytes,
  readDouble,
  readFixed32,
  readFixed64,
  readFloat,
  readInt32,
  readInt64,
  readSfixed32,
  readSfixed64,
  readSint32,
  readSint64,
  readString,
  readUint32,
  readUint64,
  writeBool,
  writeBytes,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFloat,
  writeInt32,
  writeInt64,
  writeSfixed32,
  writeSfixed64,
  writeSint32,
  writeSint64,
  writeString,
  writeUint32,
  writeUint64,
} from "./scalars.ts";
import { wireTypes } from "./tags.ts";
import type { Wire } from "./wire.ts";

const same = <Value>(value: Value): Value => value;
const zero = (): number => 0;
const zeroBigInt = (): bigint => 0n;

/** A 64-bit value in its one form. What is not a safe integer stays as it is, for the encoder to refuse. */
export function toBigInt(value: bigint | number): bigint {
  return Number.isSafeInteger(value) ? BigInt(value) : (value as bigint);
}

/**
 * Stands for an unset `bytes` field while a message is read: it is replaced before anybody sees the message. Shared by all, it
 * would be lost to all once somebody transfers its buffer to a worker.
 */
export const unsetBytes: Uint8Array = new Uint8Array(0);

/** A fresh empty value of a `bytes` field. */
export function noBytes(): Uint8Array {
  return copyBytes(unsetBytes, 0, 0);
}

/** True for bytes of which there are none. */
export function isEmptyBytes(value: Uint8Array): boolean {
  return value instanceof Uint8Array && value.length === 0;
}

/** A whole value of a field that may be absent. */
export function createOptional<Value, Init>(init: Init | undefined, create: (init: Init) => Value): Value | undefined {
  return init === undefined || init === null ? undefined : create(init);
}

type NumberWire = Wire<number>;
type BigIntWire = Wire<bigint, bigint | number>;

type Layout = keyof typeof wireTypes;

/** Calls, whose arguments are plain, and no spreads and no properties of objects: bundlers can tell that they may be left out. */
function wire<Value, Init>(layout: Layout, parts: Omit<Wire<Value, Init>, "wireType">): Wire<Value, Init> {
  return { wireType: wireTypes[layout], ...parts };
}

function numberWire(layout: Layout, parts: Omit<NumberWire, "wireType" | "empty" | "create">): NumberWire {
  return { wireType: wireTypes[layout], ...parts, empty: zero, create: same };
}

function bigIntWire(layout: Layout, parts: Omit<BigIntWire, "wireType" | "empty" | "create">): BigIntWire {
  return { wireType: wireTypes[layout], ...parts, empty: zeroBigInt, create: toBigInt };
}

/** `int32`: a varint; negative numbers take ten bytes. */
export const int32Wire: NumberWire = /* @__PURE__ */ numberWire("varint", {
  write: writeInt32,
  read: readInt32,
  readRun: readInt32s,
  writeRun: writeInt32s,
});
/** `uint32`: a varint. */
export const uint32Wire: NumberWire = /* @__PURE__ */ numberWire("varint", {
  write: writeUint32,
  read: readUint32,
  readRun: readUint32s,
  writeRun: writeUint32s,
});
/** `sint32`: a varint of the zigzag form, short near zero. */
export const sint32Wire: NumberWire = /* @__PURE__ */ numberWire("varint", {
  write: writeSint32,
  read: readSint32,
  readRun: readSint32s,
  writeRun: writeSint32s,
});
/** `fixed32`: four bytes, unsigned. */
export const fixed32Wire: NumberWire = /* @__PURE__ */ numberWire("fixed32", {
  write: writeFixed32,
  read: readFixed32,
  readRun: readFixed32s,
  writeRun: writeFixed32s,
});
/** `sfixed32`: four bytes, signed. */
export const sfixed32Wire: NumberWire = /* @__PURE__ */ numberWire("fixed32", {
  write: writeSfixed32,
  read: readSfixed32,
  readRun: readSfixed32s,
  writeRun: writeSfixed32s,
});
/** `float`: four bytes. */
export const floatWire: NumberWire = /* @__PURE__ */ numberWire("fixed32", {
  write: writeFloat,
  read: readFloat,
  readRun: readFloats,
  writeRun: writeFloats,
});
/** `double`: eight bytes. */
export const doubleWire: NumberWire = /* @__PURE__ */ numberWire("fixed64", {
  write: writeDouble,
  read: readDouble,
  readRun: readDoubles,
  writeRun: writeDoubles,
});
/** `int64`: a varint; negative numbers take ten bytes. */
export const int64Wire: BigIntWire = /* @__PURE__ */ bigIntWire("varint", {
  write: writeInt64,
  read: readInt64,
  readRun: readInt64s,
  writeRun: writeInt64s,
});
/** `uint64`: a varint. */
export const uint64Wire: BigIntWire = /* @__PURE__ */ bigIntWire("varint", {
  write: writeUint64,
  read: readUint64,
  readRun: readUint64s,
  writeRun: writeUint64s,
});
/** `sint64`: a varint of the zigzag form, short near zero. */
export const sint64Wire: BigIntWire = /* @__PURE__ */ bigIntWire("varint", {
  write: writeSint64,
  read: readSint64,
});
/** `fixed64`: eight bytes, unsigned. */
export const fixed64Wire: BigIntWire = /* @__PURE__ */ bigIntWire("fixed64", {
  write: writeFixed64,
  read: readFixed64,
});
/** `sfixed64`: eight bytes, signed. */
export const sfixed64Wire: BigIntWire = /* @__PURE__ */ bigIntWire("fixed64", {
  write: writeSfixed64,
  read: readSfixed64,
});
/** `bool`: a varint of one byte. */
export const boolWire: Wire<boolean> = /* @__PURE__ */ wire("varint", {
  write: writeBool,
  read: readBool,
  readRun: readBools,
  writeRun: writeBools,
  empty: () => false,
  create: same,
});
/** `string`: UTF-8 behind its length. */
export const stringWire: Wire<string> = /* @__PURE__ */ wire("sized", {
  write: writeString,
  read: readString,
  empty: () => "",
  create: same,
});
/** `bytes`: behind their length. */
export const bytesWire: Wire<Uint8Array> = /* @__PURE__ */ wire("sized", {
  write: writeBytes,
  read: readBytes,
  empty: noBytes,
  create: same,
});

/** The wire of each scalar type, by its name in a `.proto` file. */
export const scalarWires = {
  double: doubleWire,
  float: floatWire,
  int32: int32Wire,
  int64: int64Wire,
  uint32: uint32Wire,
  uint64: uint64Wire,
  sint32: sint32Wire,
  sint64: sint64Wire,
  fixed32: fixed32Wire,
  fixed64: fixed64Wire,
  sfixed32: sfixed32Wire,
  sfixed64: sfixed64Wire,
  bool: boolWire,
  string: stringWire,
  bytes: bytesWire,
} as const satisfies { readonly [scalar in ScalarType]: unknown };
