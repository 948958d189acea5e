// HTTP/2: what makes a request or a response malformed, and what a well-formed one tells its owner (RFC 9113 section 8).
import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldTemplate } from "farcall/http";
import {
  data,
  type ErrorName,
  endHeaders,
  type FieldList,
  frame,
  headers,
  ping,
  requestFields,
  responseFields,
} from "../support/http2-frames.ts";
import { flatten, Script } from "../support/http2-script.ts";

const request = new FieldTemplate(flatten(requestFields));

function without(name: string): FieldList {
  return requestFields.filter(([field]) => field !== name);
}

function withField(name: string, value: string): FieldList {
  return [...requestFields, [name, value]];
}

function replaced(name: string, value: string): FieldList {
  return requestFields.map((field) => (field[0] === name ? [name, value] : field));
}

const malformedRequests: readonly (readonly [title: string, fields: FieldList])[] = [
  ["an upper-case letter in a name", withField("Accept", "x")],
  ["a blank in a name", withField("a b", "x")],
  ["a colon within a name", withField("a:b", "x")],
  ["a control character in a name", withField("a\u0001", "x")],
  ["DEL in a name", withField("a\u007f", "x")],
  ["an octet above 127 in a name", withField("a\u00e9", "x")],
  ["an empty name", withField("", "x")],
  ["NUL in a value", withField("x", "a\0b")],
  ["LF in a value", withField("x", "a\nb: c")],
  ["CR in a value", withField("x", "a\rb")],
  ["LF at the end of a value", withField("x", "a\n")],
  ["a blank before a value", withField("x", " a")],
  ["a blank behind a value", withField("x", "a ")],
  ["a tab before a value", withField("x", "\ta")],
  ["LF in a pseudo-field", replaced(":path", "/a\nb")],
  ["connection", withField("connection", "close")],
  ["proxy-connection", withField("proxy-connection", "close")],
  ["keep-alive", withField("keep-alive", "1")],
  ["transfer-encoding", withField("transfer-encoding", "chunked")],
  ["upgrade", withField("upgrade", "h2c")],
  ["te other than trailers", withField("te", "gzip")],
  ["an unknown pseudo-field", [...requestFields.slice(0, 3), [":host", "x"]]],
  [":protocol, which needs a setting that we do not send", [...requestFields, [":protocol", "websocket"]]],
  ["the pseudo-field of responses", [...requestFields, [":status", "200"]]],
  ["a pseudo-field behind a regular field", [["x", "y"], ...requestFields]],
  [":method twice", [[":method", "POST"], ...requestFields]],
  [":path twice", [[":path", "/x"], ...requestFields]],
  [":authority twice", [[":authority", "localhost"], ...requestFields]],
  ["no :method", without(":method")],
  ["no :scheme", without(":scheme")],
  ["a blank in :path", replaced(":path", "/a b")],
  ["a control character in :path", replaced(":path", "/a\x1fb")],
  [":method is no token", replaced(":method", "GET /")],
  [":scheme is no scheme", replaced(":scheme", "http://x")],
  ...["a/b", "a b", "a\tb", "a?b", "a#b", "a\\b", "a\x7f", "\u00e9"].flatMap((authority): [string, FieldList][] => [
    [`:authority is ${JSON.stringify(authority)}`, replaced(":authority", authority)],
    [`host is ${JSON.stringify(authority)}`, [...without(":authority"), ["host", authority]]],
  ]),
  ["no :path", without(":path")],
  ["an empty :path", replaced(":path", "")],
  ["no fields at all", []],
  ["CONNECT with a path", replaced(":method", "CONNECT")],
  ["CONNECT without :authority", [[":method", "CONNECT"]]],
  ["a host that is not the :authority", withField("host", "elsewhere")],
  ["a content-length that is no number", withField("content-length", "5x")],
  ["a content-length with a sign", withField("content-length", "+5")],
  ["two content-lengths that differ", [...withField("content-length", "5"), ["content-length", "6"]]],
];

test("a malformed request is a stream error, its owner hears nothing, and the connection goes on", () => {
  for (const [title, fields] of malformedRequests) {
    const script = Script.open("server").send(headers(1, fields), data(1, "on its way"), ping("and next"));
    assert.deepEqual(script.lines(), ["RST_STREAM 1 PROTOCOL_ERROR", "PING and next ack"], title);
    assert.deepEqual(script.log, [], title);
  }
});

