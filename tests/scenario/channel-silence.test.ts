// Half-dead connections: one on which nothing came for long is asked before a call goes there, in virtual time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { DialOptions } from "farcall";
import { ping, type SeenFrame } from "../support/http2-frames.ts";
import { Cluster } from "../support/rpc-cluster.ts";
import { okAnswer, type ScriptedConnection, ScriptedServer } from "../support/rpc-peer.ts";
import { endingOf, failureOf, Probe } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

/** A channel to a scripted server that has answered its first call, and answers all, and PINGs while told so. */
async function stage(options: DialOptions = {}) {
  const world = new Simulated();
  const answersPings = { now: true };
  const onFrame = (connection: ScriptedConnection, { type, id, payload }: SeenFrame): void => {
    if (type === "HEADERS") connection.send(okAnswer(id, new Uint8Array()));
    if (type === "PING" && answersPings.now) connection.send(ping(payload.toString("latin1"), true));
  };
  const server = await world.run(() => ScriptedServer.listen(world.server, address, { settings: [], onFrame }));
  const channel = world.dial(options);
  const { run } = channel.stub(Probe);
  const call = (tag: string) => world.run(() => run({ tag }, { timeoutMs: 5000 }));
  await call("first");
  const connection = server.connections[0] as ScriptedConnection;
  return { world, server, channel, run, call, answersPings, connection };
}

test("after 30 s of silence a call waits for the answer to a PING, and then goes on the same connection", async () => {
  const { world, call, channel, connection, server } = await stage();
  await world.simulation.advance(29_000);
  await call("lively");
  assert.equal(connection.all("PING").length, 0);
  await world.simulation.advance(31_000);
  assert.equal(channel.snapshot().connections[0]?.state, "silent");
  assert.equal(channel.snapshot().state, "ready");
  await call("after silence");
  assert.equal(connection.all("PING").length, 1);
  assert.equal(server.connections.length, 1);
  const { seen } = connection;
  const order = seen
    .slice(-4)
    .map(({ type }) => type)
    .filter((type) => type === "PING" || type === "HEADERS");
  assert.deepEqual(order, ["PING", "HEADERS"], "the PING went first");
  assert.equal(channel.snapshot().connections[0]?.state, "ready");
  await world.run(() => channel.close());
});

test("a peer that does not answer within a second is given up: the call runs on a new connection", async () => {
  const { world, call, channel, connection, server, answersPings } = await stage();
  answersPings.now = false;
  await world.simulation.advance(31_000);
  const startedAt = world.nowMs;
  await call("after silence");
  assert.equal(world.nowMs - startedAt, 1000);
  assert.equal(server.connections.length, 2);
  assert.equal(connection.all("HEADERS").length, 1, "the call was never sent to the dead one");
  assert.equal(connection.ended || connection.closed, true);
  await world.run(() => channel.close());
});

test("a call whose time runs out while the peer is asked was not executed", async () => {
  const { world, run, channel, answersPings } = await stage({ pingAfterMs: 5000, pingTimeoutMs: 400 });
  answersPings.now = false;
  await world.simulation.advance(6000);
  const error = await world.run(() => failureOf(run({ tag: "late" }, { timeoutMs: 100 })));
  assert.equal(error.code, "DEADLINE_EXCEEDED");
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  assert.match(error.message, /while asking tcp:\/\/server:50051, silent for long, whether it is there/);
  await world.simulation.advance(400);
  assert.deepEqual(channel.snapshot().connections, [], "and the connection is given up all the same");
  await world.run(() => channel.close());
});

test("open calls of a connection that is given up end as unknown, with the reason", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(({ tag }, call) => (tag === "long" ? call.sleep(600_000).then(() => ({})) : {})));
  const channel = world.dial({ pingAfterMs: 5000 });
  const { run } = channel.stub(Probe);
  await world.run(() => run({ tag: "first" }));
  const long = run({ tag: "long" }, { timeoutMs: 600_000 });
  await world.simulation.advance(100);
  world.simulation.network.cut("client", "server");
  await world.simulation.advance(6000);
  const next = endingOf(run({ tag: "next" }, { timeoutMs: 3000 }));
  const error = await world.run(() => failureOf(long));
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.execution, "unknown");
  assert.match(error.message, /did not answer a PING within 1000 ms \(option pingTimeoutMs\)/);
  assert.match(await world.run(() => next), /^DEADLINE_EXCEEDED connecting not-executed 0$/);
  await world.run(() => channel.close());
});

