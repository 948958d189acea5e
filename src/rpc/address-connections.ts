// RPC layer: one address of a channel: its connections, the attempts to open more, and its own pauses after failures. It
// knows no other address and no waiting call.
import { SocketFault } from "../host/fault.ts";
import type { Machine } from "../host/machine.ts";
import type { StreamSocket } from "../host/network.ts";
import type { ConnectionOwner, HttpConnection } from "../http/connection.ts";
import type { ExchangeOwner } from "../http/exchange.ts";
import type { KnownAddress } from "./address-book.ts";
import { type BackoffOptions, Connector, type Opener } from "./connector.ts";
import { Link, type LinkEvents } from "./link.ts";
import { LinkWatch, type WatchEvents, type WatchOptions } from "./link-watch.ts";
import type { PickerAddress } from "./picker.ts";
import { Alarm, type DeadlineWheel } from "./wheel.ts";

export interface AddressEvents {
  /** A new connection takes calls. */
  onReady(address: AddressConnections): void;
  /** A silent connection was asked and is there. */
  onHeard(address: AddressConnections): void;
  /** A call has ended on a ready connection, or its limit rose. */
  onRoom(): void;
  /** A connection that took calls takes none any more. */
  onLost(address: AddressConnections): void;
  onAttemptFailed(address: AddressConnections, fault: SocketFault): void;
  /** Whether another attempt is to follow the pause. */
  wanted(address: AddressConnections): boolean;
  /** A server finds that it is asked too often whether it is there. */
  onPingedTooOften(): void;
  /** A connection and its socket are closed. */
  onGone(address: AddressConnections): void;
}

export interface AddressParts {
  readonly machine: Machine;
  readonly wheel: DeadlineWheel;
  readonly connect: (owner: ConnectionOwner, now: number) => HttpConnection;
  readonly events: AddressEvents;
  readonly connectTimeoutMs: number;
  readonly backoff: BackoffOptions;
  readonly watch: WatchOptions;
}

export type AddressState = "idle" | "connecting" | "ready" | "backoff" | "draining";

/** What a connection is good for. `silent`: nothing came for long, it is asked before the next call. */
export type ConnectionState = "connecting" | "ready" | "silent" | "draining";

export class AddressConnections implements LinkEvents, PickerAddress, WatchEvents {
  readonly key: string;
  readonly address: string;
  readonly #parts: AddressParts;
  readonly #connector: Connector;
  readonly #alarm = new Alarm(() => this.#connectTimedOut());
  #opening: Link | undefined = undefined;
  /** Connections that take calls, in the order they are filled. */
  readonly #ready: Link[] = [];
  /** The ready ones and the silent ones. */
  readonly #watches = new Map<Link, LinkWatch>();
  readonly #draining = new Set<Link>();
  /** Connections that are over and whose sockets are not. */
  readonly #closing = new Set<Link>();
  #retired = false;
  #lastFault: SocketFault | undefined = undefined;

