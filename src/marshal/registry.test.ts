// Types made of descriptors: those that no generated module has.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageDescriptor } from "../idl/descriptor.ts";
import { field, map, string } from "./builder/fields.ts";
import { enumeration, message } from "./builder/message.ts";
import { TypeRegistry } from "./registry.ts";

test("an entry of a map is a message like others, also where it holds a closed enum", () => {
  const Shade = enumeration("a.Shade", { DARK: 0, LIGHT: 5 }, { closed: true });
  const Wall = message("a.Wall", { shades: map(string, field(Shade, 1)) });
  const registry = new TypeRegistry();
  const entry = registry.messageOf(Wall.descriptor.messages[0] as MessageDescriptor);
  assert.deepEqual(entry.create(), { key: "", value: undefined });
  const bytes = entry.encode({ key: "a", value: "LIGHT" });
  assert.deepEqual(Wall.decode(Uint8Array.of(10, bytes.length, ...bytes)).shades, new Map([["a", "LIGHT"]]));
  assert.deepEqual(entry.decode(bytes), { key: "a", value: "LIGHT" });
  const unknown = entry.decode(Uint8Array.of(10, 1, 97, 16, 7));
  assert.deepEqual(unknown, { key: "a", value: undefined, $unknown: Uint8Array.of(16, 7) });
  assert.throws(() => entry.encode({ value: 7 } as object), { code: "unknown-name", path: "value" });
  assert.deepEqual(registry.messageOf(Wall.descriptor).create({ shades: { a: "DARK" } } as object), {
    shades: new Map([["a", "DARK"]]),
  });
});
