// gRPC's rules frame by frame (PROTOCOL-HTTP2.md), with a peer that breaks them: each side answers with the status that the
// protocol names, and the connection goes on for the next call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { clientStream, service } from "farcall/idl";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { data, type FieldList, headers, type SeenFrame } from "../support/http2-frames.ts";
import {
  connectScripted,
  grpcHead,
  grpcMessage,
  grpcRequest,
  okAnswer,
  type ScriptedConnection,
  ScriptedServer,
} from "../support/rpc-peer.ts";
import { failureOf, Probe, Reply, Request } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const path = "/trials.Probe/Run";
const good = grpcMessage(Request.encode({ tag: "good" }));

/** What a server answers to one request on stream 1: the fields of its first and of its last block. */
interface Answer {
  readonly head: ReadonlyMap<string, string>;
  readonly tail: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

async function lastOf(connection: ScriptedConnection, id: number): Promise<Answer> {
  let head: SeenFrame | undefined;
  for (;;) {
    const frame = await connection.next("HEADERS");
    if (frame.id !== id) continue;
    head ??= frame;
    if (frame.last !== true) continue;
    const parts = connection.all("DATA").filter((seen) => seen.id === id);
    const body = Buffer.concat(parts.map(({ payload }) => payload));
    return { head: new Map(head.fields), tail: new Map(frame.fields), body };
  }
}

/** Sends a request to a served probe, and then a good one on the same connection, which must go through. */
async function answerTo(send: (connection: ScriptedConnection) => void, world = new Simulated()): Promise<Answer> {
  await world.run(() => world.serve());
  return world.run(async () => {
    const connection = await connectScripted(world.client, address);
    await connection.next("SETTINGS");
    send(connection);
    const answer = await lastOf(connection, 1);
    connection.send(headers(3, grpcRequest(path)), data(3, good, true));
    assert.equal((await lastOf(connection, 3)).tail.get("grpc-status"), "0", "the connection goes on");
    return answer;
  });
}

function request(fields: FieldList, body: Uint8Array = good) {
  return (connection: ScriptedConnection) => connection.send(headers(1, fields), data(1, body, true));
}

function withField(name: string, value: string | undefined): FieldList {
  const fields = grpcRequest(path).filter(([other]) => other !== name);
  return value === undefined ? fields : insert(fields, name, value);
}

/** Pseudo-fields stand first (RFC 9113 section 8.3). */
function insert(fields: FieldList, name: string, value: string): FieldList {
  return name.startsWith(":") ? [[name, value], ...fields] : [...fields, [name, value]];
}

const contentTypes: readonly (readonly [type: string | undefined, http: string, status: string | undefined])[] = [
  ["application/grpc", "200", "0"],
  ["application/grpc+proto", "200", "0"],
  ["application/grpc;charset=utf-8", "200", "0"],
  ["application/grpc+proto; x=y", "200", "0"],
  ["Application/GRPC", "200", "0"],
  ["application/grpc+json", "200", "12"],
  ["application/grpc+JSON", "200", "12"],
  ["application/grpc+", "200", "12"],
  ["application/grpcx", "415", undefined],
  ["application/grpc-web", "415", undefined],
  ["application/json", "415", undefined],
  ["text/html", "415", undefined],
  ["", "415", undefined],
  [undefined, "415", undefined],
];

for (const [type, http, status] of contentTypes) {
  test(`a request with content-type ${JSON.stringify(type)} is answered with HTTP ${http}, status ${status}`, async () => {
    const answer = await answerTo(request(withField("content-type", type)));
    assert.equal(answer.head.get(":status"), http);
    assert.equal(answer.tail.get("grpc-status"), status);
  });
}

const paths: readonly (readonly [path: string, status: string])[] = [
  ["/trials.Probe/Run", "0"],
  ["trials.Probe/Run", "12"],
  ["/trials.Probe/run", "12"],
  ["/trials.Probe/Run/", "12"],
  ["//trials.Probe/Run", "12"],
  ["/trials.Probe", "12"],
  ["/", "12"],
  ["*", "12"],
  ["/trials.Probe/Run?x=y", "12"],
  ["/trials.Probe/%52un", "12"],
  ["/TRIALS.PROBE/Run", "12"],
  ["/x/../trials.Probe/Run", "12"],
  ["/__proto__/constructor", "12"],
];

for (const [wanted, status] of paths) {
  test(`a request for ${wanted} is answered with status ${status}`, async () => {
    const answer = await answerTo(request(withField(":path", wanted)));
    assert.equal(answer.tail.get("grpc-status"), status, answer.tail.get("grpc-message"));
    if (status === "12") assert.equal(answer.tail.get("farcall-execution"), "not-executed");
  });
}

test("a method other than POST is answered with 405", async () => {
  for (const method of ["GET", "PUT", "OPTIONS", "post"]) {
    const answer = await answerTo(request(withField(":method", method)));
    assert.equal(answer.head.get(":status"), "405", method);
    assert.equal(answer.head.get("allow"), "POST");
  }
});

const timeouts: readonly (readonly [timeout: string, status: string])[] = [
  ["1H", "0"],
  ["99999999H", "0"],
  ["00000001M", "0"],
  ["10S", "0"],
  ["10000m", "0"],
  ["9999999u", "0"],
  ["99999999n", "0"],
  ["100000000n", "13"],
  ["1", "13"],
  ["S", "13"],
  ["", "13"],
  ["-1S", "13"],
  ["1.5S", "13"],
  ["1s", "13"],
  ["1X", "13"],
];

for (const [timeout, status] of timeouts) {
  test(`grpc-timeout ${JSON.stringify(timeout)} is answered with status ${status}`, async () => {
    const answer = await answerTo(request(grpcRequest(path, [["grpc-timeout", timeout]])));
    assert.equal(answer.tail.get("grpc-status"), status, answer.tail.get("grpc-message"));
  });
}

const bodies: readonly (readonly [what: string, body: Uint8Array, status: string])[] = [
  ["a compressed message without an encoding", grpcMessage(Request.encode({ tag: "a" }), 1), "13"],
  ["a flag that is none", grpcMessage(Request.encode({ tag: "a" }), 2), "13"],
  ["flag 255", grpcMessage(Request.encode({ tag: "a" }), 255), "13"],
  ["a length of 4 GiB", grpcMessage(new Uint8Array(1), 0, 0xffffffff), "8"],
  ["a length one above the limit", grpcMessage(new Uint8Array(1), 0, 4 * 1024 * 1024 + 1), "8"],
  ["less than its length", grpcMessage(new Uint8Array(1), 0, 2), "13"],
  ["four bytes of a prefix", new Uint8Array(4), "13"],
  ["nothing", new Uint8Array(0), "12"],
  ["two messages", Buffer.concat([good, good]), "12"],
  ["a message that is no protobuf", grpcMessage(Uint8Array.of(7)), "13"],
  ["text that is no UTF-8", grpcMessage(Uint8Array.of(0x0a, 1, 0xff)), "13"],
];

for (const [what, body, status] of bodies) {
  test(`a body of ${what} is answered with status ${status}, and no handler runs`, async () => {
    const world = new Simulated();
    const answer = await answerTo(request(grpcRequest(path), body), world);
    assert.equal(answer.tail.get("grpc-status"), status, answer.tail.get("grpc-message"));
    assert.equal(world.tally.starts("a"), 0);
    assert.equal(world.tally.total, 1, "only the good one that follows");
  });
}

test("an encoding that is not understood is answered with what is", async () => {
  const answer = await answerTo(request(grpcRequest(path, [["grpc-encoding", "snappy"]])));
  assert.equal(answer.tail.get("grpc-status"), "12");
  assert.match(answer.tail.get("grpc-accept-encoding") ?? "", /identity/);
});

test("a request that comes byte by byte is one request", async () => {
  const answer = await answerTo((connection) => {
    connection.send(headers(1, grpcRequest(path)));
    for (const byte of good) connection.send(data(1, Uint8Array.of(byte)));
    connection.send(data(1, "", true));
  });
  assert.equal(answer.tail.get("grpc-status"), "0");
});

test("an answer has the form that the protocol wants: head, message, trailers; or trailers only", async () => {
  const ok = await answerTo(request(grpcRequest(path)));
  assert.equal(ok.head.get(":status"), "200");
  assert.equal(ok.head.get("content-type"), "application/grpc");
  assert.equal(ok.head.get("grpc-status"), undefined);
  assert.deepEqual([...ok.tail], [["grpc-status", "0"]]);
  assert.deepEqual(Reply.decode(ok.body.subarray(5)).tag, "good");
  const failed = await answerTo(request(withField(":path", "/trials.Probe/Nothing")));
  assert.equal(failed.head.get(":status"), "200");
  assert.equal(failed.head.get("content-type"), "application/grpc");
  assert.equal(failed.head.get("grpc-status"), "12");
});

// The client's side

const reply = Reply.encode({ tag: "done" });
const tail = (id: number, status: string, extra: FieldList = []) =>
  headers(id, [["grpc-status", status], ...extra], { last: true });

const jsonHead: FieldList = [
  [":status", "200"],
  ["content-type", "application/grpc+json"],
];

const answers: readonly (readonly [what: string, answer: (id: number) => Uint8Array, code: string, message: RegExp])[] =
  [
    ["a message with a flag that is none", (id) => body(id, grpcMessage(reply, 2)), "INTERNAL", /flag 2/],
    ["a compressed message without an encoding", (id) => body(id, grpcMessage(reply, 1)), "INTERNAL", /compressed/],
    [
      "a length of 4 GiB",
      (id) => body(id, grpcMessage(reply, 0, 0xffffffff)),
      "RESOURCE_EXHAUSTED",
      /4294967295 bytes.*maxMessageBytes/,
    ],
    ["no message", (id) => Buffer.concat([headers(id, grpcHead), tail(id, "0")]), "UNIMPLEMENTED", /no reply message/],
    [
      "two messages",
      (id) => Buffer.concat([body(id, grpcMessage(reply)), data(id, grpcMessage(reply)), tail(id, "0")]),
      "UNIMPLEMENTED",
      /2 reply messages/,
    ],
    [
      "another codec",
      (id) => Buffer.concat([headers(id, jsonHead), data(id, grpcMessage(reply)), tail(id, "0")]),
      "INTERNAL",
      /content-type "application\/grpc\+json"/,
    ],
    ["an unknown encoding", (id) => headers(id, [...grpcHead, ["grpc-encoding", "snappy"]]), "INTERNAL", /snappy/],
    [
      "no grpc-status",
      (id) => Buffer.concat([headers(id, grpcHead), headers(id, [["a", "b"]], { last: true })]),
      "UNKNOWN",
      /no grpc-status/,
    ],
    [
      "status 17",
      (id) => headers(id, [...grpcHead, ["grpc-status", "17"]], { last: true }),
      "UNKNOWN",
      /grpc-status is "17"/,
    ],
    ["status 99999", (id) => headers(id, [...grpcHead, ["grpc-status", "99999"]], { last: true }), "UNKNOWN", /99999/],
    ["status -1", (id) => headers(id, [...grpcHead, ["grpc-status", "-1"]], { last: true }), "UNKNOWN", /-1/],
    ["an empty status", (id) => headers(id, [...grpcHead, ["grpc-status", ""]], { last: true }), "UNKNOWN", /""/],
    [
      "half a reply",
      (id) => Buffer.concat([headers(id, grpcHead), data(id, grpcMessage(reply).subarray(0, 6)), tail(id, "0")]),
      "INTERNAL",
      /within a message/,
    ],
    [
      "a message of percent signs",
      (id) =>
        headers(id, [...grpcHead, ["grpc-status", "5"], ["grpc-message", "100%25 %zz %E2%9C%93"]], { last: true }),
      "NOT_FOUND",
      /^100% %zz ✓$/,
    ],
    [
      "details that are no base64",
      (id) => headers(id, [...grpcHead, ["grpc-status", "5"], ["grpc-status-details-bin", "!!!"]], { last: true }),
      "NOT_FOUND",
      /^$/,
    ],
  ];

function body(id: number, message: Uint8Array): Buffer {
  return Buffer.concat([headers(id, grpcHead), data(id, message)]);
}

for (const [index, [what, answer, code, message]] of answers.entries()) {
  test(`an answer with ${what} is ${code}, and the next call on the connection succeeds`, async () => {
    const machine = createRealMachine();
    const peer = await ScriptedServer.listen(machine, `memory:answers-${index}`);
    const stub = createRuntime(machine).dial(peer.address, { timeoutMs: 2000 }).stub(Probe);
    const failing = failureOf(stub.run({ tag: "a" }));
    const connection = await peer.next();
    connection.send(answer((await connection.next("DATA")).id));
    const error = await failing;
    assert.equal(error.code, code, error.message);
    assert.match(error.message, message);
    const next = stub.run({ tag: "b" });
    connection.send(okAnswer((await connection.next("DATA")).id, reply));
    assert.equal((await next).tag, "done");
    assert.equal(peer.connections.length, 1);
    await peer.close();
  });
}

for (const [what, count] of [
  ["no message", 0],
  ["two messages", 2],
] as const) {
  test(`an answer with ${what} to a stream of requests is UNIMPLEMENTED`, async () => {
    const Gathering = service("trials.Gathering", { gather: clientStream(Request, Reply) });
    const machine = createRealMachine();
    const peer = await ScriptedServer.listen(machine, `memory:gather-${count}`);
    const stream = createRuntime(machine).dial(peer.address, { timeoutMs: 2000 }).stub(Gathering).gather();
    const failing = failureOf(stream.reply);
    stream.end();
    const connection = await peer.next();
    const { id } = await connection.next("HEADERS");
    const replies = Array.from({ length: count }, () => data(id, grpcMessage(reply)));
    connection.send(headers(id, grpcHead), ...replies, tail(id, "0"));
    const error = await failing;
    assert.equal(error.code, "UNIMPLEMENTED", error.message);
    assert.equal(error.execution, "executed");
    await peer.close();
  });
}

test("an answer that comes byte by byte is one answer", async () => {
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, "memory:byte-by-byte");
  const calling = createRuntime(machine).dial(peer.address, { timeoutMs: 2000 }).stub(Probe).run({ tag: "a" });
  const connection = await peer.next();
  const { id } = await connection.next("DATA");
  for (const byte of okAnswer(id, reply)) connection.send(Uint8Array.of(byte));
  assert.equal((await calling).tag, "done");
  await peer.close();
});

