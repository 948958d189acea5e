// HTTP/2: what a hostile peer may make us do, and where it ends. Each row floods a machine with one thing; the limit that
// stops it is named in the GOAWAY, and honest use just below it goes on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldTemplate } from "farcall/http";
import { type Http2Limits, defaultHttp2Limits as limits } from "farcall/http2";
import {
  data,
  type FieldList,
  frame,
  goAway,
  headers,
  literalBlock,
  ping,
  preface,
  requestFields,
  responseFields,
  rstStream,
  settings,
  settingsAck,
  uint32,
  windowUpdate,
} from "../support/http2-frames.ts";
import { flatten, Script } from "../support/http2-script.ts";

const request = new FieldTemplate(flatten(requestFields));

interface Flood {
  readonly title: string;
  /** Frames of round `round`, from 0 on. */
  readonly frames: (round: number) => readonly Buffer[];
  /** Rounds that an honest peer may need. */
  readonly allowed: number;
  /** Rounds after which the connection must have ended. */
  readonly stoppedBy: number;
  /** The limit that the GOAWAY names. */
  readonly names: RegExp;
  /** Whether what we send is taken after each round, as a socket does that the peer reads. */
  readonly takes?: boolean;
  /** What is changed so that another limit than this one is met first. */
  readonly limits?: Partial<Http2Limits>;
}

const idOf = (round: number) => 2 * round + 1;
const opened = headers(1, requestFields);
/** Streams 1 to 199 are open, 201 is refused. */
const manyRefused = Array.from({ length: 101 }, (_, index) => headers(idOf(index), requestFields));