const goodRequests: readonly (readonly [title: string, fields: FieldList])[] = [
  ["te: trailers", withField("te", "trailers")],
  ["no :authority", without(":authority")],
  ["an IPv6 :authority", replaced(":authority", "[::1]:80")],
  ["a percent-encoded :authority", replaced(":authority", "%2Ftmp%2Fa.sock")],
  ["no :authority but a host", [...without(":authority"), ["host", "localhost"]]],
  ["a host that is the :authority", withField("host", "localhost")],
  ["octets above 127 in a value", withField("x", "caf\u00c3\u00a9")],
  ["an empty value", withField("x", "")],
  ["a blank and a tab within a value", withField("x", "a b\tc")],
  ["a name of token characters", withField("!#$%&'*+-.^_`|~0a", "x")],
  [
    "CONNECT",
    [
      [":method", "CONNECT"],
      [":authority", "localhost:1"],
    ],
  ],
  ["OPTIONS *", requestFields.map(([name, value]) => [name, { ":method": "OPTIONS", ":path": "*" }[name] ?? value])],
  ["one content-length twice", [...withField("content-length", "5"), ["content-length", "5"]]],
  ["a cookie in crumbs", [...withField("cookie", "a=b"), ["cookie", "c=d"]]],
];

test("a well-formed request reaches its owner with all its fields in order", () => {
  for (const [title, fields] of goodRequests) {
    const script = Script.open("server").send(headers(1, fields));
    assert.deepEqual(script.lines(), [], title);
    assert.deepEqual(script.log, [`request ${fields.map((field) => field.join("=")).join(" ")}`], title);
  }
});

test("malformed trailers are a stream error that the owner is told of", () => {
  const trailers: readonly (readonly [title: string, fields: FieldList])[] = [
    ["a pseudo-field", [[":path", "/"]]],
    ["a status", [[":status", "200"]]],
    ["an upper-case name", [["Grpc-Status", "0"]]],
    ["a connection field", [["connection", "close"]]],
  ];
  for (const [title, fields] of trailers) {
    const script = Script.open("server").send(headers(1, requestFields), headers(1, fields, { last: true }));
    assert.deepEqual(script.lines(), ["RST_STREAM 1 PROTOCOL_ERROR"], title);
    assert.deepEqual(script.requests[0]?.events.slice(1), ["reset PROTOCOL_ERROR stream none"], title);
  }
});

test("a malformed block still counts for the tables of both sides", () => {
  const script = Script.open("server");
  // Indexes the field `Bad: x`, which is not allowed, behind a good request; then refers to it by its index.
  const good = Buffer.of(0x83, 0x86, 0x84);
  const indexed = Buffer.concat([good, Buffer.from("4003426164", "hex"), Buffer.from("0178", "hex")]);
  script.send(frame({ type: "HEADERS", flags: endHeaders, id: 1, payload: indexed }));
  script.send(frame({ type: "HEADERS", flags: endHeaders, id: 3, payload: Buffer.concat([good, Buffer.of(0xbe)]) }));
  script.send(frame({ type: "HEADERS", flags: endHeaders, id: 5, payload: good }));
  assert.deepEqual(script.lines(), ["RST_STREAM 1 PROTOCOL_ERROR", "RST_STREAM 3 PROTOCOL_ERROR"]);
  assert.deepEqual(script.log, ["request :method=POST :scheme=http :path=/"]);
});

/** Bodies against a promised length: frames behind a request with `content-length: 5`, and what must follow. */
const lengths: readonly (readonly [title: string, frames: readonly Buffer[], outcome: "whole" | "malformed"])[] = [
  ["just as long", [data(1, "12345", true)], "whole"],
  ["in two frames", [data(1, "12"), data(1, "345", true)], "whole"],
  ["ended by an empty frame", [data(1, "12345"), data(1, "", true)], "whole"],
  ["ended by trailers", [data(1, "12345"), headers(1, [["x", "y"]], { last: true })], "whole"],
  [
    "with padding",
    [frame({ type: "DATA", flags: 0x9, id: 1, payload: Buffer.from("\u000212345..", "latin1") })],
    "whole",
  ],
  ["too short", [data(1, "1234", true)], "malformed"],
  ["too short, ended by an empty frame", [data(1, "1234"), data(1, "", true)], "malformed"],
  ["too short, ended by trailers", [data(1, "1234"), headers(1, [["x", "y"]], { last: true })], "malformed"],
  ["too long", [data(1, "123456", true)], "malformed"],
  ["too long already", [data(1, "12345"), data(1, "6")], "malformed"],
  [
    "padding instead of body",
    [frame({ type: "DATA", flags: 0x9, id: 1, payload: Buffer.from("\u00041234", "latin1") })],
    "malformed",
  ],
];

