// What is done to whole messages: merged, compared, copied, written in a fixed order. On types of all ways in.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageType } from "farcall/idl";
import { ways } from "../support/marshal/features.ts";
import { generateAndCompile } from "../support/marshal/generate.ts";
import { Everything, type EverythingInit, type EverythingValue, kindsProto } from "../support/marshal/kinds.ts";
import { goldenRows } from "../support/marshal/rows.ts";

const folder = generateAndCompile("kinds-whole", { "kinds.proto": kindsProto });
const generated = await folder.load("kinds.proto");
const types: readonly { readonly by: string; readonly type: MessageType<EverythingValue, EverythingInit> }[] = [
  { by: "built", type: Everything },
  { by: "generated", type: generated["Everything"] as typeof Everything },
];
const bytesOf = (...values: number[]): Uint8Array => Uint8Array.from(values);

const equal: readonly (readonly [title: string, a: EverythingInit, b: EverythingInit])[] = [
  ["NaN and NaN", { doubleValue: Number.NaN }, { doubleValue: Number.NaN }],
  ["an integer's -0 and 0", { int32Value: -0 }, { int32Value: 0 }],
  ["a number and a bigint", { int64Value: 5 }, { int64Value: 5n }],
  ["an enum's name and number", { colorValue: "GREEN" }, { colorValue: 1 }],
  ["a map and an object", { counts: { a: 1 } }, { counts: new Map([["a", 1]]) }],
  ["maps in other orders", { counts: { a: 1, b: 2 } }, { counts: { b: 2, a: 1 } }],
  ["nothing and an empty list", {}, { strings: [], counts: {} }],
  ["bytes of another array", { bytesValue: bytesOf(1, 2) }, { bytesValue: bytesOf(0, 1, 2).subarray(1) }],
];
const different: readonly (readonly [title: string, a: EverythingInit, b: EverythingInit])[] = [
  ["a double's -0 and 0", { doubleValue: -0 }, { doubleValue: 0 }],
  ["a zero that is set and one that is not", { maybeInt: 0 }, {}],
  ["an empty message and none", { leafValue: {} }, {}],
  ["values within messages", { leafValue: { next: { count: 1 } } }, { leafValue: { next: { count: 2 } } }],
  ["lists in other orders", { strings: ["a", "b"] }, { strings: ["b", "a"] }],
  ["lists of other lengths", { strings: ["a"] }, { strings: ["a", "b"] }],
  ["maps with other keys", { counts: { a: 1 } }, { counts: { b: 1 } }],
  ["maps with other values", { byFlag: { true: {} } }, { byFlag: { true: { count: 1 } } }],
  ["maps of other sizes", { counts: { a: 1 } }, { counts: { a: 1, b: 1 } }],
  ["fields of a oneof", { choice: { kind: "text", value: "" } }, { choice: { kind: "raw", value: bytesOf() } }],
  ["values of a oneof", { choice: { kind: "text", value: "a" } }, { choice: { kind: "text", value: "b" } }],
  ["a oneof and none", { choice: { kind: "text", value: "" } }, {}],
  ["bytes", { bytesValue: bytesOf(1) }, { bytesValue: bytesOf(2) }],
  ["unknown fields", { $unknown: bytesOf(0xd8, 0x3e, 1) }, { $unknown: bytesOf(0xd8, 0x3e, 2) }],
  ["unknown fields and none", { leafValue: { $unknown: bytesOf(0xd8, 0x3e, 1) } }, { leafValue: {} }],
];

