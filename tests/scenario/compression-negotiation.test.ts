// Who compresses what for whom, as it is on the wire: `grpc-encoding` and `grpc-accept-encoding` (compression.md of gRPC),
// with a peer that speaks frame by frame.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import type { CallOptions, DialOptions } from "farcall";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { data, type FieldList, headers, type SeenFrame } from "../support/http2-frames.ts";
import {
  connectScripted,
  grpcMessage,
  grpcRequest,
  okAnswer,
  ScriptedServer,
  trailersOnly,
} from "../support/rpc-peer.ts";
import { failureOf, implementProbe, Probe, Reply, Request, Tally } from "../support/rpc-probe.ts";

const text = "a".repeat(2000);
const request = Request.encode({ tag: text });
const path = "/trials.Probe/Run";

/** What a server that compresses with gzip answers to a request with these fields: the head of its reply, and the first message. */
async function answerTo(extra: FieldList, body: Uint8Array = grpcMessage(request)) {
  const machine = createRealMachine();
  const where = "memory:negotiation";
  const server = await createRuntime(machine).serve(where, [implementProbe(new Tally())], { compression: "gzip" });
  const connection = await connectScripted(machine, where);
  await connection.next("SETTINGS");
  connection.send(headers(1, grpcRequest(path, extra)), data(1, body, true));
  const head = await connection.next("HEADERS");
  const message = head.last === true ? undefined : await connection.next("DATA");
  await server.close();
  return { head: new Map(head.fields), message };
}

const accepts: readonly (readonly [list: string | undefined, compressed: boolean])[] = [
  [undefined, false],
  ["", false],
  ["identity", false],
  ["identity,deflate", false],
  ["gzip", true],
  ["identity, deflate, gzip", true],
  ["gzipped", false],
];

for (const [list, compressed] of accepts) {
  test(`a client that takes ${list ?? "nothing it names"} gets its reply ${compressed ? "compressed" : "as it is"}`, async () => {
    const { head, message } = await answerTo(list === undefined ? [] : [["grpc-accept-encoding", list]]);
    assert.equal(head.get("grpc-encoding"), compressed ? "gzip" : undefined);
    const { payload } = message ?? assert.fail("no message came");
    assert.equal(payload[0], compressed ? 1 : 0);
    const body = payload.subarray(5);
    assert.equal(Reply.decode(compressed ? gunzipSync(body) : body).tag, text);
  });
}

test("a request may be compressed or not, message by message, under one grpc-encoding", async () => {
  for (const body of [grpcMessage(gzipSync(request), 1), grpcMessage(request, 0)]) {
    const { message } = await answerTo([["grpc-encoding", "gzip"]], body);
    assert.equal(Reply.decode((message as SeenFrame).payload.subarray(5)).tag, text);
  }
});

test("a compressed message without an encoding is INTERNAL, and says so", async () => {
  for (const extra of [[], [["grpc-encoding", "identity"]]] as FieldList[]) {
    const { head } = await answerTo(extra, grpcMessage(gzipSync(request), 1));
    assert.equal(head.get("grpc-status"), "13");
    assert.match(head.get("grpc-message") ?? "", /a compressed request message without grpc-encoding/);
  }
});

/** What a client sends with these options, and what it makes of the answer. */
async function sentWith(
  options: DialOptions,
  callOptions: CallOptions,
  answer: (id: number) => Uint8Array = (id) => okAnswer(id, Reply.encode({ tag: "done" })),
) {
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, "memory:compression");
  const channel = createRuntime(machine).dial(peer.address, { timeoutMs: 2000, ...options });
  const calling = channel.stub(Probe).run({ tag: text }, callOptions);
  calling.catch(() => {});
  const connection = await peer.next();
  const head = new Map((await connection.next("HEADERS")).fields);
  const { id, payload } = await connection.next("DATA");
  connection.send(answer(id));
  const outcome = await calling.then(
    () => undefined,
    () => failureOf(calling),
  );
  await channel.close();
  await peer.close();
  return { head, payload, error: outcome };
}

test("a call's own compression goes before its channel's", async () => {
  const cases: readonly (readonly [channel: string | undefined, call: string | undefined, sent: string | undefined])[] =
    [
      [undefined, undefined, undefined],
      ["gzip", undefined, "gzip"],
      [undefined, "gzip", "gzip"],
      ["gzip", "identity", undefined],
      ["gzip", "deflate", "deflate"],
      ["identity", undefined, undefined],
    ];
  for (const [channel, call, sent] of cases) {
    const options = channel === undefined ? {} : { compression: channel };
    const { head, payload } = await sentWith(options, call === undefined ? {} : { compression: call });
    assert.equal(head.get("grpc-encoding"), sent);
    assert.equal(payload[0], sent === undefined ? 0 : 1);
    assert.equal(head.get("grpc-accept-encoding"), "identity,gzip,deflate", "replies may always be compressed");
  }
});

const advice = /the server does not take gzip.*; the option compression: "identity" sends/;

test("a server that does not take what was compressed is told with what to do; one that lacks the method is not", async () => {
  const gzip = { compression: "gzip" };
  const refused = (extra: FieldList, options: DialOptions = gzip) =>
    sentWith(options, {}, (id) => trailersOnly(id, 12, extra)).then(({ error }) => error?.message ?? "");
  const listed = await refused([
    ["grpc-accept-encoding", "identity,br"],
    ["grpc-message", "no"],
  ]);
  assert.match(listed, advice);
  assert.match(listed, /it takes identity, br/);
  assert.match(await refused([["grpc-message", "Decompressor is not installed for grpc-encoding gzip"]]), advice);
  assert.doesNotMatch(await refused([["grpc-message", "unknown method Run"]]), advice);
  assert.doesNotMatch(await refused([["grpc-accept-encoding", "identity, gzip"]]), advice);
  assert.doesNotMatch(await refused([["grpc-accept-encoding", "identity"]], {}), advice);
});

test("the user's part of user-agent stands before ours, and without it ours stands alone", async () => {
  assert.match((await sentWith({ userAgent: "trials/1" }, {})).head.get("user-agent") ?? "", /^trials\/1 farcall\/\d/);
  assert.match((await sentWith({}, {})).head.get("user-agent") ?? "", /^farcall\/\d+\.\d+\.\d+$/);
});
