// String literals: their escapes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeStringLiteral, decodeText } from "./string-literal.ts";

const good: readonly (readonly [literal: string, hex: string])[] = [
  ['""', ""],
  ["'a\"b'", "612262"],
  ['"é"', "c3a9"],
  ['"\\a\\b\\f\\n\\r\\t\\v\\\\\\?\\\'\\""', "07080c0a0d090b5c3f2722"],
  ['"\\0\\12\\377"', "000aff"],
  ['"\\0001"', "0031"],
  ['"\\x4\\xffg\\X41"', "04ff6741"],
  ['"\\u00e9\\U0001F600"', "c3a9f09f9880"],
  ['"\\ud83d\\ude00!"', "f09f988021"],
];

for (const [literal, hex] of good) {
  test(`${literal} is the bytes ${hex}`, () => {
    const read = decodeStringLiteral(literal);
    assert.ok(read.kind === "bytes");
    assert.equal(Array.from(read.bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""), hex);
  });
}

const bad: readonly (readonly [literal: string, offset: number])[] = [
  ['"a\\q"', 2],
  ['"\\400"', 1],
  ['"\\x"', 1],
  ['"\\u00"', 1],
  ['"\\U00110000"', 1],
  ['"ab\\ud83d"', 3],
  ['"\\ud83d\\u0041"', 1],
  ['"\\ude00"', 1],
  ['"\\8"', 1],
];

for (const [literal, offset] of bad) {
  test(`${literal} is wrong at ${offset}`, () => {
    const read = decodeStringLiteral(literal);
    assert.deepEqual(read, { kind: "wrong", offset, length: 2 });
  });
}

test("bytes that are not UTF-8 are no text", () => {
  assert.equal(decodeText(Uint8Array.of(0xc3, 0xa9)), "é");
  assert.equal(decodeText(Uint8Array.of(0xff)), undefined);
  assert.equal(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf)), "\ufeff");
});
