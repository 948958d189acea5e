// Random lives of a connection, against a model of what calls may say: calls of all kinds, read slowly or not at all, with
// settings that change, GOAWAYs, cuts, resets, drains and restarts between them, on virtual time. The same seed gives the
// same lives; LIFE_RUNS=5000 and LIFE_SEED=7 make more of them, and others; LIFE_SHRINK=0 tells a failure as it was found.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { settleAndJudge } from "../support/life-model.ts";
import { LifePair, type PairSettings } from "../support/life-pair.ts";
import { calmLife, serverSettings, stormyLife } from "../support/life-steps.ts";

const numRuns = Number(process.env["LIFE_RUNS"] ?? 150);
const endOnFailure = process.env["LIFE_SHRINK"] === "0";
const seed = Number(process.env["LIFE_SEED"] ?? 1);

const settings: fc.Arbitrary<PairSettings> = fc.record({
  seed: fc.nat(),
  maxConnections: fc.integer({ min: 1, max: 3 }),
  serving: serverSettings,
});

/** Plays lives; answers how often calls ended in each way. */
async function play(lives: typeof calmLife): Promise<Map<string, number>> {
  const endings = new Map<string, number>();
  const property = fc.asyncProperty(settings, lives, async (given, steps) => {
    const pair = new LifePair(given);
    await pair.serve(given.serving);
    await fc.asyncModelRun(() => ({ model: pair, real: pair }), steps);
    await settleAndJudge(pair);
    for (const { ending } of pair.calls) {
      const words = `${ending?.code} ${ending?.execution}`;
      endings.set(words, (endings.get(words) ?? 0) + 1);
    }
  });
  await fc.assert(property, { numRuns, seed, endOnFailure });
  return endings;
}

/** Lives in which nothing happens would show nothing. */
function assertSeen(endings: ReadonlyMap<string, number>, expected: readonly string[]): void {
  const missing = expected.filter((words) => (endings.get(words) ?? 0) < numRuns / 20);
  assert.deepEqual(missing, [], JSON.stringify([...endings]));
}

const ends = [
  "OK executed",
  "ABORTED executed",
  "CANCELLED not-executed",
  "CANCELLED unknown",
  "DEADLINE_EXCEEDED unknown",
];
const failures = ["UNAVAILABLE not-executed", "UNAVAILABLE unknown"];

test("on a network that is well, calls end by themselves, their deadlines or their programs alone", async () => {
  assertSeen(await play(calmLife), ends);
});

test("through cuts, resets, drains and restarts, each call ends once, says what is so, and nothing is left", async () => {
  assertSeen(await play(stormyLife), [...ends, ...failures]);
});
