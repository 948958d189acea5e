// Peers that stall: in the preface, in SETTINGS, in a header block, in a body, in their windows. Each stall has an end that
// a documented limit sets, on virtual time, and other clients do not notice.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServeOptions } from "farcall";
import { data, frame, headers, preface, settings, windowUpdate } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest, type PeerOptions, ScriptedServer } from "../support/rpc-peer.ts";
import { endingOf, failureOf, Request } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const silent: PeerOptions = { settings: undefined };
const run = "/trials.Probe/Run";
const message = grpcMessage(Request.encode({ tag: "slow", payload: new Uint8Array(200) }));

interface Stall {
  readonly title: string;
  readonly options: PeerOptions;
  /** What the client says before it falls silent; its preface has left by itself. */
  readonly says: readonly Uint8Array[];
  /** When the server ends the connection, and what its GOAWAY says. */
  readonly endsAtMs: number;
  readonly code: string;
  readonly names: RegExp;
}

const stalls: readonly Stall[] = [
  {
    title: "after the preface",
    options: silent,
    says: [],
    endsAtMs: 5000,
    code: "PROTOCOL_ERROR",
    names: /prefaceTimeoutMs/,
  },
  {
    title: "within SETTINGS",
    options: silent,
    says: [settings([3, 100]).subarray(0, 11)],
    endsAtMs: 5000,
    code: "PROTOCOL_ERROR",
    names: /prefaceTimeoutMs/,
  },
  {
    title: "before the acknowledgement of our SETTINGS",
    options: silent,
    says: [settings()],
    endsAtMs: 15_000,
    code: "SETTINGS_TIMEOUT",
    names: /settingsTimeoutMs/,
  },
  {
    title: "within a header block",
    options: { settings: [] },
    says: [headers(1, grpcRequest(run), { whole: false })],
    endsAtMs: 10_000,
    code: "ENHANCE_YOUR_CALM",
    names: /blockTimeoutMs/,
  },
];

for (const stall of stalls) {
  test(`a client that stalls ${stall.title} is cut off in time, and another one is served meanwhile`, async () => {
    const world = new Simulated();
    const server = await world.run(() => world.serve());
    const client = await world.run(() => connectScripted(world.client, address, stall.options));
    if (stall.options.settings !== undefined) await world.run(() => client.next("SETTINGS"));
    if (stall.says.length > 0) client.send(...stall.says);
    await world.simulation.advance(stall.endsAtMs - 100);
    assert.equal(client.all("GOAWAY").length, 0);
    assert.equal(await world.run(() => endingOf(world.stub().run({ tag: "other" }))), "OK");
    await world.simulation.advance(200);
    const [last] = client.all("GOAWAY");
    assert.equal(last?.code, stall.code);
    assert.match(last?.debug ?? "", stall.names);
    await world.simulation.advance(2000);
    assert.equal(server.snapshot().connections.length, 1, "only the other is left");
  });
}

test("a client that sends its preface a byte a second is cut off like one that sends nothing", async () => {
  const world = new Simulated();
  const server = await world.run(() => world.serve());
  const socket = await world.run(() => world.client.network.connect({ kind: "tcp", host: "server", port: 50051 }, {}));
  let isClosed = false;
  const close = () => {
    isClosed = true;
  };
  socket.open({ onBytes() {}, onWritable() {}, onEnd: () => socket.end(), onClose: close });
  for (let at = 0; at < 4; at++) {
    socket.write([preface.subarray(at, at + 1)]);
    await world.simulation.advance(1000);
  }
  assert.equal(isClosed, false);
  await world.simulation.advance(1100);
  assert.equal(isClosed, true);
  assert.deepEqual(server.snapshot().connections, []);
});

