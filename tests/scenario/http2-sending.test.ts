// HTTP/2: flow control of what we send, and its frame sizes (RFC 9113 sections 4.2, 5.2 and 6.9).
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Exchange, FieldTemplate } from "farcall/http";
import { headers, requestFields, responseFields, rstStream, settings, windowUpdate } from "../support/http2-frames.ts";
import { flatten, Script } from "../support/http2-script.ts";

const request = new FieldTemplate(flatten(requestFields));
const response = new FieldTemplate(flatten(responseFields));
const trailers = new FieldTemplate(["x", "y"]);
const initialWindow = 4;
const maxFrame = 5;

function write(exchange: Exchange, bytes: number, last = false): "sent" | "held" {
  exchange.begin().writeBytes(new Uint8Array(bytes).fill(0x62));
  return exchange.commit(last);
}

/** A client whose stream 1 has sent its head, with the peer's windows. */
function sender(streamWindow: number) {
  const script = Script.open("client", { peerSettings: [[initialWindow, streamWindow]] });
  const owner = script.openExchange();
  owner.exchange.head(request, undefined, false);
  script.take();
  return { script, owner, exchange: owner.exchange };
}

test("a body leaves as far as the stream's window goes, and its rest as the window opens", () => {
  const { script, owner, exchange } = sender(10);
  assert.equal(write(exchange, 10), "sent");
  assert.equal(write(exchange, 1), "held");
  assert.equal(write(exchange, 24, true), "held");
  assert.deepEqual(script.lines(), ["DATA 1 of 10"]);
  script.send(windowUpdate(0, 1000));
  assert.deepEqual(script.lines(), []);
  script.send(windowUpdate(1, 10));
  assert.deepEqual(script.lines(), ["DATA 1 of 1", "DATA 1 of 9"]);
  assert.equal(owner.writable, 0);
  script.send(windowUpdate(1, 15));
  assert.deepEqual(script.lines(), ["DATA 1 of 15 last"]);
  assert.equal(owner.writable, 1);
});

test("an open connection window alone lets no stream send, nor a stream window alone", () => {
  const { script, exchange } = sender(200_000);
  assert.equal(write(exchange, 65_536), "held");
  const sent = () => script.take().reduce((sum, { type, payload }) => sum + (type === "DATA" ? payload.length : 0), 0);
  assert.equal(sent(), 65_535);
  script.send(windowUpdate(1, 10));
  assert.equal(sent(), 0);
  script.send(windowUpdate(0, 1));
  assert.equal(sent(), 1);
});

test("the connection's window is shared: streams that wait for it take turns", () => {
  const script = Script.open("client", { peerSettings: [[initialWindow, 100_000]] });
  const exchanges = Array.from({ length: 3 }, () => script.openExchange().exchange);
  for (const exchange of exchanges) {
    exchange.head(request, undefined, false);
    write(exchange, 60_000);
  }
  script.take();
  const seen = new Map<number, number>();
  for (let round = 0; round < 9; round++) {
    script.send(windowUpdate(0, 16_384));
    for (const { id, payload } of script.take()) seen.set(id, (seen.get(id) ?? 0) + payload.length);
  }
  assert.deepEqual([...seen.keys()].sort(), [3, 5]);
  assert.ok(Math.abs((seen.get(3) ?? 0) - (seen.get(5) ?? 0)) <= 3 * 16_384);
});

test("an empty last frame, a head and a tail need no window", () => {
  for (const end of ["commit", "finish", "tail"] as const) {
    const { script, exchange } = sender(0);
    if (end === "commit") assert.equal(write(exchange, 0, true), "sent");
    if (end === "finish") exchange.finish();
    if (end === "tail") exchange.tail(trailers, undefined);
    assert.deepEqual(script.lines(), [end === "tail" ? "HEADERS 1 x=y last" : "DATA 1 of 0 last"]);
  }
});

