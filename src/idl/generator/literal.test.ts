import assert from "node:assert/strict";
import { test } from "node:test";
import { formatComments } from "./comments.ts";
import { formatLiteral, type Literal } from "./literal.ts";

const literals: readonly { readonly value: Literal; readonly text: string }[] = [
  { value: 'a "b"\n\ud800', text: String.raw`"a \"b\"\n\ud800"` },
  { value: -0, text: "-0" },
  { value: Number.NEGATIVE_INFINITY, text: "-Infinity" },
  { value: Number.NaN, text: "NaN" },
  { value: 2n ** 63n, text: "9223372036854775808n" },
  { value: Uint8Array.of(1, 255), text: "globalThis.Uint8Array.of(1, 255)" },
  { value: [], text: "[]" },
  { value: {}, text: "{}" },
  { value: { a: 1, b: undefined, "(dirs.owner)": [true] }, text: '{ a: 1, "(dirs.owner)": [true] }' },
];

test("plain data comes out as source text that evaluates to it", () => {
  for (const { value, text } of literals) assert.equal(formatLiteral(value), text);
});

test("__proto__ is written as a property, not as a prototype", () => {
  const record = Object.fromEntries([["__proto__", 5]]);
  assert.equal(formatLiteral(record), '{ ["__proto__"]: 5 }');
});

test("what does not fit on a line is broken, level by level", () => {
  const long = { name: "x".repeat(60), list: ["y".repeat(60), "z"], short: { a: 1 } };
  assert.equal(
    formatLiteral(long, 2),
    `{\n    name: "${long.name}",\n    list: ["${long.list[0]}", "z"],\n    short: { a: 1 },\n  }`,
  );
});

test("comments become JSDoc, and cannot end it", () => {
  assert.equal(formatComments({}), "");
  assert.equal(formatComments({ leading: " One line.\n" }, {}, "  "), "  /** One line. */\n");
  assert.equal(formatComments({ leading: " a */ b\n\n c", trailing: " d" }), "/**\n * a *\\/ b\n *\n * c\n * d\n */\n");
  assert.equal(formatComments({}, { deprecated: true }), "/** @deprecated */\n");
});
