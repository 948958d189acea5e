// Thousands of calls, storms of cancellations and deadlines, hundreds of channels, a day of bad weather: afterwards memory,
// handles and counters are where they were. Each load runs twice in a process of its own; what the second run leaves is a leak.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { DayLeftover } from "../support/rpc-day.ts";
import type { Leftover } from "../support/rpc-soak.ts";

const program = fileURLToPath(new URL("../support/rpc-soak.js", import.meta.url));
const dayProgram = fileURLToPath(new URL("../support/rpc-day.js", import.meta.url));
const maxGrownBytes = 2 * 1024 * 1024;

const loads: readonly (readonly [name: string, count: number, what: string])[] = [
  ["calls", 20_000, "calls"],
  ["cancels", 4000, "calls that are cancelled before, during and after"],
  ["deadlines", 4000, "calls with 0 or 1 ms"],
  ["signal", 4000, "calls with one signal"],
  ["failures", 4000, "calls that fail"],
  ["streams", 4000, "streams that are left, cancelled, late or read to their end"],
  ["farewells", 4000, "calls on connections that say GOAWAY fifty times a second"],
  ["channels", 300, "channels dialled and closed"],
];

for (const [name, count, what] of loads) {
  test(`${count} ${what} leave nothing behind`, { timeout: 60_000 }, async () => {
    const run = await promisify(execFile)(process.execPath, ["--expose-gc", program, name, String(count)]);
    const left = JSON.parse(run.stdout) as Leftover;
    assert.equal(left.calls, count);
    const { heapBytes, externalBytes, handles, openCalls, deadlines, queuedCalls, serverCalls, serverDeadlines } = left;
    assert.deepEqual({ openCalls, queuedCalls, serverCalls }, { openCalls: 0, queuedCalls: 0, serverCalls: 0 });
    assert.ok(deadlines <= 0 && serverDeadlines <= 0, JSON.stringify(left));
    assert.deepEqual(handles, []);
    assert.ok(heapBytes < maxGrownBytes && externalBytes < maxGrownBytes, JSON.stringify(left));
    assert.equal(run.stderr, "");
  });
}

test("a simulated day of calls through resets, cuts, drains and deaths leaves nothing behind", {
  timeout: 60_000,
}, async () => {
  const run = await promisify(execFile)(process.execPath, ["--expose-gc", dayProgram, "24"]);
  const left = JSON.parse(run.stdout) as DayLeftover;
  assert.ok(left.answered > 4000 && left.failed > 100, run.stdout);
  assert.ok(left.longestMs <= 10_000, `a call took ${left.longestMs} ms`);
  const { connections, queuedCalls, serverCalls } = left;
  assert.deepEqual({ connections, queuedCalls, serverCalls }, { connections: 1, queuedCalls: 0, serverCalls: 0 });
  assert.ok(left.heapBytes < maxGrownBytes, run.stdout);
  assert.equal(run.stderr, "");
});