test("a request has the form that the protocol wants", async () => {
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, "memory:request-form");
  const stub = createRuntime(machine).dial(peer.address, { userAgent: "trials/1" }).stub(Probe);
  const calling = stub.run({ tag: "a" }, { timeoutMs: 1500, metadata: { b: "1", "c-bin": Uint8Array.of(255) } });
  const connection = await peer.next();
  const head = await connection.next("HEADERS");
  const fields = head.fields as FieldList;
  assert.deepEqual(
    fields
      .slice(0, 4)
      .map(([name]) => name)
      .sort(),
    [":authority", ":method", ":path", ":scheme"],
  );
  const map = new Map(fields);
  assert.equal(map.get(":method"), "POST");
  assert.equal(map.get(":path"), path);
  assert.equal(map.get("te"), "trailers");
  assert.equal(map.get("content-type"), "application/grpc");
  assert.match(map.get("user-agent") ?? "", /^trials\/1 farcall\//);
  assert.match(map.get("grpc-timeout") ?? "", /^1[0-5][0-9][0-9]m$/, "what is left of 1500 ms");
  assert.equal(map.get("b"), "1");
  assert.equal(map.get("c-bin"), "/w");
  assert.equal(head.last, false);
  const message = await connection.next("DATA");
  assert.equal(message.last, true);
  connection.send(okAnswer(message.id, reply));
  await calling;
  await peer.close();
});
