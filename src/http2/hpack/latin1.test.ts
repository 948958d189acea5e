import assert from "node:assert/strict";
import { test } from "node:test";
import { readLatin1 } from "./latin1.ts";

test("every octet becomes the char of its number, at any length and place", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, octet) => octet);
  for (let start = 0; start < 20; start++) {
    for (const end of [start, start + 1, start + 7, start + 8, start + 9, start + 31, 256]) {
      assert.equal(readLatin1(bytes, start, end), String.fromCharCode(...bytes.subarray(start, end)));
    }
  }
});
