// Fuzz target: frames, right and wrong, and raw bytes, for a client or a server machine whose owner sends, consumes and cuts.
// Nothing throws; what is sent parses and keeps to the windows; no window is lost; each exchange ends once; and how the bytes
// were cut changes nothing.
import assert from "node:assert/strict";
import { FieldTemplate } from "farcall/http";
import {
  data,
  type FieldList,
  frame,
  goAway,
  headers,
  literalBlock,
  ping,
  requestFields,
  responseFields,
  type SeenFrame,
  settings,
  settingsAck,
  uint32,
  windowUpdate,
} from "../../support/http2-frames.ts";
import { flatten, formatFrame, type RecordingOwner, Script } from "../../support/http2-script.ts";
import { cutBytes, Input } from "../input.ts";
import { Http2Ledger } from "../models/http2-ledger.ts";

const connectionWindowBytes = 65_535;
const limits = { connectionWindowBytes, streamWindowBytes: 4000, maxConcurrentStreams: 5 };
const request = new FieldTemplate(flatten(requestFields));
const response = new FieldTemplate(flatten(responseFields));
const trailers = new FieldTemplate(["x-status", "0"]);
const ids = [1, 3, 5, 7, 9, 11, 0, 2, 4, 0x7fffffff];
const sizes = [0, 1, 100, 1000, 5000, 65_535, 0x7fff_ffff, 0x8000_0000, 16_384, 20_000];
const lists: readonly FieldList[] = [
  requestFields,
  responseFields,
  [...requestFields, ["content-length", "100"]],
  [...responseFields, ["content-length", "5"], ["x-long", "v".repeat(300)]],
  [["x", "y"]],
  [[":status", "100"]],
  [["Bad", "name"]],
];
const blocks = [
  ...lists.map(literalBlock),
  Buffer.from("8386844003782d610162", "hex"),
  Buffer.from("be", "hex"),
  Buffer.from("3fe11f82", "hex"),
];

/** One connection under test and what its peer and its owner have seen. */
class Play {
  readonly script: Script;
  readonly seen: string[] = [];
  readonly #ledger: Http2Ledger;
  readonly #owners: RecordingOwner[] = [];
  readonly #started = new Set<RecordingOwner>();
  readonly #ended = new Set<RecordingOwner>();
  readonly #cut: (bytes: Uint8Array) => Uint8Array[];
  #sentBytes = 0;
  #answerBytes = 0;

  constructor(role: "client" | "server", cut: (bytes: Uint8Array) => Uint8Array[]) {
    this.#cut = cut;
    this.script = Script.open(role, { limits });
    this.#ledger = new Http2Ledger(role, connectionWindowBytes);
    this.script.onRequest = (owner) => void this.#owners.push(owner);
  }

  /** Hands over bytes of the peer, and looks at the answer to each piece. */
  send(bytes: Uint8Array): void {
    for (const piece of this.#cut(bytes)) {
      this.script.send(piece);
      this.#sentBytes += piece.length;
      if (!this.script.machine.isClosed) this.#ledger.noteSent(piece);
      this.look();
    }
  }

