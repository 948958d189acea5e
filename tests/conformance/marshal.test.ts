// Protobuf's binary format, by golden bytes and by what a decoder must accept. Each row runs on types defined in TypeScript
// and on generated code, which must not differ in anything.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageType } from "farcall/idl";
import { MarshalError } from "farcall/marshal";
import { generateAndCompile } from "../support/marshal/generate.ts";
import { Everything, type EverythingInit, type EverythingValue, Kinds, kindsProto } from "../support/marshal/kinds.ts";
import { goldenRows } from "../support/marshal/rows.ts";

const folder = generateAndCompile("kinds", { "kinds.proto": kindsProto });
const generated = await folder.load("kinds.proto");

type EverythingType = MessageType<EverythingValue, EverythingInit>;
const types: readonly { readonly by: string; readonly type: EverythingType }[] = [
  { by: "built", type: Everything },
  { by: "generated", type: generated["Everything"] as EverythingType },
];

const unset = Everything.create();
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

test("generated code passes the strictest compiler settings", () => {
  assert.equal(folder.complaints, "");
});

for (const { by, type } of types) {
  for (const { title, init, hex, read } of goldenRows) {
    test(`D5: ${title} (${by})`, () => {
      assert.equal(hexOf(type.encode(init)), hex);
      const message = type.decode(bytesOf(hex));
      assert.deepEqual(message, { ...unset, ...(read ?? init) });
      assert.deepEqual(Object.keys(message).slice(0, Object.keys(unset).length), Object.keys(unset));
      assert.equal(hexOf(type.encode(message)), hex);
      assert.deepEqual(structuredClone(message), message);
    });

    test(`${title}: cut bytes are refused or are shorter messages (${by})`, () => {
      const bytes = bytesOf(hex);
      for (let end = 0; end < bytes.length; end++) {
        try {
          assert.ok(type.encode(type.codec.decode(bytes, 0, end, { maxDepth: 100 })).length <= end);
        } catch (error) {
          assert.ok(error instanceof MarshalError && error.code === "truncated", String(error));
          assert.ok(error.offset !== undefined && error.offset <= end);
        }
      }
    });
  }

  test(`all golden rows at once, one after the other in one message (${by})`, () => {
    const rows = goldenRows.filter(({ init }) => init.$unknown === undefined);
    const whole = type.decode(bytesOf(rows.map(({ hex }) => hex).join("")));
    assert.equal(whole.strings.length, 2);
    assert.deepEqual(whole.choice, { kind: "raw", value: new Uint8Array(0) });
    assert.deepEqual(type.decode(type.encode(whole)), whole);
  });

  test(`create makes what an encoder and a decoder would (${by})`, () => {
    for (const { init } of goldenRows) {
      if (init.floatValue !== undefined) continue;
      const created = type.create(init);
      const { $unknown: _, ...known } = created;
      const { $unknown: __, ...decoded } = type.decode(type.encode(init));
      if (Object.is(init.int32Value, -0)) continue;
      assert.deepEqual(known, decoded);
      assert.deepEqual(Object.keys(known), Object.keys(unset));
    }
  });
}