const floods: readonly Flood[] = [
  {
    title: "requests that are reset at once",
    frames: (round) => [headers(idOf(round), requestFields), rstStream(idOf(round), "CANCEL")],
    allowed: limits.resetsBurst,
    stoppedBy: limits.resetsBurst + 1,
    names: /resetsBurst/,
    takes: true,
  },
  {
    title: "streams that we must reset: a window update of 0",
    frames: (round) => [headers(idOf(round), requestFields), windowUpdate(idOf(round), 0)],
    allowed: limits.faultsBurst,
    stoppedBy: limits.faultsBurst + 1,
    names: /faultsBurst/,
    takes: true,
  },
  {
    title: "streams that we must reset: a window above 2^31 - 1",
    frames: (round) => [headers(idOf(round), requestFields), windowUpdate(idOf(round), 0x7fffffff)],
    allowed: limits.faultsBurst,
    stoppedBy: limits.faultsBurst + 1,
    names: /faultsBurst/,
    takes: true,
  },
  {
    title: "streams that we must reset: a short PRIORITY",
    frames: (round) => [
      headers(idOf(round), requestFields),
      frame({ type: "PRIORITY", id: idOf(round), payload: uint32(0) }),
    ],
    allowed: limits.faultsBurst,
    stoppedBy: limits.faultsBurst + 1,
    names: /faultsBurst/,
    takes: true,
  },
  {
    title: "streams that we must reset: a body after its end",
    frames: (round) => [headers(idOf(round), requestFields, { last: true }), data(idOf(round), "x")],
    allowed: limits.faultsBurst,
    stoppedBy: limits.faultsBurst + 1,
    names: /faultsBurst/,
    takes: true,
  },
  {
    title: "streams that we must reset: malformed requests",
    frames: (round) => [headers(idOf(round), [["x", "y"]])],
    allowed: limits.faultsBurst,
    stoppedBy: limits.faultsBurst + 1,
    names: /faultsBurst/,
    takes: true,
  },
  {
    title: "pings whose answers are not read",
    frames: () => [ping("flooding")],
    allowed: limits.maxOwedAnswersHard - 10,
    stoppedBy: limits.maxOwedAnswersHard + 1,
    names: /maxOwedAnswersHard/,
    limits: { maxPingStrikes: 10_000 },
  },
  {
    title: "pings that come too soon",
    frames: () => [ping("flooding")],
    allowed: 1 + limits.maxPingStrikes,
    stoppedBy: 2 + limits.maxPingStrikes,
    names: /^too_many_pings$/,
    takes: true,
  },
  {
    title: "settings",
    frames: () => [settings([3, 100])],
    allowed: limits.settingsBurst - 1,
    stoppedBy: limits.settingsBurst + 1,
    names: /settingsBurst/,
    takes: true,
  },
  {
    title: "empty DATA frames",
    frames: (round) => (round === 0 ? [opened] : [data(1, "")]),
    allowed: limits.maxEmptyDataFrames,
    stoppedBy: limits.maxEmptyDataFrames + 2,
    names: /maxEmptyDataFrames/,
  },
  {
    title: "DATA frames of padding alone",
    frames: (round) =>
      round === 0 ? [opened] : [frame({ type: "DATA", flags: 0x8, id: 1, payload: Buffer.alloc(1) })],
    allowed: limits.maxEmptyDataFrames,
    stoppedBy: limits.maxEmptyDataFrames + 2,
    names: /maxEmptyDataFrames/,
  },
  {
    title: "priorities",
    frames: (round) => [frame({ type: "PRIORITY", id: idOf(round), payload: Buffer.alloc(5) })],
    allowed: limits.priorityFramesPerStream,
    stoppedBy: limits.priorityFramesPerStream + 1,
    names: /PRIORITY.*priorityFramesPerStream 100/,
  },
  {
    title: "window updates of one byte",
    frames: (round) => (round === 0 ? [opened] : [windowUpdate(round & 1, 1)]),
    allowed: 1 + limits.windowUpdatesBurst,
    stoppedBy: 2 + limits.windowUpdatesBurst,
    names: /WINDOW_UPDATE.*windowUpdatesPerFrame 20/,
  },
  {
    title: "requests for which there is no room",
    frames: (round) => [headers(idOf(round), requestFields)],
    allowed: limits.maxConcurrentStreams + limits.refusalsBurst,
    stoppedBy: limits.maxConcurrentStreams + limits.refusalsBurst + 1,
    names: /maxConcurrentStreams.*|refusalsBurst 1000/,
    takes: true,
  },
  {
    title: "trailers of requests that were refused",
    frames: (round) => (round === 0 ? manyRefused : [headers(201, requestFields)]),
    allowed: limits.lateFramesPerStream * 102,
    stoppedBy: limits.lateFramesPerStream * 102 + 2,
    names: /HEADERS.*lateFramesPerStream 4/,
    takes: true,
  },
  {
    title: "answers to no PING",
    frames: () => [ping("answered", true)],
    allowed: limits.idleFramesBurst,
    stoppedBy: limits.idleFramesBurst + 1,
    names: /PING.*idleFramesBurst 100/,
  },
  {
    title: "acknowledgements of no SETTINGS",
    frames: () => [settingsAck],
    allowed: limits.idleFramesBurst,
    stoppedBy: limits.idleFramesBurst + 1,
    names: /SETTINGS.*idleFramesBurst 100/,
  },
  {
    title: "farewells",
    frames: (round) => (round === 0 ? [opened, goAway(0, "NO_ERROR")] : [goAway(0, "NO_ERROR")]),
    allowed: 1 + limits.idleFramesBurst,
    stoppedBy: 2 + limits.idleFramesBurst,
    names: /GOAWAY.*idleFramesBurst 100/,
  },
  {
    title: "answers that are asked for and not taken: resets",
    frames: (round) => [headers(idOf(round), requestFields)],
    allowed: limits.maxConcurrentStreams + limits.maxOwedAnswersHard,
    stoppedBy: limits.maxConcurrentStreams + limits.maxOwedAnswersHard + 1,
    names: /maxOwedAnswersHard 1000/,
    limits: { refusalsBurst: 100_000 },
  },
  {
    title: "unknown frames",
    frames: () => [frame({ type: 0xbd })],
    allowed: limits.idleFramesBurst,
    stoppedBy: limits.idleFramesBurst + 1,
    names: /unknown.*idleFramesBurst 100/,
  },
];

