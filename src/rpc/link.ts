// RPC layer: the only driver: it joins one socket, one HTTP connection, the turn and the deadlines. It knows no call.
import type { Clock, Turn } from "../host/clock.ts";
import type { SocketFault } from "../host/fault.ts";
import type { SocketReceiver, StreamSocket } from "../host/network.ts";
import type { ConnectionOwner, HttpConnection } from "../http/connection.ts";
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import { Alarm, type DeadlineWheel } from "./wheel.ts";

/** What a link tells its owner. None may throw. */
export interface LinkEvents {
  onReady(link: Link): void;
  onCapacity(link: Link): void;
  onExchange(link: Link, exchange: Exchange, head: Fields, last: boolean): ExchangeOwner;
  /** Server: a request whose head goes over a limit, which `reason` names; only the beginning of it is in `head`. */
  onOverlongHead(link: Link, exchange: Exchange, head: Fields, reason: string): ExchangeOwner;
  /** The peer met a limit of the connection; `reason` is one sentence that names it. */
  onLimit(link: Link, limit: string, reason: string): void;
  /** The peer answered `ping`, so many milliseconds after it was asked. */
  onPong(link: Link, roundTripMs: number): void;
  onDraining(link: Link, reason: string): void;
  /** The connection is over; the socket closes by itself. Called once. */
  onClosed(link: Link, reason: string): void;
  /** The last event: the socket is closed too. */
  onGone(link: Link): void;
}

export interface LinkHost {
  readonly clock: Clock;
  readonly turn: Turn;
  readonly wheel: DeadlineWheel;
}

/** How long the peer may take to close its direction after we have ended ours. */
const lingerMs = 1000;

/** While nothing is read because the peer has not taken our answers: when to look again, at first and at most. */
const minPauseMs = 2;
const maxPauseMs = 500;

/** A client has done its part of the handshake before the server looks at the client's certificate, and may say nothing. */
const earlyEndOfTls =
  " right after the TLS handshake; a server that accepts no such client certificate, or wants one, does so " +
  "(cert and key of the option tls)";

export class Link implements SocketReceiver, ConnectionOwner {
  readonly socket: StreamSocket;
  readonly connection: HttpConnection;
  readonly #host: LinkHost;
  readonly #events: LinkEvents;
  readonly #alarm = new Alarm((now) => this.#advance(now));
  readonly #lingerAlarm = new Alarm(() => this.socket.reset());
  readonly #pauseAlarm = new Alarm((now) => this.#readOn(now));
  #pauseMs = minPauseMs;
  readonly #flushTask = (): void => this.#flush();
  #flushDue = false;
  #writable = true;
  #reading = true;
  #closed = false;
  #socketOpen = true;
  /** The peer's settings have come. */
  #ready = false;

  constructor(
    socket: StreamSocket,
    options: {
      readonly host: LinkHost;
      readonly events: LinkEvents;
      readonly connect: (owner: ConnectionOwner, now: number) => HttpConnection;
    },
  ) {
    this.socket = socket;
    this.#host = options.host;
    this.#events = options.events;
    this.connection = options.connect(this, options.host.clock.now());
    socket.open(this);
    this.#setAlarm();
  }

  /** When the last bytes came from the peer. */
  get heardAt(): number {
    return this.connection.heardAt;
  }

