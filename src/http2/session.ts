// HTTP/2 layer: what both directions of a connection share: its streams, its sender, its windows, and how things end
// (RFC 9113 sections 5 and 6.8). Frames that come in are `receiver.ts`'s business, the driver's commands `connection.ts`'s.
import type { ChunkSource, Writer } from "../bytes/writer.ts";
import type { ConnectionOwner } from "../http/connection.ts";
import type { ResetCode, ResetProof } from "../http/exchange.ts";
import type { FieldTemplate } from "../http/fields.ts";
import type { MemoryBudget } from "../http/memory-budget.ts";
import { HeldOutput } from "./held-output.ts";
import { LimitGuard, type LimitName } from "./limit-guard.ts";
import type { Http2Limits } from "./limits.ts";
import { ReceiveCredit } from "./receive-credit.ts";
import { Reservations } from "./reservations.ts";
import { Sender } from "./sender.ts";
import { ownSettings } from "./settings.ts";
import type { Http2Stream, StreamHost } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

export type Role = "client" | "server";

export interface SessionOptions {
  readonly role: Role;
  readonly limits: Http2Limits;
  readonly owner: ConnectionOwner;
  readonly chunks: ChunkSource;
  /** What the memory that peers hold is counted in, beside this connection's own. */
  readonly memory: MemoryBudget | undefined;
}

/** Streams that we reset and whose last frames may still be on their way: how many of them are remembered. */
const maxRemembered = 256;

export class Session implements StreamHost {
  readonly role: Role;
  readonly limits: Http2Limits;
  readonly owner: ConnectionOwner;
  readonly sender: Sender;
  readonly streams = new StreamTable<Http2Stream>();
  /** Time of the last call from outside, in milliseconds. */
  now = 0;
  /** Streams opened by us (client) or by the peer (server) that have not ended. */
  openCount = 0;
  /** The id of the next stream we open, and the highest the peer opened. */
  nextId = 1;
  lastPeerId = 0;
  readonly credit: ReceiveCredit;
  ready = false;
  draining = false;
  /** The highest stream that our last GOAWAY promises to serve; -1 before it. */
  finalGoAwayId = -1;
  closed = false;
  /** The peer's GOAWAY said that we send too many PINGs. */
  pingedTooOften = false;
  /** Client: the peer has answered a request. */
  hasAnswered = false;
  /** The peer said GOAWAY without an error. */
  saidFarewell = false;
  readonly guard: LimitGuard;
  readonly heldOutput: HeldOutput;
  readonly #reservations: Reservations;
  #isOverfull = false;
  readonly #remembered = new Set<number>();
  /** Exchanges opened by us that have no head yet, and so no id. */
  #headless: Http2Stream[] = [];

  constructor(options: SessionOptions) {
    this.role = options.role;
    this.limits = options.limits;
    this.owner = options.owner;
    this.guard = new LimitGuard(this);
    this.#reservations = new Reservations(options.limits.maxPartialBytes, options.memory);
    this.heldOutput = new HeldOutput(options.limits, options.memory);
    this.sender = new Sender({
      chunks: options.chunks,
      heldOutput: this.heldOutput,
      encoderTableBytes: options.limits.encoderTableBytes,
      onOutput: () => options.owner.onOutput(),
      onMuchOutput: () => options.owner.onMuchOutput(),
      onSent: (stream, ended) => this.#sent(stream, ended),
    });
    this.credit = new ReceiveCredit(options.limits, this.sender);
  }

  /** Sends our first SETTINGS and widens the connection's window. */
  begin(): void {
    this.sender.settings(ownSettings(this.limits, this.role));
    this.credit.begin();
    this.sender.announce();
  }

  /** Enters an exchange that we open; it gets its id with its head. */
  addHeadless(stream: Http2Stream): void {
    this.openCount++;
    this.#headless.push(stream);
  }