for (const flood of floods) {
  test(`a flood is stopped: ${flood.title}`, () => {
    const script = Script.open("server", { limits: flood.limits ?? {} });
    let round = 0;
    for (; round < flood.stoppedBy && !script.machine.isClosed; round++) {
      script.send(...flood.frames(round));
      if (script.machine.isClosed) break;
      if (flood.takes === true) script.take();
    }
    assert.equal(script.machine.isClosed, true, `not within ${round} rounds`);
    assert.ok(round >= flood.allowed, `already in round ${round}`);
    const last = script.take().at(-1);
    assert.equal(last?.type === "GOAWAY" && last.code, "ENHANCE_YOUR_CALM");
    assert.match(last?.debug ?? "", flood.names);
    assert.equal(script.machine.openExchanges, 0);
    const named = script.limitsMet.at(-1) as keyof Http2Limits;
    assert.ok(
      named in limits && (last?.debug?.includes(named) || last?.debug === "too_many_pings"),
      `${named} was told`,
    );
  });
}

test("the same flood from a server ends the connection of a client: resets of streams that are gone", () => {
  const script = Script.open("client");
  const owner = script.openExchange();
  owner.exchange.head(request, undefined, true);
  script.take();
  const late = limits.lateFramesPerStream * 2;
  for (let count = 0; count < 1 + late; count++) script.send(rstStream(1, "CANCEL"));
  assert.equal(script.machine.isClosed, false);
  script.send(rstStream(1, "CANCEL"));
  assert.match(script.take().at(-1)?.debug ?? "", /RST_STREAM.*lateFramesPerStream 4/);
});

test("each frame that we send of calls permits more WINDOW_UPDATE frames", () => {
  const script = Script.open("server").send(opened);
  script.requests[0]?.exchange?.head(new FieldTemplate([":status", "200"]), undefined, false);
  const allowed = limits.windowUpdatesBurst + limits.windowUpdatesPerFrame;
  for (let count = 0; count < allowed; count++) script.send(windowUpdate(1, 1));
  assert.equal(script.machine.isClosed, false);
  assert.equal(script.send(windowUpdate(1, 1)).machine.isClosed, true);
});

test("what is allowed per second comes back with time", () => {
  const script = Script.open("server");
  let id = 1;
  for (let second = 0; second < 100; second++) {
    script.now += 1000;
    script.send(settings());
    for (let count = 0; count < limits.resetsPerSecond + 5; count++, id += 2) {
      script.send(headers(id, requestFields), rstStream(id, "CANCEL"));
    }
    script.take();
  }
  assert.equal(script.machine.isClosed, false);
});

test("we stop reading a peer that does not read our answers, and go on when it does", () => {
  const script = Script.open("server", { limits: { maxPingStrikes: 10_000 } });
  for (let count = 0; count < limits.maxOwedAnswers; count++) script.send(ping("question"));
  assert.equal(script.machine.wantsBytes, false);
  assert.equal(script.machine.isClosed, false);
  script.take();
  assert.equal(script.machine.wantsBytes, true);
});

test("SETTINGS of more entries than anyone needs end the connection", () => {
  const entries = Array.from({ length: limits.maxSettings + 1 }, (_, index) => [0x1000 + index, 1] as const);
  const within = Script.open("server").send(settings(...entries.slice(1)));
  assert.equal(within.machine.isClosed, false);
  const beyond = Script.open("server").send(settings(...entries));
  assert.match(beyond.take().at(-1)?.debug ?? "", /maxSettings/);
});

