// Tests of extensions written in TypeScript: their values, what is refused, and that their descriptors are ones that a
// `.proto` could have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { linkFiles } from "../../idl/linker/link.ts";
import { printFile } from "../../idl/printer/print-file.ts";
import { clearExtension, getExtension, hasExtension, setExtension } from "../extensions.ts";
import { TypeRegistry } from "../registry.ts";
import { extend } from "./extend.ts";
import { bytes, field, int32, int64, map, oneof, optional, repeated, required, string } from "./fields.ts";
import { enumeration, message } from "./message.ts";

const Color = enumeration("t.Color", { RED: 0, GREEN: 1 });
const Other = message("t.Other", { text: string(1) });
const Order = message(
  "t.Order",
  {
    id: int32(1),
    note: optional(string(2)),
    sizes: repeated(int32(3), { packed: false }),
    codes: repeated(int32(4)),
    other: field(Other, 5),
    choice: oneof({ text: string(6), raw: bytes(7) }),
  },
  { extensions: [[100, 199], 1000] },
);
const owner = extend(Order, "t.owner", string(100));
const total = extend(Order, "t.total", optional(int64(101)));
const tags = extend(Order, "t.tags", repeated(string(102)));
const loose = extend(Order, "t.loose", repeated(int32(103), { packed: false }));
const packed = extend(Order, "t.packed", repeated(int32(104)));
const color = extend(Order, "t.color", field(Color, 105));
const parent = extend(Order, "other.pkg.parent", field(Order, 1000));

test("an extension's value is of its field's type, in both directions", () => {
  const order = Order.create({ id: 1 });
  setExtension(order, owner, "me");
  setExtension(order, total, 5);
  setExtension(order, tags, ["a", "b"]);
  setExtension(order, loose, [1, 2]);
  setExtension(order, packed, [1, 2]);
  setExtension(order, color, "GREEN");
  setExtension(order, parent, { id: 2 });
  const read = Order.decode(Order.encode(order));
  const name: string | undefined = getExtension(read, owner);
  const sum: bigint | undefined = getExtension(read, total);
  const list: string[] = getExtension(read, tags);
  assert.deepEqual([name, sum, list], ["me", 5n, ["a", "b"]]);
  assert.deepEqual(getExtension(read, loose), [1, 2]);
  assert.deepEqual(getExtension(read, packed), [1, 2]);
  assert.equal(getExtension(read, color), "GREEN");
  assert.equal(getExtension(read, parent)?.id, 2);
  clearExtension(read, owner);
  assert.equal(hasExtension(read, owner), false);
  assert.equal(owner.default, "");
  const hex = Buffer.from(order.$unknown ?? []).toString("hex");
  assert.match(hex, /b80601b80602/);
  assert.match(hex, /c206020102/);
});

test("JSON knows the extensions that are handed to it", () => {
  const types = new TypeRegistry().addExtensions([owner, tags]);
  const order = Order.fromJson({ id: 1, "[t.owner]": "me" }, { types });
  assert.equal(getExtension(order, owner), "me");
  assert.deepEqual(Order.toJson(order, { types }), { id: 1, "[t.owner]": "me" });
});

test("what they are made of is a contract that could have been written as .proto", () => {
  const all = [owner, total, tags, loose, packed, color, parent];
  const files = new Map(
    [Order, Other, Color].map((type) => [type.descriptor.file.name, type.descriptor.file] as const),
  );
  for (const { descriptor } of all) files.set(descriptor.file.name, descriptor.file);
  const texts = new Map([...files].map(([name, file]) => [name, printFile(file)]));
  const { files: linked, errors } = linkFiles([...texts.keys()], (path) => texts.get(path));
  assert.deepEqual(errors, []);
  const registry = new TypeRegistry().addFiles(linked);
  for (const { typeName, descriptor } of all) {
    const { number, packed, presence, cardinality, extendee } = descriptor;
    const other = registry.findExtension(typeName)?.descriptor;
    assert.deepEqual(
      [other?.number, other?.packed, other?.presence, other?.cardinality, other?.extendee.fullName],
      [number, packed, presence, cardinality, extendee.fullName],
    );
  }
  const traits = (fields: typeof Order.descriptor.fields) =>
    fields.map(({ name, number, packed, presence, delimited }) => ({ name, number, packed, presence, delimited }));
  const order = registry.findMessage("t.Order")?.descriptor;
  assert.deepEqual(traits(order?.fields ?? []), traits(Order.descriptor.fields));
  assert.deepEqual(
    Order.descriptor.fields.map(({ presence }) => presence),
    ["implicit", "explicit", "implicit", "implicit", "explicit", "explicit", "explicit"],
  );
});

const Closed = message("t.Closed", {});

test("a message that was not made by the builder is looked at on first use", () => {
  const files = linkFiles(["a.proto"], () => 'edition = "2023"; message A { extensions 5; }').files;
  const A = new TypeRegistry().addFiles(files).findMessage("A") as typeof Closed;
  const message = A.create();
  setExtension(message, extend(A, "t.five", string(5)), "x");
  assert.deepEqual(message, { $unknown: Uint8Array.of(0x2a, 1, 0x78) });
  assert.throws(() => setExtension(message, extend(A, "t.six", string(6)), "x"), { name: "DefinitionError" });
});

test("a closed enum in a field without presence is refused at once, or on first use where it is found late", () => {
  const Kind = enumeration("t.Kind", { A: 1 }, { closed: true });
  assert.throws(() => message("t.Wrong", { kind: field(Kind, 1) }), { name: "DefinitionError", code: "bad-type" });
  const Wrong = message("t.Wrong", { kind: field(() => Kind, 1) });
  assert.throws(() => Wrong.encode({}), { name: "DefinitionError", code: "bad-type" });
});

for (const { name, define, code } of [
  { name: "a number that was not set aside", define: () => extend(Order, "t.x", string(200)), code: "bad-number" },
  { name: "a message that sets none aside", define: () => extend(Closed, "t.x", string(100)), code: "bad-number" },
  { name: "a number that no field can have", define: () => extend(Order, "t.x", string(0)), code: "bad-number" },
  { name: "a name that is none", define: () => extend(Order, "t.9", string(100)), code: "bad-name" },
  { name: "a required one", define: () => extend(Order, "t.x", required(string(100))), code: "bad-type" },
  {
    name: "a delimited value of a map",
    define: () => message("t.M", { x: map(string, field(Other, 1, { delimited: true })) }),
    code: "bad-type",
  },
  { name: "a map", define: () => extend(Order, "t.x", map(string, string(100))), code: "bad-type" },
  {
    name: "a field in the room of extensions",
    define: () => message("t.Bad", { x: string(100) }, { extensions: [[100, 199]] }),
    code: "reserved",
  },
]) {
  test(`${name} is refused at once`, () => assert.throws(define, { name: "DefinitionError", code }));
}
