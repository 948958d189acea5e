// Which address a call goes to, and how a channel comes to the connections for it, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Picker } from "farcall";
import { Cluster } from "../support/rpc-cluster.ts";
import { failureOf, Probe } from "../support/rpc-probe.ts";

const three = ["a", "b", "c"];
const addresses = three.map((name) => `tcp://${name}:80`);

test("by default all calls go to the first address, and to the next when it is lost", async () => {
  const world = new Cluster();
  await world.start(three);
  const channel = world.dial({}, addresses);
  assert.deepEqual(await world.spread(channel, 5), { a: 5 });
  assert.deepEqual(
    channel.snapshot().addresses.map(({ state }) => state),
    ["ready", "idle", "idle"],
  );
  await world.stop("a");
  assert.deepEqual(await world.spread(channel, 5), { b: 5 });
  await world.start(["a"]);
  await world.simulation.advance(60_000);
  assert.deepEqual(await world.spread(channel, 5), { b: 5 }, "it stays with what works");
  await world.run(() => channel.close());
});

test("a first address that swallows everything costs a quarter of a second, not the connect timeout", async () => {
  const world = new Cluster();
  await world.start(three);
  world.simulation.network.cut("client", "a");
  const channel = world.dial({}, addresses);
  assert.deepEqual(await world.spread(channel, 1), { b: 1 });
  assert.equal(world.nowMs, 250);
  const { addresses: seen } = channel.snapshot();
  assert.deepEqual(
    seen.map(({ state }) => state),
    ["idle", "ready", "idle"],
    "the slower attempt was given up",
  );
  await world.simulation.advance(20_000);
  assert.equal(channel.snapshot().lastFault, undefined);
  await world.run(() => channel.close());
});

test("addresses that refuse are passed over at once, and when all do, the call fails with what they said", async () => {
  const world = new Cluster();
  for (const name of ["a", "b"]) world.simulation.machine(name);
  await world.start(["c"]);
  const channel = world.dial({}, addresses);
  assert.deepEqual(await world.spread(channel, 1), { c: 1 });
  assert.equal(world.nowMs, 0);
  await world.run(() => channel.close());
  const none = world.dial({}, addresses.slice(0, 2));
  const error = await world.run(() => failureOf(none.stub(Probe).run({ tag: "x" })));
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  assert.match(
    error.message,
    /no address of .* can be connected to: tcp:\/\/10\.0\.0\.2:80 .*; tcp:\/\/10\.0\.0\.3:80 /,
  );
  assert.deepEqual(
    none.snapshot().addresses.map(({ state }) => state),
    ["backoff", "backoff"],
  );
  await world.run(() => none.close());
});

test("round robin keeps a connection with every address and gives each the same share", async () => {
  const world = new Cluster();
  await world.start(three);
  const channel = world.dial({ balance: "round-robin" }, addresses);
  await world.spread(channel, 1);
  await world.simulation.advance(10);
  assert.deepEqual(await world.spread(channel, 30), { a: 10, b: 10, c: 10 });
  assert.deepEqual(
    channel.snapshot().addresses.map(({ state }) => state),
    ["ready", "ready", "ready"],
  );
  await world.run(() => channel.close());
});

test("an address that fails gets no calls, is tried again in pauses of its own, and has its share when it is back", async () => {
  const world = new Cluster();
  await world.start(["a", "c"]);
  world.simulation.machine("b");
  const backoff = { initialMs: 100, multiplier: 2, maxMs: 1000, jitter: 0 };
  const channel = world.dial({ balance: "round-robin", backoff }, addresses);
  await world.spread(channel, 1);
  assert.deepEqual(await world.spread(channel, 20, 300), { a: 10, c: 10 });
  const attempts = [...new Set(world.attemptsAt("b"))].slice(0, 7);
  assert.deepEqual(
    attempts.map((at, index) => at - (attempts[index - 1] ?? 0)),
    [0, 100, 200, 400, 800, 1000, 1000],
  );
  await world.start(["b"]);
  await world.simulation.advance(1100);
  assert.deepEqual(await world.spread(channel, 30), { a: 10, b: 10, c: 10 });
  await world.run(() => channel.close());
});