const accepted: readonly { readonly title: string; readonly hex: string; readonly read: Partial<EverythingValue> }[] = [
  { title: "a packed list may come one by one", hex: "a00101a00102", read: { packedInts: [1, 2] } },
  { title: "an unpacked list may come packed", hex: "aa01020102", read: { looseInts: [1, 2] } },
  { title: "both ways may mix, and runs may be empty", hex: "a00105a20100a20101" + "06", read: { packedInts: [5, 6] } },
  { title: "the last of a singular field counts", hex: "18011802", read: { int32Value: 2 } },
  {
    title: "messages that come twice are merged",
    hex: "8a01030a0161" + "8a01021005",
    read: { leafValue: { name: "a", count: 5, next: undefined } },
  },
  { title: "an int32 takes the low 32 bits of a longer varint", hex: "18ffffffff1f", read: { int32Value: -1 } },
  { title: "a uint32 takes the low 32 bits of a longer varint", hex: "28818080808001", read: { uint32Value: 1 } },
  { title: "a bool is true for any other varint than zero", hex: "68ffffffffffffffffff01", read: { boolValue: true } },
  { title: "a map entry without key and value has both zero", hex: "f20100", read: { counts: new Map([["", 0]]) } },
  {
    title: "a map entry may have its value first",
    hex: "f201051001" + "0a0161",
    read: { counts: new Map([["a", 1]]) },
  },
  {
    title: "of two entries with one key the last counts",
    hex: "f201050a01611001f201050a01611002",
    read: { counts: new Map([["a", 2]]) },
  },
  {
    title: "unknown fields in a map entry are passed over",
    hex: "f201071805" + "0a01611001",
    read: { counts: new Map([["a", 1]]) },
  },
  {
    title: "a map entry without value has an empty message",
    hex: "820200",
    read: { byFlag: new Map([[false, { name: "", count: 0, next: undefined }]]) },
  },
  {
    title: "a map entry without value has empty bytes",
    hex: "920203" + "0a0162",
    read: { blobs: new Map([["b", new Uint8Array(0)]]) },
  },
  {
    title: "the last field of a oneof counts",
    hex: "c2020174" + "c80205",
    read: { choice: { kind: "big", value: 5n } },
  },
  {
    title: "a oneof's message that comes twice is merged",
    hex: "d202030a0161" + "d202021005",
    read: { choice: { kind: "leaf", value: { name: "a", count: 5, next: undefined } } },
  },
  {
    title: "a oneof's message is not merged across another field",
    hex: "d202030a0161" + "c20200" + "d202021005",
    read: { choice: { kind: "leaf", value: { name: "", count: 5, next: undefined } } },
  },
  { title: "another wire type makes a known field unknown", hex: "1a0161", read: { $unknown: bytesOf("1a0161") } },
  {
    title: "unknown fields of all wire types are kept",
    hex: "d83e05" + "d93e0102030405060708" + "da3e0161" + "dd3e01020304",
    read: { $unknown: bytesOf("d83e05d93e0102030405060708da3e0161dd3e01020304") },
  },
  {
    title: "unknown groups are kept whole",
    hex: "db3e" + "0805" + "e33ee43e" + "dc3e",
    read: { $unknown: bytesOf("db3e0805e33ee43edc3e") },
  },
  {
    title: "unknown fields between known ones are kept in order",
    hex: "d83e01" + "1805" + "d83e02",
    read: { int32Value: 5, $unknown: bytesOf("d83e01d83e02") },
  },
  {
    title: "an unknown field's tag is kept as it was written",
    hex: "d8be0005",
    read: { $unknown: bytesOf("d8be0005") },
  },
];

for (const { by, type } of types) {
  for (const { title, hex, read } of accepted) {
    test(`${title} (${by})`, () => {
      assert.deepEqual(type.decode(bytesOf(hex)), { ...unset, ...read });
    });
  }

  test(`unknown fields within messages are kept and written again (${by})`, () => {
    const bytes = bytesOf("8a0106" + "0a0161" + "f80105");
    const message = type.decode(bytes);
    assert.deepEqual(message.leafValue?.$unknown, bytesOf("f80105"));
    assert.equal(Object.hasOwn(message, "$unknown"), false);
    assert.deepEqual(type.encode(message), bytes);
  });

  test(`many unknown fields between known ones take linear time and room (${by})`, () => {
    const bytes = bytesOf("1801d83e05".repeat(50_000));
    const message = type.decode(bytes);
    assert.equal(message.$unknown?.length, 150_000);
    assert.ok(message.$unknown.buffer.byteLength <= 2 * 150_000);
  });
}

const refused: readonly {
  readonly title: string;
  readonly hex: string;
  readonly code: string;
  readonly path: string;
}[] = [
  { title: "field number 0", hex: "0005", code: "bad-tag", path: "" },
  { title: "wire type 6", hex: "06", code: "bad-tag", path: "" },
  { title: "wire type 7 on a known field", hex: "1f", code: "bad-tag", path: "int32Value" },
  { title: "a tag longer than 32 bits", hex: "888080801005", code: "bad-varint", path: "" },
  { title: "a tag of six bytes", hex: "98808080800005", code: "bad-varint", path: "" },
  { title: "a varint of 11 bytes", hex: `18${"ff".repeat(10)}01`, code: "bad-varint", path: "int32Value" },
  { title: "an unknown varint of 11 bytes", hex: `d83e${"ff".repeat(10)}01`, code: "bad-varint", path: "" },
  { title: "a length beyond the end", hex: "720561", code: "truncated", path: "stringValue" },
  { title: "a length of 4 GiB", hex: "728080808010", code: "truncated", path: "stringValue" },
  {
    title: "a message beyond its parent",
    hex: "8a01040a0561" + "6161616161",
    code: "truncated",
    path: "leafValue.name",
  },
  { title: "a packed run that ends inside a number", hex: "a20101ff", code: "truncated", path: "packedInts" },
  { title: "text that is not UTF-8", hex: "7201ff", code: "bad-text", path: "stringValue" },
  { title: "text in a list that is not UTF-8", hex: "b2010161b201026180", code: "bad-text", path: "strings[1]" },
  { title: "text deep within", hex: "c20100c20105" + "1a030a01ff", code: "bad-text", path: "leaves[1].next.name" },
  { title: "text in a map's key", hex: "f201030a01ff", code: "bad-text", path: "counts" },
  { title: "text in a oneof", hex: "c20201ff", code: "bad-text", path: "choice.value" },
  { title: "a group that was not begun", hex: "dc3e", code: "bad-group", path: "" },
  { title: "a group that ends under another number", hex: "db3ee43e", code: "bad-group", path: "" },
  { title: "a group that does not end", hex: "db3e0805", code: "truncated", path: "" },
  { title: "groups in groups beyond the limit", hex: "db3e".repeat(101), code: "too-deep", path: "" },
];

