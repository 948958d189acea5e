// Tests of the registry of a runtime: numbers that stay, pages, and that nothing is kept.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ChannelPicture, ChannelState, Pictured } from "./picture.ts";
import { RuntimeRegistry } from "./runtime-registry.ts";

function channel(target: string, state: ChannelState = "idle"): Pictured<ChannelPicture> & { state: ChannelState } {
  return {
    state,
    picture() {
      return { target, state: this.state, calls: undefined, addresses: [] };
    },
  };
}

const targetsOf = (registry: RuntimeRegistry, fromId = 0, max = 100): string[] =>
  registry.channels(fromId, max).map(({ id, picture }) => `${id} ${picture.target}`);

test("what is added has a number that stays its own, and is listed in that order from any number on", () => {
  const registry = new RuntimeRegistry();
  const all = ["a", "b", "c", "d"].map((target) => channel(target));
  for (const one of all) registry.addChannel(one);
  const part = {};
  assert.equal(registry.idOf(part), 5);
  assert.equal(registry.idOf(part), 5);
  assert.deepEqual(targetsOf(registry), ["1 a", "2 b", "3 c", "4 d"]);
  assert.deepEqual(targetsOf(registry, 2, 2), ["2 b", "3 c"]);
  assert.deepEqual(targetsOf(registry, 5), []);
  assert.deepEqual(targetsOf(registry, 0, 0), []);
  assert.deepEqual(registry.servers(0, 100), []);
});

test("what is closed is no longer listed, and its number is not given again", () => {
  const registry = new RuntimeRegistry();
  const [first, second] = [channel("a"), channel("b")];
  registry.addChannel(first);
  registry.addChannel(second);
  first.state = "closed";
  assert.deepEqual(targetsOf(registry), ["2 b"]);
  const third = channel("c");
  registry.addChannel(third);
  assert.deepEqual(targetsOf(registry), ["2 b", "3 c"]);
});

test("the registry does not grow with what was closed, though nobody lists it", () => {
  const registry = new RuntimeRegistry();
  const kept = channel("kept");
  registry.addChannel(kept);
  for (let n = 0; n < 1000; n++) registry.addChannel(channel("gone", "closed"));
  assert.ok(registry.size <= 16, `${registry.size} entries`);
  assert.deepEqual(targetsOf(registry), ["1 kept"]);
});

test("what the program has let go of is collected, and forgotten", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const registry = new RuntimeRegistry();
  const kept = channel("kept");
  registry.addChannel(kept);
  (() => registry.addChannel(channel("dropped")))();
  // A reference that was read in a turn is kept until its end.
  await turn();
  collect();
  assert.deepEqual(targetsOf(registry), ["1 kept"]);
  assert.equal(registry.size, 1);
  assert.equal(kept.state, "idle");
});
