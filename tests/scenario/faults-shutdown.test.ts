// Ends: drain and close with calls in flight, with clients that are frozen and handlers that never settle; channels closed
// while they connect, dialled and closed by the thousand; a GOAWAY while nothing is under way. All return in time.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { type CallError, dial, type Server, serve } from "farcall";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { data, goAway, headers, ping, preface, settings, windowUpdate } from "../support/http2-frames.ts";
import { grpcMessage, grpcRequest, okAnswer, ScriptedServer } from "../support/rpc-peer.ts";
import {
  type Behaviour,
  deferred,
  endingOf,
  failureOf,
  implementProbe,
  Probe,
  Reply,
  Tally,
  until,
  watchProcess,
} from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

/** Handlers that sleep as long as the tag says, or for ever. */
const sleepy: Behaviour = ({ tag }, call) =>
  tag === "never" ? new Promise(() => {}) : call.sleep(Number(tag)).then(() => ({ tag }));

async function served(behaviour: Behaviour = sleepy): Promise<{ world: Simulated; server: Server }> {
  const world = new Simulated();
  const server = await world.run(() => world.serve(behaviour));
  return { world, server };
}

/** Virtual milliseconds that a task takes. */
async function timed(world: Simulated, task: () => Promise<unknown>): Promise<number> {
  const startedAt = world.nowMs;
  await world.run(task);
  return world.nowMs - startedAt;
}

test("drain lets calls in flight finish, and returns when they have", async () => {
  const { world, server } = await served();
  const stub = world.stub();
  const calls = ["0", "50", "200", "400"].map((tag) => endingOf(stub.run({ tag })));
  await world.simulation.advance(10);
  const tookMs = await timed(world, () => server.drain({ withinMs: 2000 }));
  assert.deepEqual(await Promise.all(calls), ["OK", "OK", "OK", "OK"]);
  assert.ok(tookMs >= 390 && tookMs < 600, `it took ${tookMs} ms`);
  assert.equal(server.snapshot().state, "closed");
  assert.deepEqual(server.snapshot().connections, []);
});

test("drain without calls returns at once, also with idle clients connected", async () => {
  const { world, server } = await served();
  const channels = Array.from({ length: 20 }, () => world.dial());
  await world.run(() => Promise.all(channels.map((channel) => channel.stub(Probe).run({ tag: "0" }))));
  assert.equal(server.snapshot().connections.length, 20);
  const tookMs = await timed(world, () => server.drain({ withinMs: 2000 }));
  assert.ok(tookMs < 10, `it took ${tookMs} ms`);
  for (const channel of channels) assert.deepEqual(channel.snapshot().connections, []);
});

test("drain cuts what is not done in time: clients are told, handlers' signals are aborted", async () => {
  const world = new Simulated();
  const aborted = deferred<CallError>();
  const server = await world.run(() =>
    world.serve((_request, call) => {
      call.signal.addEventListener("abort", () => aborted.resolve(call.signal.reason as CallError));
      return new Promise(() => {});
    }),
  );
  const failing = failureOf(world.stub().run({ tag: "never" }));
  await world.simulation.advance(10);
  const tookMs = await timed(world, () => server.drain({ withinMs: 300 }));
  assert.ok(tookMs >= 300 && tookMs < 900, `it took ${tookMs} ms`);
  const error = await world.run(() => failing);
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.execution, "unknown");
  assert.equal((await aborted.promise).code, "UNAVAILABLE");
  assert.equal(server.snapshot().deadlines, 0);
});

test("drain is never held up by a client that is frozen", async () => {
  for (const withinMs of [0, 200, 1000]) {
    const { world, server } = await served();
    const channel = world.dial();
    void channel
      .stub(Probe)
      .run({ tag: "never" })
      .catch(() => {});
    await world.simulation.advance(10);
    world.simulation.network.cut("client", "server");
    const tookMs = await timed(world, () => server.drain({ withinMs }));
    assert.ok(tookMs <= withinMs + 600, `it took ${tookMs} ms of ${withinMs}`);
    assert.deepEqual(server.snapshot().connections, []);
  }
});

