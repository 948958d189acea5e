// Tests of base64 against RFC 4648's vectors and Node's own.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatBase64, parseBase64 } from "./base64.ts";

// RFC 4648 section 10.
const vectors: readonly (readonly [text: string, padded: string])[] = [
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
];

test("the vectors of RFC 4648 hold, padded and not", () => {
  for (const [text, padded] of vectors) {
    const bytes = new TextEncoder().encode(text);
    const bare = padded.replace(/=+$/, "");
    assert.equal(formatBase64(bytes, true), padded);
    assert.equal(formatBase64(bytes), bare);
    assert.deepEqual(parseBase64(padded), bytes);
    assert.deepEqual(parseBase64(bare), bytes);
  }
});

test("any bytes come back, and Node writes the same", () => {
  const property = fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
    const node = Buffer.from(bytes).toString("base64");
    assert.equal(formatBase64(bytes, true), node);
    assert.equal(formatBase64(bytes), node.replace(/=+$/, ""));
    assert.deepEqual(parseBase64(node), bytes);
    assert.deepEqual(parseBase64(Buffer.from(bytes).toString("base64url")), bytes);
  });
  fc.assert(property, { seed: 20_256, numRuns: 500 });
});

test("cut at every position, a text is bytes or nothing", () => {
  const text = formatBase64(Uint8Array.from({ length: 20 }, (_, index) => index * 13));
  for (let end = 0; end <= text.length; end++) {
    const bytes = parseBase64(text.slice(0, end));
    if (end % 4 === 1) assert.equal(bytes, undefined, `of ${end}`);
    else assert.equal(bytes?.length, Math.floor((end * 3) / 4), `of ${end}`);
  }
});

test("what is no base64 is nothing", () => {
  for (const text of [
    "A",
    "AAAAA",
    "A===",
    "====",
    "AB=C",
    "=AAA",
    "AA A",
    "AAA\n",
    "AAA.",
    "\u00e9AAA",
    "AAA\u0141",
  ]) {
    assert.equal(parseBase64(text), undefined, JSON.stringify(text));
  }
});