test("an empty last frame leaves also when the window is negative", () => {
  for (const end of ["commit", "finish"] as const) {
    const { script, exchange } = sender(100);
    write(exchange, 50);
    script.send(settings([initialWindow, 10]));
    script.take();
    if (end === "commit") assert.equal(write(exchange, 0, true), "sent");
    else exchange.finish();
    assert.deepEqual(script.lines(), ["DATA 1 of 0 last"]);
  }
});

test("an owner is told of room only after it was told to wait", () => {
  const { script, owner, exchange } = sender(100_000);
  assert.equal(write(exchange, 40_000), "sent", "in several frames");
  assert.equal(write(exchange, 5000), "sent");
  exchange.finish();
  assert.equal(owner.writable, 0);
  assert.deepEqual(script.lines().slice(-2), ["DATA 1 of 5000", "DATA 1 of 0 last"]);
});

test("an answer in several frames that ends before its request asks for no more of it, once", () => {
  const script = Script.open("server", { peerSettings: [[initialWindow, 100_000]] });
  script.send(headers(1, requestFields));
  const exchange = script.requests[0]?.exchange as Exchange;
  exchange.head(response, undefined, false);
  assert.equal(write(exchange, 20_000, true), "sent");
  assert.deepEqual(script.lines().slice(1), ["DATA 1 of 16384", "DATA 1 of 3616 last", "RST_STREAM 1 NO_ERROR"]);
});

test("a finished body waits behind what is held, and for no more credit than that needs", () => {
  for (const end of ["commit", "finish"] as const) {
    const { script, exchange } = sender(4);
    write(exchange, 6);
    if (end === "commit") assert.equal(write(exchange, 0, true), "held");
    else exchange.finish();
    assert.deepEqual(script.lines(), ["DATA 1 of 4"]);
    script.send(windowUpdate(1, 2));
    assert.deepEqual(script.lines(), ["DATA 1 of 2 last"], end);
  }
});

test("an empty last frame that the socket held back leaves with it", () => {
  const { script, owner, exchange } = sender(0);
  script.machine.setWritable(false);
  assert.equal(write(exchange, 0, true), "held");
  script.machine.setWritable(true);
  assert.deepEqual(script.lines(), ["DATA 1 of 0 last"]);
  assert.equal(owner.writable, 1);
});

test("a tail waits behind the body that waits", () => {
  const { script, owner, exchange } = sender(4);
  write(exchange, 6);
  exchange.tail(trailers, undefined);
  assert.deepEqual(script.lines(), ["DATA 1 of 4"]);
  script.send(windowUpdate(1, 2));
  assert.deepEqual(script.lines(), ["DATA 1 of 2", "HEADERS 1 x=y last"]);
  assert.equal(owner.writable, 1);
});

test("a shrinking setting makes windows negative, and they must be filled before more leaves", () => {
  const { script, exchange } = sender(100);
  write(exchange, 80);
  write(exchange, 50);
  assert.deepEqual(script.lines(), ["DATA 1 of 80", "DATA 1 of 20"]);
  script.send(settings([initialWindow, 30]));
  assert.deepEqual(script.lines(), ["SETTINGS ack"]);
  script.send(windowUpdate(1, 70));
  assert.deepEqual(script.lines(), [], "the window is 0");
  script.send(windowUpdate(1, 1));
  assert.deepEqual(script.lines(), ["DATA 1 of 1"]);
  script.send(settings([initialWindow, 60]));
  assert.deepEqual(script.lines().sort(), ["DATA 1 of 29", "SETTINGS ack"]);
});

test("a growing setting opens the windows of streams that wait, and of those to come", () => {
  const { script, exchange } = sender(0);
  write(exchange, 5, true);
  script.send(settings([initialWindow, 3], [initialWindow, 7]));
  assert.deepEqual(script.lines().sort(), ["DATA 1 of 5 last", "SETTINGS ack"]);
  const next = script.openExchange().exchange;
  next.head(request, undefined, false);
  write(next, 10);
  assert.deepEqual(script.lines().slice(1), ["DATA 3 of 7"]);
});

