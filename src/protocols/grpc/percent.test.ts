// Tests of grpc-message's percent-encoding: what is written can stand in a field, and what is read never fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodePercent, encodePercent } from "./percent.ts";

const encoded: readonly (readonly [text: string, field: string])[] = [
  ["", ""],
  ["plain text, with: marks!", "plain text, with: marks!"],
  ["100 %", "100 %25"],
  ["line\r\nbreak", "line%0D%0Abreak"],
  ["h\u00e4\u00dflich", "h%C3%A4%C3%9Flich"],
  ["\u{1d11e}", "%F0%9D%84%9E"],
  ["\x7f\t", "%7F%09"],
  [" both ends ", "%20both ends%20"],
  [" \u00e9 ", "%20%C3%A9%20"],
  [" ", "%20"],
];

test("text is encoded as little as the field allows: no blank stands at either end of it", () => {
  for (const [text, field] of encoded) {
    assert.equal(encodePercent(text), field);
    assert.equal(decodePercent(field), text);
  }
});

test("text is cut between characters, so that what is left is text and a legal value", () => {
  const text = "a\u00e4\u{1d11e} \u00e9%z";
  const whole = encodePercent(text);
  for (let maxLength = 0; maxLength <= whole.length + 3; maxLength++) {
    const field = encodePercent(text, maxLength);
    assert.ok(field.length <= maxLength);
    assert.match(field, /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/);
    assert.ok(text.startsWith(decodePercent(field)), field);
    assert.ok(whole.length > maxLength || field === whole);
  }
  assert.equal(encodePercent("plain", 3), "pla");
});

test("what is no percent-encoding stands as it is, and what is no UTF-8 is replaced", () => {
  assert.equal(decodePercent("100%"), "100%");
  assert.equal(decodePercent("%4"), "%4");
  assert.equal(decodePercent("%zz%41"), "%zzA");
  assert.equal(decodePercent("%e4"), "\ufffd");
  assert.equal(decodePercent("%F0%9D%84"), "\ufffd");
});

test("a byte order mark is a character like any other", () => {
  assert.equal(decodePercent(encodePercent("\ufeffabc")), "\ufeffabc");
});

test("half a surrogate pair becomes U+FFFD", () => {
  assert.equal(decodePercent(encodePercent("a\ud83d")), "a\ufffd");
});

test("any text comes back, and what is sent is a legal field value", () => {
  const property = fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
    const field = encodePercent(text);
    assert.match(field, /^(?:[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?)?$/);
    assert.equal(decodePercent(field), text);
  });
  fc.assert(property, { seed: 20_254, numRuns: 1000 });
});

test("no field value makes the reader fail", () => {
  const property = fc.property(fc.string({ unit: fc.constantFrom("%", "4", "F", "g", "\u00ff", " ") }), (field) => {
    assert.equal(typeof decodePercent(field), "string");
  });
  fc.assert(property, { seed: 20_255, numRuns: 500 });
});
