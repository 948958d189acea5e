import assert from "node:assert/strict";
import { test } from "node:test";
import { Writer } from "farcall/bytes";

test("a writer keeps what was written when it grows", () => {
  const writer = new Writer();
  for (let round = 0; round < 100; round++) writer.writeBytes(new Uint8Array(100).fill(round));
  assert.equal(writer.written, 10_000);
  assert.equal(writer.toBytes()[9_999], 99);
});
