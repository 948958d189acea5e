// Connections that are lost: when they come back, and how a thousand channels do that together, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Server } from "farcall";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { goAway } from "../support/http2-frames.ts";
import { Cluster } from "../support/rpc-cluster.ts";
import { okAnswer, type ScriptedConnection, ScriptedServer } from "../support/rpc-peer.ts";
import { endingOf, failureOf, Probe } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

test("a call after the server said GOAWAY, or closed, is on a new connection at once", async () => {
  for (const end of ["GOAWAY", "close", "reset"] as const) {
    const world = new Simulated();
    const server = await world.run(() => ScriptedServer.listen(world.server, address));
    const { run } = world.stub();
    for (let round = 0; round < 3; round++) {
      const call = endingOf(run({ tag: "x" }));
      const connection = await world.run(() => server.next());
      const { id } = await world.run(() => connection.next("HEADERS"));
      connection.send(okAnswer(id, new Uint8Array()));
      assert.equal(await world.run(() => call), "OK");
      await world.simulation.advance(2000);
      const startedAt = world.nowMs;
      if (end === "GOAWAY") connection.send(goAway(id, "NO_ERROR"));
      else if (end === "close") connection.socket.end();
      else connection.socket.reset();
      await world.simulation.advance(0);
      assert.equal(world.nowMs, startedAt);
    }
    assert.ok(world.nowMs < 6100, `${end}: ${world.nowMs} ms`);
  }
});

test("a server that drops each connection as soon as it is ready is not dialled without end", async () => {
  const world = new Simulated();
  const server = await world.run(() => ScriptedServer.listen(world.server, address));
  const channel = world.dial({ backoff: { initialMs: 100, multiplier: 2, maxMs: 1000, jitter: 0 } });
  const dropping = (async () => {
    for (;;) {
      const connection = await server.next();
      connection.next("SETTINGS").then(
        () => connection.socket.reset(),
        () => {},
      );
    }
  })();
  dropping.catch(() => {});
  const outcome = await world.run(() => endingOf(channel.stub(Probe).run({ tag: "x" }, { timeoutMs: 10_000 })));
  assert.match(outcome, /^(DEADLINE_EXCEEDED|UNAVAILABLE) /);
  await world.simulation.advance(10_000 - world.nowMs);
  assert.ok(server.connections.length <= 16, `${server.connections.length} connections in 10 s`);
  await world.run(() => channel.close());
});

/** How a server breaks down: nothing of this is an orderly end of a connection. */
const crashes: Readonly<Record<string, (connection: ScriptedConnection, id: number) => void>> = {
  reset: ({ socket }) => socket.reset(),
  end: ({ socket }) => socket.end(),
  "GOAWAY INTERNAL_ERROR": (connection, id) => {
    connection.send(goAway(id, "INTERNAL_ERROR"));
    connection.socket.end();
  },
};

/** Answers the first call of each connection, and breaks down of the second. */
async function answerAndCrash(server: ScriptedServer, crash: (typeof crashes)[string]): Promise<void> {
  const serve = async (connection: ScriptedConnection): Promise<void> => {
    const { id } = await connection.next("DATA");
    connection.send(okAnswer(id, new Uint8Array()));
    await connection.next("DATA");
    crash(connection, id);
  };
  for (;;) serve(await server.next()).catch(() => {});
}

for (const [title, crash] of Object.entries(crashes)) {
  test(`a server that answers a call and crashes of the next, each time, is dialled in growing pauses: ${title}`, async () => {
    const world = new Simulated();
    world.simulation.network.setWay({ delayMs: 1 });
    const server = await world.run(() => ScriptedServer.listen(world.server, address));
    void answerAndCrash(server, crash);
    const channel = world.dial({ backoff: { jitter: 0 } });
    const stub = channel.stub(Probe);
    const endings = new Set<string>();
    while (world.nowMs < 20_000) {
      endings.add(await world.run(() => endingOf(stub.run({ tag: "x" }, { timeoutMs: 20_000 }))));
      await world.simulation.advance(5);
    }
    assert.ok(endings.has("OK"), [...endings].join(", "));
    // Twice at once, then after 100, 160, 256 ms and so on: the ninth pause is over before 20 s are.
    const count = server.connections.length;
    assert.ok(count >= 10 && count <= 13, `${count} connections in 20 s`);
    await world.run(() => channel.close());
  });
}

test("over TCP, a server that answers and crashes each time is dialled in pauses", async (context) => {
  const server = await ScriptedServer.listen(createRealMachine(), "tcp://127.0.0.1:0");
  void answerAndCrash(server, crashes["reset"] as (typeof crashes)[string]);
  const channel = createRuntime(createRealMachine()).dial(server.address, {
    backoff: { initialMs: 20, multiplier: 2, jitter: 0 },
  });
  context.after(() => Promise.all([channel.close(), server.close()]));
  const stub = channel.stub(Probe);
  const startedAt = performance.now();
  while (server.connections.length < 6) await endingOf(stub.run({ tag: "x" }));
  const tookMs = performance.now() - startedAt;
  assert.ok(tookMs >= 0.9 * (20 + 40 + 80 + 160), `${tookMs} ms for six connections`);
});

