// HTTP/2: the frames beside requests and bodies, good and bad (RFC 9113 sections 6.3 to 6.9), and how a connection begins.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  data,
  endHeaders,
  frame,
  goAway,
  headers,
  literalBlock,
  ping,
  preface,
  requestFields,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from "../support/http2-frames.ts";
import { client, type Outcome, quiet, type Row, reach, server, testRows } from "../support/http2-rows.ts";
import { Script } from "../support/http2-script.ts";

const block = literalBlock(requestFields);
const dependency = Buffer.concat([uint32(3), Buffer.of(15)]);
const ownDependency = Buffer.concat([uint32(1), Buffer.of(15)]);
const priorityFrame = (id: number, payload: Uint8Array) => frame({ type: "PRIORITY", id, payload });

const priorityRows: readonly Row[] = [
  server("PRIORITY on stream 0", "open", priorityFrame(0, dependency), { connection: "PROTOCOL_ERROR" }),
  server("PRIORITY of four bytes", "open", priorityFrame(1, uint32(3)), { stream: "FRAME_SIZE_ERROR" }),
  server("PRIORITY of four bytes on an idle stream", "idle", priorityFrame(1, uint32(3)), {
    connection: "FRAME_SIZE_ERROR",
  }),
  server("PRIORITY of a stream on itself", "open", priorityFrame(1, ownDependency), { stream: "PROTOCOL_ERROR" }),
  server("PRIORITY of an idle stream on itself", "idle", priorityFrame(1, ownDependency), {
    connection: "PROTOCOL_ERROR",
  }),
  server("PRIORITY on an idle stream", "idle", priorityFrame(1, dependency), quiet),
  server(
    "PRIORITY on an idle stream, then its request",
    "idle",
    [priorityFrame(1, dependency), headers(1, requestFields)],
    quiet,
  ),
  server("PRIORITY on an open stream", "open", priorityFrame(1, dependency), quiet),
  server("PRIORITY after END_STREAM", "half-closed (remote)", priorityFrame(1, dependency), quiet),
  server("PRIORITY on a closed stream", "closed", priorityFrame(1, dependency), quiet),
  server("PRIORITY on a stream that the peer reset", "reset by peer", priorityFrame(1, dependency), quiet),
];

const resetRows: readonly Row[] = [
  server("RST_STREAM on stream 0", "open", rstStream(0, "CANCEL"), { connection: "PROTOCOL_ERROR" }),
  server("RST_STREAM on an idle stream", "idle", rstStream(1, "CANCEL"), { connection: "PROTOCOL_ERROR" }),
  server("RST_STREAM of three bytes", "open", frame({ type: "RST_STREAM", id: 1, payload: Buffer.alloc(3) }), {
    connection: "FRAME_SIZE_ERROR",
  }),
  server("RST_STREAM of five bytes", "open", frame({ type: "RST_STREAM", id: 1, payload: Buffer.alloc(5) }), {
    connection: "FRAME_SIZE_ERROR",
  }),
  server("RST_STREAM on an open stream", "open", rstStream(1, "CANCEL"), quiet),
  server(
    "RST_STREAM with an unknown code",
    "open",
    frame({ type: "RST_STREAM", id: 1, payload: uint32(0xfeed) }),
    quiet,
  ),
  server("RST_STREAM after END_STREAM", "half-closed (remote)", rstStream(1, "CANCEL"), quiet),
  server("RST_STREAM on a closed stream", "closed", rstStream(1, "CANCEL"), quiet),
  server("RST_STREAM on a stream that we reset", "reset by us", rstStream(1, "CANCEL"), quiet),
  server("RST_STREAM twice", "open", [rstStream(1, "CANCEL"), rstStream(1, "CANCEL")], quiet),
  client("RST_STREAM on an idle stream", "idle", rstStream(1, "CANCEL"), { connection: "PROTOCOL_ERROR" }),
  client("RST_STREAM on an open stream", "open", rstStream(1, "REFUSED_STREAM"), quiet),
];

const acked: Outcome = { lines: ["SETTINGS ack"] };

