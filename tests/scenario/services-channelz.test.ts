// grpc.channelz.v1 as a client sees it; the rules are those of its .proto and of gRFC A14.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Channel, dial, implement, type Server, type Stub, serve } from "farcall";
import {
  bool,
  bytes,
  enumeration,
  field,
  int32,
  int64,
  message,
  oneof,
  repeated,
  service,
  string,
  unary,
} from "farcall/idl";
import { channelz } from "farcall/services";
import { until } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

// Written anew, not taken from the product: what a foreign client would have.
const named = (name: string) => `grpc.channelz.v1.${name}`;
const ChannelRef = message(named("ChannelRef"), { channelId: int64(1), name: string(2) });
const SubchannelRef = message(named("SubchannelRef"), { subchannelId: int64(7), name: string(8) });
const SocketRef = message(named("SocketRef"), { socketId: int64(3), name: string(4) });
const ServerRef = message(named("ServerRef"), { serverId: int64(5), name: string(6) });
const State = enumeration(named("State"), {
  UNKNOWN: 0,
  IDLE: 1,
  CONNECTING: 2,
  READY: 3,
  TRANSIENT_FAILURE: 4,
  SHUTDOWN: 5,
});
const Connectivity = message(named("ChannelConnectivityState"), { state: field(State, 1) });
const Severity = enumeration(named("ChannelTraceEvent.Severity"), { CT_UNKNOWN: 0, CT_INFO: 1, CT_WARNING: 2 });
const TraceEvent = message(named("ChannelTraceEvent"), { description: string(1), severity: field(Severity, 2) });
const Trace = message(named("ChannelTrace"), { numEventsLogged: int64(1), events: repeated(field(TraceEvent, 3)) });
const ChannelData = message(named("ChannelData"), {
  state: field(Connectivity, 1),
  target: string(2),
  trace: field(Trace, 3),
  callsStarted: int64(4),
  callsSucceeded: int64(5),
  callsFailed: int64(6),
  lastCallStarted: field(() => Timestamp, 7),
});
const Timestamp = message("google.protobuf.Timestamp", { seconds: int64(1), nanos: int32(2) });
const ServerData = message(named("ServerData"), {
  trace: field(Trace, 1),
  callsStarted: int64(2),
  callsSucceeded: int64(3),
  callsFailed: int64(4),
  lastCallStarted: field(Timestamp, 5),
});
const SocketData = message(named("SocketData"), { streamsStarted: int64(1), messagesReceived: int64(5) });
const TopChannel = message(named("Channel"), {
  ref: field(ChannelRef, 1),
  data: field(ChannelData, 2),
  subchannelRef: repeated(field(SubchannelRef, 4)),
  socketRef: repeated(field(SocketRef, 5)),
});
const Subchannel = message(named("Subchannel"), {
  ref: field(SubchannelRef, 1),
  data: field(ChannelData, 2),
  socketRef: repeated(field(SocketRef, 5)),
});
const ServerMessage = message(named("Server"), {
  ref: field(ServerRef, 1),
  data: field(ServerData, 2),
  listenSocket: repeated(field(SocketRef, 3)),
});
const TcpIp = message(named("TcpIpAddress"), { ipAddress: bytes(1), port: int32(2) });
const Uds = message(named("UdsAddress"), { filename: string(1) });
const Other = message(named("OtherAddress"), { name: string(1) });
const Address = message(named("Address"), {
  address: oneof({ tcp: field(TcpIp, 1), uds: field(Uds, 2), other: field(Other, 3) }),
});
const Socket = message(named("Socket"), {
  ref: field(SocketRef, 1),
  data: field(SocketData, 2),
  local: field(Address, 3),
  remote: field(Address, 4),
});

const Page = message(named("Page"), { start: int64(1), max: int64(2) });
const SocketPage = message(named("SocketPage"), { serverId: int64(1), start: int64(2), max: int64(3) });
const Id = message(named("Id"), { id: int64(1) });
const Channelz = service(named("Channelz"), {
  getTopChannels: unary(Page, message(named("TopChannels"), { channel: repeated(field(TopChannel, 1)), end: bool(2) })),
  getServers: unary(Page, message(named("Servers"), { server: repeated(field(ServerMessage, 1)), end: bool(2) })),
  getServer: unary(Id, message(named("OneServer"), { server: field(ServerMessage, 1) })),
  getServerSockets: unary(
    SocketPage,
    message(named("Sockets"), { socketRef: repeated(field(SocketRef, 1)), end: bool(2) }),
  ),
  getChannel: unary(Id, message(named("OneChannel"), { channel: field(TopChannel, 1) })),
  getSubchannel: unary(Id, message(named("OneSubchannel"), { subchannel: field(Subchannel, 1) })),
  getSocket: unary(Id, message(named("OneSocket"), { socket: field(Socket, 1) })),
});

