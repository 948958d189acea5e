// Tests of messages behind their lengths: any pieces, limits, and what is wrong behind good messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { int32, string } from "./builder/fields.ts";
import { message } from "./builder/message.ts";
import { decodeDelimited, encodeDelimited, readDelimited } from "./delimited.ts";

const Point = message("t.Point", { x: int32(1), name: string(2) });
const points = [
  { x: 1, name: "" },
  { x: 0, name: "" },
  { x: -1, name: "n".repeat(200) },
];
const bytes = Buffer.concat(points.map((point) => encodeDelimited(Point, point)));

async function collect(chunks: Iterable<Uint8Array>, limits?: object): Promise<unknown[]> {
  const found: unknown[] = [];
  try {
    for await (const point of readDelimited(Point, chunks, limits)) found.push(point.x);
  } catch (error) {
    found.push((error as { readonly code: unknown }).code);
  }
  return found;
}

test("each message stands behind its length, a varint", () => {
  assert.equal(Buffer.from(encodeDelimited(Point, { x: 1 })).toString("hex"), "020801");
  assert.equal(Buffer.from(encodeDelimited(Point, {})).toString("hex"), "00");
  assert.deepEqual(decodeDelimited(Point, bytes), points);
  assert.deepEqual(decodeDelimited(Point, new Uint8Array(0)), []);
});

test("messages come out of bytes in any pieces", async () => {
  for (let at = 0; at <= bytes.length; at++) {
    assert.deepEqual(await collect([bytes.subarray(0, at), bytes.subarray(at)]), [1, 0, -1]);
  }
  assert.deepEqual(await collect([...bytes].map((byte) => Uint8Array.of(byte))), [1, 0, -1]);
});

test("bytes that end inside a message are refused behind those that are whole", async () => {
  const ends = [3, 4, bytes.length];
  for (let end = 0; end <= bytes.length; end++) {
    const whole = [1, 0, -1].slice(0, ends.filter((one) => one <= end).length);
    const isBetween = end === 0 || ends.includes(end);
    assert.deepEqual(await collect([bytes.subarray(0, end)]), isBetween ? whole : [...whole, "truncated"]);
  }
  assert.throws(() => decodeDelimited(Point, bytes.subarray(0, 2)), { name: "MarshalError", code: "truncated" });
});

test("a length over the limit is refused before its bytes come", async () => {
  assert.deepEqual(await collect([bytes], { maxMessageBytes: 100 }), [1, 0, "too-large"]);
  assert.deepEqual(await collect([Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f)]), ["too-large"]);
  assert.deepEqual(await collect([new Uint8Array(11).fill(0xff)]), ["bad-varint"]);
});

test("what is no message is refused behind those that are, and nothing follows it", async () => {
  assert.deepEqual(await collect([Uint8Array.of(2, 8, 1, 1, 0xff, 2, 8, 3)]), [1, "truncated"]);
});
