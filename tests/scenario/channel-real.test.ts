// A channel's addresses on real sockets: several backends on one port of different loopback addresses, a resolver of the
// user, the machine's own names, TLS by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Channel,
  type DialOptions,
  dial,
  type Resolver,
  type ResolverListener,
  type Server,
  serve,
} from "farcall";
import { parseEndpoint } from "farcall/host";
import { createRealMachine } from "farcall/net";
import { certs } from "../support/certs/certs.ts";
import { endingOf, failureOf, implementProbe, Probe, Tally, until, watchProcess } from "../support/rpc-probe.ts";

/** Servers on one port of 127.0.0.1, 127.0.0.2 and so on, each answering with its own number. */
async function backends(count: number): Promise<{ servers: Server[]; addresses: string[]; close(): Promise<unknown> }> {
  const servers: Server[] = [];
  let port = "0";
  for (let number = 1; number <= count; number++) {
    const probe = implementProbe(new Tally(), async ({ tag }, call) => {
      if (tag === "long") await call.sleep(300);
      return { tag: `${number}` };
    });
    const server = await serve(`tcp://127.0.0.${number}:${port}`, [probe]);
    port = (server.addresses[0] as string).split(":").at(-1) as string;
    servers.push(server);
  }
  const addresses = servers.map((server) => server.addresses[0] as string);
  return { servers, addresses, close: () => Promise.all(servers.map((server) => server.close())) };
}

async function spread(channel: Channel, count: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const { run } = channel.stub(Probe);
  for (let call = 0; call < count; call++) {
    const { tag } = await run({ tag: "x" });
    counts[tag] = (counts[tag] ?? 0) + 1;
  }
  return counts;
}

function readyCount(channel: Channel): number {
  return channel.snapshot().addresses.filter(({ state }) => state === "ready").length;
}

/** A resolver whose list the test sets. */
function handResolver(): { resolver: Resolver; push(list: readonly string[]): void } {
  let listener: ResolverListener | undefined;
  let latest: readonly string[] = [];
  return {
    resolver: {
      target: "backends",
      start: (given) => {
        listener = given;
        given.onAddresses(latest);
        return { stop: () => {} };
      },
    },
    push: (list) => {
      latest = list;
      listener?.onAddresses(list);
    },
  };
}

test("from one backend to three and back: shares are right at once, no healthy connection is closed, no call is lost", async () => {
  const watch = watchProcess();
  const { servers, addresses, close } = await backends(3);
  const { resolver, push } = handResolver();
  push(addresses.slice(0, 1));
  const channel = dial(resolver, { balance: "round-robin" });
  assert.deepEqual(await spread(channel, 12), { 1: 12 });
  const before = servers[0]?.snapshot().connections[0]?.remote;
  push(addresses);
  await until(() => readyCount(channel) === 3, "three addresses are ready");
  assert.deepEqual(await spread(channel, 12), { 1: 4, 2: 4, 3: 4 });
  assert.equal(servers[0]?.snapshot().connections[0]?.remote, before, "the first connection is the one it was");
  const long = Array.from({ length: 6 }, () => endingOf(channel.stub(Probe).run({ tag: "long" })));
  push(addresses.slice(1, 2));
  assert.deepEqual(await spread(channel, 12), { 2: 12 });
  assert.deepEqual(await Promise.all(long), new Array(6).fill("OK"));
  await until(() => channel.snapshot().connections.length === 1, "the others are gone");
  await until(() => servers[0]?.snapshot().connections.length === 0, "the server sees it too");
  await channel.close();
  await close();
  await watch.check();
});

test("a backend that is killed under load costs only calls it had, and has its share when it is back", async () => {
  const { servers, addresses, close } = await backends(3);
  const channel = dial(addresses, { balance: "round-robin", backoff: { initialMs: 20, maxMs: 50 } });
  await spread(channel, 1);
  await until(() => readyCount(channel) === 3, "three addresses are ready");
  const { run } = channel.stub(Probe);
  const calls = Array.from({ length: 300 }, () => endingOf(run({ tag: "x" })));
  await servers[1]?.close();
  const more = Array.from({ length: 300 }, () => endingOf(run({ tag: "x" })));
  const endings = await Promise.all([...calls, ...more]);
  const lost = endings.filter((ending) => ending !== "OK");
  assert.ok(lost.length <= 100, `${lost.length} of 600 calls were lost`);
  assert.ok(
    (await Promise.all(more)).every((ending) => ending === "OK"),
    "none that began after it was closed",
  );
  const again = await serve(addresses[1] as string, [implementProbe(new Tally(), () => ({ tag: "new" }))]);
  await until(() => readyCount(channel) === 3, "it is connected again");
  assert.deepEqual(await spread(channel, 12), { 1: 4, new: 4, 3: 4 });
  await channel.close();
  await Promise.all([close(), again.close()]);
});

