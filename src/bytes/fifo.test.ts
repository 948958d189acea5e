import assert from "node:assert/strict";
import { test } from "node:test";
import { Fifo } from "./fifo.ts";

test("what came first goes first, whatever comes in between", () => {
  const fifo = new Fifo<number>();
  const expected: number[] = [];
  const got: (number | undefined)[] = [];
  let next = 0;
  for (let round = 0; round < 200; round++) {
    for (let count = 0; count < (round * 7) % 60; count++) {
      fifo.push(next);
      expected.push(next++);
    }
    for (let count = 0; count < (round * 5) % 50 && fifo.length > 0; count++) {
      assert.equal(fifo.first, expected[got.length]);
      got.push(fifo.shift());
    }
    assert.equal(fifo.length, expected.length - got.length);
  }
  while (fifo.length > 0) got.push(fifo.shift());
  assert.deepEqual(got, expected);
  assert.equal(fifo.shift(), undefined);
  assert.equal(fifo.first, undefined);
});

test("taking from a long queue costs no more than from a short one", () => {
  const fifo = new Fifo<number>();
  for (let n = 0; n < 500_000; n++) fifo.push(n);
  const startedAt = performance.now();
  for (let n = 0; n < 500_000; n++) assert.equal(fifo.shift(), n);
  // An array's own shift takes some minutes for as many.
  assert.ok(performance.now() - startedAt < 5000);
});
