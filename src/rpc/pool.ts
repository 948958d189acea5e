// RPC layer: a channel's connections: where calls to one target find theirs. It picks one with room, opens another when all
// are full, lets calls wait in a bounded queue, and goes on after connections are lost.

import type { Compression } from "../host/compression.ts";
import { SocketFault } from "../host/fault.ts";
import type { Machine } from "../host/machine.ts";
import type { StreamSocket } from "../host/network.ts";
import type { ConnectionOwner, HttpConnection, KeepAliveOptions } from "../http/connection.ts";
import type { ExchangeOwner } from "../http/exchange.ts";
import { AbortSignals } from "./abort-signals.ts";
import type { Phase } from "./call-error.ts";
import type { CallChannel, ClientCall } from "./client-call.ts";
import { type BackoffOptions, Connector, defaultBackoff, type Opener } from "./connector.ts";
import { ClientKeepAlive, type KeepAliveInit } from "./keep-alive.ts";
import { Link, type LinkEvents } from "./link.ts";
import type { ClientProtocol } from "./protocol.ts";
import { DeadlineWheel, WheelEntry } from "./wheel.ts";

export interface PoolOptions {
  /** Connections open at once, at most. Default 8: another is opened when the peer takes no more calls on the others. */
  readonly maxConnections?: number;
  /** Calls that wait for a connection, at most. Default 10,000; beyond it a call fails with RESOURCE_EXHAUSTED. */
  readonly maxQueuedCalls?: number;
  /** Time to open a connection, TLS and HTTP/2 handshakes included. Default 10,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Pauses between rounds of failed attempts. Default 100 ms, times 1.6 each, at most 5,000 ms, +-20 %. */
  readonly backoff?: Partial<BackoffOptions>;
  /** Finds out that a connection is dead though nobody said so. Default: off; calls then wait until their deadline. */
  readonly keepAlive?: KeepAliveInit;
}

/** A picture of a channel, for people and tools. */
export interface ChannelSnapshot {
  readonly target: string;
  readonly state: "idle" | "connecting" | "ready" | "backoff" | "closed";
  readonly connections: readonly {
    readonly remote: string;
    readonly state: "connecting" | "ready" | "draining";
    readonly openCalls: number;
    readonly capacity: number;
  }[];
  readonly queuedCalls: number;
  readonly deadlines: number;
  readonly lastFault: string | undefined;
  /** Silence after which new connections ask their peer; doubled whenever a server said "too_many_pings". */
  readonly keepAliveIntervalMs: number | undefined;
}

export interface PoolParts {
  readonly machine: Machine;
  readonly protocol: ClientProtocol;
  readonly connect: (owner: ConnectionOwner, now: number, keepAlive: KeepAliveOptions | undefined) => HttpConnection;
  readonly openers: readonly Opener[];
  /** The target in words, for messages: its addresses. */
  readonly target: string;
  readonly formatRemote: (socket: StreamSocket) => string;
}

/** The time a new connection has to become ready. */
class ConnectAlarm extends WheelEntry {
  readonly #ring: () => void;

  constructor(ring: () => void) {
    super();
    this.#ring = ring;
  }

  override onDue(): void {
    this.#ring();
  }
}

/** The connections and waiting calls of a channel. */
export class ConnectionPool implements CallChannel, LinkEvents {
  readonly protocol: ClientProtocol;
  readonly wheel: DeadlineWheel;
  readonly signals = new AbortSignals();
  readonly target: string;
  readonly #parts: PoolParts;
  readonly #maxConnections: number;
  readonly #maxQueuedCalls: number;
  readonly #connectTimeoutMs: number;
  readonly #connector: Connector;
  readonly #keepAlive: ClientKeepAlive;
  readonly #alarm = new ConnectAlarm(() => this.#connectTimedOut());
  /** Ready connections, in the order they are filled. */
  readonly #ready: Link[] = [];
  readonly #draining = new Set<Link>();
  /** Connections that are over and whose sockets are not. */
  readonly #closing = new Set<Link>();
  #opening: Link | undefined = undefined;
  readonly #queue = new Set<ClientCall>();
  #everReady = false;
  #closed = false;
  #lastFault: SocketFault | undefined = undefined;
  #whenEmpty: (() => void) | undefined = undefined;
  #emptied: Promise<void> | undefined = undefined;

