// Resolvers of the user: what they tell a channel, at any time, right or wrong, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResolvedAddress, Resolver, ResolverListener } from "farcall";
import { Cluster } from "../support/rpc-cluster.ts";
import { failureOf, Probe } from "../support/rpc-probe.ts";

/** A resolver in the test's hand. */
class HandResolver implements Resolver {
  readonly target = "shop";
  listener: ResolverListener | undefined = undefined;
  stops = 0;
  refreshes = 0;

  get isStarted(): boolean {
    return this.listener !== undefined;
  }

  start(listener: ResolverListener) {
    this.listener = listener;
    return {
      refresh: () => void this.refreshes++,
      stop: () => void this.stops++,
    };
  }

  push(...addresses: (string | ResolvedAddress)[]): void {
    this.listener?.onAddresses(addresses);
  }
}

test("a resolver of the user pushes lists whenever it likes", async () => {
  const world = new Cluster();
  await world.start(["a", "b", "c"]);
  const resolver = new HandResolver();
  const channel = world.dial({ balance: "round-robin" }, resolver);
  assert.equal(resolver.isStarted, false, "not started before the first call");
  assert.equal(channel.snapshot().resolver.state, "idle");
  const first = channel.stub(Probe).run({ tag: "x" });
  await world.simulation.advance(50);
  assert.equal(channel.snapshot().state, "resolving");
  assert.equal(resolver.listener?.need(), "calls");
  resolver.push("tcp://a:80");
  assert.equal((await world.run(() => first)).tag, "a");
  assert.equal(resolver.listener?.need(), "connections");
  resolver.push("tcp://a:80", { address: "tcp://b:80" }, "tcp://c:80", "tcp://b:80");
  await world.simulation.advance(10);
  assert.deepEqual(await world.spread(channel, 9), { a: 3, b: 3, c: 3 });
  resolver.push("tcp://c:80");
  assert.deepEqual(await world.spread(channel, 5), { c: 5 });
  await world.run(() => channel.close());
  assert.equal(resolver.stops, 1);
  resolver.push("tcp://a:80");
  assert.deepEqual(channel.snapshot().connections, []);
});

test("a resolver that cannot be stopped keeps none beside it from being stopped", async () => {
  const world = new Cluster();
  await world.start(["a"]);
  const resolvers = [new HandResolver(), new HandResolver()] as const;
  const stuck: Resolver = {
    start: (listener) => ({
      ...resolvers[0].start(listener),
      stop: () => {
        throw new Error("not now");
      },
    }),
  };
  const channel = world.dial({}, [stuck, resolvers[1]]);
  const called = channel.stub(Probe).run({ tag: "x" });
  for (const resolver of resolvers) resolver.push("tcp://a:80");
  await world.run(() => called);
  await world.run(() => channel.close());
  assert.equal(resolvers[1].stops, 1);
  assert.equal(channel.snapshot().resolver.lastError, "the resolver could not be stopped: not now");
});

test("while a resolver says nothing, time runs out in resolving", async () => {
  const world = new Cluster();
  const channel = world.dial({}, new HandResolver());
  const error = await world.run(() => failureOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 100 })));
  assert.equal(error.phase, "resolving");
  assert.match(error.message, /passed while resolving shop/);
  await world.run(() => channel.close());
});

const badNews: readonly (readonly [what: string, tell: (resolver: HandResolver) => void, message: RegExp])[] = [
  ["an error", ({ listener }) => listener?.onError(new Error("no quorum")), /shop could not be resolved: no quorum/],
  ["no address", (resolver) => resolver.push(), /shop could not be resolved: it named no address/],
  [
    "a bad address",
    (resolver) => resolver.push("tcp://a:80", "a:80"),
    /shop could not be resolved: bad address "a:80"/,
  ],
  [
    "plain text to beyond this machine",
    (resolver) => resolver.push("tcp://a:80"),
    /shop could not be resolved: tcp:\/\/a:80 would send plain text/,
  ],
];

for (const [what, tell, message] of badNews) {
  test(`a resolver that tells ${what} fails waiting calls, and keeps what was known`, async () => {
    const world = new Cluster();
    await world.start(["a"]);
    const resolver = new HandResolver();
    const insecure = what !== "plain text to beyond this machine";
    const channel = world.dial({ insecure }, resolver);
    const failed = failureOf(channel.stub(Probe).run({ tag: "x" }));
    await world.simulation.advance(5);
    tell(resolver);
    const error = await world.run(() => failed);
    assert.equal(error.code, "UNAVAILABLE");
    assert.equal(error.phase, "resolving");
    assert.equal(error.execution, "not-executed");
    assert.match(error.message, message);
    if (!insecure) return;
    const next = channel.stub(Probe).run({ tag: "x" });
    resolver.push("tcp://a:80");
    assert.equal((await world.run(() => next)).tag, "a");
    tell(resolver);
    assert.deepEqual(await world.spread(channel, 2), { a: 2 });
    assert.match(channel.snapshot().resolver.lastError ?? "", message);
    await world.run(() => channel.close());
  });
}

test("a resolver that cannot be started fails its calls and is started again", async () => {
  const world = new Cluster();
  await world.start(["a"]);
  let starts = 0;
  const resolver: Resolver = {
    start: (listener) => {
      if (++starts === 1) throw new Error("no library");
      listener.onAddresses(["tcp://a:80"]);
      return { stop: () => {} };
    },
  };
  const channel = world.dial({}, resolver);
  const error = await world.run(() => failureOf(channel.stub(Probe).run({ tag: "x" })));
  assert.match(error.message, /resolver could not be resolved: no library/);
  assert.deepEqual(await world.spread(channel, 1), { a: 1 });
  await world.run(() => channel.close());
});

test("more addresses than maxAddresses are cut, and that shows", async () => {
  const world = new Cluster();
  await world.start(["a"]);
  const resolver = new HandResolver();
  const channel = world.dial({ maxAddresses: 2 }, resolver);
  const call = channel.stub(Probe).run({ tag: "x" });
  resolver.push("tcp://a:80", "tcp://b:80", "tcp://c:80");
  await world.run(() => call);
  assert.equal(channel.snapshot().addresses.length, 2);
  assert.match(
    channel.snapshot().resolver.lastError ?? "",
    /of 3 addresses the first 2 are used \(option maxAddresses\)/,
  );
  await world.run(() => channel.close());
});
