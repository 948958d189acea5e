// A short soak, as `npm run soak` makes a long one: everything comes and goes, and nothing is left or wrongly told.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { SoakReport } from "./run.ts";

const program = fileURLToPath(new URL("./run.js", import.meta.url));

test("20,000 calls of all kinds through restarts, GOAWAYs, cancels and channels that come and go keep every promise", {
  timeout: 120_000,
}, async (context) => {
  const words = ["--expose-gc", program, "--calls", "20000", "--json"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
  const gone = once(child, "close");
  const report = JSON.parse(await text(child.stdout)) as SoakReport;
  const [status] = await gone;
  assert.deepEqual(report.breaches, []);
  assert.equal(status, 0);
  const { calls, words: ended, restarts, channels, connections, points } = report;
  context.diagnostic(`${calls} calls in ${report.seconds.toFixed(1)} s: ${JSON.stringify(ended)}`);
  assert.ok(calls >= 20_000);
  assert.deepEqual([ended.none, ended.open], [0, 0]);
  for (const word of ["OK", "not-executed", "executed", "unknown", "left"] as const) assert.ok(ended[word] > 0, word);
  assert.deepEqual([restarts, points.length], [16, 12]);
  assert.ok(channels > 50 && connections > 50, `${channels} channels, ${connections} connections`);
});

test("numbers that make no sense are refused", async () => {
  const child = spawn(process.execPath, [program, "--calls", "0"], { stdio: ["ignore", "ignore", "pipe"] });
  const gone = once(child, "close");
  assert.match(await text(child.stderr), /^usage: npm run soak/);
  assert.deepEqual(await gone, [2, null]);
});
