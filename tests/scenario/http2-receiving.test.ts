// HTTP/2: flow control of what we take: credit returns for all that was received, whatever became of it (RFC 9113 section 6.9).
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
  settingsAck,
} from "../support/http2-frames.ts";
import { flatten, Script } from "../support/http2-script.ts";

const request = new FieldTemplate(flatten(requestFields));
const response = new FieldTemplate(flatten(responseFields));
const tight = { streamWindowBytes: 20_000, maxStreamWindowBytes: 20_000, connectionWindowBytes: 65_535 };

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

test("padding returns to both windows without the owner's doing", () => {
  const script = Script.open("server", { limits: tight }).send(headers(1, requestFields));
  const view = new WindowView(script);
  // A pad length, one byte of body, and 255 bytes of padding.
  const payload = Buffer.concat([Buffer.of(255), Buffer.alloc(256)]);
  for (let round = 0; round < 500; round++) {
    assert.ok(view.hasRoom(1, payload.length), `round ${round}`);
    view.spend(1, payload.length);
    script.send(frame({ type: "DATA", flags: 0x8, id: 1, payload }));
  }
  assert.equal(script.requests[0]?.bodyBytes, 500);
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

test("a block is read for what it says, also in memory where another block stood, and also in a Buffer", () => {
  const script = Script.open("server");
  const memory = headers(1, requestFields, { last: true });
  script.machine.receive(memory, 0, memory.length, script.now);
  const other = requestFields.map(([name, value]) => [name, name === ":path" ? value.toUpperCase() : value] as const);
  headers(3, other, { last: true }).copy(memory);
  script.machine.receive(memory, 0, memory.length, script.now);
  const paths = script.requests.map(({ events }) => /:path=(\S+)/.exec(events[0] ?? "")?.[1]);
  assert.deepEqual(paths, ["/dirs.Directories/List", "/DIRS.DIRECTORIES/LIST"]);
});
