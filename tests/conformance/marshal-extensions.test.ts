// Extensions and members of message sets, by bytes. Each row runs on generated code and on types made of descriptors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clearExtension, getExtension, hasExtension, setExtension } from "farcall/marshal";
import { ways } from "../support/marshal/features.ts";

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const item = (id: number, name?: string) => ({ id, name });

interface ExtensionRow {
  readonly name: string;
  readonly value: unknown;
  readonly hex: string;
  /** Default "old.Order". */
  readonly of?: string;
  /** Other bytes that mean the same. */
  readonly also?: readonly string[];
}

const extensionRows: readonly ExtensionRow[] = [
  { name: "old.weight", value: 5, hex: "a00605", also: ["a00604a00605"] },
  { name: "old.extra", value: item(5, "a"), hex: "aa06050805120161", also: ["aa0603120161" + "aa06020805"] },
  { name: "old.marks", value: [-1, 1], hex: "b00601b00602", also: ["b206020102", "b00601b2060102"] },
  { name: "old.packed_marks", value: [1, 2], hex: "ba06020102", also: ["b80601b80602"] },
  { name: "old.mood", value: "LOW", hex: "c006ffffffffffffffffff01" },
  { name: "old.moods", value: ["HIGH"], hex: "c80605", also: ["c80607c80605", "ca06020705"] },
  { name: "old.bag", value: { color: "a" }, hex: "d3060a0161d406", also: ["d306d406d3060a0161d406"] },
  { name: "old.tags", value: ["a", ""], hex: "da060161da0600" },
  { name: "old.Holder.note", value: "", hex: "f20600" },
  {
    name: "old.Member.member",
    of: "old.Set",
    value: { text: "a" },
    hex: "0b10e8071a030a01610c",
    also: ["0b1a030a016110e8070c", "0b10e8071a000c0b10e8071a030a01610c"],
  },
];

for (const { by, message, extension } of ways) {
  for (const { name, value, hex, also = [], of = "old.Order" } of extensionRows) {
    test(`extension ${name} is set, read, written and cleared (${by})`, () => {
      const type = message(of);
      const known = extension(name);
      const other = bytesOf("f83e01");
      const holder = type.create({ $unknown: other });
      assert.equal(hasExtension(holder, known), false);
      assert.deepEqual(getExtension(holder, known), Array.isArray(value) ? [] : undefined);
      setExtension(holder, known, value);
      assert.equal(hexOf(type.encode(holder)), `f83e01${hex}`);
      setExtension(holder, known, value);
      assert.equal(hexOf(type.encode(holder)), `f83e01${hex}`);
      const read = type.decode(type.encode(holder));
      assert.equal(hasExtension(read, known), true);
      assert.deepEqual(getExtension(read, known), value);
      clearExtension(read, known);
      assert.deepEqual(read, type.create({ $unknown: other }));
      clearExtension(read, known);
      for (const bytes of also) assert.deepEqual(getExtension(type.decode(bytesOf(bytes)), known), value);
    });
  }

  test(`an extension's default is what is declared, else zero (${by})`, () => {
    const names = ["old.weight", "old.extra", "old.marks", "old.mood", "old.Holder.note"];
    assert.deepEqual(
      names.map((name) => extension(name).default),
      [7, { id: undefined, name: undefined }, [], "LOW", ""],
    );
  });

  test(`a value that an extension cannot hold changes nothing (${by})`, () => {
    const holder = { $unknown: bytesOf("a00605") };
    for (const value of ["x", 1.5, undefined, null]) {
      assert.throws(() => setExtension(holder, extension("old.weight"), value), { path: "[old.weight]" });
    }
    assert.throws(() => setExtension(holder, extension("old.extra"), { id: "x" }), { path: "[old.extra].id" });
    assert.throws(() => setExtension(holder, extension("old.tags"), ["", 5]), { path: "[old.tags][1]" });
    assert.throws(() => setExtension(holder, extension("old.tags"), undefined), { code: "wrong-type" });
    assert.deepEqual(holder, { $unknown: bytesOf("a00605") });
    assert.throws(() => setExtension(5 as never, extension("old.weight"), 5), { code: "wrong-type" });
  });

  test(`bytes that are not the extension's are refused when it is read (${by})`, () => {
    const at = (hex: string, name: string) => () => getExtension({ $unknown: bytesOf(hex) }, extension(name));
    assert.throws(at("aa0603120161", "old.extra"), { code: "missing-field", path: "[old.extra].id" });
    assert.throws(at("aa06021205", "old.extra"), { name: "MarshalError", code: "truncated", path: "[old.extra]" });
    assert.throws(at("da0601ff", "old.tags"), { name: "MarshalError", code: "bad-text", path: "[old.tags]" });
    assert.throws(at("ff", "old.tags"), { name: "MarshalError", code: "truncated" });
    assert.equal(getExtension({ $unknown: bytesOf("a2060161") }, extension("old.weight")), undefined);
  });
}

test("a registry tells the extensions of a message", () => {
  for (const { registry } of ways) {
    const names = registry.extensionsOf("old.Order").map(({ typeName }) => typeName);
    assert.equal(names.length, 10);
    assert.ok(names.includes("old.Holder.note"));
    assert.deepEqual(
      registry.extensionsOf("old.Set").map(({ typeName }) => typeName),
      ["old.Member.member"],
    );
    assert.deepEqual(registry.extensionsOf("none"), []);
    assert.equal(registry.findExtension("none"), undefined);
  }
});