test("a server that restarts loses no call of round robin that was not sent to it", async () => {
  const world = new Cluster();
  await world.start(three);
  const channel = world.dial({ balance: "round-robin" }, addresses);
  await world.spread(channel, 3);
  await world.simulation.advance(10);
  await world.stop("b");
  const counts = await world.spread(channel, 20);
  assert.deepEqual(counts, { a: 10, c: 10 });
  await world.start(["b"]);
  await world.simulation.advance(200);
  assert.deepEqual(await world.spread(channel, 30), { a: 10, b: 10, c: 10 });
  await world.run(() => channel.close());
});

test("a channel without calls leaves a server alone that is down", async () => {
  const world = new Cluster();
  await world.start(three);
  const channel = world.dial({ balance: "round-robin" }, addresses);
  await world.spread(channel, 3);
  for (const name of three) await world.stop(name);
  const packets = world.trace.length;
  await world.simulation.advance(3_600_000);
  assert.equal(world.trace.length, packets);
  assert.equal(channel.snapshot().state, "idle");
  await world.start(three);
  assert.equal(Object.keys(await world.spread(channel, 1)).length, 1);
  await world.run(() => channel.close());
});

test("least loaded avoids the server whose calls take long", async () => {
  const world = new Cluster();
  await world.start(["a"], (_request, call) => call.sleep(900).then(() => ({ tag: "a" })));
  await world.start(["b", "c"], (_request, call) => call.sleep(90).then(() => ({ tag: "b" })));
  const channel = world.dial({ balance: "least-loaded" }, addresses);
  await world.spread(channel, 2);
  const { run } = channel.stub(Probe);
  const calls: Promise<unknown>[] = [];
  for (let call = 0; call < 300; call++) {
    calls.push(run({ tag: "x" }));
    await world.simulation.advance(10);
  }
  await world.run(() => Promise.all(calls));
  const slow = world.tallies.get("a")?.total ?? 0;
  assert.ok(slow > 5 && slow < 40, `${slow} of 300 calls at the slow server`);
  await world.run(() => channel.close());
});

test("a picker of the user decides, and sees open calls and room", async () => {
  const world = new Cluster();
  await world.start(three);
  const seen: string[] = [];
  const picker: Picker = {
    spreads: true,
    pick(places) {
      seen.push(places.map(({ address, hasRoom, openCalls }) => `${address} ${hasRoom} ${openCalls}`).join("; "));
      return places.at(-1);
    },
  };
  const channel = world.dial({ balance: picker }, addresses);
  await world.spread(channel, 1);
  await world.simulation.advance(10);
  assert.deepEqual(await world.spread(channel, 4), { c: 4 });
  const text = ["10.0.0.2", "10.0.0.3", "10.0.0.4"].map((ip) => `tcp://${ip}:80 true 0`).join("; ");
  assert.equal(seen.at(-1), text);
  await world.run(() => channel.close());
});

test("a picker that throws costs no call, and shows in the snapshot", async () => {
  const world = new Cluster();
  await world.start(three);
  const balance: Picker = {
    spreads: true,
    pick: () => {
      throw new Error("division by zero");
    },
  };
  const channel = world.dial({ balance }, addresses);
  await world.spread(channel, 1);
  await world.simulation.advance(10);
  assert.deepEqual(await world.spread(channel, 4), { a: 4 });
  assert.match(channel.snapshot().lastFault ?? "", /the picker threw: division by zero/);
  await world.run(() => channel.close());
});

test("calls are counted: started, succeeded, failed, and when the last began", async () => {
  const world = new Cluster();
  await world.start(["a"], ({ tag }) => {
    if (tag === "bad") throw new Error("bad");
    return {};
  });
  const channel = world.dial({}, "tcp://a:80");
  assert.deepEqual(channel.snapshot().calls, { started: 0, succeeded: 0, failed: 0, lastStartedAt: undefined });
  const { run } = channel.stub(Probe);
  await world.simulation.advance(1234);
  const at = world.simulation.clock.wallNow();
  await world.run(() => run({ tag: "good" }, { timeoutMs: Number.POSITIVE_INFINITY }));
  await world.run(() => failureOf(run({ tag: "bad" })));
  const open = failureOf(run({ tag: "good" }, { signal: AbortSignal.abort() }));
  await world.run(() => open);
  assert.deepEqual(channel.snapshot().calls, { started: 3, succeeded: 1, failed: 2, lastStartedAt: at });
  await world.run(() => channel.close());
});
