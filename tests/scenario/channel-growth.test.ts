// Connections grow when their streams are full, up to a limit; beyond it calls wait where one can see them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster } from "../support/rpc-cluster.ts";
import { failureOf, Probe } from "../support/rpc-probe.ts";

const hundred = { limits: { http2: { maxConcurrentStreams: 100 } } };

test("150 long calls against a limit of 100 all run, by a second connection", async () => {
  const world = new Cluster();
  await world.start(["a"], (_request, call) => call.sleep(60_000).then(() => ({ tag: "done" })), hundred);
  const channel = world.dial({}, "tcp://a:80");
  const { run } = channel.stub(Probe);
  const calls = Array.from({ length: 150 }, (_, index) => run({ tag: `${index}` }, { timeoutMs: 120_000 }));
  await world.simulation.advance(100);
  assert.equal(world.tallies.get("a")?.total, 150);
  const { connections, queuedCalls } = channel.snapshot();
  assert.deepEqual(
    connections.map(({ openCalls }) => openCalls),
    [100, 50],
  );
  assert.equal(queuedCalls, 0);
  const replies = await world.run(() => Promise.all(calls));
  assert.ok(replies.every(({ tag }) => tag === "done"));
  await world.run(() => channel.close());
});

test("at maxConnections calls wait, the snapshot shows them, and the error names the option", async () => {
  const world = new Cluster();
  await world.start(["a"], (_request, call) => call.sleep(1000).then(() => ({ tag: "done" })), hundred);
  const channel = world.dial({ maxConnections: 2, maxQueuedCalls: 60 }, "tcp://a:80");
  const { run } = channel.stub(Probe);
  const calls: Promise<unknown>[] = [];
  for (let group = 0; group < 11; group++) {
    calls.push(...Array.from({ length: 20 }, () => run({ tag: "x" })));
    await world.simulation.advance(10);
  }
  assert.equal(channel.snapshot().connections.length, 2);
  assert.equal(channel.snapshot().queuedCalls, 20);
  const late = await world.run(() => failureOf(run({ tag: "late" }, { timeoutMs: 50 })));
  assert.equal(late.code, "DEADLINE_EXCEEDED");
  assert.equal(late.phase, "queued");
  assert.match(late.message, /while queued: all 2 connections to tcp:\/\/a:80 are full \(option maxConnections is 2\)/);
  const filling = Array.from({ length: 40 }, () => run({ tag: "x" }));
  const refused = await world.run(() => failureOf(run({ tag: "refused" })));
  assert.equal(refused.code, "RESOURCE_EXHAUSTED");
  assert.equal(refused.execution, "not-executed");
  assert.match(refused.message, /maxConnections.*maxQueuedCalls/);
  await world.run(() => Promise.all([...calls, ...filling]));
  await world.run(() => channel.close());
});

test("maxConnections counts the connections of all addresses, and the first of each is always allowed", async () => {
  const world = new Cluster();
  const names = ["a", "b", "c"];
  const ten = { limits: { http2: { maxConcurrentStreams: 10 } } };
  await world.start(names, (_request, call) => call.sleep(1000).then(() => ({ tag: "done" })), ten);
  const addresses = names.map((name) => `tcp://${name}:80`);
  for (const [maxConnections, expected] of [
    [1, 3],
    [3, 3],
    [5, 5],
  ] as const) {
    const channel = world.dial({ maxConnections, balance: "round-robin" }, addresses);
    const { run } = channel.stub(Probe);
    const calls = Array.from({ length: 100 }, () => run({ tag: "x" }, { timeoutMs: 60_000 }));
    await world.simulation.advance(100);
    const { connections, queuedCalls } = channel.snapshot();
    assert.equal(connections.length, expected);
    assert.equal(queuedCalls, 100 - 10 * expected);
    const each = names.map((_, index) => connections.filter(({ remote }) => remote.includes(`.${index + 2}:`)).length);
    assert.ok(Math.max(...each) - Math.min(...each) <= 1, `${each}: spread evenly`);
    await world.run(() => Promise.all(calls));
    await world.run(() => channel.close());
  }
});

test("with the first address full, calls of the default balance open another connection there, not elsewhere", async () => {
  const world = new Cluster();
  const ten = { limits: { http2: { maxConcurrentStreams: 10 } } };
  await world.start(["a", "b"], (_request, call) => call.sleep(1000).then(() => ({})), ten);
  const channel = world.dial({}, ["tcp://a:80", "tcp://b:80"]);
  const { run } = channel.stub(Probe);
  const calls = Array.from({ length: 25 }, () => run({ tag: "x" }));
  await world.simulation.advance(100);
  assert.deepEqual(
    channel.snapshot().addresses.map(({ connections, openCalls }) => [connections, openCalls]),
    [
      [3, 25],
      [0, 0],
    ],
  );
  await world.run(() => Promise.all(calls));
  await world.run(() => channel.close());
});