test("drain is never held up by a client that reads nothing of what it asked for", async () => {
  const server = await serve("tcp://127.0.0.1:0", [
    implementProbe(new Tally(), () => ({ payload: new Uint8Array(3_000_000) })),
  ]);
  const { hostname, port } = new URL((server.addresses[0] as string).replace("tcp", "http"));
  const frozen = connect(Number(port), hostname);
  frozen.on("error", () => {});
  const closed = new Promise((resolve) => frozen.on("close", resolve));
  await new Promise((resolve) => frozen.once("connect", resolve));

  // Windows of a gigabyte, so that only the socket holds the answers back.
  const parts: Uint8Array[] = [preface, settings([4, 0x7fffffff]), windowUpdate(0, 0x40000000)];
  for (let id = 1; id < 60; id += 2)
    parts.push(headers(id, grpcRequest("/trials.Probe/Run")), data(id, grpcMessage(new Uint8Array(0)), true));
  frozen.write(Buffer.concat(parts));
  await until(() => server.snapshot().connections.length === 1, "the client is connected");
  await new Promise((resolve) => setTimeout(resolve, 50));
  const startedAt = performance.now();
  await server.drain({ withinMs: 100 });
  assert.ok(performance.now() - startedAt < 1500);
  assert.deepEqual(server.snapshot().connections, []);
  frozen.resume();
  await closed;
});

test("a call made while the server drains is refused without having run, and made again when a server is back", async () => {
  const { world, server } = await served();
  const channel = world.dial({ backoff: { initialMs: 20, maxMs: 20 } });
  const stub = channel.stub(Probe);
  const early = endingOf(stub.run({ tag: "300" }));
  await world.simulation.advance(10);
  const draining = server.drain({ withinMs: 1000 });
  await world.simulation.advance(10);
  const late = endingOf(stub.run({ tag: "1" }, { timeoutMs: 5000 }));
  await world.run(() => draining);
  assert.equal(await early, "OK");
  await world.run(() => world.serve(sleepy));
  assert.equal(await world.run(() => late), "OK");
  assert.equal(world.tally.starts("1"), 1);
});

test("calls that wait behind a full connection move on when it is lost, or drains", async () => {
  for (const end of ["lost", "drained"]) {
    const world = new Simulated();
    const limits = { http2: { maxConcurrentStreams: 1 } };
    const server = await world.run(() => world.serve(sleepy, { limits }));
    const stub = world.stub({ maxConnections: 1, backoff: { initialMs: 5 } });
    const slow = endingOf(stub.run({ tag: "300" }));
    await world.simulation.advance(10);
    const waiting = [endingOf(stub.run({ tag: "1" })), endingOf(stub.run({ tag: "2" }))];
    await world.simulation.advance(10);
    if (end === "lost") world.simulation.network.resetConnections("client", "server");
    else {
      await world.run(() => server.drain({ withinMs: 20 }));
      await world.run(() => world.serve(sleepy, { limits }));
    }
    const startedAt = world.nowMs;
    assert.deepEqual(await world.run(() => Promise.all(waiting)), ["OK", "OK"]);
    assert.ok(world.nowMs - startedAt < 200, "at once, not by luck");
    assert.equal(await slow, "UNAVAILABLE sent unknown 1");
  }
});

test("drain and close in any order and number return", async () => {
  const { world, server } = await served();
  void world
    .stub()
    .run({ tag: "never" })
    .catch(() => {});
  await world.simulation.advance(10);
  const tookMs = await timed(world, () =>
    Promise.all([server.drain({ withinMs: 60_000 }), server.drain(), server.close(), server.close(), server.drain()]),
  );
  assert.ok(tookMs < 700, `close cuts a drain short: ${tookMs} ms`);
});

