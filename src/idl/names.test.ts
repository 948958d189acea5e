// Names that follow from other names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultJsonName, LocalNames, mapEntryName } from "./names.ts";

test("JSON names drop underscores and raise the letter behind them", () => {
  const names = ["foo", "foo_bar", "FooBar", "foo__bar", "_foo", "foo_", "foo_1a", "a_É"];
  assert.deepEqual(names.map(defaultJsonName), ["foo", "fooBar", "FooBar", "fooBar", "Foo", "foo", "foo1a", "aÉ"]);
});

test("a map's entry is named after its field", () => {
  const names = ["by_name", "Foo", "foo__bar_", "_a1", "a_1b"];
  assert.deepEqual(names.map(mapEntryName), ["ByNameEntry", "FooEntry", "FooBarEntry", "A1Entry", "A1bEntry"]);
});

test("local names are unlike each other and unlike what objects have", () => {
  const names = new LocalNames();
  assert.deepEqual(
    ["a_b", "aB", "a__b", "constructor", "value_of", "__"].map((name) => names.ofField(name)),
    ["aB", "aB$", "aB$2", "constructor$", "valueOf$", "__"],
  );
  assert.equal(new LocalNames().ofMethod("MakeDirectory"), "makeDirectory");
  assert.equal(new LocalNames().ofMethod("HTTPGet"), "hTTPGet");
});