const Nothing = message("demo.Nothing", {});
const Desk = service("demo.Desk", { ask: unary(Nothing, Nothing) });
const desk = implement(Desk, { ask: () => ({}) });

interface Parts {
  readonly world: Simulated;
  readonly server: Server;
  readonly channel: Channel;
  readonly ask: Stub<typeof Channelz.methods>;
}

/** A simulated server that tells of itself and of its machine's runtime, and a client on another machine. */
function withServer(task: (parts: Parts) => Promise<void>): Promise<void> {
  const world = new Simulated();
  return world.run(async () => {
    const server = await world.serveThese([desk, channelz()]);
    const channel = world.dial();
    await task({ world, server, channel, ask: channel.stub(Channelz) });
    await channel.close();
    await server.close();
  });
}

test("a server is told of with its listener and its connections", () =>
  withServer(async ({ ask, world, server }) => {
    const { server: servers, end } = await ask.getServers({});
    assert.equal(end, true);
    assert.equal(servers.length, 1);
    const id = servers[0]?.ref?.serverId as bigint;
    assert.equal(servers[0]?.ref?.name, server.addresses[0]);
    const { server: again } = await ask.getServer({ id });
    assert.deepEqual([again?.ref, again?.listenSocket], [servers[0]?.ref, servers[0]?.listenSocket]);
    const second = world.dial();
    await second.stub(Desk).ask({});
    const { socketRef } = await ask.getServerSockets({ serverId: id });
    assert.equal(socketRef.length, 2);
    const { socket } = await ask.getSocket({ id: socketRef[1]?.socketId as bigint });
    assert.deepEqual(socket?.ref, socketRef[1]);
    assert.match(`${socket?.ref?.name}`, /^tcp:\/\/[\d.]+:50051 -> tcp:\/\/[\d.]+:\d+$/);
    await second.close();
    // Its number is not given to another.
    await assert.rejects(ask.getSocket({ id: socketRef[1]?.socketId as bigint }), { code: "NOT_FOUND" });
    const listener = servers[0]?.listenSocket[0];
    assert.equal((await ask.getSocket({ id: listener?.socketId as bigint })).socket?.remote, undefined);
  }));

test("channels are told of from the top down, with the state that they have", () =>
  withServer(async ({ ask, world }) => {
    const open = { insecure: true } as const;
    const idle = world.serverRuntime.dial("tcp://nowhere:1", open);
    const busy = world.serverRuntime.dial("tcp://server:50051", open);
    await busy.stub(Desk).ask({});
    await assert.rejects(busy.stub(Desk).ask({}, { timeoutMs: 0 }));
    const { channel: channels, end } = await ask.getTopChannels({});
    assert.equal(end, true);
    assert.deepEqual(
      channels.map(({ ref, data }) => [ref?.name, data?.target, data?.state?.state]),
      [
        ["tcp://nowhere:1", "tcp://nowhere:1", "IDLE"],
        ["tcp://server:50051", "tcp://server:50051", "READY"],
      ],
    );
    assert.deepEqual(
      channels.map(({ data }) => [data?.callsStarted, data?.callsSucceeded, data?.callsFailed]),
      [
        [0n, 0n, 0n],
        [2n, 1n, 1n],
      ],
    );
    const [rested, ready] = channels;
    assert.equal(rested?.data?.lastCallStarted, undefined);
    assert.ok((ready?.data?.lastCallStarted?.seconds ?? 0n) > 0n);
    assert.deepEqual((await ask.getChannel({ id: ready?.ref?.channelId as bigint })).channel, ready);
    // A channel has subchannels or sockets, never both.
    assert.deepEqual(ready?.socketRef, []);
    const { subchannel } = await ask.getSubchannel({ id: ready?.subchannelRef[0]?.subchannelId as bigint });
    assert.deepEqual([subchannel?.data?.state?.state, subchannel?.socketRef.length], ["READY", 1]);
    const { socket } = await ask.getSocket({ id: subchannel?.socketRef[0]?.socketId as bigint });
    const remote = socket?.remote?.address;
    assert.equal(remote?.kind === "tcp" && remote.value.port, 50051);
    await busy.close();
    await assert.rejects(ask.getChannel({ id: ready?.ref?.channelId as bigint }), { code: "NOT_FOUND" });
    await idle.close();
    assert.deepEqual((await ask.getTopChannels({})).channel, []);
  }));

