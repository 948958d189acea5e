// The age of a server's connections (gRPC proposal A9): old and idle ones are parted with in two GOAWAYs, and no call is lost
// by it, neither one under way nor one that was about to be sent.
import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { dial, serve } from "farcall";
import { data, headers, ping } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest } from "../support/rpc-peer.ts";
import { endingOf, implementProbe, Probe, Request, Tally, turns } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const request = (id: number) =>
  Buffer.concat([
    headers(id, grpcRequest("/trials.Probe/Run")),
    data(id, grpcMessage(Request.encode({ tag: `call ${id}` })), true),
  ]);

for (const seed of [1, 2, 3]) {
  test(`a channel that calls all the time loses no call while its connections grow old: seed ${seed}`, async () => {
    const world = new Simulated(seed);
    const options = { maxConnectionAgeMs: 200, maxConnectionAgeGraceMs: 1000 };
    await world.run(() => world.serve(({ tag }, call) => call.sleep(7).then(() => ({ tag })), options));
    world.simulation.network.setWay({ delayMs: 3 });
    const stub = world.stub();
    const endings: string[] = [];
    const callers = Array.from({ length: 10 }, async (_, caller) => {
      for (let count = 0; count < 100; count++) endings.push(await endingOf(stub.run({ tag: `${caller} ${count}` })));
    });
    await world.run(() => Promise.all(callers));
    assert.deepEqual(
      endings.filter((ending) => ending !== "OK"),
      [],
    );
    assert.equal(world.tally.total, 1000, "and none ran twice");
  });
}

test("an old connection says so in two GOAWAYs, serves what comes between them, and refuses what comes after", async () => {
  const world = new Simulated();
  const server = await world.run(() => world.serve(undefined, { maxConnectionAgeMs: 60_000 }));
  const client = await world.run(() => connectScripted(world.client, address));
  await world.simulation.advance(53_900);
  assert.deepEqual(client.all("GOAWAY"), []);
  const first = await world.run(() => client.next("GOAWAY"));
  assert.ok(world.nowMs <= 66_100, `${world.nowMs} ms`);
  assert.equal(first.lastId, 0x7fffffff);
  assert.match(first.debug ?? "", /maxConnectionAgeMs/);
  client.send(request(1));
  const mark = await world.run(() => client.next("PING"));
  client.send(ping(mark.payload.toString("latin1"), true), request(3));
  const second = await world.run(() => client.next("GOAWAY"));
  assert.equal(second.lastId, 1);
  await world.simulation.advance(100);
  assert.deepEqual([...world.tally.started.keys()], ["call 1"], "call 3 is above the last word: not executed");
  await world.simulation.advance(2000);
  assert.deepEqual(server.snapshot().connections, []);
});

test("calls that outlive the grace of an old connection end, their handlers too; without grace they last", async () => {
  for (const maxConnectionAgeGraceMs of [5000, undefined]) {
    const world = new Simulated();
    let isAborted = false;
    const grace = maxConnectionAgeGraceMs === undefined ? {} : { maxConnectionAgeGraceMs };
    const options = { maxConnectionAgeMs: 10_000, ...grace };
    await world.run(() =>
      world.serve((_request, call) => {
        call.signal.addEventListener("abort", () => {
          isAborted = true;
        });
        return new Promise(() => {});
      }, options),
    );
    const failing = endingOf(world.stub().run({ tag: "a" }, { timeoutMs: 100_000 }));
    await world.simulation.advance(16_500);
    assert.equal(isAborted, maxConnectionAgeGraceMs !== undefined);
    const ending = await world.run(() => failing, 200_000);
    const code = maxConnectionAgeGraceMs === undefined ? "DEADLINE_EXCEEDED" : "UNAVAILABLE";
    assert.equal(ending, `${code} sent unknown 1`);
  }
});

test("a connection without calls is closed after its time, and the channel's next call makes another", async () => {
  const world = new Simulated();
  const server = await world.run(() => world.serve());
  const channel = world.dial();
  const stub = channel.stub(Probe);
  await world.run(() => stub.run({ tag: "a" }));
  await world.simulation.advance(29 * 60_000);
  assert.equal(channel.snapshot().connections.length, 1);
  await world.simulation.advance(2 * 60_000);
  assert.deepEqual(channel.snapshot().connections, []);
  assert.deepEqual(server.snapshot().connections, []);
  assert.equal(server.snapshot().deadlines, 0);
  assert.equal(await world.run(() => endingOf(stub.run({ tag: "b" }))), "OK");
});

test("a connection whose handler still runs is not idle", async () => {
  const world = new Simulated();
  const server = await world.run(() =>
    world.serve((_request, call) => call.sleep(5000).then(() => ({})), { maxConnectionIdleMs: 1000 }),
  );
  const calling = endingOf(world.stub().run({ tag: "a" }));
  await world.simulation.advance(4900);
  assert.equal(server.snapshot().connections.length, 1);
  assert.equal(await world.run(() => calling), "OK");
  await world.simulation.advance(900);
  assert.equal(server.snapshot().connections.length, 1, "idle since the handler settled");
  await world.simulation.advance(1500);
  assert.deepEqual(server.snapshot().connections, []);
});

test("a channel makes no pause after connections that only grew old", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(undefined, { maxConnectionAgeMs: 10 }));
  const stub = world.stub();
  const startedAt = world.nowMs;
  for (let count = 0; count < 100; count++) {
    assert.equal(await world.run(() => endingOf(stub.run({ tag: `${count}` }))), "OK");
    await world.simulation.advance(5);
  }
  assert.ok(world.nowMs - startedAt < 2000, `${world.nowMs - startedAt} ms for 100 calls`);
});

test("over TCP, connections of 5 ms under constant calls lose none", async (context) => {
  const tally = new Tally();
  const options = { maxConnectionAgeMs: 5, maxConnectionAgeGraceMs: 5000 };
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(tally)], options);
  const channel = dial(server.addresses);
  context.after(() => Promise.all([channel.close(), server.close()]));
  const stub = channel.stub(Probe);
  const remotes = new Set<string>();
  const callers = Array.from({ length: 10 }, async (_, caller) => {
    for (let count = 0; count < 100; count++) {
      assert.equal(await endingOf(stub.run({ tag: `${caller} ${count}` })), "OK");
      for (const { remote } of server.snapshot().connections) remotes.add(remote);
    }
  });
  await Promise.all(callers);
  assert.ok(remotes.size > 2, `${remotes.size} connections`);
  assert.equal(tally.total, 1000, "and none ran twice");
});

test("a stream that cannot be opened again has no age and no idle time", async (context) => {
  const [near, far] = duplexPair();
  const options = { maxConnectionAgeMs: 1, maxConnectionIdleMs: 1 };
  const server = await serve(near, [implementProbe(new Tally())], options);
  const channel = dial(far);
  context.after(() => Promise.all([channel.close(), server.close()]));
  const startedAt = performance.now();
  while (performance.now() - startedAt < 30) {
    assert.equal(await endingOf(channel.stub(Probe).run({ tag: "a" })), "OK");
    await turns(5);
  }
});
