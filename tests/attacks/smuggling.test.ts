// Requests by which two hops could see different things: what is malformed is reset, and a path that is no method's to the
// letter is UNIMPLEMENTED before any interceptor or handler hears of it (CVE-2026-33186 was one that they heard differently).
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { implement, serve } from "farcall";
import type { MessageOf } from "farcall/marshal";
import { FrameSocket } from "../support/frame-socket.ts";
import { data, type FieldList, headers } from "../support/http2-frames.ts";
import { grpcMessage } from "../support/rpc-peer.ts";
import { Packet, Target } from "./contract.ts";

const good: FieldList = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/attacks.Target/Echo"],
  [":authority", "test"],
  ["te", "trailers"],
  ["content-type", "application/grpc"],
];

const instead = (name: string, value: string): FieldList =>
  good.map((field) => (field[0] === name ? [name, value] : field));
const without = (name: string): FieldList => good.filter(([other]) => other !== name);
const more = (...fields: FieldList): FieldList => [...good, ...fields];
const path = (value: string): FieldList => instead(":path", value);

/** What the server says: a reset's code, a gRPC status, or an HTTP status. */
type Answer = "PROTOCOL_ERROR" | "grpc 12" | "http 405" | "http 415";

const requests: readonly (readonly [title: string, fields: FieldList, answer: Answer])[] = [
  ["a path without its slash", path("attacks.Target/Echo"), "grpc 12"],
  ["two slashes before the service", path("//attacks.Target/Echo"), "grpc 12"],
  ["two slashes before the method", path("/attacks.Target//Echo"), "grpc 12"],
  ["a slash behind the method", path("/attacks.Target/Echo/"), "grpc 12"],
  ["a query", path("/attacks.Target/Echo?as=admin"), "grpc 12"],
  ["a fragment", path("/attacks.Target/Echo#x"), "grpc 12"],
  ["a method in another case", path("/attacks.Target/echo"), "grpc 12"],
  ["a service in another case", path("/Attacks.target/Echo"), "grpc 12"],
  ["a dot on the way", path("/attacks.Target/./Echo"), "grpc 12"],
  ["two dots on the way", path("/public/../attacks.Target/Echo"), "grpc 12"],
  ["an escaped slash", path("/attacks.Target%2fEcho"), "grpc 12"],
  ["an escaped letter", path("/attacks.Target/%45cho"), "grpc 12"],
  ["a backslash", path("\\attacks.Target\\Echo"), "grpc 12"],
  ["a whole URL", path("http://test/attacks.Target/Echo"), "grpc 12"],
  ["an asterisk", path("*"), "grpc 12"],
  ["a name of Object's", path("/__proto__/constructor"), "grpc 12"],
  ["a blank behind the path", path("/attacks.Target/Echo "), "PROTOCOL_ERROR"],
  ["a NUL in the path", path("/attacks.Target/Echo\0"), "PROTOCOL_ERROR"],
  ["an empty path", path(""), "PROTOCOL_ERROR"],
  ["no path", without(":path"), "PROTOCOL_ERROR"],
  ["no method", without(":method"), "PROTOCOL_ERROR"],
  ["no scheme", without(":scheme"), "PROTOCOL_ERROR"],
  ["two paths", [[":path", "/attacks.Target/Hold"], ...good], "PROTOCOL_ERROR"],
  ["two authorities", [[":authority", "other"], ...good], "PROTOCOL_ERROR"],
  ["a pseudo-field behind the others", [...without(":path"), [":path", "/attacks.Target/Echo"]], "PROTOCOL_ERROR"],
  ["a pseudo-field that there is not", [[":protocol", "websocket"], ...good], "PROTOCOL_ERROR"],
  ["a pseudo-field of responses", [[":status", "200"], ...good], "PROTOCOL_ERROR"],
  ["a host that is not the authority", more(["host", "other"]), "PROTOCOL_ERROR"],
  ["two hosts", [...without(":authority"), ["host", "a"], ["host", "b"]], "PROTOCOL_ERROR"],
  ["a name in upper case", more(["X-Role", "admin"]), "PROTOCOL_ERROR"],
  ["a blank in a name", more(["x role", "admin"]), "PROTOCOL_ERROR"],
  ["a colon in a name", more(["x:role", "admin"]), "PROTOCOL_ERROR"],
  ["an empty name", more(["", "admin"]), "PROTOCOL_ERROR"],
  ["a line feed in a value", more(["x", "a\nrole: admin"]), "PROTOCOL_ERROR"],
  ["a carriage return in a value", more(["x", "a\rb"]), "PROTOCOL_ERROR"],
  ["a NUL in a value", more(["x", "a\0b"]), "PROTOCOL_ERROR"],
  ["a blank before a value", more(["x", " a"]), "PROTOCOL_ERROR"],
  ["connection", more(["connection", "x-role"]), "PROTOCOL_ERROR"],
  ["transfer-encoding", more(["transfer-encoding", "chunked"]), "PROTOCOL_ERROR"],
  ["upgrade", more(["upgrade", "h2c"]), "PROTOCOL_ERROR"],
  ["keep-alive", more(["keep-alive", "timeout=5"]), "PROTOCOL_ERROR"],
  ["proxy-connection", more(["proxy-connection", "close"]), "PROTOCOL_ERROR"],
  ["te that is not trailers", instead("te", "gzip"), "PROTOCOL_ERROR"],
  ["two lengths of the body", more(["content-length", "5"], ["content-length", "6"]), "PROTOCOL_ERROR"],
  ["a length that is no number", more(["content-length", "+5"]), "PROTOCOL_ERROR"],
  ["a length above the body's", more(["content-length", "6"]), "PROTOCOL_ERROR"],
  ["a length below the body's", more(["content-length", "4"]), "PROTOCOL_ERROR"],
  ["CONNECT with a path", instead(":method", "CONNECT"), "PROTOCOL_ERROR"],
  ["GET", instead(":method", "GET"), "http 405"],
  ["another content-type", instead("content-type", "text/html"), "http 415"],
  ["no content-type", without("content-type"), "http 415"],
  ["a content-type that begins like gRPC's", instead("content-type", "application/grpcx"), "http 415"],
];