test("answers come in pages of at most 100, which the last number leads on from", () =>
  withServer(async ({ ask, world }) => {
    const channels = Array.from({ length: 205 }, () => world.serverRuntime.dial("tcp://nowhere:1", { insecure: true }));
    const pages: (number | boolean)[][] = [];
    const seen = new Set<bigint>();
    for (let start = 0n, end = false; !end; ) {
      const page = await ask.getTopChannels({ start, max: 1000 });
      end = page.end;
      pages.push([page.channel.length, end]);
      const ids = page.channel.map(({ ref }) => ref?.channelId as bigint);
      assert.deepEqual(
        ids,
        [...ids].sort((a, b) => Number(a - b)),
      );
      for (const id of ids) seen.add(id);
      start = (ids.at(-1) as bigint) + 1n;
    }
    assert.deepEqual(pages, [
      [100, false],
      [100, false],
      [5, true],
    ]);
    assert.equal(seen.size, 205);
    const few = await ask.getTopChannels({ max: 3 });
    assert.deepEqual([few.channel.length, few.end], [3, false]);
    assert.deepEqual(await ask.getTopChannels({ start: 1_000_000 }), { channel: [], end: true });
    await Promise.all(channels.map((channel) => channel.close()));
  }));

test("connections of a server come in pages too", () =>
  withServer(async ({ ask, world }) => {
    const serverId = (await ask.getServers({})).server[0]?.ref?.serverId as bigint;
    const others = Array.from({ length: 4 }, () => world.dial());
    await Promise.all(others.map((channel) => channel.stub(Desk).ask({})));
    const first = await ask.getServerSockets({ serverId, max: 3 });
    assert.deepEqual([first.socketRef.length, first.end], [3, false]);
    const start = (first.socketRef.at(-1)?.socketId as bigint) + 1n;
    const rest = await ask.getServerSockets({ serverId, start, max: 3 });
    assert.deepEqual([rest.socketRef.length, rest.end], [2, true]);
    await Promise.all(others.map((channel) => channel.close()));
  }));

test("what is not there is NOT_FOUND, a number of another kind too, and a negative page is refused", () =>
  withServer(async ({ ask }) => {
    const serverId = (await ask.getServers({})).server[0]?.ref?.serverId as bigint;
    for (const id of [0n, -1n, 999n, 2n ** 63n - 1n]) {
      for (const method of ["getServer", "getChannel", "getSubchannel", "getSocket"] as const) {
        await assert.rejects(ask[method]({ id }), {
          code: "NOT_FOUND",
          message: new RegExp(`no \\w+ here has the id ${id}$`),
        });
      }
      await assert.rejects(ask.getServerSockets({ serverId: id }), { code: "NOT_FOUND" });
    }
    await assert.rejects(ask.getChannel({ id: serverId }), { code: "NOT_FOUND" });
    await assert.rejects(ask.getSocket({ id: serverId }), { code: "NOT_FOUND" });
    await assert.rejects(ask.getServers({ max: -1 }), { code: "INVALID_ARGUMENT" });
  }));

test("a server's calls are counted, of connections that are gone too, and each connection's own", () =>
  withServer(async ({ ask, world }) => {
    const second = world.dial();
    const stub = second.stub(Desk);
    await stub.ask({});
    await stub.ask({});
    const before = (await ask.getServers({})).server[0];
    // Its own call has not ended yet.
    const { callsStarted, callsSucceeded, callsFailed, lastCallStarted } = before?.data ?? {};
    assert.deepEqual([callsStarted, callsSucceeded, callsFailed], [3n, 2n, 0n]);
    assert.ok(lastCallStarted !== undefined);
    const sockets = (await ask.getServerSockets({ serverId: before?.ref?.serverId as bigint })).socketRef;
    // The second channel connected first.
    const { socket } = await ask.getSocket({ id: sockets[0]?.socketId as bigint });
    assert.deepEqual([socket?.data?.streamsStarted, socket?.data?.messagesReceived], [2n, 2n]);
    await second.close();
    assert.equal((await ask.getServers({})).server[0]?.data?.callsSucceeded, 5n);
  }));

