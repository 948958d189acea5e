import assert from "node:assert/strict";
import { test } from "node:test";
import { eachMessage } from "./each-message.ts";

/** A generator that notes when it is let go. */
function* counting(notes: string[]): Generator<number> {
  try {
    for (let index = 1; index <= 4; index++) yield index;
  } finally {
    notes.push("let go");
  }
}

async function* slowly(source: Iterable<number>): AsyncGenerator<number> {
  yield* source;
}

test("a plain iterable is taken without a pause, an async one as it comes", async () => {
  const taken: unknown[] = [];
  const take = (message: unknown): boolean => taken.push(message) > 0;
  const plain = eachMessage([1, 2, 3], take);
  assert.deepEqual(taken, [1, 2, 3]);
  await plain;
  const slow = eachMessage(slowly([4, 5]), take);
  assert.deepEqual(taken, [1, 2, 3]);
  await slow;
  assert.deepEqual(taken, [1, 2, 3, 4, 5]);
});

test("a promise among the values is waited for", async () => {
  const taken: unknown[] = [];
  await eachMessage([1, Promise.resolve(2), 3], (message) => taken.push(message) > 0);
  assert.deepEqual(taken, [1, 2, 3]);
  await assert.rejects(
    eachMessage([Promise.reject(new Error("no message"))], () => true),
    /no message/,
  );
});

test("nothing is taken while the taker waits, and what answers false is the last", async () => {
  for (const wrap of [(source: Iterable<number>) => source, slowly]) {
    const notes: string[] = [];
    let goOn = (_more: boolean): void => {};
    const ended = eachMessage(wrap(counting(notes)), (message) => {
      notes.push(`took ${message}`);
      if (message === 1) return true;
      return new Promise((resolve) => {
        goOn = resolve;
      });
    });
    await new Promise(setImmediate);
    assert.deepEqual(notes, ["took 1", "took 2"]);
    goOn(true);
    await new Promise(setImmediate);
    assert.deepEqual(notes, ["took 1", "took 2", "took 3"]);
    goOn(false);
    await ended;
    assert.deepEqual(notes, ["took 1", "took 2", "took 3", "let go"]);
  }
});
