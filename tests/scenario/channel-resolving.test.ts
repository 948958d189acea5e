// What a host name means to a channel, and how that changes, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Cluster, service } from "../support/rpc-cluster.ts";
import { failureOf, Probe } from "../support/rpc-probe.ts";

test("a name that nobody knows fails the call at once, as resolving and not executed, and the error names it", async () => {
  const world = new Cluster();
  world.simulation.network.setName("service", "unknown");
  const channel = world.dial();
  const error = await world.run(() => failureOf(channel.stub(Probe).run({ tag: "a" })));
  assert.equal(world.nowMs, 0);
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.phase, "resolving");
  assert.equal(error.execution, "not-executed");
  assert.equal(error.attempts, 0);
  assert.match(error.message, /tcp:\/\/service:80 could not be resolved: service is a name that no machine has/);
  const { resolver, state, lastFault } = channel.snapshot();
  assert.equal(resolver.state, "failed");
  assert.equal(resolver.lastErrorAt, world.simulation.clock.wallNow());
  assert.equal(state, "resolving");
  assert.equal(lastFault, error.message);
  await world.run(() => channel.close());
});

test("with waitForReady a call waits for the name to be known", async () => {
  const world = new Cluster();
  await world.start(["a"]);
  world.simulation.network.setName("service", "unknown");
  const channel = world.dial({ waitForReady: true });
  const call = channel.stub(Probe).run({ tag: "x" }, { timeoutMs: 30_000 });
  await world.simulation.advance(7000);
  assert.equal(channel.snapshot().queuedCalls, 1);
  world.name("a");
  assert.equal((await world.run(() => call)).tag, "a");
  assert.ok(world.nowMs < 7000 + 6000, `${world.nowMs} ms: within the longest pause`);
  await world.run(() => channel.close());
});

test("while no name server answers, time runs out in resolving", async () => {
  const world = new Cluster();
  world.simulation.network.setName("service", "silent");
  const channel = world.dial();
  const error = await world.run(() => failureOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 100 })));
  assert.equal(world.nowMs, 100);
  assert.equal(error.code, "DEADLINE_EXCEEDED");
  assert.equal(error.phase, "resolving");
  assert.equal(error.execution, "not-executed");
  assert.match(error.message, /the deadline of 100 ms passed while resolving tcp:\/\/service:80/);
  const late = await world.run(() => failureOf(channel.stub(Probe).run({ tag: "b" }, { timeoutMs: 60_000 })));
  assert.equal(late.code, "UNAVAILABLE");
  assert.equal(late.phase, "resolving");
  assert.match(late.message, /no name server answers/);
  assert.equal(world.nowMs, 10_000);
  await world.run(() => channel.close());
});

test("a new replica gets its share within seconds, and no healthy connection is closed for it", async () => {
  const world = new Cluster();
  await world.start(["a", "b", "c"]);
  world.name("a");
  const channel = world.dial({ balance: "round-robin", dnsRefreshMs: 5000 });
  assert.deepEqual(await world.spread(channel, 30, 100), { a: 30 });
  world.name("a", "b", "c");
  await world.simulation.advance(6000);
  assert.deepEqual(await world.spread(channel, 30, 100), { a: 10, b: 10, c: 10 });
  assert.equal(world.servers.get("a")?.snapshot().connections.length, 1);
  assert.equal(world.trace.filter(({ kind }) => kind === "end" || kind === "reset").length, 0);
  await world.run(() => channel.close());
});

