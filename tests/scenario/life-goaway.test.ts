// GOAWAY, graceful and forced, at every boundary of a call's frames, seen by a program with a channel: each call ends as it
// should, what it says of its execution is true, nothing is thrown outside a call, and the next call is served.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Channel } from "farcall";
import type { Machine } from "farcall/host";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { data, goAway, headers, settings } from "../support/http2-frames.ts";
import { grpcHead, grpcMessage, okAnswer, type ScriptedConnection, ScriptedServer } from "../support/rpc-peer.ts";
import { endingOf, Probe, Reply, watchProcess } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const reply = Reply.encode({ tag: "a" });
const answer = (id: number): readonly Buffer[] => [
  headers(id, grpcHead),
  data(id, grpcMessage(reply)),
  headers(id, [["grpc-status", "0"]], { last: true }),
];

interface Farewell {
  readonly title: string;
  /** What the server does after `at` frames of its answer, the rest of which it sends after it. */
  readonly say: (connection: ScriptedConnection, id: number) => void;
  /** How the call ends when this came after `at` frames: a list, by `at`. */
  readonly endings: readonly [string, string, string, string];
}

const graceful = ["OK", "OK", "OK", "OK"] as const;
const served = "OK";
const farewells: readonly Farewell[] = [
  {
    title: "a GOAWAY for all streams to come",
    say: (connection) => connection.send(goAway(0x7fffffff, "NO_ERROR", "going")),
    endings: graceful,
  },
  {
    title: "both GOAWAYs of a drain",
    say: (connection, id) => connection.send(goAway(0x7fffffff, "NO_ERROR"), goAway(id, "NO_ERROR")),
    endings: graceful,
  },
  {
    title: "a GOAWAY with an error that keeps the stream",
    say: (connection, id) => connection.send(goAway(id, "ENHANCE_YOUR_CALM", "too_many_pings")),
    endings: graceful,
  },
  {
    // Refused before a word came: made again, and served by the next connection.
    title: "a GOAWAY that refuses the stream",
    say: (connection) => connection.send(goAway(0, "NO_ERROR")),
    endings: [served, "UNAVAILABLE streaming unknown 1", "UNAVAILABLE streaming unknown 1", "OK"],
  },
  {
    title: "a GOAWAY that keeps the stream, and then the end of the connection",
    say: (connection, id) => {
      connection.send(goAway(id, "INTERNAL_ERROR", "crashed"));
      connection.socket.end();
    },
    endings: ["UNAVAILABLE sent unknown 1", "UNAVAILABLE streaming unknown 1", "UNAVAILABLE streaming unknown 1", "OK"],
  },
];

/** Answers one call on `connection`, with the farewell after `at` frames. */
async function serveWithFarewell(connection: ScriptedConnection, farewell: Farewell, at: number): Promise<void> {
  const { id } = await connection.next("DATA");
  const frames = answer(id);
  if (at > 0) connection.send(...frames.slice(0, at));
  farewell.say(connection, id);
  connection.send(...frames.slice(at));
  void serveCalls(connection);
}

/** Answers calls on one connection until it ends. */
async function serveCalls(connection: ScriptedConnection): Promise<void> {
  try {
    for (;;) {
      const { id } = await connection.next("DATA");
      connection.send(okAnswer(id, reply));
    }
  } catch {
    // It has ended.
  }
}

/** Serves every connection but the first as a good server does. */
async function serveWell(server: ScriptedServer): Promise<void> {
  for (;;) void serveCalls(await server.next());
}

interface Stage {
  readonly channel: Channel;
  readonly server: ScriptedServer;
  readonly run: <Result>(task: () => Promise<Result>) => Promise<Result>;
}

async function simulatedStage(): Promise<Stage> {
  const world = new Simulated();
  world.simulation.network.setWay({ delayMs: 1 });
  const server = await world.run(() => ScriptedServer.listen(world.server, address));
  return { server, channel: world.dial(), run: (task) => world.run(task) };
}

async function realStage(machine: Machine): Promise<Stage> {
  const server = await ScriptedServer.listen(machine, "tcp://127.0.0.1:0");
  const channel = createRuntime(machine).dial(server.address);
  return { server, channel, run: (task) => task() };
}

async function play(stage: Stage, farewell: Farewell, at: number): Promise<void> {
  const { channel, server, run } = stage;
  const stub = channel.stub(Probe);
  const watch = watchProcess();
  const calling = endingOf(stub.run({ tag: "a" }));
  await run(async () => {
    await serveWithFarewell(await server.next(), farewell, at);
    void serveWell(server);
    assert.equal(await calling, farewell.endings[at], `after ${at} frames`);
    assert.equal(await endingOf(stub.run({ tag: "next" })), "OK", `the next call, after ${at} frames`);
    await channel.close();
    await server.close();
  });
  await watch.check();
}