for (const { by, type } of types) {
  for (const { title, hex, code, path } of refused) {
    test(`${title} is refused, with the place (${by})`, () => {
      const bytes = bytesOf(hex);
      assert.throws(
        () => type.decode(bytes),
        (error) => {
          assert.ok(error instanceof MarshalError, String(error));
          assert.deepEqual({ code: error.code, path: error.path }, { code, path });
          assert.ok(error.offset !== undefined && error.offset >= 0 && error.offset <= bytes.length);
          return true;
        },
      );
    });
  }

  test(`messages within messages end at the limit, both ways (${by})`, () => {
    const nested = (levels: number): EverythingInit => {
      let leaf: NonNullable<EverythingInit["leafValue"]> = {};
      for (let level = 1; level < levels; level++) leaf = { next: leaf };
      return { leafValue: leaf };
    };
    const deepest = type.encode(nested(100));
    type.decode(deepest);
    assert.throws(() => type.decode(deepest, { maxDepth: 99 }), { code: "too-deep" });
    assert.throws(() => type.encode(nested(101)), { code: "too-deep" });
    const own: { next?: object } = {};
    own.next = own;
    assert.throws(() => type.encode({ leafValue: own }), { code: "too-deep" });
  });

  test(`decoded bytes belong to the caller (${by})`, () => {
    const bytes = bytesOf("7a0200ff" + "d83e05");
    const message = type.decode(bytes);
    bytes.fill(0);
    assert.deepEqual(message.bytesValue, bytesOf("00ff"));
    assert.deepEqual(message.$unknown, bytesOf("d83e05"));
    const empty = type.decode(new Uint8Array(0));
    assert.notEqual(empty.bytesValue, type.decode(new Uint8Array(0)).bytesValue);
    structuredClone(empty, { transfer: [empty.bytesValue.buffer as ArrayBuffer] });
  });

  test(`encoded bytes stay as they are, however much is encoded after them (${by})`, () => {
    const values = Array.from({ length: 300 }, (_, index) => ({ bytesValue: new Uint8Array(index * 7).fill(index) }));
    const encoded = values.map((value) => type.encode(value));
    const again = values.map((value) => type.encode(value));
    for (const [index, value] of values.entries()) {
      assert.deepEqual(type.decode(encoded[index] as Uint8Array).bytesValue, value.bytesValue);
      assert.deepEqual(again[index], encoded[index]);
    }
  });

  test(`an encoder that failed leaves nothing in what is encoded next (${by})`, () => {
    const good = type.encode({ int32Value: 7 });
    assert.throws(() => type.encode({ stringValue: "x".repeat(5000), bytesValue: "no" as unknown as Uint8Array }));
    assert.deepEqual(type.encode({ int32Value: 7 }), good);
  });
}

