import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultHttp2Limits as limits } from "./limits.ts";
import { PingStrikes } from "./ping-strikes.ts";

const busy = { callFrames: 0, openCount: 1 };
const idle = { callFrames: 0, openCount: 0 };
const { minPingIntervalMs, minIdlePingIntervalMs, maxPingStrikes } = limits;

test("pings at the permitted pace go on for ever, and those a little faster do not", () => {
  for (const [state, gapMs] of [
    [busy, minPingIntervalMs],
    [idle, minIdlePingIntervalMs],
  ] as const) {
    const right = new PingStrikes(limits);
    for (let count = 0; count < 100; count++) assert.equal(right.receive(count * gapMs, state), true);
    const fast = new PingStrikes(limits);
    const answers = Array.from({ length: maxPingStrikes + 2 }, (_, count) => fast.receive(count * (gapMs - 1), state));
    assert.deepEqual(answers, [...Array.from({ length: maxPingStrikes + 1 }, () => true), false]);
  }
});

test("strikes are wiped out by every frame of a call that we send", () => {
  const strikes = new PingStrikes(limits);
  for (let round = 1; round < 100; round++) {
    for (let count = 0; count <= maxPingStrikes; count++) {
      assert.equal(strikes.receive(round, { callFrames: round, openCount: 1 }), true, `round ${round}`);
    }
  }
});

test("a measure of bandwidth, one ping for each answer, is never a strike", () => {
  const strikes = new PingStrikes({ ...limits, maxPingStrikes: 0 });
  for (let callFrames = 1; callFrames < 1000; callFrames++) {
    assert.equal(strikes.receive(callFrames, { callFrames, openCount: 1 }), true);
  }
});
