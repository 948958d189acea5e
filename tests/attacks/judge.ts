// Attacks: what must hold of each, carried out on loopback against a server in a process of its own. Its memory stays, the limit
// is named, an honest client is served meanwhile, and nothing is left behind.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Attack, carryOut } from "./attack.ts";

const defaultGrowthBytes = 32 * 1024 * 1024;

async function judge(attack: Attack, context: TestContext): Promise<void> {
  const { attacker, before, meanwhile, after, served, failures, framesSent, seconds } = await carryOut(attack);
  const mebibytes = (bytes: number) => (bytes / 1024 / 1024).toFixed(1);
  const grew = `${mebibytes(meanwhile.bytes - before.bytes)} MiB`;
  context.diagnostic(`${framesSent} frames in ${seconds.toFixed(2)} s, ${served} honest calls, held ${grew} more`);
  const { ends, meets, check, mayGrowBytes = defaultGrowthBytes } = attack;
  if (ends === undefined) assert.equal(attacker.goAway, undefined, attacker.goAway?.debug);
  else {
    assert.equal(attacker.goAway?.code, ends.code);
    assert.match(attacker.goAway?.debug ?? "", ends.says);
  }
  const met = meanwhile.snapshot.limitsMet.map(({ limit }) => limit);
  if (meets !== undefined) assert.ok(met.includes(meets), `${meets} is not among ${met}`);
  check?.(attacker, meanwhile);
  assert.deepEqual(failures, [], "an honest client's calls failed");
  assert.ok(served > 0, "no honest call was served");
  const grown = meanwhile.bytes - before.bytes;
  assert.ok(grown <= mayGrowBytes, `it holds ${mebibytes(grown)} MiB more while the attack stands`);
  assert.deepEqual(after.handles, before.handles, "handles are left");
  assert.equal(after.snapshot.connections.length, 1, "the honest client's connection is what is left");
  assert.deepEqual([after.snapshot.openCalls, after.snapshot.runningCalls, after.snapshot.queuedCalls], [0, 0, 0]);
  assert.equal(after.snapshot.deadlines, before.snapshot.deadlines, "deadlines are left");
  const left = after.bytes - before.bytes;
  assert.ok(left <= 4 * 1024 * 1024, `${mebibytes(left)} MiB are left`);
}

/** A test of each attack. */
export function testAttacks(attacks: readonly Attack[]): void {
  for (const attack of attacks) test(attack.title, { timeout: 60_000 }, (context) => judge(attack, context));
}
