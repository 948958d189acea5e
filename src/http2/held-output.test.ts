// Tests of output that is held: when it is full, and which streams stand still.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Fifo } from "../bytes/fifo.ts";
import { MemoryBudget } from "../http/memory-budget.ts";
import { HeldOutput } from "./held-output.ts";
import { defaultHttp2Limits } from "./limits.ts";
import { Http2Stream, type StreamHost } from "./stream.ts";

const limits = { ...defaultHttp2Limits, maxHeldBytes: 100, heldTimeoutMs: 1000 };
const nobody = { onHead() {}, onBody() {}, onTail() {}, onWritable() {}, onReset() {} };

function holding(): Http2Stream {
  const stream = new Http2Stream({} as StreamHost, nobody, { send: 0, receive: 0 });
  stream.held = { parts: new Fifo(), at: 0, bytes: 60, sentBytes: 0, seenBytes: -1, ends: true, tail: undefined };
  return stream;
}

test("it is full from one byte above the limit on, until it is back at the limit", () => {
  const held = new HeldOutput(limits, undefined);
  held.add(100);
  assert.equal(held.isFull, false);
  held.add(1);
  assert.equal(held.isFull, true);
  held.add(-1);
  assert.equal(held.isFull, false);
});

test("when all connections together hold too much, those are full that hold some", () => {
  const shared = new MemoryBudget(50);
  const [greedy, modest] = [new HeldOutput(limits, shared), new HeldOutput(limits, shared)];
  greedy.add(51);
  assert.deepEqual([greedy.isFull, modest.isFull], [true, false]);
  modest.add(1);
  assert.equal(modest.isFull, true);
  greedy.add(-51);
  assert.deepEqual([greedy.isFull, modest.isFull, shared.usedBytes], [false, false, 1]);
});

test("streams are looked at while more than half is held; one of which nothing left between two looks stands still", () => {
  const held = new HeldOutput(limits, undefined);
  const [moving, still] = [holding(), holding()];
  held.add(50);
  held.watch(0);
  assert.equal(held.dueAt, Number.POSITIVE_INFINITY, "half is not much");
  held.add(70);
  held.watch(0);
  assert.equal(held.dueAt, 1000);
  held.watch(500);
  assert.equal(held.dueAt, 1000, "the first look stays");
  assert.deepEqual(held.findStalled([moving, still], 1000), [], "none has been seen before");
  assert.equal(held.dueAt, 2000);
  (moving.held as { sentBytes: number }).sentBytes += 1;
  assert.deepEqual(held.findStalled([moving, still], 2000), [still]);
  held.add(-70);
  assert.deepEqual(held.findStalled([moving, still], 3000), [], "a reader may take its time while little is held");
  assert.equal(held.dueAt, Number.POSITIVE_INFINITY);
});
