// Golden rows: what is passed, protobuf's bytes for it, and what they are read as. They are meant for every encoder of the
// contract in `kinds.ts`. The bytes follow from protobuf.dev, "Encoding"; other implementations are asked elsewhere.
import type { EverythingInit, EverythingValue } from "./kinds.ts";

export interface GoldenRow {
  readonly title: string;
  readonly init: EverythingInit;
  readonly hex: string;
  /** Only what differs from a message of which nothing is set. Default: `init`. */
  readonly read?: Partial<EverythingValue>;
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const leaf = (name: string, count = 0) => ({ name, count, next: undefined });

export const goldenRows: readonly GoldenRow[] = [
  { title: "an empty message takes no bytes", init: {}, hex: "" },
  {
    title: "zeros of fields without presence take no bytes",
    init: {
      doubleValue: 0,
      int32Value: 0,
      int64Value: 0n,
      uint64Value: 0,
      boolValue: false,
      stringValue: "",
      bytesValue: bytes(),
      colorValue: "RED",
    },
    hex: "",
    read: {},
  },
  { title: "double", init: { doubleValue: 1.5 }, hex: "09000000000000f83f" },
  { title: "a double that is -0 is not zero", init: { doubleValue: -0 }, hex: "090000000000000080" },
  { title: "a double that is NaN", init: { doubleValue: Number.NaN }, hex: "09000000000000f87f" },
  { title: "float", init: { floatValue: -2.5 }, hex: "15000020c0" },
  { title: "a float is rounded", init: { floatValue: 0.1 }, hex: "15cdcccc3d", read: { floatValue: Math.fround(0.1) } },
  { title: "a float that is -0 is not zero", init: { floatValue: -0 }, hex: "1500000080" },
  { title: "an infinite float", init: { floatValue: Number.POSITIVE_INFINITY }, hex: "150000807f" },
  { title: "int32", init: { int32Value: 150 }, hex: "189601" },
  { title: "the least int32 takes ten bytes", init: { int32Value: -(2 ** 31) }, hex: "1880808080f8ffffffff01" },
  { title: "the greatest int32", init: { int32Value: 2 ** 31 - 1 }, hex: "18ffffffff07" },
  { title: "an int32 of -0 is zero", init: { int32Value: -0 }, hex: "", read: {} },
  { title: "D7: int64 is exact", init: { int64Value: 2n ** 63n - 1n }, hex: "20ffffffffffffffff7f" },
  { title: "a negative int64", init: { int64Value: -1n }, hex: "20ffffffffffffffffff01" },
  {
    title: "an int64 given as a number",
    init: { int64Value: -(2 ** 53 - 1) },
    hex: "2081808080808080f0ff01",
    read: { int64Value: -(2n ** 53n - 1n) },
  },
  { title: "uint32", init: { uint32Value: 2 ** 32 - 1 }, hex: "28ffffffff0f" },
  { title: "uint64", init: { uint64Value: 2n ** 64n - 1n }, hex: "30ffffffffffffffffff01" },
  { title: "sint32", init: { sint32Value: -2 }, hex: "3803" },
  { title: "the least sint32", init: { sint32Value: -(2 ** 31) }, hex: "38ffffffff0f" },
  { title: "sint64", init: { sint64Value: -(2n ** 63n) }, hex: "40ffffffffffffffffff01" },
  { title: "a sint64 given as a number", init: { sint64Value: -3 }, hex: "4005", read: { sint64Value: -3n } },
  { title: "fixed32", init: { fixed32Value: 0xdeadbeef }, hex: "4defbeadde" },
  { title: "fixed64", init: { fixed64Value: 0x0102030405060708n }, hex: "510807060504030201" },
  { title: "sfixed32", init: { sfixed32Value: -1 }, hex: "5dffffffff" },
  { title: "sfixed64", init: { sfixed64Value: -2n }, hex: "61feffffffffffffff" },
  { title: "bool", init: { boolValue: true }, hex: "6801" },
  { title: "string", init: { stringValue: "pä€😀" }, hex: "720a70c3a4e282acf09f9880" },
  { title: "bytes", init: { bytesValue: bytes(0, 255) }, hex: "7a0200ff" },
  { title: "an enum by name", init: { colorValue: "GREEN" }, hex: "800101" },
  { title: "a negative enum value", init: { colorValue: "MINUS" }, hex: "8001ffffffffffffffffff01" },
  { title: "an enum number that the schema lacks", init: { colorValue: 7 }, hex: "800107" },
  {
    title: "an enum number that the schema names is read as its name",
    init: { colorValue: 1 },
    hex: "800101",
    read: { colorValue: "GREEN" },
  },
  {
    title: "a message within",
    init: { leafValue: { name: "a" } },
    hex: "8a01030a0161",
    read: { leafValue: leaf("a") },
  },
  { title: "an empty message within is there", init: { leafValue: {} }, hex: "8a0100", read: { leafValue: leaf("") } },
  { title: "a list of numbers is packed", init: { packedInts: [1, 300, -1] }, hex: "a2010d01ac02ffffffffffffffffff01" },
  { title: "an empty list takes no bytes", init: { packedInts: [], strings: [], leaves: [] }, hex: "" },
  { title: "a list that is not packed", init: { looseInts: [1, 2] }, hex: "a80101a80102" },
  { title: "a list keeps empty strings", init: { strings: ["", "b"] }, hex: "b20100b2010162" },
  { title: "a list of bytes", init: { byteStrings: [bytes(), bytes(1)] }, hex: "ba0100ba010101" },
  {
    title: "a list of messages",
    init: { leaves: [{ count: 1 }, {}] },
    hex: "c201021001c20100",
    read: { leaves: [leaf("", 1), leaf("")] },
  },
  { title: "a list of enums", init: { colors: ["GREEN", 9, "RED"] }, hex: "ca0103010900" },
  { title: "a list of 64-bit numbers", init: { zigzags: [-1n, 1] }, hex: "d201020102", read: { zigzags: [-1n, 1n] } },
  { title: "a list of doubles", init: { doubles: [1, -0] }, hex: "da0110000000000000f03f0000000000000080" },
  { title: "a list of bools", init: { bools: [true, false] }, hex: "e201020100" },
  { title: "a map", init: { counts: new Map([["a", 1]]) }, hex: "f201050a01611001" },
  {
    title: "a map given as an object",
    init: { counts: { a: 1 } },
    hex: "f201050a01611001",
    read: { counts: new Map([["a", 1]]) },
  },
  { title: "map entries write zeros too", init: { counts: new Map([["", 0]]) }, hex: "f201040a001000" },
  {
    title: "keys named like parts of objects are keys",
    init: {
      counts: new Map([
        ["__proto__", 1],
        ["constructor", 2],
      ]),
    },
    hex: "f2010d0a095f5f70726f746f5f5f1001f2010f0a0b636f6e7374727563746f721002",
  },
  {
    title: "a map with 64-bit keys",
    init: { names: new Map([[-1n, "x"]]) },
    hex: "fa010e08ffffffffffffffffff01120178",
  },
  {
    title: "64-bit keys given as properties",
    init: { names: { "5": "x" } },
    hex: "fa01050805120178",
    read: { names: new Map([[5n, "x"]]) },
  },
  {
    title: "64-bit keys given as numbers",
    init: { names: new Map([[5, "x"]]) },
    hex: "fa01050805120178",
    read: { names: new Map([[5n, "x"]]) },
  },
  {
    title: "a map of messages",
    init: { byFlag: { true: { count: 1 } } },
    hex: "82020608011202" + "1001",
    read: { byFlag: new Map([[true, leaf("", 1)]]) },
  },
  { title: "a map of enums", init: { paints: new Map([[3, "GREEN"]]) }, hex: "8a020408031001" },
  { title: "a map of bytes", init: { blobs: new Map([["b", bytes(9)]]) }, hex: "9202060a0162120109" },
  { title: "a oneof's string", init: { choice: { kind: "text", value: "t" } }, hex: "c2020174" },
  { title: "a oneof writes zeros too", init: { choice: { kind: "text", value: "" } }, hex: "c20200" },
  {
    title: "a oneof's number",
    init: { choice: { kind: "big", value: 0 } },
    hex: "c80200",
    read: { choice: { kind: "big", value: 0n } },
  },
  {
    title: "a oneof's message",
    init: { choice: { kind: "leaf", value: {} } },
    hex: "d20200",
    read: { choice: { kind: "leaf", value: leaf("") } },
  },
  { title: "a oneof's enum", init: { choice: { kind: "color", value: "MINUS" } }, hex: "d802ffffffffffffffffff01" },
  { title: "a oneof's bytes", init: { choice: { kind: "raw", value: bytes() } }, hex: "e20200" },
  {
    title: "optional fields write their zeros",
    init: { maybeInt: 0, maybeString: "", maybeBytes: bytes(), maybeColor: "RED", maybeBig: 0 },
    hex: "9003009a0300a20300a80300b00300",
    read: { maybeInt: 0, maybeString: "", maybeBytes: bytes(), maybeColor: "RED", maybeBig: 0n },
  },
  { title: "fields named like parts of objects", init: { constructor$: "c", toString$: "s" }, hex: "e2030163ea030173" },
  { title: "a field with a great number", init: { default: "d" }, hex: "82a4e8030164" },
  {
    title: "fields are written in the order of their numbers",
    init: { default: "d", boolValue: true, int32Value: 1 },
    hex: "1801680182a4e8030164",
  },
  {
    title: "unknown fields follow as they came",
    init: { int32Value: 1, $unknown: bytes(0xd8, 0x3e, 0x05) },
    hex: "1801d83e05",
  },
];