for (const farewell of farewells) {
  test(`at every boundary of a call's frames: ${farewell.title}`, async () => {
    for (let at = 0; at < farewell.endings.length; at++) await play(await simulatedStage(), farewell, at);
  });

  test(`over TCP, at every boundary: ${farewell.title}`, async () => {
    for (let at = 0; at < farewell.endings.length; at++) await play(await realStage(createRealMachine()), farewell, at);
  });
}

test("a GOAWAY on an idle connection is no event for the program", async () => {
  for (const frames of [
    [goAway(0x7fffffff, "NO_ERROR")],
    [goAway(0, "INTERNAL_ERROR", "x".repeat(10_000))],
    [goAway(0, "NO_ERROR"), goAway(0, "NO_ERROR"), goAway(0x7fffffff, "NO_ERROR")],
  ]) {
    const { channel, server, run } = await simulatedStage();
    const stub = channel.stub(Probe);
    const watch = watchProcess();
    const calling = endingOf(stub.run({ tag: "a" }));
    await run(async () => {
      const first = await server.next();
      const { id } = await first.next("DATA");
      first.send(okAnswer(id, reply));
      assert.equal(await calling, "OK");
      first.send(...frames);
      void serveCalls(first);
      void serveWell(server);
      assert.equal(await endingOf(stub.run({ tag: "b" })), "OK");
      await channel.close();
    });
    await watch.check();
  }
});

test("MAX_CONCURRENT_STREAMS that shrinks, to nothing too, and grows again moves calls to the queue and back", async () => {
  const world = new Simulated();
  const server = await world.run(() => ScriptedServer.listen(world.server, address, { settings: [[3, 2]] }));
  const channel = world.dial({ maxConnections: 1, timeoutMs: 60_000 });
  const stub = channel.stub(Probe);
  const state = () => {
    const { connections, queuedCalls } = channel.snapshot();
    return [connections[0]?.openCalls, connections[0]?.capacity, queuedCalls];
  };
  const endings = Promise.all(Array.from({ length: 6 }, () => endingOf(stub.run({ tag: "a" }))));
  const connection = await world.run(() => server.next());
  const limit = async (streams: number) => {
    connection.send(settings([3, streams]));
    await world.simulation.advance(10);
  };
  const finish = async (id: number) => {
    connection.send(okAnswer(id, reply));
    await world.simulation.advance(10);
  };
  await world.simulation.advance(10);
  assert.deepEqual(state(), [2, 0, 4]);
  await limit(1);
  assert.deepEqual(state(), [2, 0, 4], "open calls are above the limit and go on");
  await finish(1);
  assert.deepEqual(state(), [1, 0, 4], "the next call waits until there is room below the new limit");
  await limit(0);
  await finish(3);
  assert.deepEqual(state(), [0, 0, 4]);
  await world.simulation.advance(1000);
  assert.deepEqual(state(), [0, 0, 4], "calls wait, the connection stays");
  await limit(3);
  assert.deepEqual(state(), [3, 0, 1], "growing wakes the queue");
  await limit(100);
  assert.deepEqual(state(), [4, 96, 0]);
  for (const id of [5, 7, 9, 11]) await finish(id);
  assert.deepEqual(await world.run(() => endings), Array(6).fill("OK"));
});

test("when every connection says that it takes no streams the pool grows to its limit and no further, and calls are seen to wait", async () => {
  const world = new Simulated();
  const server = await world.run(() => ScriptedServer.listen(world.server, address, { settings: [[3, 1]] }));
  const channel = world.dial({ maxConnections: 3, timeoutMs: 60_000 });
  const stub = channel.stub(Probe);
  const first = endingOf(stub.run({ tag: "a" }));
  const connection = await world.run(() => server.next());
  await world.simulation.advance(10);
  connection.send(settings([3, 0]));
  const more = Array.from({ length: 4 }, () => endingOf(stub.run({ tag: "b" })));
  await world.simulation.advance(10);
  assert.deepEqual([channel.snapshot().connections.length, channel.snapshot().queuedCalls], [3, 2]);
  for (const { socket } of server.connections) socket.write([settings([3, 0])]);
  for (const one of server.connections) for (const { id } of one.all("HEADERS")) one.send(okAnswer(id, reply));
  await world.simulation.advance(5000);
  assert.deepEqual(
    [server.connections.length, channel.snapshot().queuedCalls],
    [3, 2],
    "no connection is made in vain",
  );
  connection.send(settings([3, 100]));
  await world.simulation.advance(10);
  for (const { id } of connection.all("HEADERS").slice(1)) connection.send(okAnswer(id, reply));
  assert.deepEqual(await world.run(() => Promise.all([first, ...more])), Array(5).fill("OK"));
  await world.run(() => channel.close());
});
