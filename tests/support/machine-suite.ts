// Test support: how a conformance body is run on every stream transport of every machine, and what such bodies share.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { SocketFault } from "farcall/host";
import { realKinds, simulatedKinds, type World } from "./machine-world.ts";

/** Runs `body` on a fresh world of each kind; afterwards nothing may be left open. */
export function onEveryWorld(title: string, body: (world: World) => Promise<void>): void {
  for (const kind of [...realKinds, ...simulatedKinds]) {
    test(`${kind.name}: ${title}`, { timeout: 20_000 }, async () => {
      const before = process.getActiveResourcesInfo();
      const world = kind.create();
      try {
        await world.run(() => body(world));
      } finally {
        world.dispose();
      }
      await noneLeft(before);
    });
  }
}

/** S11: what was opened is closed: the process holds no more sockets and timers than before. */
async function noneLeft(before: readonly string[]): Promise<void> {
  let left: string[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const known = [...before, "Immediate"];
    left = process.getActiveResourcesInfo().filter((resource) => {
      const index = known.indexOf(resource);
      if (index >= 0) known.splice(index, 1);
      return index < 0;
    });
    if (left.length === 0) return;
    await setImmediate();
  }
  assert.fail(`left open: ${left.join(", ")}`);
}

/** Numbers from a seed, so that a failure can be run again. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The fault that `attempt` must end with. */
export async function refusal(attempt: Promise<unknown>): Promise<SocketFault> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof SocketFault, String(error));
    return error;
  }
  throw new Error("it was not refused");
}

/** Waits until sockets have had a while to move bytes. */
export function settle(world: World): Promise<void> {
  return new Promise((resolve) => void world.machine.timers.set(resolve, 50));
}