const settingsRows: readonly Row[] = [
  server("SETTINGS", "open", settings([3, 10]), acked),
  server("empty SETTINGS", "open", settings(), acked),
  server("SETTINGS with an unknown number", "open", settings([0x4a4a, 7]), acked),
  server("SETTINGS on a stream", "open", frame({ type: "SETTINGS", id: 1 }), { connection: "PROTOCOL_ERROR" }),
  server("SETTINGS of seven bytes", "open", frame({ type: "SETTINGS", payload: Buffer.alloc(7) }), {
    connection: "FRAME_SIZE_ERROR",
  }),
  server(
    "a SETTINGS acknowledgement with a payload",
    "open",
    frame({ type: "SETTINGS", flags: 1, payload: Buffer.alloc(6) }),
    {
      connection: "FRAME_SIZE_ERROR",
    },
  ),
  server("SETTINGS_ENABLE_PUSH of 2", "open", settings([2, 2]), { connection: "PROTOCOL_ERROR" }),
  server("SETTINGS_ENABLE_PUSH of 1 from a client", "open", settings([2, 1]), acked),
  client("SETTINGS_ENABLE_PUSH of 1 from a server", "open", settings([2, 1]), { connection: "PROTOCOL_ERROR" }),
  client("SETTINGS_ENABLE_PUSH of 0 from a server", "open", settings([2, 0]), acked),
  server("SETTINGS_INITIAL_WINDOW_SIZE of 2^31 - 1", "idle", settings([4, 0x7fffffff]), acked),
  server("SETTINGS_INITIAL_WINDOW_SIZE of 2^31", "open", settings([4, 0x80000000]), {
    connection: "FLOW_CONTROL_ERROR",
  }),
  server("SETTINGS_MAX_FRAME_SIZE of 16,383", "open", settings([5, 16_383]), { connection: "PROTOCOL_ERROR" }),
  server("SETTINGS_MAX_FRAME_SIZE of 2^24 - 1", "open", settings([5, 0xffffff]), acked),
  server("SETTINGS_MAX_FRAME_SIZE of 2^24", "open", settings([5, 0x1000000]), { connection: "PROTOCOL_ERROR" }),
];

const push = frame({ type: "PUSH_PROMISE", flags: endHeaders, id: 1, payload: Buffer.concat([uint32(2), block]) });

const controlRows: readonly Row[] = [
  server("PUSH_PROMISE to a server", "open", push, { connection: "PROTOCOL_ERROR" }),
  client("PUSH_PROMISE though push is off", "open", push, { connection: "PROTOCOL_ERROR" }),
  server("PING", "open", ping("fourteen"), { lines: ["PING fourteen ack"] }),
  server("a PING acknowledgement that nobody asked for", "open", ping("fourteen", true), quiet),
  server("PING on a stream", "open", frame({ type: "PING", id: 1, payload: Buffer.alloc(8) }), {
    connection: "PROTOCOL_ERROR",
  }),
  server("PING of seven bytes", "open", ping("sevens!"), { connection: "FRAME_SIZE_ERROR" }),
  server("PING of nine bytes", "open", ping("nine byte"), { connection: "FRAME_SIZE_ERROR" }),
  server("GOAWAY on a stream", "open", frame({ type: "GOAWAY", id: 1, payload: Buffer.alloc(8) }), {
    connection: "PROTOCOL_ERROR",
  }),
  server("GOAWAY of seven bytes", "open", frame({ type: "GOAWAY", payload: Buffer.alloc(7) }), {
    connection: "FRAME_SIZE_ERROR",
  }),
  client("GOAWAY on a stream", "open", frame({ type: "GOAWAY", id: 1, payload: Buffer.alloc(8) }), {
    connection: "PROTOCOL_ERROR",
  }),
  server("GOAWAY of a client", "open", goAway(0, "NO_ERROR", "bye"), quiet),
  client("GOAWAY that leaves our stream alone", "open", goAway(1, "NO_ERROR", "bye"), quiet),
  server("an unknown frame", "open", frame({ type: 0xfa, id: 1, flags: 0xff, payload: Buffer.alloc(20) }), quiet),
  server("an unknown frame on an idle stream", "idle", frame({ type: 0xfa, id: 7, payload: Buffer.alloc(3) }), quiet),
  server(
    "an unknown frame above the frame size we allow",
    "open",
    frame({ type: 0xfa, payload: Buffer.alloc(16_385) }),
    {
      connection: "FRAME_SIZE_ERROR",
    },
  ),
];

