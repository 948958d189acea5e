// HTTP/2: DATA, HEADERS and CONTINUATION, good and bad, in every state of a stream (RFC 9113 sections 5.1, 6.1, 6.2, 6.10).
import {
  data,
  endHeaders,
  endStream,
  frame,
  goAway,
  headers,
  literalBlock,
  padded,
  ping,
  priority,
  requestFields,
  responseFields,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from "../support/http2-frames.ts";
import { client, quiet, type Row, server, testRows } from "../support/http2-rows.ts";

const pad = (length: number, rest: string | Uint8Array) =>
  Buffer.concat([Buffer.of(length), Buffer.from(rest as string)]);
const block = literalBlock(requestFields);
const dataRows: readonly Row[] = [
  server("DATA on stream 0", "open", data(0, "x"), { connection: "PROTOCOL_ERROR" }),
  server("DATA on an idle stream", "idle", data(1, "x"), { connection: "PROTOCOL_ERROR" }),
  server("DATA on a later idle stream", "open", data(3, "x"), { connection: "PROTOCOL_ERROR" }),
  server("DATA on an even stream", "open", data(2, "x"), { connection: "PROTOCOL_ERROR" }),
  server("DATA on an open stream", "open", data(1, "x"), quiet),
  server("empty DATA", "open", data(1, ""), quiet),
  server("DATA after END_STREAM", "half-closed (remote)", data(1, "x"), { stream: "STREAM_CLOSED" }),
  server("DATA behind its own END_STREAM", "open", [data(1, "x", true), data(1, "y")], { stream: "STREAM_CLOSED" }),
  server("DATA on a closed stream", "closed", data(1, "x"), { stream: "STREAM_CLOSED" }),
  server("DATA on a stream that we reset", "reset by us", data(1, "x"), quiet),
  server("DATA on a stream that the peer reset", "reset by peer", data(1, "x"), { stream: "STREAM_CLOSED" }),
  server("padded DATA", "open", frame({ type: "DATA", flags: padded, id: 1, payload: pad(3, "x...") }), quiet),
  server("DATA of padding alone", "open", frame({ type: "DATA", flags: padded, id: 1, payload: pad(3, "...") }), quiet),
  server(
    "padded DATA without padding",
    "open",
    frame({ type: "DATA", flags: padded, id: 1, payload: pad(0, "") }),
    quiet,
  ),
  server(
    "DATA whose padding is as long as its payload",
    "open",
    frame({ type: "DATA", flags: padded, id: 1, payload: pad(4, "...") }),
    { connection: "PROTOCOL_ERROR" },
  ),
  server("padded DATA without a pad length", "open", frame({ type: "DATA", flags: padded, id: 1 }), {
    connection: ["FRAME_SIZE_ERROR", "PROTOCOL_ERROR"],
  }),
  server("DATA above the frame size we allow", "open", data(1, 16_385), { connection: "FRAME_SIZE_ERROR" }),
  client("DATA on an idle stream", "idle", data(1, "x"), { connection: "PROTOCOL_ERROR" }),
  client("DATA before HEADERS", "open", data(1, "x"), { stream: "PROTOCOL_ERROR" }),
  client("DATA after END_STREAM", "half-closed (remote)", data(1, "x"), { stream: "STREAM_CLOSED" }),
  client("DATA on a closed stream", "closed", data(1, "x"), { stream: "STREAM_CLOSED" }),
  client("DATA on a stream that we reset", "reset by us", data(1, "x"), quiet),
  client("DATA on a stream the server would open", "open", data(2, "x"), { connection: "PROTOCOL_ERROR" }),
];

const withPriority = (payload: Uint8Array, flags = priority | endHeaders) =>
  frame({ type: "HEADERS", flags, id: 1, payload });
const dependency = Buffer.concat([uint32(3), Buffer.of(15)]);
const ownDependency = Buffer.concat([uint32(1), Buffer.of(15)]);

const headersRows: readonly Row[] = [
  server("HEADERS on stream 0", "idle", headers(0, requestFields), { connection: "PROTOCOL_ERROR" }),
  server("HEADERS on an even stream", "idle", headers(2, requestFields), { connection: "PROTOCOL_ERROR" }),
  server("a request", "idle", headers(1, requestFields), quiet),
  server("a request on a later stream", "idle", headers(5, requestFields), quiet),
  server("HEADERS below a stream that was opened", "idle", [headers(5, requestFields), headers(3, requestFields)], {
    connection: ["STREAM_CLOSED", "PROTOCOL_ERROR"],
  }),
  server("trailers", "open", headers(1, [["x", "y"]], { last: true }), quiet),
  server("HEADERS within a body that do not end it", "open", headers(1, [["x", "y"]]), { stream: "PROTOCOL_ERROR" }),
  server("HEADERS after END_STREAM", "half-closed (remote)", headers(1, [["x", "y"]], { last: true }), {
    stream: "STREAM_CLOSED",
  }),
  server("HEADERS on a closed stream", "closed", headers(1, requestFields), { connection: "STREAM_CLOSED" }),
  server("HEADERS on a stream that we reset", "reset by us", headers(1, [["x", "y"]], { last: true }), quiet),
  server("HEADERS with a priority", "idle", withPriority(Buffer.concat([dependency, block])), quiet),
  server("HEADERS too short for a priority", "idle", withPriority(Buffer.of(0, 0, 0, 3)), {
    connection: "FRAME_SIZE_ERROR",
  }),
  server(
    "a request that depends on itself, and its body",
    "idle",
    [withPriority(Buffer.concat([ownDependency, block])), data(1, "x")],
    { stream: "PROTOCOL_ERROR" },
  ),
  server(
    "padded HEADERS",
    "idle",
    frame({
      type: "HEADERS",
      flags: padded | endHeaders,
      id: 1,
      payload: pad(4, Buffer.concat([block, Buffer.alloc(4)])),
    }),
    quiet,
  ),
  server(
    "HEADERS with priority and padding",
    "idle",
    withPriority(Buffer.concat([Buffer.of(2), dependency, block, Buffer.alloc(2)]), priority | padded | endHeaders),
    quiet,
  ),
  server(
    "HEADERS with more padding than payload",
    "idle",
    frame({ type: "HEADERS", flags: padded | endHeaders, id: 1, payload: pad(block.length + 1, block) }),
    { connection: "PROTOCOL_ERROR" },
  ),
  server(
    "HEADERS whose padding reaches into the priority",
    "idle",
    withPriority(Buffer.concat([Buffer.of(4), dependency, Buffer.alloc(3)]), priority | padded | endHeaders),
    { connection: "PROTOCOL_ERROR" },
  ),
  server("padded HEADERS without a pad length", "idle", withPriority(Buffer.alloc(0), padded | endHeaders), {
    connection: ["FRAME_SIZE_ERROR", "PROTOCOL_ERROR"],
  }),
  server("a block that cannot be decoded", "idle", withPriority(Buffer.of(0x80), endHeaders), {
    connection: "COMPRESSION_ERROR",
  }),
  server(
    "a block that cannot be decoded, on a closed stream",
    "reset by us",
    withPriority(Buffer.of(0x80), endHeaders),
    {
      connection: "COMPRESSION_ERROR",
    },
  ),
  server(
    "HEADERS with the reserved bit set",
    "idle",
    frame({ type: "HEADERS", flags: 0xd2 | endHeaders, id: 0x80000001, payload: block }),
    quiet,
  ),
  client("a response", "open", headers(1, responseFields), quiet),
  client("HEADERS on an idle stream", "idle", headers(1, responseFields), { connection: "PROTOCOL_ERROR" }),
  client("HEADERS on an even stream", "open", headers(2, responseFields), { connection: "PROTOCOL_ERROR" }),
  client("HEADERS after END_STREAM", "half-closed (remote)", headers(1, [["x", "y"]], { last: true }), {
    stream: "STREAM_CLOSED",
  }),
  client("HEADERS on a closed stream", "closed", headers(1, responseFields), { stream: "STREAM_CLOSED" }),
  client("HEADERS on a stream that we reset", "reset by us", headers(1, responseFields), quiet),
];
const half = block.subarray(0, 10);
const rest = block.subarray(10);
const begun = frame({ type: "HEADERS", id: 1, payload: half });
const ended = (id = 1) => frame({ type: "CONTINUATION", flags: endHeaders, id, payload: rest });

const continuationRows: readonly Row[] = [
  server("a request in two frames", "idle", [begun, ended()], quiet),
  server("CONTINUATION without HEADERS", "open", ended(), { connection: "PROTOCOL_ERROR" }),
  server("CONTINUATION behind a whole block", "idle", [headers(1, requestFields), ended()], {
    connection: "PROTOCOL_ERROR",
  }),
  server("CONTINUATION on another stream", "idle", [begun, ended(3)], { connection: "PROTOCOL_ERROR" }),
  server("CONTINUATION on stream 0", "idle", [begun, ended(0)], { connection: "PROTOCOL_ERROR" }),
  server(
    "an empty CONTINUATION that ends the block",
    "idle",
    [headers(1, requestFields, { whole: false }), frame({ type: "CONTINUATION", flags: endHeaders, id: 1 })],
    quiet,
  ),
  server(
    "HEADERS of no bytes, the block in CONTINUATION",
    "idle",
    [frame({ type: "HEADERS", id: 1 }), frame({ type: "CONTINUATION", flags: endHeaders, id: 1, payload: block })],
    quiet,
  ),
  server(
    "END_STREAM on HEADERS whose block goes on",
    "idle",
    [frame({ type: "HEADERS", flags: endStream, id: 1, payload: half }), ended(), data(1, "x")],
    { stream: "STREAM_CLOSED" },
  ),
  ...[
    data(1, "x"),
    headers(1, requestFields),
    frame({ type: "PRIORITY", id: 1, payload: dependency }),
    rstStream(1, "CANCEL"),
    settings(),
    ping("eight by"),
    goAway(0, "NO_ERROR"),
    windowUpdate(0, 1),
    frame({ type: 0xfa, id: 1 }),
  ].map((other) =>
    server(`a frame of type ${other[3]} within a block`, "idle", [begun, other], {
      connection: "PROTOCOL_ERROR" as const,
    }),
  ),
];

testRows("DATA is taken or refused as RFC 9113 says, however the bytes are cut", dataRows);
testRows("HEADERS is taken or refused as RFC 9113 says, however the bytes are cut", headersRows);
testRows("CONTINUATION is taken or refused as RFC 9113 says, however the bytes are cut", continuationRows);