const badValues: readonly {
  readonly title: string;
  readonly value: unknown;
  readonly code: string;
  readonly path: string;
}[] = [
  { title: "a number for a string", value: { stringValue: 5 }, code: "wrong-type", path: "stringValue" },
  { title: "null for a string", value: { stringValue: null }, code: "wrong-type", path: "stringValue" },
  { title: "a string for bytes", value: { bytesValue: "x" }, code: "wrong-type", path: "bytesValue" },
  { title: "null for bytes", value: { bytesValue: null }, code: "wrong-type", path: "bytesValue" },
  { title: "a string for a number", value: { int32Value: "5" }, code: "wrong-type", path: "int32Value" },
  { title: "a bigint for an int32", value: { int32Value: 5n }, code: "wrong-type", path: "int32Value" },
  { title: "a fraction for an int32", value: { int32Value: 1.5 }, code: "out-of-range", path: "int32Value" },
  { title: "NaN for an int32", value: { int32Value: Number.NaN }, code: "out-of-range", path: "int32Value" },
  { title: "an int32 that is too great", value: { int32Value: 2 ** 31 }, code: "out-of-range", path: "int32Value" },
  { title: "a negative uint32", value: { uint32Value: -1 }, code: "out-of-range", path: "uint32Value" },
  { title: "a negative uint64", value: { uint64Value: -1n }, code: "out-of-range", path: "uint64Value" },
  { title: "an int64 that is too great", value: { int64Value: 2n ** 63n }, code: "out-of-range", path: "int64Value" },
  { title: "an unsafe number for an int64", value: { int64Value: 2 ** 53 }, code: "out-of-range", path: "int64Value" },
  { title: "a string for an int64", value: { int64Value: "5" }, code: "wrong-type", path: "int64Value" },
  { title: "a double beyond a float", value: { floatValue: 1e300 }, code: "out-of-range", path: "floatValue" },
  { title: "a number for a bool", value: { boolValue: 1 }, code: "wrong-type", path: "boolValue" },
  { title: "an enum's unknown name", value: { colorValue: "BLUE" }, code: "unknown-name", path: "colorValue" },
  {
    title: "a part of objects as an enum's name",
    value: { colorValue: "constructor" },
    code: "unknown-name",
    path: "colorValue",
  },
  {
    title: "an enum number that is too great",
    value: { colorValue: 2 ** 31 },
    code: "out-of-range",
    path: "colorValue",
  },
  { title: "an object for an enum", value: { colors: ["RED", {}] }, code: "wrong-type", path: "colors[1]" },
  { title: "a lone surrogate", value: { strings: ["", "\udfff"] }, code: "lone-surrogate", path: "strings[1]" },
  { title: "D9: a function for a message", value: { leafValue: () => {} }, code: "live-object", path: "leafValue" },
  {
    title: "D9: a class instance for a message",
    value: { leaves: [{}, new (class Leaf {})()] },
    code: "live-object",
    path: "leaves[1]",
  },
  {
    title: "D9: a promise for a message",
    value: { leafValue: { next: Promise.resolve() } },
    code: "live-object",
    path: "leafValue.next",
  },
  {
    title: "D9: a live object in a map",
    value: { byFlag: new Map([[true, new Date(0)]]) },
    code: "live-object",
    path: "byFlag[true]",
  },
  { title: "an array for a message", value: { leafValue: [] }, code: "wrong-type", path: "leafValue" },
  { title: "null for a message", value: { leafValue: null }, code: "wrong-type", path: "leafValue" },
  { title: "an object for a list", value: { strings: {} }, code: "wrong-type", path: "strings" },
  { title: "nothing in a list", value: { packedInts: [1, undefined, 3] }, code: "wrong-type", path: "packedInts[1]" },
  { title: "an array for a map", value: { counts: [] }, code: "wrong-type", path: "counts" },
  { title: "a set for a map", value: { counts: new Set() }, code: "live-object", path: "counts" },
  { title: "a map's wrong key", value: { names: { x: "y" } }, code: "wrong-type", path: 'names["x"]' },
  { title: "a map's wrong value", value: { counts: new Map([["a", "b"]]) }, code: "wrong-type", path: 'counts["a"]' },
  { title: "a oneof's unknown kind", value: { choice: { kind: "none" } }, code: "unknown-kind", path: "choice.kind" },
  { title: "a oneof without kind", value: { choice: {} }, code: "wrong-type", path: "choice.kind" },
  { title: "a oneof that is null", value: { choice: null }, code: "wrong-type", path: "choice" },
  {
    title: "a oneof's wrong value",
    value: { choice: { kind: "leaf", value: { name: 1 } } },
    code: "wrong-type",
    path: "choice.value.name",
  },
  {
    title: "unknown fields that are no bytes",
    value: { leafValue: { $unknown: [] } },
    code: "wrong-type",
    path: "leafValue.$unknown",
  },
  { title: "a string for the message", value: "x", code: "wrong-type", path: "" },
  { title: "undefined for the message", value: undefined, code: "wrong-type", path: "" },
];

for (const { by, type } of types) {
  for (const { title, value, code, path } of badValues) {
    test(`${title} is not encoded, and nothing is written (${by})`, () => {
      assert.throws(
        () => type.encode(value as EverythingInit),
        (error) => {
          assert.ok(error instanceof MarshalError, String(error));
          assert.deepEqual({ code: error.code, path: error.path }, { code, path });
          return true;
        },
      );
    });
  }
}

test("D2: a service says the same whether generated or defined in TypeScript", () => {
  const other = generated["Kinds"] as typeof Kinds;
  assert.equal(other.typeName, Kinds.typeName);
  for (const name of ["echo", "watch"] as const) {
    const { descriptor: _, input: __, output: ___, ...parts } = { ...Kinds.methods[name] };
    const { descriptor: ____, input: _____, output: ______, ...otherParts } = { ...other.methods[name] };
    assert.deepEqual(otherParts, parts);
    assert.equal(other.methods[name].descriptor?.name, Kinds.methods[name].descriptor?.name);
  }
  assert.equal(generated["Kinds_echo"], other.methods.echo);
});