const windowRows: readonly Row[] = [
  server("WINDOW_UPDATE of the connection", "open", windowUpdate(0, 1000), quiet),
  server("WINDOW_UPDATE of a stream", "open", windowUpdate(1, 1000), quiet),
  server("WINDOW_UPDATE with the reserved bit set", "open", windowUpdate(1, 0x80000001), quiet),
  server("WINDOW_UPDATE of 0 on the connection", "open", windowUpdate(0, 0), { connection: "PROTOCOL_ERROR" }),
  server("WINDOW_UPDATE of 0 on a stream", "open", windowUpdate(1, 0), { stream: "PROTOCOL_ERROR" }),
  server("WINDOW_UPDATE on an idle stream", "idle", windowUpdate(1, 1), { connection: "PROTOCOL_ERROR" }),
  server("WINDOW_UPDATE after END_STREAM", "half-closed (remote)", windowUpdate(1, 1), quiet),
  server("WINDOW_UPDATE on a closed stream", "closed", windowUpdate(1, 1), quiet),
  server("WINDOW_UPDATE on a stream that we reset", "reset by us", windowUpdate(1, 1), quiet),
  server("WINDOW_UPDATE of three bytes", "open", frame({ type: "WINDOW_UPDATE", id: 1, payload: Buffer.alloc(3) }), {
    connection: "FRAME_SIZE_ERROR",
  }),
  server("WINDOW_UPDATE of five bytes", "open", frame({ type: "WINDOW_UPDATE", id: 0, payload: Buffer.alloc(5) }), {
    connection: "FRAME_SIZE_ERROR",
  }),
  server("WINDOW_UPDATE that lifts the connection window above 2^31 - 1", "open", windowUpdate(0, 0x7fffffff), {
    connection: "FLOW_CONTROL_ERROR",
  }),
  server("WINDOW_UPDATE that lifts a stream's window above 2^31 - 1", "open", windowUpdate(1, 0x7fffffff), {
    stream: "FLOW_CONTROL_ERROR",
  }),
];

testRows("PRIORITY is taken or refused as RFC 9113 says, however the bytes are cut", priorityRows);
testRows("RST_STREAM is taken or refused as RFC 9113 says, however the bytes are cut", resetRows);
testRows("SETTINGS is taken or refused as RFC 9113 says, however the bytes are cut", settingsRows);
testRows("PUSH_PROMISE, PING, GOAWAY and unknown frames are taken or refused, however the bytes are cut", controlRows);
testRows("WINDOW_UPDATE is taken or refused as RFC 9113 says, however the bytes are cut", windowRows);

test("the first frame must be SETTINGS", () => {
  const others = [
    data(1, "x"),
    headers(1, requestFields),
    frame({ type: "SETTINGS", flags: 1 }),
    ping("eight by"),
    goAway(0, "NO_ERROR"),
    windowUpdate(0, 1),
    frame({ type: 0xfa }),
  ];
  for (const first of others) {
    const script = Script.create("server").send(preface, first);
    assert.match(script.lines().at(-1) ?? "", /^GOAWAY 0 PROTOCOL_ERROR$/);
    assert.equal(script.machine.isClosed, true);
  }
});

test("a preface that is not HTTP/2's ends the connection at its first wrong byte, or where a method would end", () => {
  for (let at = 0; at < preface.length; at++) {
    const wrong = Buffer.from(preface);
    wrong[at] = (wrong[at] as number) ^ 0x81;
    const script = Script.create("server");
    for (const octet of wrong.subarray(0, at)) script.send(Buffer.of(octet));
    assert.equal(script.machine.isClosed, false);
    script.send(wrong.subarray(at, at + 1));
    assert.equal(script.machine.isClosed, true);
    assert.deepEqual(script.log, ["closed"]);
  }
  for (let at = 0; at < "PRI".length; at++) {
    const wrong = Buffer.from(preface);
    wrong[at] = (wrong[at] as number) ^ 1;
    const script = Script.create("server").send(wrong.subarray(0, "PRI ".length));
    assert.equal(script.machine.isClosed, false);
    script.send(wrong.subarray("PRI ".length));
    assert.equal(script.machine.isClosed, true);
    assert.deepEqual(script.log, ["closed"]);
  }
});

test("a server that answers in HTTP/1.1 is told apart", () => {
  const script = Script.create("client");
  script.send(Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"));
  assert.equal(script.machine.isClosed, true);
  assert.match(script.lines().at(-1) ?? "", /HTTP_1_1_REQUIRED$/);
});

test("after a connection error nothing is read or answered", () => {
  const script = reach("server", "open");
  script.send(ping("too short"), headers(3, requestFields), ping("eight by"));
  assert.deepEqual(script.lines(), ["GOAWAY 1 FRAME_SIZE_ERROR"]);
  assert.equal(script.requests.length, 1);
  assert.deepEqual(script.log, ["reset FRAME_SIZE_ERROR connection none", "closed"]);
  script.send(headers(5, requestFields), ping("eight by"));
  assert.deepEqual(script.lines(), []);
  assert.equal(script.requests.length, 1);
});
