// Tests of the real machine's clock, timers and turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { RealTurn, realClock, realRandom, realTimers } from "./clock.ts";

test("timers fire once and never early; a cleared one never", async () => {
  const fired: string[] = [];
  const startedAt = realClock.now();
  const early: string[] = [];
  await new Promise<void>((resolve) => {
    const note = (name: string, delayMs: number) => () => {
      if (realClock.now() - startedAt < delayMs) early.push(name);
      fired.push(name);
      if (fired.length === 4) resolve();
    };
    realTimers.set(note("last", 12.5), 12.5);
    realTimers.set(note("second", 5.25), 5.25);
    realTimers.set(note("first", 0), Number.NaN);
    realTimers.clear(realTimers.set(note("cleared", 3), 3));
    realTimers.clear(realTimers.set(note("far", 2 ** 40), 2 ** 40));
    realTimers.clear(realTimers.set(note("never", Number.POSITIVE_INFINITY), Number.POSITIVE_INFINITY));
    realTimers.set(note("background", 1), 1, { background: true });
  });
  // Timers that are overdue together, on a machine that stood still, may come in any order.
  assert.deepEqual([fired.sort(), early], [["background", "first", "last", "second"], []]);
});

test("the end of a turn comes after all promise reactions and before the machine looks at its sockets", async () => {
  const turn = new RealTurn();
  const order: string[] = [];
  turn.atEnd(() => {
    order.push("end");
    turn.atEnd(() => order.push("end of the end"));
  });
  turn.atEnd(() => order.push("end again"));
  const io = nextTurn().then(() => order.push("next turn"));
  (async () => {
    for (let step = 0; step < 10; step++) await undefined;
    order.push("ten awaits later");
  })();
  await io;
  assert.deepEqual(order, ["ten awaits later", "end", "end again", "end of the end", "next turn"]);
});

test("the wall clock shows the date, the monotonic one never goes back, random numbers are in [0, 1)", () => {
  assert.ok(Math.abs(realClock.wallNow() - Date.now()) < 1000);
  let before = realClock.now();
  for (let round = 0; round < 1000; round++) {
    const now = realClock.now();
    assert.ok(now >= before);
    before = now;
    const number = realRandom.next();
    assert.ok(number >= 0 && number < 1);
  }
});