test("a setting that lifts an open stream's window above 2^31 - 1 ends the connection", () => {
  const { script } = sender(100);
  script.send(windowUpdate(1, 0x7fffffff - 100), settings([initialWindow, 101]));
  assert.deepEqual(script.lines(), ["GOAWAY 0 FLOW_CONTROL_ERROR"]);
});

test("no frame is larger than the peer allows, also after it allows more", () => {
  const { script, exchange } = sender(1_000_000);
  script.send(windowUpdate(0, 1_000_000));
  write(exchange, 40_000);
  assert.deepEqual(script.lines(), ["DATA 1 of 16384", "DATA 1 of 16384", "DATA 1 of 7232"]);
  script.send(settings([maxFrame, 20_000]));
  assert.deepEqual(script.lines(), ["SETTINGS ack"]);
  exchange.begin().writeBytes(new Uint8Array(20_000));
  exchange.commit(true);
  const parts: Uint8Array[] = [];
  script.machine.takeOutput(parts);
  assert.equal(Buffer.concat(parts).length, 20_009);
});

test("a cut stream gives nothing more, and takes nothing of the connection's window", () => {
  for (const cut of ["by us", "by the peer"] as const) {
    const { script, exchange } = sender(100_000);
    write(exchange, 65_000);
    write(exchange, 30_000);
    if (cut === "by us") exchange.reset("CANCEL");
    else script.send(rstStream(1, "CANCEL"));
    script.take();
    const next = script.openExchange().exchange;
    next.head(request, undefined, false);
    write(next, 500);
    script.take();
    script.send(windowUpdate(1, 1000), windowUpdate(0, 1000));
    assert.deepEqual(script.lines(), ["DATA 3 of 500"], cut);
  }
});

test("a socket that takes no more holds bodies back until it does", () => {
  const { script, owner, exchange } = sender(1000);
  script.machine.setWritable(false);
  assert.equal(write(exchange, 10), "held");
  exchange.tail(trailers, undefined);
  script.send(windowUpdate(1, 10));
  assert.deepEqual(script.lines(), []);
  script.machine.setWritable(true);
  assert.deepEqual(script.lines(), ["DATA 1 of 10", "HEADERS 1 x=y last"]);
  assert.equal(owner.writable, 1);
});

test("streams that are cut while they wait for credit which never comes are not kept", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const script = Script.open("client", { peerSettings: [[initialWindow, 200_000]] });
  const { exchange } = script.openExchange();
  exchange.head(request, undefined, false);
  assert.equal(write(exchange, 70_000), "held");
  const cut = (): WeakRef<object>[] =>
    Array.from({ length: 20 }, (_, index) => {
      const { exchange } = script.openExchange();
      exchange.head(request, undefined, false);
      assert.equal(write(exchange, 10), "held");
      if (index % 2 === 0) exchange.reset("CANCEL");
      else script.send(rstStream(3 + 2 * index, "CANCEL"));
      return new WeakRef(exchange);
    });
  const refs = cut();
  script.take();
  // What a turn has looked at through a WeakRef lives to its end.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  assert.equal(refs.filter((ref) => ref.deref() !== undefined).length, 0);
  script.send(windowUpdate(0, 100_000));
  assert.equal(script.take().at(-1)?.type, "DATA", "the one that was not cut goes on");
});

test("an exchange that was opened before the peer's window changed has the window that holds when its head is sent", () => {
  const script = Script.open("client", { peerSettings: [[initialWindow, 100_000]] });
  const { exchange } = script.openExchange();
  script.send(settings([initialWindow, 30]));
  exchange.head(request, undefined, false);
  exchange.begin().writeBytes(new Uint8Array(100));
  assert.equal(exchange.commit(true), "held");
  assert.ok(script.lines().includes("DATA 1 of 30"));
});
