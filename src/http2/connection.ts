// HTTP/2 layer: a connection as its driver sees it (RFC 9113): bytes, commands and the time go in; bytes, callbacks and the
// next deadline come out. It touches no socket and no timer.
import { ChunkPool, type ChunkSource } from "../bytes/writer.ts";
import type { ConnectionOwner, HttpConnection, KeepAliveOptions } from "../http/connection.ts";
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";
import type { MemoryBudget } from "../http/memory-budget.ts";
import { PrefaceReader } from "./client-preface.ts";
import { ForeignDetector } from "./foreign.ts";
import { FrameReader } from "./frame-reader.ts";
import { clientPreface, maxUint31 } from "./frames.ts";
import { KeepAlive } from "./keep-alive.ts";
import { defaultHttp2Limits, type Http2Limits } from "./limits.ts";
import { PingProbe } from "./ping-probe.ts";
import { Receiver } from "./receiver.ts";
import { type Role, Session } from "./session.ts";
import { Http2Stream } from "./stream.ts";

export interface Http2Options {
  readonly role: Role;
  readonly owner: ConnectionOwner;
  /** Now, in milliseconds of the clock that all later times are of. */
  readonly now: number;
  readonly limits?: Partial<Http2Limits>;
  /** Default: the peer is never asked whether it is there. */
  readonly keepAlive?: KeepAliveOptions;
  /** Counts the memory that peers make this program hold, over all connections that have the same one. Default: none. */
  readonly memory?: MemoryBudget;
  /** Where output buffers come from; share one among connections. */
  readonly chunks?: ChunkSource;
}

/** What asks for `advance`, each with its own time. */
type DeadlineName = "preface" | "settings" | "drain";

/** The mark on the PING that a draining server sends to learn that its first GOAWAY has been read. */
const drainPing = Uint8Array.of(0x64, 0x72, 0x61, 0x69, 0x6e, 0, 0, 1);
/** How long the first GOAWAY of a drain may take to be answered. */
const drainPingMs = 1000;
const notPreface = "the client's first bytes are not HTTP/2's preface";

/** Creates an HTTP/2 connection. A client's first bytes are ready at once; a server's when the peer's preface came. */
export function createHttp2Connection(options: Http2Options): HttpConnection {
  return new Http2Connection(options);
}

class Http2Connection implements HttpConnection {
  readonly #session: Session;
  readonly #receiver: Receiver;
  readonly #reader: FrameReader;
  readonly #deadlines: Record<DeadlineName, number>;
  readonly #foreign = new ForeignDetector();
  readonly #probe = new PingProbe();
  readonly #keepAlive: KeepAlive | undefined;
  heardAt: number;
  /** A server's, until the client's preface has come. */
  #preface: PrefaceReader | undefined;