  /** Every exchange that has not ended. The list is a copy. */
  allStreams(): Http2Stream[] {
    return [...this.streams.all(), ...this.#headless];
  }

  // What streams ask (StreamHost)

  get maxFieldListBytes(): number {
    return this.sender.peer.maxHeaderListSize;
  }

  sendHead(stream: Http2Stream, template: FieldTemplate, extra: readonly string[] | undefined, last: boolean): void {
    if (stream.closed || stream.localEnded) return;
    if (stream.id === 0) {
      this.#removeHeadless(stream);
      stream.id = this.nextId;
      // The peer's settings may have changed since the exchange was opened.
      stream.sendWindow = this.sender.peer.initialWindowSize;
      this.nextId += 2;
      this.streams.add(stream);
    }
    stream.headAt = this.sender.writtenBytes;
    this.sender.headers(stream.id, template, extra, last);
    if (last) this.endLocal(stream);
    this.#afterCommand();
  }

  beginBody(_stream: Http2Stream): Writer {
    return this.sender.beginData();
  }

  commitBody(stream: Http2Stream, last: boolean): "sent" | "held" {
    if (stream.closed || stream.localEnded) {
      this.sender.abandonData();
      return "sent";
    }
    const result = this.sender.commitData(stream, last);
    if (result === "held") this.#noteHeld();
    if (last && result === "sent") this.endLocal(stream);
    this.#afterCommand();
    return result;
  }

  abandonBody(): void {
    this.sender.abandonData();
  }

  sendTail(stream: Http2Stream, template: FieldTemplate, extra: readonly string[] | undefined): void {
    if (stream.closed || stream.localEnded) return;
    if (stream.held !== undefined) {
      stream.held.tail = { template, extra };
      return;
    }
    if (stream.headAt < 0) stream.headAt = this.sender.writtenBytes;
    this.sender.headers(stream.id, template, extra, true);
    this.endLocal(stream);
    this.#afterCommand();
  }

  finishBody(stream: Http2Stream): void {
    if (stream.closed || stream.localEnded) return;
    if (stream.held === undefined) {
      this.sender.endData(stream.id);
      this.endLocal(stream);
    } else {
      stream.held.ends = true;
    }
    this.#afterCommand();
  }

  returnCredit(stream: Http2Stream, bytes: number): void {
    if (!this.closed) this.credit.returnFor(stream, bytes);
  }

  reserve(stream: Http2Stream, bytes: number, onGranted: () => void): boolean {
    // Half the window may be credit that we have not returned yet.
    if (stream.closed || bytes * 2 <= stream.windowBytes) return true;
    const isGranted = this.#reservations.take(stream, bytes, onGranted);
    if (!isGranted) this.guard.tell("maxPartialBytes", "messages of which only a part has come wait for memory");
    return isGranted;
  }

  release(stream: Http2Stream): void {
    if (stream.reservedBytes > 0 || stream.waitsForMemory) this.#reservations.release(stream);
  }

  resetStream(stream: Http2Stream, code: ResetCode): void {
    if (stream.closed) return;
    const isRefusal = code === "REFUSED_STREAM";
    if (isRefusal && !this.guard.spend("refusals", "too many refused streams")) return;
    if (stream.id !== 0) {
      this.sender.rstStream(stream.id, code);
      this.#remember(stream.id);
    }
    this.forget(stream);
    this.#afterCommand();
    if (isRefusal) this.guard.owe();
  }

  headPassed(stream: Http2Stream): boolean {
    return stream.headAt >= 0 && this.sender.takenBytes > stream.headAt;
  }

  // How streams end

  endLocal(stream: Http2Stream): void {
    stream.localEnded = true;
    if (stream.remoteEnded) return this.forget(stream);
    if (this.role === "client") return;
    // The answer is complete before the request is: the rest of the request is of no use (RFC 9113 section 8.1).
    this.sender.rstStream(stream.id, "NO_ERROR");
    this.#remember(stream.id);
    this.forget(stream);
  }

  endRemote(stream: Http2Stream): void {
    stream.remoteEnded = true;
    if (stream.localEnded) this.forget(stream);
  }

  /**
   * Takes an ended stream out of the books with what it held. After a whole exchange its owner may still consume body;
   * after any other end it hears nothing more, so the credit returns at once.
   */
  forget(stream: Http2Stream): void {
    if (stream.closed) return;
    stream.closed = true;
    this.sender.forget(stream);
    if (stream.reservedBytes > 0 || stream.waitsForMemory) this.#reservations.release(stream);
    if (!this.closed) this.credit.end(stream, stream.localEnded && stream.remoteEnded);
    if (stream.id === 0) this.#removeHeadless(stream);
    else this.streams.remove(stream.id);
    this.openCount--;
    if (!this.closed) this.owner.onCapacity();
  }

  /** Whether too much is held. */
  get isOverfull(): boolean {
    this.#isOverfull &&= this.heldOutput.isFull;
    return this.#isOverfull;
  }

  /** Cuts replies of which nothing leaves, while much is held. */
  cutStalled(): void {
    for (const stream of this.heldOutput.findStalled(this.streams.all(), this.now)) {
      if (!stream.closed) this.failExcess(stream.id, "heldTimeoutMs", "nothing of a reply was taken in time");
    }
  }

  /** Ends a draining connection without exchanges. Called once their owners have heard their last word. */
  endIfDrained(): void {
    if (this.closed || !this.draining || this.openCount > 0) return;
    if (this.role === "client" || this.finalGoAwayId >= 0) this.end("NO_ERROR", "drained");
  }

  /** Ends a stream that its owner did not end, and tells the owner. */
  abort(
    stream: Http2Stream,
    end: { readonly code: ResetCode; readonly reason: string; readonly proof: ResetProof },
  ): void {
    if (stream.closed) return;
    this.forget(stream);
    stream.owner.onReset({ ...end, scope: "stream" });
  }

  /** A stream error (RFC 9113 section 5.4.2). It costs the peer: it made us work (CVE-2025-8671). */
  failStream(id: number, code: ResetCode, reason: string): void {
    if (this.guard.spend("faults", "too many stream errors", `; the last: ${reason}`)) this.#cut(id, code, reason);
  }

  /** A stream error for what went over a limit. */
  failExcess(id: number, limit: LimitName, what: string): void {
    const reason = this.guard.tell(limit, what);
    this.failStream(id, "ENHANCE_YOUR_CALM", reason);
  }

  /** Refuses a stream for which there is no room. No fault: a peer may open many before it knows our limit. */
  refuseStream(id: number, limit: LimitName, what: string): void {
    const reason = this.guard.tell(limit, what);
    if (this.guard.spend("refusals", "too many refused streams", `: ${reason}`))
      this.#cut(id, "REFUSED_STREAM", reason);
  }

  /** A connection error (RFC 9113 section 5.4.1): says GOAWAY and ends everything. */
  fail(code: ResetCode, reason: string): void {
    if (this.closed) return;
    this.dropUnsent();
    this.sender.goAway(this.lastPeerId, code, reason);
    this.end(code, code === "NO_ERROR" ? reason : `${code}: ${reason}`);
    this.sender.announce();
  }

  /**
   * A client that gives a connection up sends none of the requests that still wait in its output: only so is "unsent" a
   * proof. A server's finished answers are still worth sending.
   */
  dropUnsent(): void {
    if (this.role === "server") return;
    const { takenBytes } = this.sender;
    if (this.streams.all().some((stream) => stream.headAt >= takenBytes)) this.sender.dropUntaken();
  }

  /** The connection is over: every stream ends with it. */
  end(code: ResetCode, reason: string): void {
    if (this.closed) return;
    this.closed = true;
    for (const stream of this.allStreams()) {
      const proof = this.headPassed(stream) || this.role === "server" ? "none" : "unsent";
      this.forget(stream);
      stream.owner.onReset({ code, reason, proof, scope: "connection" });
    }
    this.owner.onClosed(reason);
  }

  /** Whether we reset this stream not long ago, so that frames on it are no fault. */
  remembers(id: number): boolean {
    return this.#remembered.has(id);
  }

  #cut(id: number, code: ResetCode, reason: string): void {
    this.sender.rstStream(id, code);
    this.#remember(id);
    const stream = this.streams.get(id);
    if (stream !== undefined) this.abort(stream, { code, reason, proof: "none" });
    this.sender.announce();
    this.guard.owe();
  }

  #remember(id: number): void {
    this.#remembered.add(id);
    if (this.#remembered.size <= maxRemembered) return;
    for (const oldest of this.#remembered) {
      this.#remembered.delete(oldest);
      break;
    }
  }

  /** Tells the driver of output, and ends the connection if that was its last exchange. */
  #afterCommand(): void {
    this.sender.announce();
    this.endIfDrained();
  }

  #removeHeadless(stream: Http2Stream): void {
    // The head nearly always follows at once.
    if (this.#headless.at(-1) === stream) this.#headless.pop();
    else this.#headless = this.#headless.filter((other) => other !== stream);
  }

  #sent(stream: Http2Stream, ended: boolean): void {
    if (ended) this.endLocal(stream);
    stream.owner.onWritable();
    if (this.#isOverfull && !this.isOverfull && !this.closed) this.owner.onCapacity();
  }

  #noteHeld(): void {
    // What a client holds is its own program's.
    if (this.role === "client") return;
    this.heldOutput.watch(this.now);
    if (this.#isOverfull || !this.heldOutput.isFull) return;
    this.#isOverfull = true;
    this.guard.tell("maxHeldBytes", "replies wait for their client, and handlers for them");
  }
}
