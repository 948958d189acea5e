// A hundred thousand calls, storms of cancellations and deadlines, thousands of channels: afterwards memory, handles and
// counters are where they were. Each load runs twice in a process of its own; what the second run leaves is a leak.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Leftover } from "../support/rpc-soak.ts";

const program = fileURLToPath(new URL("../support/rpc-soak.js", import.meta.url));
const maxGrownBytes = 2 * 1024 * 1024;

const loads: readonly (readonly [name: string, what: string])[] = [
  ["calls", "100,000 calls"],
  ["cancels", "20,000 calls that are cancelled before, during and after"],
  ["deadlines", "20,000 calls with 0 or 1 ms"],
  ["signal", "20,000 calls with one signal"],
  ["failures", "20,000 calls that fail"],
  ["streams", "20,000 streams that are left, cancelled, late or read to their end"],
  ["farewells", "20,000 calls on connections that say GOAWAY fifty times a second"],
  ["channels", "1,500 channels dialled and closed"],
];

for (const [name, what] of loads) {
  test(`${what} leave nothing behind`, { timeout: 60_000 }, async () => {
    const run = await promisify(execFile)(process.execPath, ["--expose-gc", program, name]);
    const left = JSON.parse(run.stdout) as Leftover;
    const { heapBytes, externalBytes, handles, openCalls, deadlines, queuedCalls, serverCalls, serverDeadlines } = left;
    assert.deepEqual({ openCalls, queuedCalls, serverCalls }, { openCalls: 0, queuedCalls: 0, serverCalls: 0 });
    assert.ok(deadlines <= 0 && serverDeadlines <= 0, JSON.stringify(left));
    assert.deepEqual(handles, []);
    assert.ok(heapBytes < maxGrownBytes && externalBytes < maxGrownBytes, JSON.stringify(left));
    assert.equal(run.stderr, "");
  });
}