test("a quiet peer is asked once for each time that it says something: then calls go on a new connection", async () => {
  const world = new Simulated();
  const server = await world.run(() => ScriptedServer.listen(world.server, address));
  const channel = world.dial();
  const { run } = channel.stub(Probe);
  const first = endingOf(run({ tag: "1" }, { timeoutMs: 500_000 }));
  const one = await world.run(() => server.next());
  const pong = async (connection: ScriptedConnection): Promise<void> => {
    const { payload } = await connection.next("PING");
    connection.send(ping(payload.toString("latin1"), true));
  };
  await world.simulation.advance(31_000);
  void pong(one);
  const second = endingOf(run({ tag: "2" }, { timeoutMs: 500_000 }));
  await world.simulation.advance(31_000);
  assert.equal(one.all("HEADERS").length, 2, "the peer answered the PING, so it got the call");
  const third = endingOf(run({ tag: "3" }, { timeoutMs: 500_000 }));
  const two = await world.run(() => server.next());
  await world.simulation.advance(31_000);
  assert.equal(one.all("PING").length, 1);
  assert.equal(two.all("HEADERS").length, 1);
  assert.deepEqual(
    channel.snapshot().connections.map(({ state, openCalls }) => [state, openCalls]),
    [
      ["silent", 1],
      ["draining", 2],
    ],
  );
  for (const connection of [one, two]) {
    for (const { id } of connection.all("HEADERS")) connection.send(okAnswer(id, new Uint8Array()));
  }
  assert.deepEqual(await world.run(() => Promise.all([first, second, third])), ["OK", "OK", "OK"]);
  await world.simulation.advance(2000);
  assert.equal(channel.snapshot().connections.length, 1);
  await world.run(() => channel.close());
});

test("bytes that come in while the peer is asked count as an answer", async () => {
  const world = new Simulated();
  const server = await world.run(() => ScriptedServer.listen(world.server, address));
  const channel = world.dial();
  const { run } = channel.stub(Probe);
  const first = endingOf(run({ tag: "1" }, { timeoutMs: 500_000 }));
  const connection = await world.run(() => server.next());
  await world.simulation.advance(31_000);
  const second = endingOf(run({ tag: "2" }, { timeoutMs: 500_000 }));
  await world.simulation.advance(500);
  connection.send(okAnswer(1, new Uint8Array()));
  await world.simulation.advance(600);
  assert.equal(connection.all("HEADERS").length, 2);
  connection.send(okAnswer(3, new Uint8Array()));
  assert.deepEqual(await world.run(() => Promise.all([first, second])), ["OK", "OK"]);
  assert.equal(server.connections.length, 1);
  await world.run(() => channel.close());
});

test("with pingAfterMs Infinity nobody is asked", async () => {
  const { world, call, channel, connection } = await stage({ pingAfterMs: Number.POSITIVE_INFINITY });
  await world.simulation.advance(3_600_000);
  await call("much later");
  assert.equal(connection.all("PING").length, 0);
  await world.run(() => channel.close());
});

test("round robin does not lose sight of a server that it calls rarely, nor wait for a dead one twice", async () => {
  const world = new Cluster();
  world.simulation.network.setWay({ delayMs: 0.5 });
  const names = ["a", "b", "c"];
  await world.start(names);
  const channel = world.dial(
    { balance: "round-robin", pingAfterMs: 5000 },
    names.map((name) => `tcp://${name}:80`),
  );
  await world.spread(channel, 3);
  await world.simulation.advance(10);
  const rare = await world.spread(channel, 30, 4000);
  assert.ok(
    names.every((name) => (rare[name] ?? 0) >= 8),
    JSON.stringify(rare),
  );
  await world.simulation.advance(2000);
  world.simulation.network.cut("client", "b");
  const startedAt = world.nowMs;
  const counts = await world.spread(channel, 30, 4000);
  assert.equal((counts["a"] ?? 0) + (counts["c"] ?? 0), 30, JSON.stringify(counts));
  assert.ok(world.nowMs - startedAt < 30 * 4000 + 1100, "one call waited for a second");
  world.simulation.network.heal("client", "b");
  await world.simulation.advance(15_000);
  const again = await world.spread(channel, 30, 100);
  assert.deepEqual(again, { a: 10, b: 10, c: 10 });
  await world.run(() => channel.close());
});

test("our own server never takes these PINGs for an attack", async () => {
  const world = new Simulated();
  world.simulation.network.setWay({ delayMs: 1 });
  const server = await world.run(() => world.serve());
  const channel = world.dial();
  const { run } = channel.stub(Probe);
  await world.run(() => run({ tag: "x" }));
  const remote = server.snapshot().connections[0]?.remote;
  for (let round = 0; round < 20; round++) {
    await world.simulation.advance(35_000);
    await world.run(() => run({ tag: "x" }));
  }
  await world.simulation.advance(35_000);
  assert.equal(server.snapshot().connections[0]?.remote, remote);
  const { connections } = channel.snapshot();
  assert.deepEqual(
    connections.map(({ state }) => state),
    ["silent"],
    "the first connection, all the time",
  );
  await world.run(() => channel.close());
});
