// RPC layer: one connection of a server: it hands requests to protocols, and gives the calls on it what they need.
import type { Clock, Timers } from "../host/clock.ts";
import type { Compression, Compressor } from "../host/compression.ts";
import { formatEndpoint } from "../host/endpoint.ts";
import type { StreamSocket } from "../host/network.ts";
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import { CallCounts } from "./call-counts.ts";
import { CallLine, type CallSlots } from "./call-slots.ts";
import { closeReasons } from "./close-reasons.ts";
import type { ConnectionLife } from "./connection-life.ts";
import type { Link, LinkEvents } from "./link.ts";
import type { ConnectionPicture } from "./picture.ts";
import type { CallHost, IncomingCall, ReplyStream, RequestEvents, ServerProtocol } from "./protocol.ts";
import { refuseStream } from "./refuse-stream.ts";
import { type BoundMethod, ServerCall } from "./server-call.ts";
import type { Peer, ServerCallHost } from "./server-call-host.ts";
import type { ServerView } from "./server-view.ts";
import { Alarm, type DeadlineWheel } from "./wheel.ts";

/** What a server's connections share. */
export interface ServerContext {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly wheel: DeadlineWheel;
  readonly view: ServerView;
  readonly slots: CallSlots;
  readonly protocols: readonly ServerProtocol[];
  /** Calls of one connection at once. */
  readonly maxCalls: number;
  readonly maxMessageBytes: number;
  readonly compression: Compression;
  readonly replyCompressor: Compressor | undefined;
  /** The method at a path, or a sentence that says why there is none. */
  find(path: string): BoundMethod | string;
  /** Runs interceptors and handler. */
  invoke(call: ServerCall, request: unknown): unknown;
  /** Answers a request that no protocol takes. */
  refuse(exchange: Exchange): ExchangeOwner;
  /** Answers one that no protocol takes, and whose head is too large. */
  refuseOverlong(exchange: Exchange): ExchangeOwner;
  /** A peer met a limit. */
  onLimit(limit: string, reason: string, connection: ServerConnection): void;
  onHandlerError(error: unknown, call: ServerCall): void;
  /** The connection and its socket are closed. */
  onGone(connection: ServerConnection): void;
}

export class ServerConnection implements LinkEvents, CallHost<BoundMethod>, ServerCallHost<ServerCall> {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly wheel: DeadlineWheel;
  readonly maxMessageBytes: number;
  readonly compression: Compression;
  readonly replyCompressor: Compressor | undefined;
  readonly counts = new CallCounts();
  readonly line: CallLine;
  /** Set when the link is made, which happens at once. */
  link: Link | undefined = undefined;
  readonly #context: ServerContext;
  readonly #socket: StreamSocket;
  readonly #life: ConnectionLife;
  readonly #lifeAlarm = new Alarm((now) => this.#advanceLife(now));
  /** When the last call ended, or the handshake. */
  #idleSince = 0;
  /** The calls whose handler or client is not done yet: a ring, for a `Set` costs 50 ns a call. */
  #firstCall: ServerCall | undefined = undefined;
  #callCount = 0;
  /** Calls that wait until their client has taken replies. */
  readonly #deferred = new Set<ServerCall>();
  #peer: Peer | undefined = undefined;
  #localAddress: string | undefined = undefined;

  constructor(context: ServerContext, socket: StreamSocket, life: ConnectionLife) {
    this.#context = context;
    this.#socket = socket;
    this.#life = life;
    this.clock = context.clock;
    this.timers = context.timers;
    this.wheel = context.wheel;
    this.maxMessageBytes = context.maxMessageBytes;
    this.compression = context.compression;
    this.replyCompressor = context.replyCompressor;
    this.line = new CallLine(context.slots);
  }

  get peer(): Peer {
    this.#peer ??= { address: formatEndpoint(this.#socket.remote), identity: this.#socket.tls?.peer };
    return this.#peer;
  }

  get localAddress(): string {
    this.#localAddress ??= formatEndpoint(this.#socket.local);
    return this.#localAddress;
  }

