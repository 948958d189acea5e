// Keep-alive (gRPC proposal A8): a peer that is gone without a word is found out, on both sides; what is said of the calls
// on it is true; and a server that finds the questions too frequent is asked less often.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type DialOptions, dial, serve } from "farcall";
import { createRealMachine } from "farcall/net";
import { data, goAway, headers, ping } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest, okAnswer, ScriptedServer } from "../support/rpc-peer.ts";
import { endingOf, failureOf, implementProbe, Probe, Reply, Request, Tally } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const forever = { timeoutMs: Number.POSITIVE_INFINITY };
const keepAlive = { intervalMs: 10_000, timeoutMs: 5000 };

/** A simulated channel to a server whose every frame the test writes. */
async function scripted(options: DialOptions) {
  const world = new Simulated();
  const server = await world.run(() => ScriptedServer.listen(world.server, address));
  const channel = world.dial(options);
  return { world, server, channel, stub: channel.stub(Probe) };
}

test("a server that vanished is found out within the interval and the timeout, and the reason names keep-alive", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(() => new Promise(() => {})));
  const channel = world.dial({ keepAlive });
  const startedAt = world.nowMs;
  const failing = failureOf(channel.stub(Probe).run({ tag: "sent" }, forever));
  await world.simulation.advance(100);
  world.simulation.network.cut("client", "server");
  const error = await world.run(() => failing);
  assert.ok(world.nowMs - startedAt <= 15_200, `${world.nowMs - startedAt} ms`);
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.execution, "unknown", "the request was sent, nobody knows what became of it");
  assert.match(error.message, /keep-alive: nothing came from the peer for 15 s.*keepAlive\.timeoutMs/);
  assert.deepEqual(channel.snapshot().connections, []);
});

test("a call put on a connection that died while it was idle is found out in the same time", async () => {
  const world = new Simulated();
  await world.run(() => world.serve());
  // Nor is it asked before the call goes there, which would find it out sooner.
  const stub = world.stub({ keepAlive, pingAfterMs: Number.POSITIVE_INFINITY });
  await world.run(() => stub.run({ tag: "first" }));
  await world.simulation.advance(3_600_000 / 4);
  world.simulation.network.cut("client", "server");
  const startedAt = world.nowMs;
  const ending = await world.run(() => endingOf(stub.run({ tag: "second" }, forever)));
  assert.match(ending, /^UNAVAILABLE sent unknown 1$/);
  assert.ok(world.nowMs - startedAt <= 15_000, `${world.nowMs - startedAt} ms`);
});

test("the next call after a death makes a new connection", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(({ tag }) => (tag === "hang" ? new Promise(() => {}) : { tag })));
  const stub = world.stub({ keepAlive });
  const failing = failureOf(stub.run({ tag: "hang" }, forever));
  await world.simulation.advance(100);
  world.simulation.network.cut("client", "server");
  await world.run(() => failing);
  world.simulation.network.heal("client", "server");
  assert.equal((await world.run(() => stub.run({ tag: "again" }))).tag, "again");
});

test("a slow server that answers PINGs is waited for as long as the call says", async () => {
  const world = new Simulated();
  await world.run(() => world.serve((_request, call) => call.sleep(600_000).then(() => ({ tag: "late" }))));
  const stub = world.stub({ keepAlive });
  // Ten minutes of PINGs at the interval of a channel: the server must be told that it may be asked so often.
  const strict = await world.run(() => endingOf(stub.run({ tag: "a" }, forever)), 700_000);
  assert.match(strict, /^UNAVAILABLE sent unknown 1$/);
  const permitting = new Simulated();
  const sleeper = (_request: unknown, call: { sleep(ms: number): Promise<void> }) =>
    call.sleep(600_000).then(() => ({ tag: "late" }));
  await permitting.run(() => permitting.serve(sleeper, { minPingIntervalMs: 10_000 }));
  const reply = await permitting.run(() => permitting.stub({ keepAlive }).run({ tag: "a" }, forever), 700_000);
  assert.equal(reply.tag, "late");
});

test("a channel without calls asks nothing, unless it is told to", async () => {
  for (const withoutCalls of [false, true]) {
    const { world, server, stub } = await scripted({ keepAlive: { ...keepAlive, withoutCalls } });
    const calling = stub.run({ tag: "a" });
    const connection = await world.run(() => server.next());
    const { id } = await world.run(() => connection.next("HEADERS"));
    connection.send(okAnswer(id, Reply.encode({ tag: "a" })));
    await world.run(() => calling);
    await world.simulation.advance(12_000);
    assert.equal(connection.all("PING").length, withoutCalls ? 1 : 0);
    await world.simulation.advance(60_000);
    assert.equal(connection.closed, withoutCalls, "nobody answered");
  }
});

