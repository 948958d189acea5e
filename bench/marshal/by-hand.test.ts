// The codec by hand checks what generated code checks: both take the same values and bytes, refuse the same with the same
// code, and make the same of them. Else a comparison of their times would say nothing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MarshalError } from "farcall/marshal";
import fc from "fast-check";
import { EchoRequest, type EchoRequestInit } from "../gen/echo.ts";
import { decodeByHand, encodeByHand } from "./by-hand.ts";

/** What came of it: the result, or the error's code and place. */
function outcome<Result>(act: () => Result): Result | string {
  try {
    return act();
  } catch (error) {
    if (error instanceof MarshalError) return `${error.code} at ${error.path}`;
    throw error;
  }
}

/** The code alone: where in the bytes nobody has promised. */
const codeOf = (result: unknown): unknown => (typeof result === "string" ? result.split(" at ")[0] : result);

function checkEncode(value: unknown): unknown {
  const ours = outcome(() => EchoRequest.encode(value as EchoRequestInit));
  assert.deepEqual(
    outcome(() => encodeByHand(value as EchoRequestInit)),
    ours,
  );
  return ours;
}

function checkDecode(bytes: Uint8Array): unknown {
  const ours = outcome(() => EchoRequest.decode(bytes));
  const theirs = outcome(() => decodeByHand(bytes));
  assert.deepEqual(codeOf(theirs), codeOf(ours), Buffer.from(bytes).toString("hex"));
  return ours;
}

const refused: readonly { readonly what: string; readonly value: unknown; readonly as: string }[] = [
  { what: "no object", value: null, as: "wrong-type at " },
  { what: "a number", value: 5, as: "wrong-type at " },
  { what: "an array", value: [], as: "wrong-type at " },
  { what: "a function", value: () => 1, as: "live-object at " },
  { what: "an instance", value: new Date(0), as: "live-object at " },
  { what: "a message that is no text", value: { message: 5 }, as: "wrong-type at message" },
  { what: "half of a surrogate pair", value: { message: "a\ud800" }, as: "lone-surrogate at message" },
  { what: "the same in a long text", value: { message: `${"é".repeat(90)}\udc00` }, as: "lone-surrogate at message" },
  { what: "a number as text", value: { n: "5" }, as: "wrong-type at n" },
  { what: "a fraction", value: { n: 1.5 }, as: "out-of-range at n" },
  { what: "2^31", value: { n: 2 ** 31 }, as: "out-of-range at n" },
  { what: "less than -2^31", value: { n: -(2 ** 31) - 1 }, as: "out-of-range at n" },
  { what: "no number", value: { n: Number.NaN }, as: "out-of-range at n" },
  { what: "a payload that is no bytes", value: { payload: [1] }, as: "wrong-type at payload" },
  { what: "unknown fields that are no bytes", value: { $unknown: "x" }, as: "wrong-type at $unknown" },
];
for (const { what, value, as } of refused) {
  test(`encoding refuses ${what}, as generated code does`, () => assert.equal(checkEncode(value), as));
}

test("encoding writes the same bytes", () => {
  const taken: unknown[] = [
    {},
    Object.create(null),
    { message: "", n: 0, payload: new Uint8Array(0) },
    { n: -0 },
    { n: -1 },
    { n: -(2 ** 31) },
    { n: 2 ** 31 - 1 },
    { payload: new Uint8Array(70_000).fill(7), message: "x".repeat(70_000) },
    { payload: Buffer.from("bytes"), $unknown: Uint8Array.of(0x20, 1) },
    ...["é", "\u{1f600}", "a".repeat(64), "a".repeat(65), `${"a".repeat(63)}é`, "\ufffd"].map((message) => ({
      message,
    })),
    ...[1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455, 268_435_456].map((n) => ({ n })),
  ];
  for (const value of taken) assert.ok(checkEncode(value) instanceof Uint8Array);
});