  picture(): ConnectionPicture {
    const { localAddress: local, peer, counts, clock } = this;
    const isSecure = this.#socket.tls !== undefined;
    return { identity: this, local, remote: peer.address, isSecure, calls: counts.read(clock) };
  }

  get server(): ServerView {
    return this.#context.view;
  }

  get callCount(): number {
    return this.#callCount;
  }

  /** Ends every call, telling its client and its handler, and then the connection. */
  cut(reason: string): void {
    for (let call = this.#firstCall; call !== undefined; ) {
      const following: ServerCall | undefined = call.nextCall;
      call.shutDown(reason);
      call = following;
    }
    this.link?.close(reason);
  }

  find(path: string): BoundMethod | string {
    return this.#context.find(path);
  }

  begin(incoming: IncomingCall<BoundMethod>, reply: ReplyStream): RequestEvents {
    const call = new ServerCall(this, incoming, reply);
    call.nextCall = this.#firstCall;
    if (this.#firstCall !== undefined) this.#firstCall.previousCall = call;
    this.#firstCall = call;
    this.#callCount++;
    return call;
  }

  invoke(call: ServerCall, request: unknown): unknown {
    return this.#context.invoke(call, request);
  }

  callEnded(call: ServerCall): void {
    const { nextCall, previousCall } = call;
    if (previousCall === undefined) this.#firstCall = nextCall;
    else previousCall.nextCall = nextCall;
    if (nextCall !== undefined) nextCall.previousCall = previousCall;
    if (this.#deferred.size > 0) this.#deferred.delete(call);
    if (--this.#callCount === 0) this.#idleSince = this.clock.now();
  }

  onHandlerError(error: unknown, call: ServerCall): void {
    this.#context.onHandlerError(error, call);
  }

  onReady(): void {
    this.#idleSince = this.clock.now();
    this.#life.begin(this.#idleSince);
    this.wheel.set(this.#lifeAlarm, this.#life.dueAt);
  }

  defers(call: ServerCall): boolean {
    if (this.link?.connection.isOverfull !== true) return false;
    this.#deferred.add(call);
    return true;
  }

  onCapacity(link: Link): void {
    for (const call of this.#deferred) {
      if (link.connection.isOverfull) return;
      this.#deferred.delete(call);
      call.admit();
    }
  }

  onLimit(_link: Link, limit: string, reason: string): void {
    this.limitMet(limit, reason);
  }

  limitMet(limit: string, reason: string): void {
    this.#context.onLimit(limit, reason, this);
  }

  onPong(): void {}

  onDraining(): void {}

  onExchange(_link: Link, exchange: Exchange, head: Fields, last: boolean): ExchangeOwner {
    // A call lasts until its handler settles, though its client may have given it up: else a client that opens and resets
    // streams would have any number of handlers run (CVE-2023-44487).
    if (this.#callCount >= this.#context.maxCalls) {
      const reason = `calls whose clients are gone still run (maxConcurrentStreams ${this.#context.maxCalls})`;
      this.limitMet("maxConcurrentStreams", reason);
      return refuseStream(exchange);
    }
    for (const protocol of this.#context.protocols) {
      const owner = protocol.accept(exchange, head, last, this);
      if (owner !== undefined) return owner;
    }
    return this.#context.refuse(exchange);
  }

  onOverlongHead(_link: Link, exchange: Exchange, head: Fields, reason: string): ExchangeOwner {
    for (const protocol of this.#context.protocols) {
      const owner = protocol.refuseOverlong(exchange, head, reason);
      if (owner !== undefined) return owner;
    }
    return this.#context.refuseOverlong(exchange);
  }

  onClosed(): void {}

  onGone(): void {
    this.wheel.clear(this.#lifeAlarm);
    this.#context.onGone(this);
  }

  #advanceLife(now: number): void {
    const step = this.#life.advance(now, this.#callCount > 0 ? Number.POSITIVE_INFINITY : this.#idleSince);
    this.wheel.set(this.#lifeAlarm, this.#life.dueAt);
    if (step === "drain-old") this.link?.drain(closeReasons.old);
    if (step === "drain-idle") this.link?.drain(closeReasons.idle);
    if (step === "cut") this.cut(closeReasons.outlived);
  }
}
