// RPC layer: connections for which a server has no place. Their clients are told so (GOAWAY, which names the limit), but after
// a pause: one that connects again at once must not go round in a circle with the server.
import type { StreamSocket } from "../host/network.ts";
import type { ConnectionOwner, HttpConnection } from "../http/connection.ts";
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import { Link, type LinkEvents, type LinkHost } from "./link.ts";
import { refuseStream } from "./refuse-stream.ts";
import { Alarm } from "./wheel.ts";

/** How long a client waits for its refusal. Until then nothing of it is read. */
const pauseMs = 1000;
/** Connections that wait for their refusal, or for its end; others are reset at once. */
const maxWaiting = 100;

export class RefusedConnections {
  readonly #host: LinkHost;
  readonly #connect: (owner: ConnectionOwner, now: number) => HttpConnection;
  readonly #waiting = new Map<StreamSocket, Alarm>();

  constructor(host: LinkHost, connect: (owner: ConnectionOwner, now: number) => HttpConnection) {
    this.#host = host;
    this.#connect = connect;
  }

  get count(): number {
    return this.#waiting.size;
  }

  add(socket: StreamSocket, reason: string): void {
    if (this.#waiting.size >= maxWaiting) return socket.reset();
    const alarm = new Alarm(() => this.#refuse(socket, reason));
    this.#waiting.set(socket, alarm);
    this.#host.wheel.set(alarm, this.#host.clock.now() + pauseMs);
  }

  /** Drops them all: the server ends. */
  close(): void {
    for (const [socket, alarm] of this.#waiting) {
      this.#host.wheel.clear(alarm);
      socket.reset();
    }
    this.#waiting.clear();
  }

  #refuse(socket: StreamSocket, reason: string): void {
    const events = new Refusal(reason, () => this.#waiting.delete(socket));
    new Link(socket, { host: this.#host, events, connect: this.#connect });
  }
}

/** Ends a connection as soon as its client has said its settings: before them no GOAWAY may come. */
class Refusal implements LinkEvents {
  readonly #reason: string;
  readonly onGone: () => void;

  constructor(reason: string, onGone: () => void) {
    this.#reason = reason;
    this.onGone = onGone;
  }

  onReady(link: Link): void {
    link.close(this.#reason);
  }

  onExchange(_link: Link, exchange: Exchange): ExchangeOwner {
    return refuseStream(exchange);
  }

  onOverlongHead(_link: Link, exchange: Exchange, _head: Fields): ExchangeOwner {
    return refuseStream(exchange);
  }

  onLimit(): void {}
  onCapacity(): void {}
  onPong(): void {}
  onDraining(): void {}
  onClosed(): void {}
}