test("a server that is drained and started again and again is on a new connection at once", async () => {
  const world = new Cluster();
  const channel = world.dial({}, "tcp://a:80");
  for (let round = 0; round < 10; round++) {
    await world.start(["a"]);
    const startedAt = world.nowMs;
    assert.deepEqual(await world.spread(channel, 1), { a: 1 });
    assert.equal(world.nowMs, startedAt, `round ${round}`);
    await world.simulation.advance(20);
    await world.run(() => (world.servers.get("a") as Server).drain());
  }
  await world.run(() => channel.close());
});

test("a crash that takes several young connections with it is one crash: the next call is served at once", async () => {
  const world = new Cluster();
  const one = { limits: { http2: { maxConcurrentStreams: 1 } } };
  await world.start(["a"], (_request, call) => call.sleep(200).then(() => ({ tag: "a" })), one);
  const channel = world.dial({}, "tcp://a:80");
  const { run } = channel.stub(Probe);
  world.simulation.network.setWay({ delayMs: { minMs: 1, maxMs: 5 } });
  const calls = Array.from({ length: 6 }, () => endingOf(run({ tag: "x" })));
  await world.simulation.advance(100);
  assert.equal(channel.snapshot().connections.length, 6);
  world.simulation.network.resetConnections("client", "a");
  assert.deepEqual([...new Set(await world.run(() => Promise.all(calls)))], ["UNAVAILABLE sent unknown 1"]);
  const lostAt = world.nowMs;
  assert.deepEqual(await world.spread(channel, 1), { a: 1 });
  assert.ok(world.nowMs - lostAt < 200 + 30, `${world.nowMs - lostAt} ms`);
  await world.run(() => channel.close());
});

test("pauses grow while a server is down, and begin anew once it was back", async () => {
  const world = new Cluster();
  const backoff = { initialMs: 100, multiplier: 2, maxMs: 2000, jitter: 0 };
  await world.start(["a"]);
  const channel = world.dial({ backoff }, "tcp://a:80");
  await world.spread(channel, 1);
  await world.simulation.advance(5000);
  for (let round = 0; round < 2; round++) {
    await world.stop("a");
    world.trace.length = 0;
    const downAt = world.nowMs;
    const call = endingOf(channel.stub(Probe).run({ tag: "x" }, { timeoutMs: 60_000 }));
    await world.simulation.advance(4000);
    const attempts = [...new Set(world.attemptsAt("a"))].map((at) => at - downAt);
    assert.deepEqual(attempts, [0, 100, 300, 700, 1500, 3100].slice(0, attempts.length));
    assert.equal(attempts.length, 6);
    await world.start(["a"]);
    assert.equal(await world.run(() => call), "OK");
    await world.simulation.advance(5000);
  }
  await world.run(() => channel.close());
});

test("a channel that was ready lets calls wait while its server is away; one that never was fails them", async () => {
  const world = new Cluster();
  await world.start(["a"]);
  const channel = world.dial({}, "tcp://a:80");
  await world.spread(channel, 1);
  await world.stop("a");
  const waiting = endingOf(channel.stub(Probe).run({ tag: "x" }, { timeoutMs: 20_000 }));
  await world.simulation.advance(3000);
  const fresh = world.dial({}, "tcp://a:80");
  const error = await world.run(() => failureOf(fresh.stub(Probe).run({ tag: "x" })));
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.execution, "not-executed");
  await world.start(["a"]);
  assert.equal(await world.run(() => waiting), "OK");
  await world.run(() => Promise.all([channel.close(), fresh.close()]));
});

test("a thousand channels whose server restarts come back spread out, not all at once", async () => {
  const world = new Cluster(11);
  await world.start(["a"]);
  const channels = Array.from({ length: 1000 }, () => world.dial({}, "tcp://a:80"));
  const call = () =>
    world.run(() =>
      Promise.all(channels.map((one) => endingOf(one.stub(Probe).run({ tag: "x" }, { timeoutMs: 60_000 })))),
    );
  assert.deepEqual([...new Set(await call())], ["OK"]);
  await world.simulation.advance(5000);
  await world.stop("a");
  world.trace.length = 0;
  const downAt = world.nowMs;
  const calls = channels.map((one) => endingOf(one.stub(Probe).run({ tag: "x" }, { timeoutMs: 60_000 })));
  await world.simulation.advance(5000);
  const attempts = world.attemptsAt("a").map((at) => at - downAt);
  const perTen = new Map<number, number>();
  for (const at of attempts) if (at > 0) perTen.set(Math.floor(at / 10), (perTen.get(Math.floor(at / 10)) ?? 0) + 1);
  const most = Math.max(...perTen.values());
  assert.ok(most < 350, `at most ${most} of 1000 within 10 ms after the first attempt`);
  const late = [...perTen].filter(([ten]) => ten > 300).map(([, count]) => count);
  assert.ok(Math.max(...late) < 50, `at most ${Math.max(...late)} within 10 ms after three seconds`);
  assert.ok(attempts.length < 1000 * 9, `${attempts.length} attempts in 5 s`);
  world.trace.length = 0;
  await world.start(["a"]);
  assert.deepEqual([...new Set(await world.run(() => Promise.all(calls)))], ["OK"]);
  const returned = new Map<number, number>();
  for (const at of new Set(world.attemptsAt("a"))) returned.set(at, 0);
  assert.ok(returned.size > 500, `${returned.size} different moments of return`);
  await world.run(() => Promise.all(channels.map((one) => one.close())));
});
