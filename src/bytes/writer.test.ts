import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkPool, Writer } from "./writer.ts";

test("a writer keeps what was written when it grows", () => {
  const writer = new Writer();
  for (let round = 0; round < 100; round++) writer.writeBytes(new Uint8Array(100).fill(round));
  assert.equal(writer.written, 10_000);
  assert.equal(writer.toBytes()[9_999], 99);
});

test("what was taken stays as it is until it is recycled, and what was not taken can be dropped", () => {
  const writer = new Writer(new ChunkPool(64));
  const parts: Uint8Array[] = [];
  writer.writeBytes(Uint8Array.of(1, 2, 3));
  writer.seal();
  writer.takeParts(parts);
  for (let round = 0; round < 40; round++) writer.writeBytes(Uint8Array.of(9, 9, 9, 9));
  writer.seal();
  assert.deepEqual(
    parts.map((part) => [...part]),
    [[1, 2, 3]],
  );
  assert.equal(writer.pending, 160);
  writer.drop();
  assert.deepEqual([writer.pending, writer.written], [0, 3]);
  writer.writeBytes(Uint8Array.of(4));
  writer.seal();
  writer.takeParts(parts);
  assert.deepEqual([...(parts.at(-1) as Uint8Array)], [4]);
});

test("what fills most of its chunk is taken out of the writer without a copy, the rest with one, and stays as it is", () => {
  for (const [count, isCopied] of [
    [40, false],
    [8, true],
  ] as const) {
    const writer = new Writer(new ChunkPool(64));
    writer.writeBytes(Uint8Array.of(1, 2));
    writer.seal();
    writer.writeBytes(Uint8Array.of(3));
    writer.writeBytes(new Uint8Array(count).fill(4));
    const chunk = writer.bytes.buffer;
    const open = writer.takeOpen(1);
    assert.equal(open.buffer !== chunk, isCopied);
    writer.rewind(0);
    for (let round = 0; round < 40; round++) writer.writeBytes(Uint8Array.of(9, 9, 9, 9));
    writer.seal();
    assert.deepEqual([...open], Array(count).fill(4));
    const parts: Uint8Array[] = [];
    writer.takeParts(parts);
    assert.deepEqual(
      parts.flatMap((part) => [...part]),
      [1, 2, ...Array(160).fill(9)],
    );
    assert.equal(writer.written, 162);
  }
});
