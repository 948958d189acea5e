// The eight ways in which gRPC's negative tests have a server use HTTP/2, seen by a program with a channel: how the call ends,
// what it says of its execution, and that the channel goes on working.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Channel, DialOptions } from "farcall";
import { defaultHttp2Limits } from "farcall/http2";
import { serverStream, service } from "farcall/idl";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { type ErrorName, headers, ping } from "../support/http2-frames.ts";
import {
  type Asked,
  type NegativeCase,
  type NegativeOptions,
  NegativeServer,
  paddedData,
  pingPayloads,
} from "../support/negative-http2.ts";
import { grpcHead, grpcMessage } from "../support/rpc-peer.ts";
import { deferred, endingOf, Probe, Reply, Request, turns, watchProcess } from "../support/rpc-probe.ts";
import { initialWindowBytes } from "../support/send-windows.ts";

/** What the tests of gRPC ask their servers for. */
const replyBytes = 314_159;
const reply = Reply.encode({ tag: "a", payload: new Uint8Array(replyBytes) });
const smallReply = Reply.encode({ tag: "a" });

interface Stage extends NegativeServer {
  readonly channel: Channel;
}

/** A server of that kind and a channel to it, both gone at the test's end, with nothing thrown beside the calls. */
async function stage(
  t: TestContext,
  name: NegativeCase,
  { dial = {}, ...options }: Partial<NegativeOptions> & { readonly dial?: DialOptions } = {},
): Promise<Stage> {
  const watch = watchProcess();
  const machine = createRealMachine();
  const negative = await NegativeServer.listen(machine, "tcp://127.0.0.1:0", name, { reply: smallReply, ...options });
  const channel = createRuntime(machine).dial(negative.server.address, dial);
  t.after(async () => {
    await channel.close();
    await negative.server.close();
    await watch.check();
  });
  return Object.assign(negative, { channel });
}

const run = (channel: Channel) => endingOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 10_000 }));

test("goaway: each call is served, on a connection of its own once the last one said farewell", async (t) => {
  const { channel, server } = await stage(t, "goaway");
  for (let call = 1; call <= 3; call++) {
    assert.equal(await run(channel), "OK");
    assert.equal(server.connections.length, call);
  }
});

const resets: readonly (readonly [code: ErrorName, ending: string])[] = [
  ["NO_ERROR", "INTERNAL"],
  ["INTERNAL_ERROR", "INTERNAL"],
  ["CANCEL", "CANCELLED"],
  ["REFUSED_STREAM", "UNAVAILABLE"],
  ["ENHANCE_YOUR_CALM", "RESOURCE_EXHAUSTED"],
];

for (const name of ["rst_after_header", "rst_during_data", "rst_after_data"] as const) {
  for (const [resetCode, code] of resets) {
    test(`${name} with ${resetCode}: the call fails, and nobody says whether it ran; the next is served`, async (t) => {
      const { channel, server } = await stage(t, name, { resetCode });
      assert.equal(await run(channel), `${code} streaming unknown 1`);
      assert.equal(await run(channel), "OK");
      assert.equal(server.connections.length, 1);
      const asked = server.connections[0]?.all("HEADERS").map(({ id }) => id);
      assert.deepEqual(asked, [1, 3], "what may have run is not made again");
    });
  }
}

test("ping: every PING is answered with its payload, in order, before, within and after an answer", async (t) => {
  const { channel, server } = await stage(t, "ping");
  for (let call = 0; call < 3; call++) assert.equal(await run(channel), "OK");
  await turns(10);
  const answered = server.connections[0]?.all("PING").map(({ flags, payload }) => [flags, payload.toString("latin1")]);
  assert.deepEqual(answered, Array.from({ length: 3 }, () => pingPayloads.map((payload) => [1, payload])).flat());
  assert.equal(server.connections.length, 1);
});

for (const maxConnections of [1, 3]) {
  test(`max_streams: 15 calls at once are served one by one, on at most ${maxConnections} connections`, async (t) => {
    const { channel, server, mostAtOnce } = await stage(t, "max_streams", { dial: { maxConnections } });
    assert.equal(await run(channel), "OK");
    const endings = await Promise.all(Array.from({ length: 15 }, () => run(channel)));
    assert.deepEqual(new Set(endings), new Set(["OK"]));
    assert.equal(mostAtOnce(), 1);
    assert.ok(server.connections.length <= maxConnections);
  });
}

test(`no_df_padding_sanity: ${replyBytes} bytes in frames of five arrive, and the next call is served`, async (t) => {
  const { channel, server } = await stage(t, "no_df_padding_sanity", { reply });
  const { payload } = await channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 60_000 });
  assert.equal(payload.length, replyBytes);
  assert.equal(await run(channel), "OK");
  assert.equal(server.connections.length, 1);
});

const Feed = service("trials.Feed", { read: serverStream(Request, Reply) });
const piece = grpcMessage(Reply.encode({ payload: new Uint8Array(16_000) }));

test("data_frame_padding: the same with 16 MB of padding, of which not a byte of window is lost", async (t) => {
  const reading = deferred<Asked>();
  const { channel, server } = await stage(t, "data_frame_padding", { reply, later: reading.resolve });
  const { payload } = await channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 60_000 });
  assert.equal(payload.length, replyBytes);
  // From here on in step: one message is sent, taken, and its credit waited for.
  const messages = channel.stub(Feed).read({ tag: "a" });
  const iterator = messages[Symbol.asyncIterator]();
  let taken = iterator.next();
  const { connection, windows, id } = await reading.promise;
  connection.send(headers(id, grpcHead));
  const creditedBefore = windows.creditedBytes;
  assert.ok(windows.sentBytes > 16e6, "the padding was sent");
  for (let count = 0; windows.creditedBytes === creditedBefore; count++) {
    assert.ok(count < 1000, "a quarter of the window is owed at most");
    await windows.send(connection, id, paddedData(id, piece));
    assert.equal((await taken).done, false);
    taken = iterator.next();
    connection.send(ping("in step!"));
    await connection.next("PING");
  }
  const leftBytes = initialWindowBytes + windows.creditedBytes - windows.sentBytes;
  assert.equal(leftBytes, defaultHttp2Limits.connectionWindowBytes);
  connection.send(headers(id, [["grpc-status", "0"]], { last: true }));
  assert.equal((await taken).done, true);
  assert.equal(server.connections.length, 1);
});
