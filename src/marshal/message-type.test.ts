import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkPool, Writer } from "../bytes/writer.ts";
import { field, repeated, string } from "./builder/fields.ts";
import { message } from "./builder/message.ts";

const Entry = message("t.Entry", { name: string(1) });
const List = message("t.List", { entries: repeated(field(Entry, 1)) });

test("a message is written behind what other frames left, also when the writer moves", () => {
  for (const before of [0, 1, 100, 127, 128]) {
    const writer = new Writer(new ChunkPool(128, 2));
    writer.writeBytes(new Uint8Array(before).fill(7));
    writer.seal();
    const entries = Array.from({ length: 40 }, (_, index) => ({ name: "n".repeat(index * 5) }));
    List.codec.encode({ entries }, writer);
    assert.deepEqual(writer.toBytes().slice(0, before), new Uint8Array(before).fill(7));
    assert.deepEqual(List.decode(writer.toBytes().slice(before)).entries, entries);
  }
});

test("what cannot be encoded leaves the writer as it was", () => {
  const writer = new Writer();
  writer.writeBytes(Uint8Array.of(1, 2));
  const bad = { entries: [{ name: "x".repeat(1000) }, { name: "\ud800" }] };
  assert.throws(() => List.codec.encode(bad, writer), { code: "lone-surrogate", path: "entries[1].name" });
  assert.deepEqual(writer.toBytes(), Uint8Array.of(1, 2));
  assert.equal(List.decode(List.encode({ entries: [{ name: "y" }] })).entries[0]?.name, "y");
});

test("a value whose getter encodes the same type is encoded all the same", () => {
  const value = {
    get name() {
      return String(Entry.encode({ name: "inner" }).length);
    },
  };
  assert.deepEqual(Entry.decode(Entry.encode(value)), { name: "7" });
});

test("decode reads exactly the bytes it is given", () => {
  const bytes = Uint8Array.of(0xff, ...Entry.encode({ name: "a" }), 0xff);
  assert.deepEqual(Entry.codec.decode(bytes, 1, bytes.length - 1, { maxDepth: 1 }), { name: "a" });
  assert.deepEqual(Entry.codec.decode(Buffer.from(bytes), 1, bytes.length - 1, { maxDepth: 1 }), { name: "a" });
});

test("the offset of an error counts from the start of the bytes given", () => {
  const bytes = Uint8Array.of(0, 0, 0x0a, 1, 0xff);
  assert.throws(() => Entry.codec.decode(bytes, 2, 5, { maxDepth: 1 }), { code: "bad-text", offset: 4, path: "name" });
});