async function stage(context: TestContext) {
  const heard: string[] = [];
  const echo = (packet: MessageOf<typeof Packet>): MessageOf<typeof Packet> => {
    heard.push("handler");
    return packet;
  };
  const target = implement(Target, { echo }, { partial: true });
  const server = await serve("tcp://127.0.0.1:0", [target], {
    interceptors: [
      (call, next) => {
        heard.push(call.method.path);
        return next();
      },
    ],
  });
  context.after(() => server.close());
  return { heard, port: Number(new URL(server.addresses[0] as string).port) };
}

/** What comes back for a request with these fields and a body of five bytes, an empty message. */
async function ask(port: number, fields: FieldList): Promise<string> {
  const socket = await FrameSocket.dial(port);
  await socket.send(headers(1, fields), data(1, grpcMessage(Packet.encode({})), true));
  const isAnswer = ({ type, id }: (typeof socket.seen)[number]) =>
    id === 1 && (type === "HEADERS" || type === "RST_STREAM");
  await socket.until(() => socket.goAway !== undefined || socket.seen.some(isAnswer));
  const answer = socket.seen.find(isAnswer);
  socket.close();
  if (answer === undefined) return `GOAWAY ${socket.goAway?.code}`;
  if (answer.code !== undefined) return answer.code;
  const found = new Map(answer.fields);
  const status = found.get("grpc-status");
  if (status !== undefined) return `grpc ${status}`;
  return found.get(":status") === "200" ? "served" : `http ${found.get(":status")}`;
}

test("the good request, of which the others are bad copies, is served", async (context) => {
  const { heard, port } = await stage(context);
  assert.equal(await ask(port, good), "served");
  assert.equal(await ask(port, more(["host", "TEST"], ["content-length", "5"], ["content-length", "5"])), "served");
  assert.equal(heard.length, 4);
});

test(`${requests.length} requests that hops could read differently reach no interceptor and no handler`, async (context) => {
  const { heard, port } = await stage(context);
  for (const [title, fields, answer] of requests) assert.equal(await ask(port, fields), answer, title);
  assert.deepEqual(heard, []);
});

test("fields behind the body that no request has are no trailers", async (context) => {
  const { port } = await stage(context);
  const socket = await FrameSocket.dial(port);
  await socket.send(headers(1, good), headers(1, [[":path", "/attacks.Target/Hold"]], { last: true }));
  await socket.until(() => socket.count("RST_STREAM PROTOCOL_ERROR") > 0);
  assert.equal(socket.count("RST_STREAM PROTOCOL_ERROR"), 1);
  socket.close();
});
