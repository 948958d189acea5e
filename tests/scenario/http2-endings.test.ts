// HTTP/2: how exchanges and connections end, and what each end proves (RFC 9113 sections 5.4, 6.4, 6.8 and 8.7).
import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldTemplate } from "farcall/http";
import {
  data,
  goAway,
  headers,
  ping,
  preface,
  requestFields,
  responseFields,
  rstStream,
  settings,
  settingsAck,
  windowUpdate,
} from "../support/http2-frames.ts";
import { flatten, Script } from "../support/http2-script.ts";

const request = new FieldTemplate(flatten(requestFields));
const response = new FieldTemplate(flatten(responseFields));
const trailers = new FieldTemplate(["grpc-status", "0"]);

/** A client with so many requests under way, all of them passed to the socket. */
function clientWith(count: number) {
  const script = Script.open("client");
  const owners = Array.from({ length: count }, () => script.openExchange());
  for (const { exchange } of owners) exchange.head(request, undefined, true);
  script.take();
  return { script, owners };
}

/** A server with so many requests under way. */
function serverWith(count: number) {
  const script = Script.open("server");
  for (let index = 0; index < count; index++) script.send(headers(2 * index + 1, requestFields, { last: true }));
  script.log.length = 0;
  return { script, exchanges: script.requests.map(({ exchange }) => exchange) };
}

const answer = [headers(1, responseFields), data(1, "abc"), headers(1, [["grpc-status", "0"]], { last: true })];
const heard = ["head :status=200", "body of 3", "tail grpc-status=0"];

test("a GOAWAY that keeps our stream changes nothing for it, between any two frames", () => {
  for (let at = 0; at <= answer.length; at++) {
    const { script, owners } = clientWith(1);
    script.send(...answer.slice(0, at), goAway(1, "NO_ERROR"), ...answer.slice(at));
    assert.deepEqual(owners[0]?.events, heard);
    assert.equal(script.machine.capacity, 0);
    assert.equal(script.machine.isDraining, true);
    assert.equal(script.machine.isClosed, true, "nothing is open and nothing new can be");
    assert.equal(script.log.at(-1), "closed", "the connection ends after its exchanges");
  }
});

test("a GOAWAY below our stream refuses it, which is a proof only if nothing was heard of it", () => {
  for (let at = 0; at < answer.length; at++) {
    const { script, owners } = clientWith(1);
    script.send(...answer.slice(0, at), goAway(0, "NO_ERROR"), ...answer.slice(at));
    const proof = at === 0 ? "refused" : "none";
    assert.equal(owners[0]?.events.at(-1), `reset REFUSED_STREAM stream ${proof}`);
    assert.equal(script.log.at(-1), "closed");
  }
});

test("a second GOAWAY may refuse more streams", () => {
  const { script, owners } = clientWith(3);
  const resets = () => owners.map(({ resets }) => resets[0]?.proof);
  script.send(goAway(0x7fffffff, "NO_ERROR"));
  assert.deepEqual(resets(), [undefined, undefined, undefined]);
  script.send(goAway(3, "NO_ERROR"));
  assert.deepEqual(resets(), [undefined, undefined, "refused"]);
  script.send(goAway(1, "NO_ERROR"));
  assert.deepEqual(resets(), [undefined, "refused", "refused"]);
  assert.equal(script.machine.isClosed, false);
  script.send(...answer);
  assert.deepEqual(owners[0]?.events, heard);
  assert.equal(script.log.at(-1), "closed");
});

test("a GOAWAY with an error still lets the streams below it end", () => {
  const { script, owners } = clientWith(1);
  script.send(goAway(1, "ENHANCE_YOUR_CALM", "too_many_pings"), ...answer);
  assert.deepEqual(owners[0]?.events, heard);
});

test("RST_STREAM before, in and after the answer ends the exchange, and never twice", () => {
  for (let at = 0; at <= answer.length; at++) {
    for (const code of ["REFUSED_STREAM", "CANCEL", "NO_ERROR"] as const) {
      const { script, owners } = clientWith(1);
      script.send(...answer.slice(0, at), rstStream(1, code), rstStream(1, code));
      if (at === answer.length) assert.deepEqual(owners[0]?.events, heard);
      else {
        const proof = at === 0 && code === "REFUSED_STREAM" ? "refused" : "none";
        assert.equal(owners[0]?.events.at(-1), `reset ${code} stream ${proof}`);
        assert.equal(owners[0]?.resets.length, 1);
      }
      assert.equal(script.machine.openExchanges, 0);
      assert.deepEqual(script.lines(), []);
    }
  }
});