test("localhost is looked up, and the channel goes on with whichever of its addresses answers", async () => {
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(new Tally(), () => ({ tag: "here" }))]);
  const port = (server.addresses[0] as string).split(":").at(-1);
  for (const balance of ["first", "round-robin", "least-loaded"] as const) {
    const channel = dial(`tcp://localhost:${port}`, { balance });
    assert.deepEqual(await spread(channel, 3), { here: 3 });
    const { resolver, target } = channel.snapshot();
    assert.equal(resolver.state, "resolved");
    assert.equal(target, `tcp://localhost:${port}`);
    await channel.close();
  }
  await server.close();
});

test("TLS is checked against the name that was dialled or resolved, never against the address", async () => {
  const { server: tls, authority } = certs;
  const server = await serve("tls://127.0.0.2:0", [implementProbe(new Tally(), () => ({ tag: "safe" }))], { tls });
  const address = server.addresses[0] as string;
  const port = address.split(":").at(-1);
  const options: DialOptions = { tls: { ca: authority.cert } };
  const named = (serverName?: string): Resolver => ({
    start: (listener) => {
      listener.onAddresses([serverName === undefined ? address : { address, serverName }]);
      return { stop: () => {} };
    },
  });
  const byName = dial(named("localhost"), options);
  assert.deepEqual(await spread(byName, 2), { safe: 2 });
  for (const wrong of [named(), named("elsewhere"), `tls://127.0.0.2:${port}`]) {
    const channel = dial(wrong, options);
    const error = await failureOf(channel.stub(Probe).run({ tag: "x" }));
    assert.equal(error.execution, "not-executed");
    assert.match(error.message, /its certificate is for another name/);
    await channel.close();
  }
  await byName.close();
  await server.close();
  const home = await serve(`tls://127.0.0.1:0`, [implementProbe(new Tally(), () => ({ tag: "home" }))], { tls });
  const channel = dial((home.addresses[0] as string).replace("127.0.0.1", "localhost"), options);
  assert.deepEqual(await spread(channel, 2), { home: 2 });
  await channel.close();
  await home.close();
});

test("an unknown name fails at once, before the deadline and as resolving", async () => {
  const channel = dial("tcp://no-such-host.invalid:80", { insecure: true });
  const error = await failureOf(channel.stub(Probe).run({ tag: "x" }));
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.phase, "resolving");
  assert.equal(error.execution, "not-executed");
  assert.match(
    error.message,
    /^tcp:\/\/no-such-host\.invalid:80 could not be resolved: the host name no-such-host\.invalid /,
  );
  await channel.close();
});

test("the real machine resolves its own names, tells which it does not know, and can be told to stop", async () => {
  const { network } = createRealMachine();
  const { addresses } = await network.resolve("localhost", {});
  assert.ok(addresses.includes("127.0.0.1") || addresses.includes("::1"), `${addresses}`);
  for (const address of ["127.0.0.1", "::1", "fe80::1%lo"]) {
    assert.deepEqual((await network.resolve(address, {})).addresses, [address]);
  }
  await assert.rejects(network.resolve("no-such-host.invalid", {}), { code: "name-not-found" });
  await assert.rejects(network.resolve("localhost", { signal: AbortSignal.abort() }), { code: "cancelled" });
  assert.equal(parseEndpoint("tcp://localhost:80", "connect").kind, "tcp");
});

test("bad options are refused when the channel is made", () => {
  const bad: readonly (readonly [options: object, message: RegExp])[] = [
    [{ balance: "roundrobin" }, /balance is "roundrobin"; use "first", "round-robin"/],
    [{ maxConnections: 0 }, /maxConnections is 0; give 1 or more/],
    [{ pingTimeoutMs: -1 }, /pingTimeoutMs is -1; give milliseconds above 0/],
    [{ dnsRefreshMs: Number.NaN }, /dnsRefreshMs is NaN/],
    [{ maxQueuedCalls: -1 }, /maxQueuedCalls is -1; give 0 or more/],
  ];
  for (const [options, message] of bad) {
    assert.throws(() => dial("tcp://127.0.0.1:1", options), { code: "BAD_OPTION", message });
  }
  assert.throws(() => dial({ begin: () => {} }), /neither an address nor a resolver nor a duplex stream/);
  assert.throws(() => dial([]), /the list of addresses is empty/);
});
