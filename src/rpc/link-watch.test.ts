import assert from "node:assert/strict";
import { test } from "node:test";
import type { Timer } from "../host/clock.ts";
import type { Link } from "./link.ts";
import { LinkWatch } from "./link-watch.ts";

const options = { silentAfterMs: 30_000, answerWithinMs: 1000 };

/** A watch on a clock and one timer of the test's. */
function watch() {
  const link = { heardAt: 0, pings: 0, ping: () => void link.pings++ };
  const told: string[] = [];
  let now = 0;
  let due: { readonly at: number; readonly task: () => void } | undefined;
  const one = new LinkWatch(link as unknown as Link, {
    host: {
      clock: { now: () => now },
      timers: {
        set(task, delayMs): Timer {
          due = { at: now + delayMs, task };
          return { kind: "timer" };
        },
        clear() {
          due = undefined;
        },
      },
    },
    options,
    events: {
      onSilent: () => void told.push("silent"),
      onHeard: () => void told.push("heard"),
      onDead: () => void told.push("dead"),
    },
  });
  /** Rings the timer, so many milliseconds late. */
  const ring = (lateMs = 0): void => {
    assert.ok(due !== undefined, "a timer is set");
    const { at, task } = due;
    now = at + lateMs;
    due = undefined;
    task();
  };
  return { one, link, told, ring, isSet: () => due !== undefined, now: () => now };
}

test("a silent connection is asked for a call, and dead when it does not answer", () => {
  const { one, link, told, ring } = watch();
  ring();
  assert.equal(one.ask(), "asked");
  assert.equal(link.pings, 1);
  ring();
  assert.deepEqual(told, ["silent", "dead"]);
});

test("a program that was busy while the answer came reads it before it gives the connection up", () => {
  const { one, link, told, ring, now } = watch();
  ring();
  one.ask();
  ring(5000);
  assert.deepEqual(told, ["silent"]);
  link.heardAt = now() + 1;
  ring();
  assert.deepEqual(told, ["silent", "heard"]);
});

test("an answer that did not come by then never comes", () => {
  const { one, told, ring, isSet } = watch();
  ring();
  one.ask();
  ring(5000);
  ring();
  assert.deepEqual(told, ["silent", "dead"]);
  assert.equal(isSet(), false);
});

test("one that has answered and was silent again is not asked twice", () => {
  const { one, link, told, ring, now } = watch();
  ring();
  one.ask();
  link.heardAt = now() + 1;
  one.onPong();
  assert.deepEqual(told, ["silent", "heard"]);
  ring();
  assert.equal(one.ask(), "used-up");
  assert.equal(link.pings, 1);
});