  constructor(known: KnownAddress, parts: AddressParts) {
    this.key = known.key;
    this.address = known.address;
    this.#parts = parts;
    const { machine, backoff, events } = parts;
    this.#connector = new Connector((signal) => this.#openInTime(known.open, signal), {
      host: machine,
      backoff,
      events: {
        onSocket: (socket) => this.#socketOpened(socket),
        onFailed: (fault) => this.#attemptFailed(fault),
        wanted: () => events.wanted(this),
      },
    });
  }

  get state(): AddressState {
    if (this.#retired) return "draining";
    if (this.isOpen) return "ready";
    const { state } = this.#connector;
    return state === "closed" ? "draining" : state;
  }

  get isConnecting(): boolean {
    return this.#connector.state === "connecting";
  }

  /** Whether it waits after a failure. */
  get isPausing(): boolean {
    return this.#connector.state === "backoff";
  }

  /** Whether it has a connection that is to take calls, though it may have to be asked first. */
  get isOpen(): boolean {
    return this.#watches.size > 0;
  }

  /** Whether all its connections were silent for long. */
  get isSilent(): boolean {
    return this.isOpen && this.#ready.length === 0;
  }

  /** Whether a silent connection was asked and has not answered yet. */
  get isAsked(): boolean {
    if (this.#ready.length === this.#watches.size) return false;
    for (const { isAsked } of this.#watches.values()) if (isAsked) return true;
    return false;
  }

  /** A silent connection counts: the call that is to go there has it asked. */
  get hasRoom(): boolean {
    if (this.pick() !== undefined) return true;
    if (this.#ready.length === this.#watches.size) return false;
    for (const watch of this.#watches.values()) if (watch.isSilent && !watch.isAsked) return true;
    return false;
  }

  get openCalls(): number {
    let count = 0;
    for (const { connection } of this.#ready) count += connection.openExchanges;
    return count;
  }

  /** Connections that are open or being opened and are to take more calls. */
  get connectionCount(): number {
    return this.#watches.size + (this.isConnecting ? 1 : 0);
  }

  get lastFault(): string | undefined {
    return this.#lastFault?.message;
  }

  get isEmpty(): boolean {
    return this.#links().length === 0 && this.#closing.size === 0;
  }

  /** A connection that takes a call now. */
  pick(): Link | undefined {
    for (const link of this.#ready) if (link.connection.capacity > 0) return link;
    return undefined;
  }

  /** Opens a connection, now or when the pause after a failure ends. */
  connect(): void {
    this.#connector.start();
  }

  /** Gives up an attempt under way: another address was quicker. */
  cancelAttempt(): void {
    const opening = this.#opening;
    this.#opening = undefined;
    this.#parts.wheel.clear(this.#alarm);
    this.#connector.cancel();
    opening?.close("another address was quicker");
  }

  /** Asks silent connections whether they are there, for a call. True: calls may find a place that they did not before. */
  askSilent(): boolean {
    if (this.#ready.length === this.#watches.size) return false;
    let isChanged = false;
    for (const watch of [...this.#watches.values()]) {
      if (!watch.isSilent || watch.isAsked) continue;
      isChanged = true;
      const answer = watch.ask();
      if (answer === "heard") this.#ready.push(watch.link);
      else if (answer === "used-up") this.#drain(watch.link, "it was silent for long");
    }
    return isChanged;
  }

  /** The resolver no longer names it: no new calls; connections end when theirs have. */
  retire(): void {
    this.#retired = true;
    this.cancelAttempt();
    this.#connector.close();
    for (const link of [...this.#watches.keys()]) this.#drain(link, "its address is no longer the channel's");
  }

  close(reason: string): void {
    this.#retired = true;
    this.#connector.close();
    this.#parts.wheel.clear(this.#alarm);
    for (const link of this.#links()) link.close(reason);
  }

  /** Every connection, and what it is good for. */
  connections(): { readonly link: Link; readonly state: ConnectionState }[] {
    const list: { link: Link; state: ConnectionState }[] = [];
    for (const { link, isSilent } of this.#watches.values()) list.push({ link, state: isSilent ? "silent" : "ready" });
    if (this.#opening !== undefined) list.push({ link: this.#opening, state: "connecting" });
    for (const link of this.#draining) list.push({ link, state: "draining" });
    return list;
  }

  // From links

  onReady(link: Link): void {
    const { wheel, machine, watch } = this.#parts;
    wheel.clear(this.#alarm);
    this.#opening = undefined;
    this.#lastFault = undefined;
    this.#ready.push(link);
    this.#watches.set(link, new LinkWatch(link, { host: machine, options: watch, events: this }));
    this.#connector.succeeded();
    this.#parts.events.onReady(this);
  }

  onCapacity(): void {
    this.#parts.events.onRoom();
  }

  onExchange(): ExchangeOwner {
    throw new Error("a client connection was asked to serve");
  }

  onOverlongHead(): ExchangeOwner {
    return this.onExchange();
  }

  onLimit(): void {}

  onPong(link: Link): void {
    this.#watches.get(link)?.onPong();
  }

  onDraining(link: Link): void {
    const watch = this.#unwatch(link);
    if (watch === undefined) return;
    if (link.connection.pingedTooOften) this.#parts.events.onPingedTooOften();
    this.#draining.add(link);
    this.#lost(watch);
  }

  onClosed(link: Link, reason: string): void {
    this.#closing.add(link);
    this.#draining.delete(link);
    const watch = this.#unwatch(link);
    if (watch !== undefined) {
      this.#lost(watch);
    } else if (link === this.#opening) {
      this.#opening = undefined;
      this.#connector.failed(new SocketFault("other", `${this.address}: ${reason}`, { address: this.address }));
    }
  }

  onGone(link: Link): void {
    this.#closing.delete(link);
    this.#parts.events.onGone(this);
  }

  // From watches

  onSilent({ link }: LinkWatch): void {
    const index = this.#ready.indexOf(link);
    if (index >= 0) this.#ready.splice(index, 1);
  }

  onHeard({ link }: LinkWatch): void {
    this.#ready.push(link);
    this.#parts.events.onHeard(this);
  }

  onDead({ link }: LinkWatch): void {
    const limitMs = this.#parts.watch.answerWithinMs;
    link.close(`${this.address} did not answer a PING within ${limitMs} ms (option pingTimeoutMs)`);
  }

  #attemptFailed(fault: SocketFault): void {
    this.#parts.wheel.clear(this.#alarm);
    this.#lastFault = fault;
    this.#parts.events.onAttemptFailed(this, fault);
  }

  #openInTime(open: Opener, signal: AbortSignal): Promise<StreamSocket> {
    const { wheel, connectTimeoutMs } = this.#parts;
    wheel.set(this.#alarm, wheel.now() + connectTimeoutMs);
    return open(signal);
  }

  #connectTimedOut(): void {
    const limit = `${this.#parts.connectTimeoutMs} ms (option connectTimeoutMs)`;
    if (this.#opening !== undefined) {
      this.#opening.close(`the HTTP/2 handshake did not end within ${limit}`);
      return;
    }
    const { address } = this;
    this.#connector.failed(new SocketFault("timed-out", `no connection to ${address} within ${limit}`, { address }));
  }

  #socketOpened(socket: StreamSocket): void {
    const { machine, connect, wheel } = this.#parts;
    const host = { clock: machine.clock, turn: machine.turn, wheel };
    this.#opening = new Link(socket, { host, events: this, connect });
  }

  #drain(link: Link, reason: string): void {
    this.#unwatch(link);
    this.#draining.add(link);
    link.drain(reason);
  }

  #unwatch(link: Link): LinkWatch | undefined {
    const watch = this.#watches.get(link);
    watch?.stop();
    this.#watches.delete(link);
    const index = this.#ready.indexOf(link);
    if (index >= 0) this.#ready.splice(index, 1);
    return watch;
  }

  /** The peer ended a connection that took calls. */
  #lost({ readyAt, link }: LinkWatch): void {
    const { hasAnswered, saidFarewell } = link.connection;
    this.#connector.lost({ readyAt, isOrderly: hasAnswered && saidFarewell });
    this.#parts.events.onLost(this);
  }

  #links(): Link[] {
    const opening = this.#opening === undefined ? [] : [this.#opening];
    return [...this.#watches.keys(), ...this.#draining, ...opening];
  }
}