test("a removed replica gets no new calls, and those it has end well", async () => {
  const world = new Cluster();
  await world.start(["a", "b", "c"], ({ tag }, call) =>
    tag === "long" ? call.sleep(20_000).then(() => ({ tag: "done" })) : { tag: String(call.localAddress) },
  );
  world.name("a", "b", "c");
  const channel = world.dial({ balance: "round-robin", dnsRefreshMs: 5000 });
  const { run } = channel.stub(Probe);
  await world.spread(channel, 3);
  const long = [1, 2, 3].map(() => run({ tag: "long" }, { timeoutMs: 60_000 }));
  await world.simulation.advance(100);
  world.name("b");
  await world.simulation.advance(6000);
  const before = ["a", "b", "c"].map((name) => world.tallies.get(name)?.total);
  await world.spread(channel, 12);
  const after = ["a", "b", "c"].map((name) => world.tallies.get(name)?.total);
  assert.deepEqual(
    after.map((total, index) => (total ?? 0) - (before[index] ?? 0)),
    [0, 12, 0],
  );
  const { addresses, connections } = channel.snapshot();
  assert.deepEqual(
    addresses.map(({ state, openCalls }) => [state, openCalls]),
    [
      ["ready", 1],
      ["draining", 1],
      ["draining", 1],
    ],
  );
  assert.equal(connections.length, 3);
  assert.deepEqual(
    (await world.run(() => Promise.all(long))).map(({ tag }) => tag),
    ["done", "done", "done"],
  );
  await world.simulation.advance(2000);
  assert.equal(channel.snapshot().addresses.length, 1);
  assert.equal(world.servers.get("a")?.snapshot().connections.length, 0);
  await world.run(() => channel.close());
});

test("a lost connection has the name looked up at once", async () => {
  const world = new Cluster();
  await world.start(["a", "b"]);
  world.name("a");
  const channel = world.dial({ dnsRefreshMs: Number.POSITIVE_INFINITY });
  assert.deepEqual(await world.spread(channel, 1), { a: 1 });
  await world.simulation.advance(60_000);
  world.name("b");
  await world.stop("a");
  const startedAt = world.nowMs;
  assert.deepEqual(await world.spread(channel, 1), { b: 1 });
  assert.ok(world.nowMs - startedAt < 100, `${world.nowMs - startedAt} ms`);
  await world.run(() => channel.close());
});

test("a connection that is lost while its server is well has the name looked up too", async () => {
  const world = new Cluster();
  await world.start(["a", "b"]);
  world.name("a");
  const channel = world.dial({ dnsRefreshMs: Number.POSITIVE_INFINITY, balance: "round-robin" });
  await world.spread(channel, 1);
  await world.simulation.advance(60_000);
  world.name("a", "b");
  world.simulation.network.resetConnections("client", "a");
  await world.simulation.advance(10);
  assert.equal(channel.snapshot().addresses.length, 2);
  await world.run(() => channel.close());
});

test("a failed look-up takes away no address that is known", async () => {
  const world = new Cluster();
  await world.start(["a"]);
  world.name("a");
  const channel = world.dial({ dnsRefreshMs: 5000 });
  await world.spread(channel, 1);
  world.simulation.network.setName("service", "unknown");
  await world.simulation.advance(60_000);
  assert.deepEqual(await world.spread(channel, 3), { a: 3 });
  const { resolver, addresses, state } = channel.snapshot();
  assert.equal(state, "ready");
  assert.equal(resolver.state, "failed");
  assert.equal(resolver.addressCount, 1);
  assert.match(resolver.lastError ?? "", /service is a name that no machine has/);
  assert.equal(addresses.length, 1);
  await world.run(() => channel.close());
});

test("names are looked up while the channel has connections, each in its own time, and not while it rests", async () => {
  const world = new Cluster(3);
  await world.start(["a"]);
  world.name("a");
  const machine = world.simulation.machine("client");
  const lookups: number[] = [];
  const { network } = machine;
  const resolve = network.resolve.bind(network);
  network.resolve = (host, options) => {
    lookups.push(world.nowMs);
    return resolve(host, options);
  };
  const channel = world.dial();
  assert.equal(lookups.length, 0, "nothing before the first call");
  await world.spread(channel, 1);
  await world.simulation.advance(300_000);
  const gaps = lookups.slice(1).map((at, index) => at - (lookups[index] as number));
  assert.ok(gaps.length >= 9 && gaps.length <= 11, `${gaps.length} look-ups in 300 s`);
  assert.ok(
    gaps.every((gap) => gap >= 27_000 && gap <= 33_000),
    `${gaps}`,
  );
  assert.ok(new Set(gaps).size > 5, "jittered");
  await world.stop("a");
  await world.simulation.advance(40_000);
  const atRest = lookups.length;
  await world.simulation.advance(3_600_000);
  assert.equal(lookups.length, atRest);
  await world.start(["a"]);
  assert.deepEqual(await world.spread(channel, 1), { a: 1 });
  assert.equal(lookups.length, atRest + 1, "the call woke it");
  await world.run(() => channel.close());
  await world.simulation.advance(100_000);
  assert.equal(lookups.length, atRest + 1);
});

