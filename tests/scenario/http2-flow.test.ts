// HTTP/2: flow control of what we send and of what we take (RFC 9113 sections 5.2 and 6.9).
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Exchange, FieldTemplate } from "farcall/http";
import {
  data,
  frame,
  headers,
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

const tight = { streamWindowBytes: 20_000, connectionWindowBytes: 65_535 };

test("the peer may fill a stream's window to its last byte, and not one byte more", () => {
  const fill = [headers(1, requestFields), data(1, 16_000), data(1, 4000)];
  const script = Script.open("server", { limits: tight }).send(...fill);
  assert.deepEqual(script.lines(), []);
  script.send(data(1, 1));
  assert.deepEqual(script.lines(), ["RST_STREAM 1 FLOW_CONTROL_ERROR"]);
  assert.equal(script.requests[0]?.bodyBytes, 20_000);
});

test("the peer may fill the connection's window to its last byte, and not one byte more", () => {
  const script = Script.open("server", { limits: { ...tight, streamWindowBytes: 60_000 } });
  script.send(headers(1, requestFields), headers(3, requestFields));
  script.send(data(1, 16_384), data(1, 16_384), data(3, 16_384), data(3, 16_383));
  assert.deepEqual(script.lines(), []);
  script.send(data(3, 1));
  assert.deepEqual(script.lines(), ["GOAWAY 3 FLOW_CONTROL_ERROR"]);
});

test("credit returns only for what the owner has done with", () => {
  const script = Script.open("server", { limits: tight }).send(headers(1, requestFields), data(1, 15_000));
  assert.deepEqual(script.take(), []);
  const exchange = script.requests[0]?.exchange;
  exchange?.consumed(15_000);
  const updates = script.take().map(({ id, increment }) => [id, increment]);
  assert.deepEqual(updates, [[1, 15_000]], "the connection's comes with the next quarter of its window");
  exchange?.consumed(15_000);
  assert.deepEqual(script.take(), [], "what was not received cannot be consumed");
});

/** The peer's side of the windows: it sends what it may, and counts what it gets back. */
class WindowView {
  readonly #script: Script;
  connection = 65_535;
  readonly streams = new Map<number, number>();

  constructor(script: Script) {
    this.#script = script;
  }

  /** Reads what came back; true when the connection and the stream have room for `bytes`. */
  hasRoom(id: number, bytes: number): boolean {
    for (const { type, id: on, increment = 0, code } of this.#script.take()) {
      assert.notEqual(type, "GOAWAY", `GOAWAY ${code}`);
      if (type !== "WINDOW_UPDATE") continue;
      if (on === 0) this.connection += increment;
      else this.streams.set(on, this.room(on) + increment);
    }
    return this.connection >= bytes && this.room(id) >= bytes;
  }

  room(id: number): number {
    return this.streams.get(id) ?? tight.streamWindowBytes;
  }

  spend(id: number, bytes: number): void {
    this.connection -= bytes;
    this.streams.set(id, this.room(id) - bytes);
  }
}

const chunk = 10_000;

/** Ways for body to be lost on its way to an owner. Each is done over and over: the window must not run dry. */
const losses: readonly {
  readonly title: string;
  readonly play: (script: Script, id: number) => void;
  readonly bytes?: number;
  readonly limits?: object;
}[] = [
  {
    title: "it was padding",
    bytes: 256,
    play: (script, id) => {
      script.send(
        headers(id, requestFields),
        frame({ type: "DATA", flags: 0x9, id, payload: Buffer.alloc(256, 0xff) }),
      );
      script.requests.at(-1)?.exchange?.reset("CANCEL");
    },
  },
  {
    title: "the peer cut the stream before the owner read it",
    play: (script, id) => void script.send(headers(id, requestFields), data(id, chunk), rstStream(id, "CANCEL")),
  },
  {
    title: "the peer cut a stream whose request was complete",
    play: (script, id) => void script.send(headers(id, requestFields), data(id, chunk, true), rstStream(id, "CANCEL")),
  },
  {
    title: "we cut the stream before the owner read it",
    play: (script, id) => {
      script.send(headers(id, requestFields), data(id, chunk));
      script.requests.at(-1)?.exchange?.reset("CANCEL");
    },
  },
  {
    title: "we cut a stream whose request was complete",
    play: (script, id) => {
      script.send(headers(id, requestFields), data(id, chunk, true));
      script.requests.at(-1)?.exchange?.reset("CANCEL");
    },
  },
  {
    title: "it came after we cut the stream",
    play: (script, id) => {
      script.send(headers(id, requestFields));
      script.requests.at(-1)?.exchange?.reset("CANCEL");
      script.send(data(id, chunk));
    },
  },
  {
    title: "the answer was complete before the request",
    play: (script, id) => {
      script.send(headers(id, requestFields), data(id, chunk / 2));
      script.requests.at(-1)?.exchange?.head(response, undefined, true);
      script.send(data(id, chunk / 2));
    },
  },
  {
    title: "the request was malformed",
    play: (script, id) => void script.send(headers(id, [["x", "y"]]), data(id, chunk)),
    limits: { faultsBurst: 1000 },
  },
  {
    title: "the stream was one too many",
    play: (script, id) => void script.send(headers(id, requestFields), data(id, chunk)),
    limits: { faultsBurst: 1000, maxConcurrentStreams: 0 },
  },
  {
    title: "the body was longer than promised",
    play: (script, id) => void script.send(headers(id, [...requestFields, ["content-length", "9"]]), data(id, chunk)),
    limits: { faultsBurst: 1000 },
  },
  {
    title: "it came after END_STREAM",
    play: (script, id) => void script.send(headers(id, requestFields, { last: true }), data(id, chunk)),
    limits: { faultsBurst: 1000 },
  },
];

test("a server's connection window returns whatever becomes of the body", () => {
  for (const { title, play, bytes = chunk, limits } of losses) {
    const script = Script.open("server", { limits: { ...tight, resetsBurst: 1000, ...limits } });
    const view = new WindowView(script);
    for (let round = 0; round < 70_000 / 100; round++) {
      const id = 2 * round + 1;
      if (round * bytes > 4 * 65_535) break;
      assert.ok(view.hasRoom(id, bytes), `${title}: ${view.connection} bytes are left after ${round} rounds`);
      view.spend(id, bytes);
      play(script, id);
    }
  }
});

test("a client's connection window returns whatever becomes of the body", () => {
  const ends: readonly (readonly [title: string, end: (script: Script, exchange: Exchange, id: number) => void])[] = [
    ["the owner cut the exchange", (_script, exchange) => exchange.reset("CANCEL")],
    ["the server cut it", (script, _exchange, id) => void script.send(rstStream(id, "CANCEL"))],
    [
      "the trailers were malformed",
      (script, _exchange, id) => void script.send(headers(id, [["X", "y"]], { last: true })),
    ],
    [
      "the owner consumed it after the end",
      (script, exchange, id) => {
        script.send(headers(id, [["x", "y"]], { last: true }));
        exchange.consumed(chunk);
      },
    ],
  ];
  for (const [title, end] of ends) {
    const script = Script.open("client", { limits: { ...tight, faultsBurst: 1000 } });
    const view = new WindowView(script);
    for (let round = 0; round < 30; round++) {
      const id = 2 * round + 1;
      const { exchange } = script.openExchange();
      exchange.head(request, undefined, true);
      assert.ok(view.hasRoom(id, chunk), `${title}: ${view.connection} bytes are left after ${round} rounds`);
      view.spend(id, chunk);
      script.send(headers(id, responseFields), data(id, chunk));
      end(script, exchange, id);
    }
  }
});

test("streams above the limit are refused, and those within it are served", () => {
  const script = Script.open("server", { limits: { maxConcurrentStreams: 2 } });
  script.send(...[1, 3, 5].map((id) => headers(id, requestFields)));
  assert.deepEqual(script.lines(), ["RST_STREAM 5 REFUSED_STREAM"]);
  script.requests[0]?.exchange?.reset("CANCEL");
  script.send(headers(7, requestFields), settingsAck);
  assert.deepEqual(script.lines(), ["RST_STREAM 1 CANCEL"]);
  assert.equal(script.requests.length, 3);
});