  look(): void {
    const { machine } = this.script;
    for (const seen of this.script.take()) {
      if (!machine.isClosed) this.#ledger.noteCame(seen);
      if (!isCall(seen)) this.#answerBytes += 9 + seen.payload.length;
      if (seen.type !== "WINDOW_UPDATE") this.seen.push(formatFrame(seen));
    }
    assert.ok(this.#answerBytes <= 2 * this.#sentBytes + 2000, "answers are larger than what asks for them");
    assert.ok(machine.openExchanges <= Math.max(limits.maxConcurrentStreams, this.#owners.length));
  }

  /** Does what is due, as a driver does; that ends. */
  advance(): void {
    const { machine, now } = this.script;
    for (let turn = 0; machine.nextDeadline() <= now; turn++) {
      assert.ok(turn < 10, "what is due is due again");
      machine.advance(now);
    }
  }

  open(): void {
    const { machine, role } = this.script;
    if (role === "client" && machine.capacity > 0 && machine.openExchanges < 20)
      this.#owners.push(this.script.openExchange());
  }

  /** What the owner of an exchange does next. */
  act(input: Input): void {
    const owner = this.#owners[input.byte() % Math.max(1, this.#owners.length)];
    const exchange = owner?.exchange;
    if (owner === undefined || exchange === undefined) return;
    const action = input.byte() % 6;
    const isClient = this.script.role === "client";
    const size = input.short() % 10_000;
    if (action === 0) this.#cutIt(owner);
    else if (action === 1) exchange.consumed(size);
    else if (!this.#started.has(owner)) {
      this.#started.add(owner);
      const last = action === 2;
      if (last) this.#ended.add(owner);
      exchange.head(isClient ? request : response, action === 3 ? ["x-more", "m".repeat(size)] : undefined, last);
    } else if (action === 2 && !isClient) {
      this.#ended.add(owner);
      exchange.tail(trailers, undefined);
    } else if (action === 2) {
      this.#ended.add(owner);
      exchange.finish();
    } else {
      exchange.begin().writeBytes(new Uint8Array(size));
      if (action === 5) return exchange.abandon();
      if (action === 4) this.#ended.add(owner);
      exchange.commit(action === 4);
    }
  }

  #cutIt(owner: RecordingOwner): void {
    owner.exchange?.reset("CANCEL");
    owner.exchange = undefined;
  }

  /** Consumes and cuts everything: the window must come back. Then the socket goes: every exchange must have ended. */
  end(): void {
    const { machine, log } = this.script;
    for (const owner of this.#owners) owner.exchange?.consumed(owner.bodyBytes);
    for (const owner of this.#owners) this.#cutIfOpen(owner);
    this.look();
    if (!machine.isClosed) {
      assert.equal(machine.openExchanges, 0);
      if (this.#ledger.isBetweenFrames) this.#ledger.assertWhole();
      machine.disconnect("the socket is gone");
    }
    assert.deepEqual([log.filter((event) => event === "closed").length, log.at(-1)], [1, "closed"]);
    assert.equal(machine.openExchanges, 0);
    assert.equal(machine.nextDeadline(), Number.POSITIVE_INFINITY);
    for (const owner of this.#owners) this.#checkEnd(owner);
  }

  #cutIfOpen(owner: RecordingOwner): void {
    if (owner.resets.length === 0 && owner.exchange !== undefined) this.#cutIt(owner);
  }

  #checkEnd({ resets, events }: RecordingOwner): void {
    assert.ok(resets.length <= 1);
    const ends = events.filter((event) => /last$|^tail/.test(event));
    assert.ok(ends.length <= 1, events.join());
    const heads = events.filter((event) => /^(head|request) /.test(event));
    assert.ok(heads.length <= 1, events.join());
    if (resets.length > 0) assert.match(events.at(-1) ?? "", /^reset/);
  }
}

function isCall({ type }: SeenFrame): boolean {
  return type === "HEADERS" || type === "DATA" || type === "WINDOW_UPDATE";
}

/** The next frame that the bytes decide on. */
function nextFrame(kind: number, input: Input): Uint8Array {
  const id = input.pick(ids);
  switch (kind) {
    case 1:
      return frame({ type: "HEADERS", flags: input.byte() | 4, id, payload: input.pick(blocks) });
    case 2:
      return data(id, input.short() % 6000, input.byte() % 4 === 0);
    case 3:
      return frame({ type: "RST_STREAM", id, payload: uint32(input.byte() % 16) });
    case 4:
      return settings(...Array.from({ length: id % 4 }, () => [1 + (input.byte() % 8), input.pick(sizes)] as const));
    case 5:
      return windowUpdate(id, input.pick(sizes));
    case 6:
      return input.byte() % 2 === 0 ? ping("eight by", input.byte() % 2 === 0) : settingsAck;
    case 7:
      return goAway(id, "NO_ERROR", "why");
    case 8:
      return frame({ type: "CONTINUATION", flags: input.byte(), id, payload: input.pick(blocks) });
    case 9:
      return headers(id, input.pick(lists), { last: input.byte() % 2 === 0, whole: input.byte() % 4 > 0 });
    default:
      return frame({ type: input.byte() % 12, flags: input.byte(), id, payload: input.some() });
  }
}

function step(play: Play, input: Input): void {
  const kind = input.byte() % 16;
  const { script } = play;
  if (kind === 0) play.send(input.some());
  else if (kind <= 10) play.send(nextFrame(kind, input));
  else if (kind === 11) play.open();
  else if (kind <= 14) play.act(input);
  else {
    const what = input.byte();
    script.now += what;
    if (what % 8 === 0) script.machine.drain("told to", script.now);
    else if (what % 8 <= 2) script.machine.setWritable(what % 8 === 1);
    else if (what === 255) script.machine.close("told to");
    else play.advance();
  }
  play.look();
}

function run(bytes: Uint8Array, cut: (bytes: Uint8Array) => Uint8Array[]) {
  const input = new Input(bytes);
  const play = new Play(input.byte() % 2 === 0 ? "client" : "server", cut);
  while (!input.isDone) step(play, input);
  play.script.machine.setWritable(true);
  play.end();
  return { seen: play.seen, log: play.script.log };
}

export function fuzz(bytes: Uint8Array): void {
  const whole = run(bytes, (piece) => [piece]);
  assert.deepEqual(
    run(bytes, (piece) => cutBytes(piece, [1, 8, 300, 9])),
    whole,
  );
}

/** Roads through a connection: a call each way, windows that open and close, faults of every kind. */
export function seeds(): Uint8Array[] {
  const roads = [
    [0, 11, 13, 0, 3, 0, 0, 13, 0, 4, 1, 0, 1, 0, 4, 1, 2, 0, 0, 5, 0],
    [1, 1, 0, 4, 0, 13, 0, 3, 0, 0, 13, 0, 3, 9, 9, 13, 0, 4, 9, 9, 5, 0, 4, 5, 6, 4],
    [1, 9, 0, 0, 1, 1, 2, 0, 9, 9, 1, 2, 0, 9, 9, 0, 13, 0, 1, 20, 20, 13, 0, 3, 0, 0, 13, 0, 2, 0, 0],
    [1, 9, 0, 0, 0, 1, 9, 1, 0, 0, 1, 3, 0, 8, 3, 1, 5],
    [0, 11, 4, 1, 4, 2, 13, 0, 3, 0, 0, 13, 0, 3, 9, 9, 4, 1, 4, 3, 5, 0, 3],
    [0, 11, 11, 13, 0, 2, 0, 0, 13, 1, 2, 0, 0, 1, 0, 4, 1, 1, 1, 5, 1, 7, 0],
    [1, 9, 0, 0, 1, 0, 8, 0, 0, 4, 8, 0, 4, 4],
    [1, 10, 0, 0, 8, 40, 1, 2, 3, 6, 0, 0, 6, 0, 1, 6, 1],
    [1, 0, 9, 0, 0, 8, 6, 0, 0, 0, 0, 0, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
    [0, 11, 13, 0, 3, 1, 1, 15, 2, 13, 0, 3, 9, 9, 15, 1, 15, 8, 15, 250, 15, 251, 15, 255],
    [1, 9, 0, 1, 1, 15, 8, 6, 0, 0, 15, 250, 9, 1, 0, 1, 13, 0, 2, 0, 0, 13, 0, 2, 0, 0],
    [1, 2, 6, 9, 9, 0, 3, 6, 1, 5, 6, 0, 7, 6],
  ];
  return roads.map((road) => Uint8Array.from(road));
}