test("close of a channel ends its calls in every phase, and returns", async () => {
  const { world } = await served();
  const channel = world.dial({ maxConnections: 1 });
  const stub = channel.stub(Probe);
  const connecting = endingOf(stub.run({ tag: "1" }));
  const other = world.dial();
  const sent = endingOf(other.stub(Probe).run({ tag: "never" }));
  await world.simulation.advance(10);
  assert.equal(await connecting, "OK");
  const running = endingOf(stub.run({ tag: "never" }));
  const unsent = endingOf(stub.run({ tag: "unsent" }));
  const tookMs = await timed(world, () => Promise.all([channel.close(), channel.close(), other.close()]));
  assert.ok(tookMs < 1100, `it took ${tookMs} ms`);
  assert.match(await running, /^CANCELLED \w+ not-executed|^CANCELLED \w+ unknown/);
  assert.match(await unsent, /^CANCELLED \w+ not-executed/);
  assert.match(await sent, /^CANCELLED sent unknown 1$/);
  await assert.rejects(() => stub.run({ tag: "late" }), { code: "CHANNEL_CLOSED" });
  assert.equal(channel.snapshot().state, "closed");
  assert.equal(channel.snapshot().deadlines, 0);
  await world.simulation.advance(100);
  assert.equal(world.tally.starts("unsent"), 0);
});

test("close while a connection is being opened, at every moment of it, leaves nothing open", async () => {
  for (let at = 0; at < 40; at++) {
    const world = new Simulated(at);
    world.simulation.network.setWay({ delayMs: 5 });
    const server = await world.run(() => world.serve());
    const channel = world.dial();
    const ending = endingOf(channel.stub(Probe).run({ tag: "a" }));
    await world.simulation.advance(at);
    const tookMs = await timed(world, () => channel.close());
    assert.ok(tookMs < 1100, `at ${at}: ${tookMs} ms`);
    const ended = await world.run(() => ending);
    assert.match(ended, /^(OK|CANCELLED .*)$/);
    await world.simulation.advance(2000);
    assert.deepEqual(server.snapshot().connections, [], `at ${at}`);
    if (/not-executed/.test(ended)) assert.equal(world.tally.total, 0);
    if (ended === "OK") assert.equal(world.tally.total, 1);
    await world.run(() => server.close());
  }
});

test("a GOAWAY while nothing is under way: no error is seen, and the next call has a new connection", async () => {
  const watch = watchProcess();
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, "memory:idle-goaway");
  const channel = createRuntime(machine).dial(peer.address, { timeoutMs: 2000 });
  const stub = channel.stub(Probe);
  const reply = Reply.encode({ tag: "done" });
  for (const last of [
    [goAway(1, "NO_ERROR")],
    [goAway(0x7fffffff, "NO_ERROR"), ping("12345678"), goAway(1, "NO_ERROR")],
    [goAway(1, "ENHANCE_YOUR_CALM", "too_many_pings")],
    [goAway(0, "INTERNAL_ERROR")],
  ]) {
    const calling = stub.run({ tag: "a" });
    const connection = await peer.next();
    connection.send(okAnswer((await connection.next("DATA")).id, reply));
    assert.equal((await calling).tag, "done");
    connection.send(...last);
    await until(() => channel.snapshot().connections.length === 0, "the connection is given up");
  }
  await channel.close();
  await peer.close();
  await watch.check();
});

test("hundreds of channels dialled, used and closed leave nothing at the server", async () => {
  const watch = watchProcess();
  const tally = new Tally();
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(tally)]);
  const where = server.addresses[0] as string;
  for (let round = 0; round < 10; round++) {
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const channel = dial(where);
        const calling = endingOf(channel.stub(Probe).run({ tag: "a" }));
        if (index % 3 === 0) await channel.close();
        const ended = await calling;
        if (index % 3 !== 0) assert.equal(ended, "OK");
        await channel.close();
        assert.deepEqual(channel.snapshot().connections, []);
      }),
    );
  }
  await until(() => server.snapshot().connections.length === 0, "all connections are gone");
  assert.equal(server.snapshot().openCalls, 0);
  const startedAt = performance.now();
  await server.close();
  assert.ok(performance.now() - startedAt < 300);
  await watch.check();
});

test("a server without listeners left refuses, and its address is free at once", async () => {
  const first = await serve("tcp://127.0.0.1:0", [implementProbe(new Tally())]);
  const where = first.addresses[0] as string;
  const channel = dial(where);
  await channel.stub(Probe).run({ tag: "a" });
  await first.close();
  const second = await serve(where, [implementProbe(new Tally())]);
  assert.equal((await channel.stub(Probe).run({ tag: "b" })).tag, "b");
  await channel.close();
  await second.close();
});
