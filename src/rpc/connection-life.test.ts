import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLife, type ConnectionLifeLimits, connectionLifeLimits, unlimitedLife } from "./connection-life.ts";

const busy = Number.POSITIVE_INFINITY;

function begun(given: ConnectionLifeLimits, now: number, chance: number): ConnectionLife {
  const life = new ConnectionLife(given, chance);
  assert.equal(life.dueAt, busy, "not before the handshake");
  life.begin(now);
  return life;
}

const limits = { maxAgeMs: 1000, maxAgeGraceMs: 100, maxIdleMs: 300 };

test("an old connection drains, and is cut when its grace is over", () => {
  const life = begun({ ...limits, maxIdleMs: busy }, 50, 0.5);
  assert.equal(life.dueAt, 1050);
  assert.equal(life.advance(1049, busy), "nothing");
  assert.equal(life.advance(1050, busy), "drain-old");
  assert.equal(life.dueAt, 1150);
  assert.equal(life.advance(1149, busy), "nothing");
  assert.equal(life.advance(1150, busy), "cut");
  assert.equal(life.dueAt, busy);
});

test("ages are spread by a tenth to both sides", () => {
  const ages = [0, 0.25, 1].map((chance) => begun({ ...limits, maxIdleMs: busy }, 0, chance).dueAt);
  assert.deepEqual(ages, [900, 950, 1100]);
});

test("only time without calls counts as idle, and each call begins it anew", () => {
  const life = begun({ ...limits, maxAgeMs: busy }, 0, 0.5);
  assert.equal(life.advance(300, busy), "nothing");
  assert.equal(life.dueAt, 600);
  assert.equal(life.advance(600, 450), "nothing");
  assert.equal(life.dueAt, 750);
  assert.equal(life.advance(750, 450), "drain-idle");
  assert.equal(life.dueAt, busy);
});

test("a call that slips in while an idle connection drains still has its age and grace", () => {
  const life = begun(limits, 0, 0.5);
  assert.equal(life.advance(300, 0), "drain-idle");
  assert.equal(life.advance(1000, busy), "drain-old");
  assert.equal(life.advance(1100, busy), "cut");
});

test("by default connections have no age, an idle time, and bad limits are refused by name", () => {
  assert.deepEqual(connectionLifeLimits({}), { ...unlimitedLife, maxIdleMs: 1_800_000 });
  assert.equal(begun(unlimitedLife, 0, 0).dueAt, busy);
  for (const bad of [0, -1, Number.NaN, "soon" as unknown as number]) {
    assert.throws(
      () => connectionLifeLimits({ maxConnectionAgeMs: bad }),
      /maxConnectionAgeMs is .*; give milliseconds/,
    );
  }
});