test("an informational response counts as heard", () => {
  const { script, owners } = clientWith(1);
  script.send(headers(1, [[":status", "100"]]), rstStream(1, "REFUSED_STREAM"));
  assert.deepEqual(owners[0]?.events, ["reset REFUSED_STREAM stream none"]);
});

test("what is sent on a stream that its owner cut is not heard any more", () => {
  for (let at = 0; at < answer.length; at++) {
    const { script, owners } = clientWith(1);
    script.send(...answer.slice(0, at));
    const before = owners[0]?.events.length;
    owners[0]?.exchange.reset("CANCEL");
    script.send(...answer.slice(at), ping("and next"));
    assert.deepEqual(script.lines(), ["RST_STREAM 1 CANCEL", "PING and next ack"]);
    assert.equal(owners[0]?.events.length, before);
  }
});

test("a lost connection ends every exchange with the proof that it has", () => {
  const script = Script.open("client");
  const passed = script.openExchange();
  passed.exchange.head(request, undefined, true);
  script.take();
  const waiting = script.openExchange();
  waiting.exchange.head(request, undefined, true);
  const headless = script.openExchange();
  assert.equal(passed.exchange.headPassed(), true);
  assert.equal(waiting.exchange.headPassed(), false);
  script.machine.disconnect("the socket was reset");
  assert.deepEqual(
    passed.resets.map(({ proof, scope }) => [proof, scope]),
    [["none", "connection"]],
  );
  assert.deepEqual(
    waiting.resets.map(({ proof, scope }) => [proof, scope]),
    [["unsent", "connection"]],
  );
  assert.deepEqual(
    headless.resets.map(({ proof, scope }) => [proof, scope]),
    [["unsent", "connection"]],
  );
  assert.equal(script.log.at(-1), "closed");
  assert.equal(script.machine.openExchanges, 0);
  assert.equal(script.machine.nextDeadline(), Number.POSITIVE_INFINITY);
});

test("commands on an exchange that has ended do nothing", () => {
  const { script, owners } = clientWith(1);
  script.send(rstStream(1, "CANCEL"));
  const exchange = owners[0]?.exchange;
  exchange?.begin().writeBytes(new Uint8Array(100));
  assert.equal(exchange?.commit(true), "sent");
  exchange?.tail(trailers, undefined);
  exchange?.finish();
  exchange?.consumed(100);
  exchange?.reset("CANCEL");
  assert.deepEqual(script.take(), []);
});

test("a server drains in two steps and serves what came between them", () => {
  const { script, exchanges } = serverWith(1);
  script.machine.drain("going down", script.now);
  const [first, mark] = script.take();
  assert.equal(first?.type === "GOAWAY" && first.lastId, 0x7fffffff);
  assert.equal(mark?.type, "PING");
  script.send(headers(3, requestFields, { last: true }));
  assert.equal(script.requests.length, 2);
  script.send(ping(mark?.payload.toString("latin1") ?? "", true));
  assert.deepEqual(script.lines(), ["GOAWAY 3 NO_ERROR"]);
  exchanges[0]?.head(response, undefined, true);
  assert.equal(script.machine.isClosed, false);
  script.requests[1]?.exchange?.head(response, undefined, true);
  assert.equal(script.machine.isClosed, true);
  assert.equal(script.log.at(-1), "closed");
});

test("a draining server does not wait for ever for the answer to its PING", () => {
  const { script } = serverWith(0);
  script.machine.drain("going down", script.now);
  script.take();
  script.now = script.machine.nextDeadline();
  assert.ok(script.now < 60_000);
  script.machine.advance(script.now);
  assert.deepEqual(script.lines(), ["GOAWAY 0 NO_ERROR"]);
  assert.equal(script.machine.isClosed, true);
});

test("frames on streams above the last GOAWAY are ignored, whatever they are", () => {
  const { script, exchanges } = serverWith(1);
  script.machine.drain("going down", script.now);
  const mark = script.take().find(({ type }) => type === "PING");
  script.send(ping(mark?.payload.toString("latin1") ?? "", true));
  script.take();
  script.send(headers(3, requestFields), data(3, "abc"), windowUpdate(3, 10), rstStream(3, "CANCEL"));
  script.send(headers(5, requestFields), data(5, "abc"), headers(5, [["x", "y"]], { last: true }), ping("and next"));
  assert.deepEqual(script.lines(), ["PING and next ack"]);
  assert.equal(script.requests.length, 1);
  exchanges[0]?.head(response, undefined, true);
  assert.deepEqual(script.lines(), ["HEADERS 1 :status=200 last"]);
  assert.equal(script.machine.isClosed, true);
});

