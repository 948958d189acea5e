// Tests of the read buffer: small while reads are small, large after one that filled it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadBuffer } from "./read-buffer.ts";

test("the buffer grows after a read that filled it, and shrinks when reads have been small for long", () => {
  const reads = new ReadBuffer();
  const { buffer, callback } = reads.options;
  assert.ok(typeof buffer === "function");
  const sizes: number[] = [];
  let delivered = 0;
  const ignore = () => {};
  reads.open({
    onBytes: (_bytes, start, end) => {
      delivered += end - start;
    },
    onWritable: ignore,
    onEnd: ignore,
    onClose: ignore,
  });
  const read = (count: number, times = 1): void => {
    for (let round = 0; round < times; round++) assert.equal(callback(count, buffer()), true);
    sizes.push(buffer().length);
  };
  read(100);
  read(4096);
  read(65536);
  read(100, 1000);
  read(5000);
  read(100, 1000);
  read(100);
  assert.deepEqual(sizes, [4096, 65536, 65536, 65536, 65536, 65536, 4096]);
  assert.equal(delivered, 100 + 4096 + 65536 + 100_000 + 5000 + 100_000 + 100);
});