test("encoding writes the same for any value", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 100 }));
  const some = fc.record(
    { message: text, n: fc.integer(), payload: fc.uint8Array({ maxLength: 200 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(some, (value) => {
      checkEncode(value);
    }),
    { seed: 7, numRuns: 500 },
  );
});

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
const good = "0a03 616263 1005 1a02 0102";
const faults: readonly { readonly what: string; readonly bytes: string; readonly code: string }[] = [
  { what: "a text that passes the end", bytes: "0a04 616263", code: "truncated" },
  { what: "a length of 2^31", bytes: "0a 8080808008", code: "truncated" },
  { what: "a length with bits above 32", bytes: "0a 818080808001 61", code: "truncated" },
  { what: "a text that is not UTF-8", bytes: "0a02 c328", code: "bad-text" },
  { what: "half of a surrogate pair as UTF-8", bytes: "0a03 eda080", code: "bad-text" },
  { what: "a character written too long", bytes: "0a02 c080", code: "bad-text" },
  { what: "U+FFFD beside what is not UTF-8", bytes: "0a04 efbfbd ff", code: "bad-text" },
  { what: "a varint of 11 bytes", bytes: "10 8080808080808080808001", code: "bad-varint" },
  { what: "a varint that does not end", bytes: "10 80", code: "truncated" },
  { what: "a tag of 33 bits", bytes: "8080808010 01", code: "bad-varint" },
  { what: "a tag of six bytes", bytes: "888080808000 01", code: "bad-varint" },
  { what: "field number 0", bytes: "00 01", code: "bad-tag" },
  { what: "wire type 6", bytes: "26", code: "bad-tag" },
  { what: "a group that was not begun", bytes: "24", code: "bad-group" },
  { what: "a group under another number", bytes: "23 2c", code: "bad-group" },
  { what: "a group that does not end", bytes: "23 2001", code: "truncated" },
  { what: "a hundred and one groups", bytes: "23".repeat(101) + "24".repeat(101), code: "too-deep" },
  { what: "an unknown fixed number cut short", bytes: "25 010203", code: "truncated" },
];
for (const { what, bytes, code } of faults) {
  test(`decoding refuses ${what}, as generated code does`, () => assert.equal(codeOf(checkDecode(hex(bytes))), code));
}

test("decoding reads the same", () => {
  const taken = [
    good,
    "",
    "1005 1006 0a00 0a0161",
    "0a03 efbfbd",
    "0a06 efbfbd efbfbd",
    "10 ffffffffffffffffff01",
    "10 ffffffff0f",
    "8a00 0161",
    "08 05 11 0102030405060708",
    "2005 22 0161 2d 01020304 10 05 21 0102030405060708",
    `${"23".repeat(100)}${"24".repeat(100)}`,
    `0a 42 ${"c3a9".repeat(33)}`,
    `0a 41 ${"61".repeat(65)}`,
  ];
  for (const bytes of taken) {
    const result = checkDecode(hex(bytes));
    assert.equal(typeof result, "object", bytes);
    checkEncode(result);
  }
  // The copy that was made of a Buffer's bytes shares no memory with it.
  const buffer = Buffer.from(hex(good));
  const { payload } = decodeByHand(buffer);
  buffer.fill(0);
  assert.deepEqual([payload.constructor, [...payload]], [Uint8Array, [1, 2]]);
});

test("decoding cut at every position does the same", () => {
  const whole = hex(`${good} 2005 22 0161 23 2001 24 10 ffffffffffffffffff01`);
  for (let end = 0; end <= whole.length; end++) checkDecode(whole.subarray(0, end));
});

test("decoding does the same with any bytes, and with good ones of which some are changed", () => {
  const seeds = fc
    .constantFrom(good, "2005 22 0161 23 2001 24", "10 ffffffffffffffffff01", "0a03 efbfbd 1a00")
    .map(hex);
  const changed = fc
    .tuple(seeds, fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 3 }))
    .map(([bytes, changes]) => {
      const copy = bytes.slice();
      for (const [at, to] of changes) copy[at % copy.length] = to;
      return copy;
    });
  fc.assert(
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 24 })), (bytes) => {
      checkDecode(bytes);
    }),
    { seed: 7, numRuns: 2000 },
  );
});