test("a server drains also when its client has said GOAWAY before", () => {
  for (const count of [0, 1]) {
    const { script, exchanges } = serverWith(count);
    script.send(goAway(0, "NO_ERROR"));
    script.machine.drain("going down", script.now);
    script.machine.advance(script.now + 60_000);
    for (const exchange of exchanges) exchange?.head(response, undefined, true);
    assert.equal(script.machine.isClosed, true, `${count} requests`);
  }
});

test("a client that drains opens nothing more and closes when its exchanges have ended", () => {
  const { script, owners } = clientWith(1);
  script.machine.drain("not needed any more", script.now);
  assert.equal(script.machine.capacity, 0);
  assert.equal(script.machine.isClosed, false);
  script.send(...answer);
  assert.deepEqual(owners[0]?.events, heard);
  assert.equal(script.log.at(-1), "closed");
  const idle = Script.open("client");
  idle.machine.drain("not needed any more", idle.now);
  assert.equal(idle.machine.isClosed, true);
});

test("closing says GOAWAY and ends every exchange", () => {
  const { script } = serverWith(2);
  script.machine.close("out of here");
  const [last] = script.take();
  assert.equal(last?.code, "NO_ERROR");
  assert.equal(last?.lastId, 3);
  assert.equal(last?.debug, "out of here");
  assert.deepEqual(script.log, ["reset NO_ERROR connection none", "reset NO_ERROR connection none", "closed"]);
});

test("an exchange's last word comes before the connection's", () => {
  const ends: readonly (readonly [title: string, frames: readonly Buffer[]])[] = [
    ["tail", answer],
    ["last body", [headers(1, responseFields), data(1, "abc", true)]],
    ["head alone", [headers(1, responseFields, { last: true })]],
    ["reset", [rstStream(1, "CANCEL")]],
    ["malformed head", [headers(1, [["X", "y"]])]],
  ];
  for (const [title, frames] of ends) {
    const { script, owners } = clientWith(1);
    script.machine.drain("not needed any more", script.now);
    script.send(...frames);
    assert.ok((owners[0]?.events.length ?? 0) > 0, title);
    assert.equal(script.log.at(-1), "closed", title);
  }
});

test("the stream ids of a connection may go up to 2^31 - 1, and then no further", () => {
  const script = Script.open("server").send(headers(0x7fffffff, requestFields, { last: true }));
  assert.equal(script.requests.length, 1);
  script.requests[0]?.exchange?.head(response, undefined, true);
  assert.deepEqual(script.lines(), ["HEADERS 2147483647 :status=200 last"]);
  script.send(headers(1, requestFields));
  assert.match(script.lines()[0] ?? "", /^GOAWAY 2147483647 (PROTOCOL_ERROR|STREAM_CLOSED)$/);
});

test("a peer's preface, settings, acknowledgement and header block must come in time", () => {
  const waits: readonly (readonly [title: string, script: () => Script, code: RegExp])[] = [
    ["nothing at all", () => Script.create("server"), /PROTOCOL_ERROR$/],
    ["nothing after the preface", () => Script.create("server").send(preface), /PROTOCOL_ERROR$/],
    ["no settings of a server", () => Script.create("client"), /PROTOCOL_ERROR$/],
    ["no acknowledgement", () => Script.create("client").send(settings()), /SETTINGS_TIMEOUT$/],
    [
      "half a block",
      () => Script.open("server").send(headers(1, requestFields, { whole: false })),
      /ENHANCE_YOUR_CALM$/,
    ],
  ];
  for (const [title, make, code] of waits) {
    const script = make();
    const due = script.machine.nextDeadline();
    assert.ok(due > script.now && due < script.now + 60_000, title);
    script.machine.advance(due - 1);
    assert.equal(script.machine.isClosed, false, title);
    script.machine.advance(due);
    assert.equal(script.machine.isClosed, true, title);
    assert.match(script.lines().at(-1) ?? "", code, title);
  }
  const quiet = Script.open("server").send(settingsAck);
  assert.equal(quiet.machine.nextDeadline(), Number.POSITIVE_INFINITY, "a connection at rest waits for nothing");
});

test("no exchange is opened before the peer's settings came", () => {
  const script = Script.create("client");
  assert.equal(script.machine.capacity, 0);
  script.send(settings([3, 2]));
  assert.deepEqual(script.log, ["ready"]);
  assert.equal(script.machine.capacity, 2);
  script.openExchange().exchange.head(request, undefined, true);
  assert.equal(script.machine.capacity, 1);
  script.send(settings([3, 0]));
  assert.equal(script.machine.capacity, 0);
  script.send(...answer);
  assert.equal(script.machine.capacity, 0);
  script.send(settings([3, 5]));
  assert.equal(script.machine.capacity, 5);
});
