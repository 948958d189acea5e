// ProtoJSON beyond proto3: groups, required fields, closed enums, extensions, message sets. Each row runs on generated code and
// on types made of descriptors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { getExtension, type JsonValue, MarshalError } from "farcall/marshal";
import { ways } from "../support/marshal/features.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** JSON, and the bytes of the same message. */
const rows: readonly {
  readonly title: string;
  readonly json: JsonValue;
  readonly hex: string;
  readonly type?: string;
}[] = [
  { title: "a group goes by its field's name", json: { place: { city: "A" } }, hex: "0b1201410c" },
  { title: "a list of groups", json: { line: [{ count: 1 }] }, hex: "2b08012c" },
  { title: "a group in a oneof", json: { nested: { text: "a" } }, hex: "5b0a01615c" },
  { title: "a closed enum goes by name", json: { grade: "HIGH", grades: ["LOW"] }, hex: "300538ffffffffffffffffff01" },
  { title: "zero is a value where presence is known", json: { port: 0, flag: false }, hex: "800100b00100" },
  {
    title: "a delimited field goes by its own name",
    type: "late.Tree",
    json: { left: { needed: 1 }, needed: 2 },
    hex: "0b20010c2002",
  },
  { title: "an extension of a number", json: { "[old.weight]": 5 }, hex: "a00605" },
  { title: "an extension of a message", json: { "[old.extra]": { id: 5 } }, hex: "aa06020805" },
  { title: "an extension of many", json: { "[old.tags]": ["a", "b"] }, hex: "da060161da060162" },
  { title: "an extension of a closed enum", json: { "[old.mood]": "LOW" }, hex: "c006ffffffffffffffffff01" },
  { title: "an extension that is a group", json: { "[old.bag]": { color: "a" } }, hex: "d3060a0161d406" },
  { title: "an extension that a message declares", json: { "[old.Holder.note]": "x" }, hex: "f2060178" },
  {
    title: "an extension within an extension, and within a message",
    json: { inner: { "[old.weight]": 1 }, "[old.nested]": { "[old.weight]": 2 } },
    hex: "c20103a00601" + "e20603a00602",
  },
  {
    title: "a member of a message set",
    type: "old.Set",
    json: { "[old.Member.member]": { text: "a" } },
    hex: "0b10e8071a030a01610c",
  },
];

const refused: readonly {
  readonly title: string;
  readonly json: JsonValue;
  readonly code: string;
  readonly path: string;
  readonly type?: string;
}[] = [
  { title: "a missing required field", type: "old.Item", json: {}, code: "missing-field", path: "id" },
  { title: "null for a required field", type: "old.Item", json: { id: null }, code: "missing-field", path: "id" },
  { title: "one within", json: { many: [{ id: 1 }, {}] }, code: "missing-field", path: "many[1].id" },
  { title: "one in an extension", json: { "[old.extra]": {} }, code: "missing-field", path: "[old.extra].id" },
  { title: "a number that a closed enum lacks", json: { grade: 7 }, code: "unknown-name", path: "grade" },
  { title: "an extension that is not known", json: { "[old.none]": 5 }, code: "unknown-field", path: "[old.none]" },
  {
    title: "an extension of another message",
    type: "old.Set",
    json: { "[old.weight]": 5 },
    code: "unknown-field",
    path: "[old.weight]",
  },
  { title: "an extension's wrong value", json: { "[old.weight]": "x" }, code: "wrong-type", path: "[old.weight]" },
  { title: "a wrong element", json: { "[old.tags]": ["a", 5] }, code: "wrong-type", path: "[old.tags][1]" },
  { title: "an extension's name alone", json: { "old.weight": 5 }, code: "unknown-field", path: "old.weight" },
];

for (const { by, registry: types, message, extension } of ways) {
  for (const { title, json, hex, type: typeName = "old.Order" } of rows) {
    test(`${title} (${by})`, () => {
      const type = message(typeName);
      assert.deepEqual(type.toJson(type.decode(bytesOf(hex)), { types }), json);
      const parsed = type.fromJson(json, { types });
      assert.equal(Buffer.from(type.encode(parsed)).toString("hex"), hex);
      assert.deepEqual(parsed, type.decode(bytesOf(hex)));
    });
  }

  for (const { title, json, code, path, type: typeName = "old.Order" } of refused) {
    test(`${title} is refused (${by})`, () => {
      assert.throws(
        () => message(typeName).fromJson(json, { types }),
        (error) => {
          assert.ok(error instanceof MarshalError, String(error));
          assert.deepEqual({ code: error.code, path: error.path }, { code, path });
          return true;
        },
      );
    });
  }

  test(`a missing required field is not formatted (${by})`, () => {
    assert.throws(() => message("old.Order").toJson({ one: {} }), { code: "missing-field", path: "one.id" });
  });

  test(`without their types, extensions are left out and refused (${by})`, () => {
    const type = message("old.Order");
    assert.deepEqual(type.toJson(type.decode(bytesOf("a00605"))), {});
    assert.throws(() => type.fromJson({ "[old.weight]": 5 }), { code: "unknown-field" });
    assert.deepEqual(type.fromJson({ "[old.weight]": 5 }, { ignoreUnknown: true }), type.create());
  });

  test(`values that a closed enum lacks are passed over where unknown ones are (${by})`, () => {
    const json = { grade: 7, grades: ["HIGH", "NONE", 8], byName: { a: "NONE", b: 5 } };
    const read = message("old.Order").fromJson(json, { ignoreUnknown: true });
    assert.deepEqual(read, message("old.Order").create({ grades: ["HIGH"], byName: { b: "HIGH" } }));
  });

  test(`null leaves an extension unset, and twice is once too often (${by})`, () => {
    const type = message("old.Order");
    const read = type.fromJson({ "[old.weight]": null }, { types });
    assert.equal(getExtension(read, extension("old.weight")), undefined);
    assert.throws(() => type.fromJsonString('{"[old.weight]":1,"[old.weight]":2}', { types }), { code: "bad-json" });
  });

  test(`unknown fields that are no fields are refused with their place (${by})`, () => {
    const value = { inner: { $unknown: bytesOf("ff") } };
    assert.throws(() => message("old.Order").toJson(value, { types }), { code: "truncated", path: "inner.$unknown" });
  });
}