  constructor(options: Http2Options) {
    const limits = { ...defaultHttp2Limits, ...options.limits };
    const { role, owner } = options;
    const { memory, chunks = new ChunkPool() } = options;
    this.#session = new Session({ role, limits, owner, chunks, memory });
    this.#session.now = options.now;
    this.heardAt = options.now;
    this.#keepAlive = options.keepAlive && new KeepAlive(options.keepAlive, options.now);
    this.#receiver = new Receiver(this.#session, (payload) => this.#receivePingAck(payload));
    this.#reader = new FrameReader(this.#receiver, limits.maxFrameBytes);
    this.#deadlines = {
      preface: options.now + limits.prefaceTimeoutMs,
      settings: options.now + limits.prefaceTimeoutMs + limits.settingsTimeoutMs,
      drain: Number.POSITIVE_INFINITY,
    };
    if (role === "server") {
      this.#preface = new PrefaceReader();
      return;
    }
    this.#session.sender.raw(Uint8Array.from(clientPreface));
    this.#session.begin();
  }

  get capacity(): number {
    const { ready, draining, closed, openCount, nextId, sender } = this.#session;
    if (!ready || draining || closed) return 0;
    const idsLeft = (maxUint31 - nextId) / 2;
    return Math.max(0, Math.min(sender.peer.maxConcurrentStreams - openCount, idsLeft));
  }

  get openExchanges(): number {
    return this.#session.openCount;
  }

  get peerIsFarcall(): boolean {
    return this.#session.sender.peer.isFarcall;
  }

  get maxFieldListBytes(): number {
    return this.#session.maxFieldListBytes;
  }

  get isDraining(): boolean {
    return this.#session.draining;
  }

  get isClosed(): boolean {
    return this.#session.closed;
  }

  get pingedTooOften(): boolean {
    return this.#session.pingedTooOften;
  }

  get hasAnswered(): boolean {
    return this.#session.hasAnswered;
  }

  get saidFarewell(): boolean {
    return this.#session.saidFarewell;
  }

  get isOverfull(): boolean {
    return this.#session.isOverfull;
  }

  get wantsBytes(): boolean {
    return this.#session.guard.owedAnswers < this.#session.limits.maxOwedAnswers;
  }

  receive(bytes: Uint8Array, start: number, end: number, now: number): void {
    const session = this.#session;
    session.now = now;
    this.heardAt = now;
    let at = start;
    if (this.#preface !== undefined) {
      at = this.#receivePreface(this.#preface, bytes, start, end);
      if (session.closed) return;
    }
    if (!session.ready && session.role === "client" && end > at) {
      const verdict = this.#foreign.look(bytes, at, end);
      if (verdict === "more") return;
      if (verdict !== "ours") return session.fail("HTTP_1_1_REQUIRED", verdict.reason);
    }
    this.#reader.receive(bytes, at, end);
    session.endIfDrained();
    if (session.ready) this.#deadlines.preface = Number.POSITIVE_INFINITY;
    if (this.#receiver.settingsAcked) this.#deadlines.settings = Number.POSITIVE_INFINITY;
    if (session.closed) this.#reader.stop();
  }

  disconnect(reason: string): void {
    if (this.#session.closed) return;
    this.#session.dropUnsent();
    this.#session.end("INTERNAL_ERROR", reason);
    this.#reader.stop();
  }

  advance(now: number): void {
    const session = this.#session;
    session.now = now;
    if (session.closed) return;
    if (now >= this.#deadlines.preface) {
      const what = "the peer's first HTTP/2 SETTINGS did not come in time";
      session.guard.exceed("prefaceTimeoutMs", what, { code: "PROTOCOL_ERROR" });
    } else if (now >= this.#deadlines.settings) {
      const what = "our SETTINGS were not acknowledged in time";
      session.guard.exceed("settingsTimeoutMs", what, { code: "SETTINGS_TIMEOUT" });
    } else if (now >= this.#receiver.blockDeadline) {
      session.guard.exceed("blockTimeoutMs", "a header block did not end in time");
    } else if (now >= session.heldOutput.dueAt) {
      session.cutStalled();
    } else if (now >= this.#deadlines.drain) {
      this.#finishDrain();
    } else if (this.#keepAlive !== undefined && now >= this.#keepAlive.dueAt) {
      this.#checkPeer(this.#keepAlive, now);
    }
  }

  ping(now: number): void {
    const session = this.#session;
    // Before the peer's settings came, its preface is what is waited for.
    if (session.closed || !session.ready || this.#probe.isOut) return;
    session.now = now;
    session.sender.ping(this.#probe.ask(now), false);
    session.sender.announce();
  }

  nextDeadline(): number {
    if (this.#session.closed) return Number.POSITIVE_INFINITY;
    const { preface, settings, drain } = this.#deadlines;
    const keepAlive = this.#keepAlive?.dueAt ?? Number.POSITIVE_INFINITY;
    const { dueAt } = this.#session.heldOutput;
    return Math.min(preface, settings, drain, keepAlive, dueAt, this.#receiver.blockDeadline);
  }

  open(owner: ExchangeOwner): Exchange {
    const session = this.#session;
    const stream = new Http2Stream(session, owner, {
      send: session.sender.peer.initialWindowSize,
      receive: session.limits.streamWindowBytes,
    });
    session.addHeadless(stream);
    return stream;
  }

  drain(reason: string, now: number): void {
    const session = this.#session;
    // A peer that said GOAWAY has made us draining too, but nothing of ours was said yet.
    const begun = this.#deadlines.drain !== Number.POSITIVE_INFINITY || session.finalGoAwayId >= 0;
    if (session.closed || begun) return;
    session.now = now;
    session.draining = true;
    if (session.role === "server" && session.ready) {
      // Two steps (RFC 9113 section 6.8): requests that are on their way while the first is read are still served.
      session.sender.goAway(maxUint31, "NO_ERROR", reason);
      session.sender.ping(drainPing, false);
      session.sender.announce();
      this.#deadlines.drain = now + drainPingMs;
      return;
    }
    if (session.openCount === 0) session.fail("NO_ERROR", reason);
  }

  close(reason: string): void {
    this.#session.fail("NO_ERROR", reason);
    this.#reader.stop();
  }

  setWritable(on: boolean): void {
    this.#session.sender.setWritable(on);
    this.#session.sender.announce();
    this.#session.endIfDrained();
  }

  takeOutput(into: Uint8Array[]): void {
    this.#session.sender.take(into);
  }

  recycleOutput(): void {
    this.#session.guard.owedAnswers = 0;
    this.#session.sender.recycle();
  }

  #receivePreface(reader: PrefaceReader, bytes: Uint8Array, start: number, end: number): number {
    const at = reader.receive(bytes, start, end);
    const { verdict } = reader;
    if (verdict === "http1") this.#refuseHttp1();
    else if (verdict === "foreign") this.#session.fail("PROTOCOL_ERROR", notPreface);
    if (verdict !== "preface") return at;
    this.#preface = undefined;
    this.#session.begin();
    return at;
  }

  /** A client that speaks HTTP/1.1 is told what to speak in its own words. */
  #refuseHttp1(): void {
    const session = this.#session;
    session.sender.raw(formatRefusal("This port speaks gRPC over HTTP/2 with prior knowledge.\n"));
    session.end("HTTP_1_1_REQUIRED", `${notPreface} but a request of HTTP/1`);
    session.sender.announce();
  }

  /** Asks the peer whether it is there, or gives it up. */
  #checkPeer(keepAlive: KeepAlive, now: number): void {
    const { openExchanges, heardAt } = this;
    const verdict = keepAlive.advance(now, { openExchanges, heardAt });
    if (verdict === "ping") return this.ping(now);
    if (verdict === "nothing") return;
    const silence = `nothing came from the peer for ${Math.round((now - heardAt) / 100) / 10} s`;
    this.#session.fail(
      "NO_ERROR",
      `keep-alive: ${silence}, and our PING was not answered in time (keepAlive.timeoutMs)`,
    );
  }

  #receivePingAck(payload: Uint8Array): boolean {
    const { owner, now } = this.#session;
    const roundTripMs = this.#probe.answer(payload, now);
    if (roundTripMs !== undefined) {
      owner.onPong(roundTripMs);
      return true;
    }
    const isDrain = payload.every((byte, index) => byte === drainPing[index]);
    if (!isDrain || this.#deadlines.drain === Number.POSITIVE_INFINITY) return false;
    this.#finishDrain();
    return true;
  }

  #finishDrain(): void {
    const session = this.#session;
    this.#deadlines.drain = Number.POSITIVE_INFINITY;
    session.finalGoAwayId = session.lastPeerId;
    session.sender.goAway(session.lastPeerId, "NO_ERROR", "no new calls are taken");
    session.sender.announce();
    session.endIfDrained();
  }
}

function formatRefusal(text: string): Uint8Array {
  const head = "HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-type: text/plain\r\nconnection: close\r\n";
  const answer = `${head}content-length: ${text.length}\r\n\r\n${text}`;
  return Uint8Array.from(answer, (char) => char.charCodeAt(0));
}