test("there are no traces where no limit was met", () =>
  withServer(async ({ ask, world }) => {
    const channel = world.serverRuntime.dial("tcp://nowhere:1", { insecure: true });
    assert.equal((await ask.getServers({})).server[0]?.data?.trace, undefined);
    assert.equal((await ask.getTopChannels({})).channel[0]?.data?.trace, undefined);
    await channel.close();
  }));

test("the trace of a server tells of the limits that its clients have met", () =>
  withServer(async ({ ask, world }) => {
    const channel = world.dial();
    const metadata = { a: "x".repeat(9000) };
    for (let count = 0; count < 3; count++) {
      await assert.rejects(channel.stub(Desk).ask({}, { metadata }), { code: "RESOURCE_EXHAUSTED" });
    }
    const trace = (await ask.getServers({})).server[0]?.data?.trace;
    assert.equal(trace?.numEventsLogged, 3n);
    const [event] = trace?.events ?? [];
    assert.match(event?.description ?? "", /^maxFieldBytes, 3 times, last by .*: .*\(maxFieldBytes 8192\)$/);
    assert.equal(event?.severity, "CT_WARNING");
    await channel.close();
  }));

test("a server that does not list it does not serve it", async () => {
  const world = new Simulated();
  await world.run(async () => {
    const server = await world.serveThese([desk]);
    const channel = world.dial();
    await assert.rejects(channel.stub(Channelz).getServers({}), { code: "UNIMPLEMENTED" });
    await channel.close();
    await server.close();
  });
});

/** The addresses of the one connection between a real server at `address` and a channel to it, as both sides tell them. */
async function realAddresses(context: TestContext, address: string) {
  const server = await serve(address, [channelz()]);
  const channel = dial(server.addresses[0] as string);
  context.after(() => Promise.all([channel.close(), server.close()]));
  const ask = channel.stub(Channelz);
  const listed = (await ask.getServers({})).server.find(({ ref }) => ref?.name === server.addresses[0]);
  const { socketRef } = await ask.getServerSockets({ serverId: listed?.ref?.serverId as bigint });
  const { socket } = await ask.getSocket({ id: socketRef[0]?.socketId as bigint });
  return { server, local: socket?.local?.address, remote: socket?.remote?.address };
}

test("addresses are told as what they are", async (context) => {
  const tcp = await realAddresses(context, "tcp://127.0.0.1:0");
  assert.equal(
    tcp.local?.kind === "tcp" && tcp.local.value.port,
    Number(new URL(tcp.server.addresses[0] as string).port),
  );
  assert.deepEqual(tcp.local?.kind === "tcp" && [...tcp.local.value.ipAddress], [127, 0, 0, 1]);
  assert.equal(tcp.remote?.kind, "tcp");
  const folder = mkdtempSync(join(tmpdir(), "farcall-channelz-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "socket");
  const unix = await realAddresses(context, `unix:${path}`);
  assert.deepEqual(unix.local, { kind: "uds", value: { filename: path } });
  const memory = await realAddresses(context, "memory:channelz");
  assert.deepEqual(memory.local, { kind: "other", value: { name: "memory:channelz" } });
});

test("a connection that is gone is no longer told of", async (context) => {
  const server = await serve("memory:channelz-gone", [desk, channelz()]);
  const channel = dial("memory:channelz-gone");
  const other = dial("memory:channelz-gone");
  context.after(() => Promise.all([channel.close(), server.close()]));
  await other.stub(Desk).ask({});
  const ask = channel.stub(Channelz);
  const listed = (await ask.getServers({})).server.find(({ ref }) => ref?.name === "memory:channelz-gone");
  const serverId = listed?.ref?.serverId as bigint;
  assert.equal((await ask.getServerSockets({ serverId })).socketRef.length, 2);
  await other.close();
  await until(() => server.snapshot().connections.length === 1, "the server hears of it");
  assert.equal((await ask.getServerSockets({ serverId })).socketRef.length, 1);
});