test("failing connections have the name looked up once a second at most", async () => {
  const world = new Cluster();
  world.simulation.machine("a");
  world.name("a");
  const { network } = world.simulation.machine("client");
  let lookups = 0;
  const resolve = network.resolve.bind(network);
  network.resolve = (host, options) => {
    lookups++;
    return resolve(host, options);
  };
  const channel = world.dial({ waitForReady: true, backoff: { initialMs: 20, maxMs: 20 } });
  await world.run(() => failureOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 10_000 })));
  assert.ok(lookups >= 9 && lookups <= 12, `${lookups} look-ups in 10 s`);
  await world.run(() => channel.close());
});

test("an answer that says how long it lasts is asked for again when it has", async () => {
  const world = new Cluster();
  await world.start(["a", "b"]);
  world.simulation.network.setName("service", ["a"], { ttlMs: 2000 });
  const channel = world.dial({ balance: "round-robin" });
  await world.spread(channel, 1);
  world.simulation.network.setName("service", ["a", "b"], { ttlMs: 2000 });
  await world.simulation.advance(3000);
  assert.deepEqual(await world.spread(channel, 4), { a: 2, b: 2 });
  await world.run(() => channel.close());
});

test("TLS is checked against the name, not against what it resolved to, and calls say the name", async () => {
  const world = new Cluster();
  world.simulation.machine("a");
  world.name("a");
  const { network } = world.simulation.machine("client");
  const seen: unknown[] = [];
  network.connect = (endpoint, { serverName }) => {
    seen.push("host" in endpoint && endpoint.host, serverName);
    return Promise.reject(new Error("enough"));
  };
  const channel = world.dial({}, "tls://service:443");
  await world.run(() => failureOf(channel.stub(Probe).run({ tag: "a" })));
  assert.deepEqual(seen, ["10.0.0.2", "service"]);
  await world.run(() => channel.close());
});

test("names and resolvers in one list are tried in the order in which they are written", async () => {
  const world = new Cluster();
  await world.start(["a", "b"]);
  world.simulation.network.setName("slow", ["a"], { delayMs: 100 });
  const channel = world.dial({}, ["tcp://slow:80", "tcp://b:80"]);
  assert.deepEqual(await world.spread(channel, 2), { a: 2 });
  assert.equal(channel.snapshot().target, "tcp://slow:80, tcp://b:80");
  await world.run(() => channel.close());
  world.simulation.network.setName("slow", "silent");
  const other = world.dial({}, ["tcp://slow:80", "tcp://b:80"]);
  const startedAt = world.nowMs;
  assert.deepEqual(await world.spread(other, 2), { b: 2 });
  assert.equal(world.nowMs - startedAt, 250, "a silent part is not waited for");
  await world.run(() => other.close());
  world.simulation.network.setName("slow", "unknown");
  const third = world.dial({}, ["tcp://slow:80", "tcp://b:80"]);
  assert.deepEqual(await world.spread(third, 1), { b: 1 });
  assert.match(third.snapshot().resolver.lastError ?? "", /slow/);
  await world.run(() => third.close());
  const none = world.dial({}, ["tcp://slow:80", "tcp://nobody:80"]);
  const error = await world.run(() => failureOf(none.stub(Probe).run({ tag: "x" })));
  assert.equal(error.phase, "resolving");
  assert.match(error.message, /nobody/);
  await world.run(() => none.close());
});

test("the target of a channel is what was dialled, whatever it resolves to", async () => {
  const world = new Cluster();
  world.simulation.machine("a");
  world.name("a");
  const channel = world.dial();
  const error = await world.run(() => failureOf(channel.stub(Probe).run({ tag: "x" })));
  assert.equal(error.phase, "connecting");
  assert.match(error.message, /^tcp:\/\/service:80: tcp:\/\/10\.0\.0\.2:80 has no listener/);
  assert.equal(channel.snapshot().target, service);
  await world.run(() => channel.close());
});