test("a server that says too_many_pings is asked half as often on the next connection, and the snapshot tells", async () => {
  const { world, server, channel, stub } = await scripted({ keepAlive });
  assert.equal(channel.snapshot().keepAliveIntervalMs, 10_000);
  for (const intervalMs of [10_000, 20_000, 40_000]) {
    const ending = endingOf(stub.run({ tag: "a" }, forever));
    const connection = await world.run(() => server.next());
    const startedAt = world.nowMs;
    await world.run(() => connection.next("PING"));
    assert.ok(Math.abs(world.nowMs - startedAt - intervalMs) < 100, `${world.nowMs - startedAt} ms`);
    connection.send(goAway(0, "ENHANCE_YOUR_CALM", "too_many_pings"));
    // Refused, so made again on the next connection, and refused for good there.
    const second = await world.run(() => server.next());
    await world.run(() => second.next("HEADERS"));
    second.send(goAway(0, "NO_ERROR"));
    assert.equal(await world.run(() => ending), "UNAVAILABLE sent not-executed 2");
    assert.equal(channel.snapshot().keepAliveIntervalMs, 2 * intervalMs);
  }
});

test("a GOAWAY in other words slows nothing down", async () => {
  const { world, server, channel, stub } = await scripted({ keepAlive });
  const calling = endingOf(stub.run({ tag: "a" }));
  const connection = await world.run(() => server.next());
  await world.run(() => connection.next("HEADERS"));
  connection.send(goAway(1, "ENHANCE_YOUR_CALM", "too many calls"), goAway(1, "NO_ERROR", "too_many_pings"));
  connection.send(okAnswer(1, Reply.encode({ tag: "a" })));
  assert.equal(await world.run(() => calling), "OK");
  assert.equal(channel.snapshot().keepAliveIntervalMs, 10_000);
});

test("a server's own keep-alive ends the handlers of a client that vanished", async () => {
  for (const [options, withinMs] of [
    [{}, 2 * 3_600_000 + 20_000],
    [{ keepAlive: { intervalMs: 1000, timeoutMs: 500 } }, 1500],
  ] as const) {
    const world = new Simulated();
    let reason: unknown;
    const behaviour: Parameters<typeof world.serve>[0] = (_request, call) => {
      call.signal.addEventListener("abort", () => {
        reason = call.signal.reason;
      });
      return new Promise(() => {});
    };
    const server = await world.run(() => world.serve(behaviour, options));
    const client = await world.run(() => connectScripted(world.client, address));
    const message = grpcMessage(Request.encode({ tag: "a" }));
    client.send(headers(1, grpcRequest("/trials.Probe/Run")), data(1, message, true));
    await world.simulation.advance(10);
    assert.equal(world.tally.starts("a"), 1);
    world.simulation.network.cut("client", "server");
    await world.simulation.advance(withinMs - 100);
    assert.equal(reason, undefined);
    await world.simulation.advance(200);
    assert.match(String(reason), /keep-alive/);
    await world.simulation.advance(5000);
    assert.deepEqual(server.snapshot().connections, []);
    assert.equal(server.snapshot().deadlines, 0);
  }
});

test("a client that asks too often is sent away in the words that gRPC clients know", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(undefined, { maxConnectionIdleMs: Number.POSITIVE_INFINITY }));
  const client = await world.run(() => connectScripted(world.client, address));
  for (let count = 0; count < 4; count++) {
    client.send(ping(`number ${count}`));
    await world.simulation.advance(7_100_000 / 4);
  }
  assert.equal(client.all("PING").length, 3);
  const last = client.all("GOAWAY").at(-1);
  assert.equal(`${last?.code} ${last?.debug}`, "ENHANCE_YOUR_CALM too_many_pings");
});

test("over TCP, the fourth question of a client without calls ends its connection", async () => {
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(new Tally())]);
  const client = await connectScripted(createRealMachine(), server.addresses[0] as string);
  client.send(...["1", "2", "3", "4"].map((count) => ping(`number ${count}`)));
  const last = await client.next("GOAWAY");
  assert.equal(`${last.code} ${last.debug}`, "ENHANCE_YOUR_CALM too_many_pings");
  assert.equal(client.all("PING").length, 3);
  await server.close();
});

test("a client that may ask while it has no calls is answered", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(undefined, { minPingIntervalMs: 10_000, permitPingsWithoutCalls: true }));
  const client = await world.run(() => connectScripted(world.client, address));
  for (let count = 0; count < 50; count++) {
    client.send(ping("question"));
    await world.simulation.advance(10_000);
  }
  assert.equal(client.all("PING").length, 50);
  assert.deepEqual(client.all("GOAWAY"), []);
});

test("intervals that no server bears are refused at once, with what to write instead", async () => {
  for (const intervalMs of [0, 9999, Number.NaN, "10s" as unknown as number]) {
    assert.throws(() => dial("memory:nowhere", { keepAlive: { intervalMs } }), {
      name: "UsageError",
      code: "BAD_OPTION",
      message: `keepAlive.intervalMs is ${intervalMs}; give 10000 or more, for servers take more for an attack`,
    });
  }
  assert.throws(() => dial("memory:nowhere", { keepAlive: { intervalMs: 10_000, timeoutMs: 0 } }), /timeoutMs is 0/);
  const tooFast = serve("memory:nowhere", [implementProbe(new Tally())], { keepAlive: { intervalMs: 10 } });
  await assert.rejects(tooFast, /keepAlive\.intervalMs is 10; give 1000 or more/);
});