test("a body is as long as content-length says, or the stream fails", () => {
  for (const [title, frames, outcome] of lengths) {
    for (const step of [1, 3, 1000]) {
      const cut = (bytes: Uint8Array) =>
        Array.from({ length: Math.ceil(bytes.length / step) }, (_, at) => bytes.subarray(at * step, (at + 1) * step));
      const script = Script.open("server", { cut });
      script.send(headers(1, withField("content-length", "5")), ...frames, ping("and next"));
      const lines = outcome === "whole" ? [] : ["RST_STREAM 1 PROTOCOL_ERROR"];
      assert.deepEqual(script.lines(), [...lines, "PING and next ack"], title);
      const [owner] = script.requests;
      assert.equal(owner?.resets.length, outcome === "whole" ? 0 : 1, title);
      if (outcome === "whole") assert.match(owner?.events.at(-1) ?? "", /last$|^tail/, title);
    }
  }
});

test("a request without body must not promise one", () => {
  const script = Script.open("server");
  script.send(headers(1, withField("content-length", "5"), { last: true }));
  script.send(headers(3, withField("content-length", "0"), { last: true }));
  assert.deepEqual(script.lines(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
  assert.equal(script.requests.filter(({ resets }) => resets.length === 0).length, 1);
});

type Block = readonly [fields: FieldList, last: boolean];
const go: Block = [[[":status", "100"]], false];
const early: Block = [
  [
    [":status", "103"],
    ["link", "x"],
  ],
  false,
];
const ok: Block = [responseFields, false];
const tail: Block = [[["grpc-status", "0"]], true];

/** Responses as blocks (`string` = DATA, `!` behind it ends the stream): what the owner hears, or the stream error. */
const responses: readonly (readonly [
  title: string,
  parts: readonly (Block | string)[],
  outcome: readonly string[] | ErrorName,
])[] = [
  ["head, body, tail", [ok, "abc", tail], ["head :status=200", "body of 3", "tail grpc-status=0"]],
  ["head and tail", [ok, tail], ["head :status=200", "tail grpc-status=0"]],
  ["head alone", [[responseFields, true]], ["head :status=200 last"]],
  ["head and body", [ok, "abc!"], ["head :status=200", "body of 3 last"]],
  ["an informational response first", [go, ok, tail], ["head :status=200", "tail grpc-status=0"]],
  ["several informational responses", [go, early, early, ok, "abc!"], ["head :status=200", "body of 3 last"]],
  ["any status of three digits", [[[[":status", "999"]], true]], ["head :status=999 last"]],
  ["an informational response that ends the stream", [[go[0], true]], "PROTOCOL_ERROR"],
  ["an informational response, then a body", [go, "abc!"], "PROTOCOL_ERROR"],
  ["no :status", [[[["x", "y"]], false]], "PROTOCOL_ERROR"],
  [":status twice", [[[...responseFields, ...responseFields], false]], "PROTOCOL_ERROR"],
  [":status of two digits", [[[[":status", "20"]], false]], "PROTOCOL_ERROR"],
  [":status of four digits", [[[[":status", "2000"]], false]], "PROTOCOL_ERROR"],
  [":status with a sign", [[[[":status", "+20"]], false]], "PROTOCOL_ERROR"],
  ["a request's pseudo-field", [[[...responseFields, [":path", "/"]], false]], "PROTOCOL_ERROR"],
  ["a malformed field", [[[...responseFields, ["X", "y"]], false]], "PROTOCOL_ERROR"],
  ["trailers that end nothing", [ok, "abc", [tail[0], false]], "PROTOCOL_ERROR"],
  ["an informational response behind the head", [ok, go], "PROTOCOL_ERROR"],
  ["trailers with a pseudo-field", [ok, [[[":status", "200"]], true]], "PROTOCOL_ERROR"],
  ["a body longer than promised", [[[...responseFields, ["content-length", "2"]], false], "abc"], "PROTOCOL_ERROR"],
  ["a body shorter than promised", [[[...responseFields, ["content-length", "4"]], false], "abc!"], "PROTOCOL_ERROR"],
  [
    "a body shorter than promised, and a tail",
    [[[...responseFields, ["content-length", "4"]], false], "abc", tail],
    "PROTOCOL_ERROR",
  ],
];

test("a response tells its owner head, body and tail in order, or is malformed", () => {
  for (const [title, parts, outcome] of responses) {
    const script = Script.open("client");
    const owner = script.openExchange();
    owner.exchange.head(request, undefined, true);
    script.take();
    for (const part of parts) {
      if (typeof part === "string") script.send(data(1, part.replace("!", ""), part.endsWith("!")));
      else script.send(headers(1, part[0], { last: part[1] }));
    }
    if (typeof outcome === "string") {
      assert.deepEqual(script.lines(), [`RST_STREAM 1 ${outcome}`], title);
      assert.equal(owner.events.at(-1), `reset ${outcome} stream none`, title);
    } else {
      assert.deepEqual(script.lines(), [], title);
      assert.deepEqual(owner.events, outcome, title);
    }
    assert.equal(script.machine.openExchanges, 0, title);
  }
});