  /** Asks the peer whether it is there; nothing while the last question is not answered. */
  ping(): void {
    this.connection.ping(this.#host.clock.now());
    this.#setAlarm();
  }

  /** Takes no new exchanges; ends when the open ones have. */
  drain(reason: string): void {
    this.connection.drain(reason, this.#host.clock.now());
    this.#setAlarm();
  }

  /** Ends every exchange and the socket, now. */
  close(reason: string): void {
    this.connection.close(reason);
    this.#flush();
  }

  // From the socket

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    const { connection } = this;
    connection.receive(bytes, start, end, this.#host.clock.now());
    if (connection.nextDeadline() !== this.#alarm.dueAt) this.#setAlarm();
    if (!connection.wantsBytes && this.#reading) this.#pause();
  }

  onWritable(): void {
    this.#writable = true;
    this.connection.setWritable(true);
    this.#flush();
  }

  onEnd(): void {
    const early = this.socket.tls !== undefined && !this.#ready ? earlyEndOfTls : "";
    this.connection.disconnect(`the peer closed the connection${early}`);
  }

  onClose(fault: SocketFault | undefined): void {
    this.#socketOpen = false;
    this.connection.disconnect(fault === undefined ? "the connection was closed" : fault.message);
    this.#host.wheel.clear(this.#alarm);
    this.#host.wheel.clear(this.#lingerAlarm);
    this.#host.wheel.clear(this.#pauseAlarm);
    this.#events.onGone(this);
  }

  // From the connection

  onOutput(): void {
    if (this.#flushDue) return;
    this.#flushDue = true;
    this.#host.turn.atEnd(this.#flushTask);
  }

  onMuchOutput(): void {
    if (this.#writable) this.#write();
  }

  onReady(): void {
    this.#ready = true;
    this.#events.onReady(this);
  }

  onCapacity(): void {
    this.#events.onCapacity(this);
  }

  onExchange(exchange: Exchange, head: Fields, last: boolean): ExchangeOwner {
    return this.#events.onExchange(this, exchange, head, last);
  }

  onOverlongHead(exchange: Exchange, head: Fields, reason: string): ExchangeOwner {
    return this.#events.onOverlongHead(this, exchange, head, reason);
  }

  onLimit(limit: string, reason: string): void {
    this.#events.onLimit(this, limit, reason);
  }

  onPong(roundTripMs: number): void {
    this.#events.onPong(this, roundTripMs);
  }

  onDraining(reason: string): void {
    this.#events.onDraining(this, reason);
  }

  onClosed(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.onOutput();
    this.#events.onClosed(this, reason);
  }

  #flush(): void {
    this.#flushDue = false;
    if (!this.#socketOpen) return;
    this.#write();
    if (!this.#closed) return;
    this.#socketOpen = false;
    this.#host.wheel.clear(this.#alarm);
    this.#host.wheel.set(this.#lingerAlarm, this.#host.clock.now() + lingerMs);
    this.socket.end();
  }

  #write(): void {
    const { socket, connection } = this;
    // What left since the last write: its memory may be used again.
    if (socket.taken() === socket.passed()) connection.recycleOutput();
    const parts: Uint8Array[] = [];
    connection.takeOutput(parts);
    if (parts.length === 0) return;
    const writable = socket.write(parts);
    if (socket.taken() === socket.passed()) connection.recycleOutput();
    if (!this.#reading && connection.wantsBytes) this.#setReading(true);
    // What has been sent may be held for too long.
    if (connection.nextDeadline() !== this.#alarm.dueAt) this.#setAlarm();
    if (writable || !this.#writable) return;
    this.#writable = false;
    connection.setWritable(false);
  }

  #pause(): void {
    this.#setReading(false);
    this.#pauseMs = minPauseMs;
    this.#host.wheel.set(this.#pauseAlarm, this.#host.clock.now() + minPauseMs);
  }

  /** Reads again once the socket has taken all answers. It tells nobody when it has, so this looks from time to time. */
  #readOn(now: number): void {
    const { socket, connection } = this;
    if (!this.#socketOpen) return;
    if (socket.taken() === socket.passed()) connection.recycleOutput();
    if (connection.wantsBytes) return this.#setReading(true);
    this.#pauseMs = Math.min(2 * this.#pauseMs, maxPauseMs);
    this.#host.wheel.set(this.#pauseAlarm, now + this.#pauseMs);
  }

  #setReading(on: boolean): void {
    this.#reading = on;
    if (on) this.#host.wheel.clear(this.#pauseAlarm);
    this.socket.setReading(on);
  }

  #advance(now: number): void {
    this.connection.advance(now);
    this.#setAlarm();
  }

  #setAlarm(): void {
    this.#host.wheel.set(this.#alarm, this.connection.nextDeadline());
  }
}
