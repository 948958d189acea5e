import assert from "node:assert/strict";
import { test } from "node:test";
import { Reader } from "../bytes/reader.ts";
import { Writer } from "../bytes/writer.ts";
import type { ScalarType } from "../idl/descriptor.ts";
import { wireTypeOf } from "../idl/generator/tags.ts";
import { scalarWires } from "./scalar-wires.ts";
import { type HasUnknown, keepUnknown, putTag, readTag, tagOf } from "./tags.ts";

test("tags of all sizes are written and read, and end wherever they are cut", () => {
  for (const number of [1, 15, 16, 2047, 2048, 262_143, 262_144, 2 ** 25, 2 ** 29 - 1]) {
    for (const wireType of [0, 1, 2, 5] as const) {
      const tag = tagOf(number, wireType);
      const writer = new Writer();
      writer.position = putTag(writer, 0, tag, 0);
      const bytes = writer.toBytes();
      assert.equal(readTag(new Reader(bytes, 0, bytes.length, 0)), tag);
      assert.equal(tag >>> 3, number);
      for (let end = 0; end < bytes.length; end++) {
        assert.throws(() => readTag(new Reader(bytes, 0, end, 0)), { code: "truncated" });
      }
    }
  }
});

test("generated tags and those of the builder agree on how scalar types are laid out", () => {
  for (const scalar of Object.keys(scalarWires) as ScalarType[]) {
    assert.equal(scalarWires[scalar].wireType, wireTypeOf({ kind: "scalar", scalar }));
  }
});

test("kept fields never share memory with what they came from", () => {
  const bytes = Uint8Array.of(0x08, 1, 0x10, 2);
  const from = new Reader(bytes, 0, bytes.length, 0);
  const message: HasUnknown = {};
  while (from.position < from.end) keepUnknown(from, readTag(from), message);
  bytes.fill(0);
  assert.deepEqual(message.$unknown, Uint8Array.of(0x08, 1, 0x10, 2));
});
