// Tests of memory for messages that are not whole: what fits is granted, in turn, one always, and all of it comes back.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryBudget } from "../http/memory-budget.ts";
import { Reservations } from "./reservations.ts";
import { Http2Stream, type StreamHost } from "./stream.ts";

const nobody = { onHead() {}, onBody() {}, onTail() {}, onWritable() {}, onReset() {} };
const stream = (): Http2Stream => new Http2Stream({} as StreamHost, nobody, { send: 0, receive: 0 });

function stage(maxBytes: number, shared?: MemoryBudget) {
  const reservations = new Reservations(maxBytes, shared);
  const granted: string[] = [];
  const take = (name: string, bytes: number) => {
    const one = stream();
    if (reservations.take(one, bytes, () => void granted.push(name))) granted.push(`${name} at once`);
    return one;
  };
  return { reservations, granted, take };
}

test("what fits to the byte is granted at once; a byte more waits for what is given back, in turn", () => {
  const { reservations, granted, take } = stage(100);
  const first = take("a", 60);
  const second = take("b", 40);
  const third = take("c", 1);
  const fourth = take("d", 40);
  assert.deepEqual(granted, ["a at once", "b at once"]);
  assert.equal(reservations.usedBytes, 100);
  reservations.release(second);
  assert.deepEqual(granted.slice(2), ["c"], "d does not fit beside a and c");
  reservations.release(first);
  assert.deepEqual(granted.slice(3), ["d"]);
  for (const one of [third, fourth]) reservations.release(one);
  assert.equal(reservations.usedBytes, 0);
});

test("one that is larger than everything is granted when nothing else is, and whoever gives up his place gets none", () => {
  const { reservations, granted, take } = stage(100);
  const large = take("large", 1000);
  const gone = take("gone", 10);
  const last = take("last", 10);
  assert.deepEqual(granted, ["large at once"]);
  reservations.release(gone);
  reservations.release(large);
  assert.deepEqual(granted, ["large at once", "last"]);
  reservations.release(last);
  reservations.release(last);
  assert.equal(reservations.usedBytes, 0);
});

test("what other connections hold counts too, but each has one", () => {
  const shared = new MemoryBudget(100);
  const one = stage(1000, shared);
  const two = stage(1000, shared);
  const first = one.take("a", 90);
  one.take("b", 20);
  assert.deepEqual(one.granted, ["a at once"]);
  const other = two.take("c", 90);
  assert.deepEqual(two.granted, ["c at once"], "it has none yet");
  assert.equal(shared.usedBytes, 180);
  two.reservations.release(other);
  one.reservations.release(first);
  assert.deepEqual(one.granted, ["a at once", "b"]);
  assert.equal(shared.usedBytes, 20);
});