test("a header block whose pieces come one by one has the same time as one that stops", async () => {
  const world = new Simulated();
  await world.run(() => world.serve());
  const client = await world.run(() => connectScripted(world.client, address));
  await world.run(() => client.next("SETTINGS"));
  client.send(headers(1, grpcRequest(run), { whole: false }));
  for (let count = 0; count < 4; count++) {
    await world.simulation.advance(2400);
    client.send(frame({ type: "CONTINUATION", id: 1, payload: Buffer.of(0) }));
  }
  assert.equal(client.all("GOAWAY").length, 0);
  await world.simulation.advance(500);
  assert.match(client.all("GOAWAY")[0]?.debug ?? "", /blockTimeoutMs/);
});

/** How long a call of a client that stalls lasts at most, and which option says so. */
const bounds: readonly (readonly [
  title: string,
  options: ServeOptions,
  timeout: string | undefined,
  endsAtMs: number,
])[] = [
  ["the call's own deadline", {}, "3S", 3000],
  ["the server's keep-alive", { keepAlive: { intervalMs: 4000, timeoutMs: 1000 } }, undefined, 5000],
  ["the age of its connection", { maxConnectionAgeMs: 5000, maxConnectionAgeGraceMs: 1000 }, undefined, 6500],
];

for (const [title, options, timeout, endsAtMs] of bounds) {
  test(`a client that stalls within a request's body is bounded by ${title}`, async () => {
    const world = new Simulated();
    const server = await world.run(() => world.serve(undefined, options));
    const client = await world.run(() => connectScripted(world.client, address));
    const extra = timeout === undefined ? [] : [["grpc-timeout", timeout] as const];
    client.send(headers(1, grpcRequest(run, extra)), data(1, message.subarray(0, 20)));
    await world.simulation.advance(endsAtMs / 2);
    assert.equal(server.snapshot().openCalls, 1);
    await world.simulation.advance(endsAtMs);
    assert.equal(server.snapshot().openCalls, 0);
    assert.equal(world.tally.total, 0, "no handler was called with half a message");
  });

  test(`a client that opens no window for the reply is bounded by ${title}`, async () => {
    const world = new Simulated();
    const server = await world.run(() => world.serve(undefined, options));
    const closedWindow: PeerOptions = { settings: [[4, 0]] };
    const client = await world.run(() => connectScripted(world.client, address, closedWindow));
    const extra = timeout === undefined ? [] : [["grpc-timeout", timeout] as const];
    client.send(headers(1, grpcRequest(run, extra)), data(1, message, true));
    await world.simulation.advance(100);
    client.send(windowUpdate(1, 1));
    await world.simulation.advance(endsAtMs / 2);
    assert.equal(world.tally.settles("slow"), 1);
    assert.deepEqual(
      client.all("DATA").map(({ payload }) => payload.length),
      [1],
    );
    await world.simulation.advance(endsAtMs);
    assert.equal(server.snapshot().openCalls, 0);
    assert.equal(server.snapshot().connections.length, timeout === undefined ? 0 : 1);
  });
}

test("a server that stalls before its SETTINGS fails the attempt, and the request was never sent", async () => {
  const world = new Simulated();
  await world.run(() => ScriptedServer.listen(world.server, address, silent));
  const startedAt = world.nowMs;
  const error = await world.run(() => failureOf(world.stub().run({ tag: "a" }, { timeoutMs: 60_000 })));
  assert.equal(world.nowMs - startedAt, 5000);
  assert.deepEqual([error.code, error.phase, error.execution], ["UNAVAILABLE", "connecting", "not-executed"]);
  assert.match(error.message, /prefaceTimeoutMs/);
});

test("a server that stalls in an answer's headers fails the call in time, before its deadline", async () => {
  const world = new Simulated();
  const server = await world.run(() => ScriptedServer.listen(world.server, address));
  const failing = endingOf(world.stub().run({ tag: "a" }, { timeoutMs: 60_000 }));
  const connection = await world.run(() => server.next());
  await world.run(() => connection.next("DATA"));
  const startedAt = world.nowMs;
  connection.send(headers(1, [[":status", "200"]], { whole: false }));
  assert.equal(await world.run(() => failing), "UNAVAILABLE sent unknown 1");
  assert.equal(world.nowMs - startedAt, 10_000);
});