  constructor(parts: PoolParts, options: PoolOptions) {
    const { machine } = parts;
    this.#parts = parts;
    this.protocol = parts.protocol;
    this.target = parts.target;
    this.wheel = new DeadlineWheel(machine.clock, machine.timers);
    this.#maxConnections = options.maxConnections ?? 8;
    this.#maxQueuedCalls = options.maxQueuedCalls ?? 10_000;
    this.#keepAlive = new ClientKeepAlive(options.keepAlive);
    this.#connectTimeoutMs = options.connectTimeoutMs ?? 10_000;
    const timed = parts.openers.map(
      (open): Opener =>
        (signal) =>
          this.#openInTime(open, signal),
    );
    this.#connector = new Connector(timed, {
      host: machine,
      backoff: { ...defaultBackoff, ...options.backoff },
      events: {
        onSocket: (socket) => this.#socketOpened(socket),
        onRoundFailed: (fault) => this.#roundFailed(fault),
        wanted: () => this.#queue.size > 0,
      },
    });
  }

  /** What messages may be compressed with. */
  get compression(): Compression {
    return this.#parts.machine.compression;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  pick(): Link | undefined {
    for (const link of this.#ready) if (link.connection.capacity > 0) return link;
    return undefined;
  }

  enqueue(call: ClientCall): boolean {
    if (this.#closed) {
      call.giveUp("CANCELLED", "the channel is closed", undefined);
      return true;
    }
    if (this.#queue.size >= this.#maxQueuedCalls) return false;
    this.#queue.add(call);
    this.#grow();
    return true;
  }

  dequeue(call: ClientCall): void {
    this.#queue.delete(call);
  }

  waiting(): { readonly phase: Phase; readonly text: string } {
    const last = this.#lastFault === undefined ? "" : `; the last attempt failed: ${this.#lastFault.message}`;
    if (this.#ready.length > 0 && this.#connector.state !== "connecting") {
      return {
        phase: "queued",
        text: `while queued: all ${this.#ready.length} connections to ${this.target} are full`,
      };
    }
    if (this.#connector.state === "backoff") {
      return { phase: "backoff", text: `while waiting to connect to ${this.target} again${last}` };
    }
    return { phase: "connecting", text: `while connecting to ${this.target}${last}` };
  }

  snapshot(): ChannelSnapshot {
    const { formatRemote } = this.#parts;
    const describe = (link: Link, state: "connecting" | "ready" | "draining") => ({
      remote: formatRemote(link.socket),
      state,
      openCalls: link.connection.openExchanges,
      capacity: link.connection.capacity,
    });
    const opening = this.#opening === undefined ? [] : [describe(this.#opening, "connecting")];
    const connectorState = this.#connector.state;
    return {
      target: this.target,
      state: this.#closed ? "closed" : this.#ready.length > 0 ? "ready" : connectorState,
      connections: [
        ...this.#ready.map((link) => describe(link, "ready")),
        ...opening,
        ...[...this.#draining].map((link) => describe(link, "draining")),
      ],
      queuedCalls: this.#queue.size,
      deadlines: this.wheel.size,
      lastFault: this.#lastFault?.message,
      keepAliveIntervalMs: this.#keepAlive.options?.intervalMs,
    };
  }

  /** Ends every call with CANCELLED and every connection; resolves when the sockets are closed. */
  close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#connector.close();
      for (const call of [...this.#queue]) call.giveUp("CANCELLED", "the channel was closed", undefined);
      for (const link of this.#links()) link.close("the channel was closed");
    }
    this.#emptied ??= new Promise((resolve) => {
      this.#whenEmpty = () => {
        this.wheel.clear(this.#alarm);
        // Its timer would keep the channel in memory until the last deadline that ever was.
        this.wheel.close();
        resolve();
      };
      this.#checkEmpty();
    });
    return this.#emptied;
  }

  // From links

  onReady(link: Link): void {
    this.wheel.clear(this.#alarm);
    this.#opening = undefined;
    this.#everReady = true;
    this.#lastFault = undefined;
    this.#ready.push(link);
    this.#connector.succeeded();
    this.#serveQueue();
  }

  onCapacity(): void {
    if (this.#queue.size > 0) this.#serveQueue();
  }

  onExchange(): ExchangeOwner {
    throw new Error("a client connection was asked to serve");
  }

  onPong(): void {}

  onDraining(link: Link): void {
    if (!this.#remove(link)) return;
    if (link.connection.pingedTooOften) this.#keepAlive.slowDown();
    this.#draining.add(link);
    this.#grow();
  }

  onClosed(link: Link, reason: string): void {
    if (link === this.#opening) {
      this.#opening = undefined;
      this.wheel.clear(this.#alarm);
      this.#connector.failed(new SocketFault("other", `${this.target}: ${reason}`));
    }
    this.#remove(link);
    this.#draining.delete(link);
    this.#closing.add(link);
    if (this.#queue.size > 0) this.#grow();
  }

  onGone(link: Link): void {
    this.#closing.delete(link);
    this.#checkEmpty();
  }

  /** Opens another connection when calls wait that the ready ones do not take. */
  #grow(): void {
    if (this.#closed || this.#queue.size === 0 || this.#ready.length >= this.#maxConnections) return;
    this.#connector.start();
  }

  #serveQueue(): void {
    for (const call of this.#queue) {
      const link = this.pick();
      if (link === undefined) break;
      this.#queue.delete(call);
      call.attemptOn(link);
    }
    this.#grow();
  }

  #openInTime(open: Opener, signal: AbortSignal): Promise<StreamSocket> {
    const timeout = new AbortController();
    signal.addEventListener("abort", () => timeout.abort(), { once: true });
    this.#connectAbort = timeout;
    this.wheel.set(this.#alarm, this.wheel.now() + this.#connectTimeoutMs);
    return open(timeout.signal);
  }

  #connectAbort: AbortController | undefined = undefined;

  #connectTimedOut(): void {
    const limit = `${this.#connectTimeoutMs} ms (option connectTimeoutMs)`;
    if (this.#opening !== undefined) {
      this.#opening.close(`the HTTP/2 handshake did not end within ${limit}`);
      return;
    }
    this.#connectAbort?.abort();
    this.#connector.failed(new SocketFault("timed-out", `no connection to ${this.target} within ${limit}`));
  }

  #socketOpened(socket: StreamSocket): void {
    const { machine, connect } = this.#parts;
    const host = { clock: machine.clock, turn: machine.turn, wheel: this.wheel };
    const keepAlive = this.#keepAlive.options;
    this.#opening = new Link(socket, {
      host,
      events: this,
      connect: (owner, now) => connect(owner, now, keepAlive),
    });
  }

  #roundFailed(fault: SocketFault): void {
    this.wheel.clear(this.#alarm);
    this.#lastFault = fault;
    if (this.#everReady) return;
    for (const call of [...this.#queue]) {
      if (!call.waitForReady) call.giveUp("UNAVAILABLE", fault.message, fault);
    }
  }

  #remove(link: Link): boolean {
    const index = this.#ready.indexOf(link);
    if (index >= 0) this.#ready.splice(index, 1);
    return index >= 0;
  }

  #links(): Link[] {
    return [...this.#ready, ...this.#draining, ...(this.#opening === undefined ? [] : [this.#opening])];
  }

  #checkEmpty(): void {
    if (this.#whenEmpty === undefined || this.#links().length > 0 || this.#closing.size > 0) return;
    this.#whenEmpty();
    this.#whenEmpty = undefined;
  }
}