test("a header block in too many, too large or empty CONTINUATION frames ends the connection", () => {
  const begin = headers(1, requestFields, { whole: false });
  const continuation = (payload: Uint8Array, flags = 0) => frame({ type: "CONTINUATION", flags, id: 1, payload });
  const piece = literalBlock([["x", "y"]]);
  const most = Array.from({ length: limits.maxContinuations - 1 }, () => continuation(piece));
  const within = Script.open("server").send(begin, ...most, continuation(piece, 4));
  assert.equal(within.requests.length, 1);
  const rows: readonly (readonly [frames: readonly Buffer[], names: RegExp])[] = [
    [[...most, continuation(piece), continuation(piece)], /maxContinuations/],
    [[1, 2, 3, 4].map(() => continuation(Buffer.alloc(16_384))), /maxBlockBytes/],
    [[continuation(Buffer.alloc(0))], /empty CONTINUATION/],
  ];
  for (const [frames, names] of rows) {
    const script = Script.open("server").send(begin, ...frames);
    const last = script.take().at(-1);
    assert.equal(last?.code, "ENHANCE_YOUR_CALM");
    assert.match(last?.debug ?? "", names);
    assert.equal(script.requests.length, 0);
  }
});

const largeLists: readonly (readonly [title: string, fields: FieldList])[] = [
  ["one field above 8 KiB", [["x", "v".repeat(8192)]]],
  ["a list above 16 KiB", Array.from({ length: 3 }, () => ["x", "v".repeat(6000)] as const)],
  ["more than 128 fields", Array.from({ length: 128 }, (_, index) => ["x", `${index}`] as const)],
  ["more than 128 crumbs of a cookie", Array.from({ length: 128 }, (_, index) => ["cookie", `c=${index}`] as const)],
];

test("a request whose headers are too large is refused alone, and the next one is served", () => {
  for (const [title, fields] of largeLists) {
    const script = Script.open("server");
    const block = literalBlock([...requestFields, ...fields]);
    const pieces = [block.subarray(0, 16_384), block.subarray(16_384)];
    script.send(
      frame({ type: "HEADERS", id: 1, payload: pieces[0] as Buffer }),
      frame({ type: "CONTINUATION", flags: 4, id: 1, payload: pieces[1] as Buffer }),
      headers(3, requestFields),
    );
    assert.match(script.lines().join(), /^RST_STREAM 1 [A-Z_]+$/, title);
    assert.equal(script.requests.length, 1, title);
  }
});

test("a response whose headers are too large ends its exchange alone", () => {
  const script = Script.open("client");
  const owner = script.openExchange();
  owner.exchange.head(request, undefined, true);
  script.take();
  script.send(headers(1, [...responseFields, ["x", "v".repeat(9000)]]), ping("and next"));
  assert.equal(owner.resets.length, 1);
  assert.match(owner.resets[0]?.reason ?? "", /maxFieldBytes/);
  assert.match(script.lines().join(), /^RST_STREAM 1 [A-Z_]+,PING and next ack$/);
});

test("headers of more than four times the limit end the connection", () => {
  const script = Script.open("server");
  // One entry of 4 KB, then references to it: 16 KB of input for 66 MB of headers.
  const entry = Buffer.concat([Buffer.from("400162", "hex"), Buffer.from("7fa11e", "hex"), Buffer.alloc(4000, 0x78)]);
  script.send(
    frame({ type: "HEADERS", flags: 4, id: 1, payload: Buffer.concat([literalBlock(requestFields), entry]) }),
  );
  script.send(frame({ type: "HEADERS", flags: 4, id: 3, payload: Buffer.alloc(16_000, 0xbe) }));
  const last = script.take().at(-1);
  assert.equal(last?.type, "GOAWAY");
  assert.equal(last?.code, "ENHANCE_YOUR_CALM");
});

test("a peer that sends nothing but its preface byte by byte is not read for ever", () => {
  const script = Script.create("server");
  for (const octet of preface.subarray(0, 20)) {
    script.send(Buffer.of(octet));
    script.now += 1000;
    script.machine.advance(script.now);
  }
  assert.equal(script.machine.isClosed, true);
});