for (const { by, type } of types) {
  for (const [title, a, b] of equal) {
    test(`${title} are equal (${by})`, () => {
      assert.equal(type.equals(a, b), true);
      assert.equal(type.equals(b, a), true);
      assert.equal(type.equals(type.create(a), b), true);
    });
  }
  for (const [title, a, b] of different) {
    test(`${title}: these are not equal (${by})`, () => {
      assert.equal(type.equals(a, b), false);
      assert.equal(type.equals(b, a), false);
    });
  }

  for (const { title, init } of goldenRows) {
    test(`a clone says the same: ${title} (${by})`, () => {
      const copy = type.clone(init);
      assert.deepEqual(copy, type.create(init));
      assert.equal(type.equals(copy, init), true);
      assert.deepEqual(type.encode(copy), type.encode(init));
    });

    test(`merging is what decoding in a row does: ${title} (${by})`, () => {
      for (const other of goldenRows) {
        // What an encoder rounds is rounded first.
        const [first, second] = [type.decode(type.encode(init)), type.decode(type.encode(other.init))];
        const both = Buffer.concat([type.encode(first), type.encode(second)]);
        assert.equal(type.merge(first, second), first);
        assert.deepEqual(first, type.decode(both), other.title);
      }
    });
  }

  test(`a clone and what is merged share nothing with their source (${by})`, () => {
    const source = type.decode(
      type.encode({
        bytesValue: bytesOf(1),
        byteStrings: [bytesOf(2)],
        blobs: { a: bytesOf(3) },
        leaves: [{ name: "a" }],
        byFlag: { true: { count: 1 } },
        choice: { kind: "raw", value: bytesOf(4) },
        leafValue: { $unknown: bytesOf(0xd8, 0x3e, 1) },
      }),
    );
    const before = type.encode(source);
    for (const copy of [type.clone(source), type.merge(type.create(), source)]) {
      copy.bytesValue[0] = 9;
      (copy.byteStrings[0] as Uint8Array)[0] = 9;
      (copy.blobs.get("a") as Uint8Array)[0] = 9;
      (copy.leaves[0] as { name: string }).name = "b";
      (copy.byFlag.get(true) as { count: number }).count = 9;
      (copy.choice?.value as Uint8Array)[0] = 9;
      (copy.leafValue?.$unknown as Uint8Array)[2] = 9;
      copy.strings.push("x");
    }
    assert.deepEqual(type.encode(source), before);
  });

  test(`what is no message is refused (${by})`, () => {
    assert.throws(() => type.equals({}, 5 as never), { code: "wrong-type" });
    assert.throws(() => type.clone(new Date(0) as never), { code: "live-object" });
    assert.throws(() => type.merge(undefined as never, {}), { code: "wrong-type" });
    const endless: { leafValue?: object } = {};
    endless.leafValue = { next: endless };
    (endless.leafValue as { next: object }).next = endless.leafValue;
    const refused = { name: "MarshalError", code: "too-deep" };
    assert.throws(() => type.create(endless), refused);
    assert.throws(() => type.clone(endless), refused);
    assert.throws(() => type.encode(endless, { deterministic: true }), refused);
  });

  test(`deterministic bytes have maps in the order of their keys (${by})`, () => {
    const counts = new Map([...["b", "a", "\u{1f600}", "\uffff", "ab", ""].entries()].map(([at, key]) => [key, at]));
    const names = new Map([5n, -1n, 10n].map((key) => [key, ""]));
    const init: EverythingInit = { counts, names, leafValue: {}, byFlag: { true: {}, false: {} } };
    const read = type.decode(type.encode(init, { deterministic: true }));
    assert.deepEqual([...read.counts.keys()], ["", "a", "ab", "b", "\uffff", "\u{1f600}"]);
    assert.deepEqual([...read.names.keys()], [-1n, 5n, 10n]);
    assert.deepEqual([...read.byFlag.keys()], [false, true]);
    assert.deepEqual([...counts.keys()][0], "b");
    const turned = { ...init, counts: new Map([...counts].reverse()), names: new Map([...names].reverse()) };
    assert.deepEqual(type.encode(turned, { deterministic: true }), type.encode(init, { deterministic: true }));
  });
}

for (const { by, message } of ways) {
  test(`groups, closed enums and required fields merge and compare (${by})`, () => {
    const type = message("old.Order");
    const target = type.create({ place: { city: "A" }, one: { id: 1 }, grade: "HIGH" });
    type.merge(target, { place: { inner: { depth: 1 } }, one: { name: "n" }, grade: "LOW", line: [{ count: 1 }] });
    assert.equal(
      type.equals(target, {
        place: { city: "A", inner: { depth: 1 } },
        one: { id: 1, name: "n" },
        grade: "LOW",
        line: [{ count: 1 }],
      }),
      true,
    );
    assert.equal(type.equals({ grade: "TOP" }, { grade: "HIGH" }), true);
  });
}
