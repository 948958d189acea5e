import assert from "node:assert/strict";
import { test } from "node:test";
import { ChunkPool, ValueChunks, Writer } from "./writer.ts";

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

/** A value of `count` bytes, which tell it from the others. */
function madeOf(index: number, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, at) => (index * 31 + at) & 0xff);
}

const sizes = [
  1, 0, 36, 64, 65, 700, 1023, 1024, 1025, 3, 4094, 4095, 4096, 5, 40_000, 12, 70_000, 30_000, 1_100_000, 9,
];

test("values taken one by one stay as they are, whatever their sizes", () => {
  const writer = new Writer(new ValueChunks());
  const values = [...sizes, ...sizes].map((count, index) => {
    const made = madeOf(index, count);
    // In pieces, so that the writer grows in the middle of a value.
    for (let at = 0; at < count; at += 1000) writer.writeBytes(made, at, Math.min(at + 1000, count));
    return { made, taken: writer.takeValue() };
  });
  for (const { made, taken } of values) assert.deepEqual(taken, made);
  assert.deepEqual([writer.pending, writer.written], [0, 0]);
});

test("a value of more than 1 KiB has its memory to itself and wastes at most half; an empty one is no view of anything", () => {
  const writer = new Writer(new ValueChunks());
  for (const count of [1025, 2000, 5000, 20, 50_000, 50_001, 1025]) {
    writer.writeBytes(madeOf(0, count));
    const { buffer } = writer.takeValue();
    if (count > 1024) assert.ok(buffer.byteLength <= 2 * count, `${count} bytes keep ${buffer.byteLength}`);
  }
  assert.equal(writer.takeValue().buffer.byteLength, 0);
});

test("small values come out of pooled memory again once large ones are gone", () => {
  const writer = new Writer(new ValueChunks());
  for (const count of [70_000, 30_000]) {
    // In two pieces: the second value gets as much room as the first took, does not fill it, and is copied out.
    writer.writeBytes(madeOf(0, 100));
    writer.writeBytes(madeOf(0, count - 100));
    writer.takeValue();
  }
  writer.writeBytes(madeOf(1, 12));
  const first = writer.takeValue();
  writer.writeBytes(madeOf(2, 12));
  assert.equal(writer.takeValue().buffer, first.buffer);
});

test("who tries to take a small value's memory away takes it from no other value", () => {
  const writer = new Writer(new ValueChunks());
  writer.writeBytes(madeOf(1, 40));
  const first = writer.takeValue();
  writer.writeBytes(madeOf(2, 40));
  const second = writer.takeValue();
  try {
    structuredClone(first, { transfer: [first.buffer as ArrayBuffer] });
  } catch (error) {
    // Node 20 copies what must not be transferred; later ones refuse it.
    assert.equal((error as Error).name, "DataCloneError");
  }
  writer.writeBytes(madeOf(3, 40));
  assert.deepEqual([second, writer.takeValue()], [madeOf(2, 40), madeOf(3, 40)]);
});
