// RPC layer: a server: listeners, their connections and the calls on them, from `serve` to `drain`.
import { formatEndpoint } from "../host/endpoint.ts";
import type { Machine } from "../host/machine.ts";
import type { Listener, StreamSocket } from "../host/network.ts";
import type { ConnectionOwner, HttpConnection } from "../http/connection.ts";
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import { UsageError } from "./call-error.ts";
import type { Implementation } from "./implement.ts";
import { composeInterceptors, type Interceptor } from "./interceptor.ts";
import { Link, type LinkEvents } from "./link.ts";
import type { CallHost, IncomingCall, ReplyStream, RequestEvents, ServerProtocol } from "./protocol.ts";
import { type BoundMethod, type Peer, ServerCall, type ServerCallHost } from "./server-call.ts";
import { DeadlineWheel } from "./wheel.ts";

export interface ServerOptions {
  /** Around every call; the first is outermost. */
  readonly interceptors?: readonly Interceptor<ServerCall>[];
  /** Bytes of one request message, at most. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Told of whatever a handler throws that is no `CallError`; the client is told nothing of it. */
  readonly onHandlerError?: (error: unknown, call: ServerCall) => void;
}

/** A picture of a server, for people and tools. */
export interface ServerSnapshot {
  readonly addresses: readonly string[];
  readonly state: "serving" | "draining" | "closed";
  readonly connections: readonly { readonly remote: string; readonly openCalls: number }[];
  readonly openCalls: number;
  readonly deadlines: number;
}

export interface ServerParts {
  readonly machine: Machine;
  readonly protocols: readonly ServerProtocol[];
  readonly connect: (owner: ConnectionOwner, now: number) => HttpConnection;
  /** Answers a request that no protocol takes. */
  readonly refuse: (exchange: Exchange) => ExchangeOwner;
  /** Runs a handler with its call as the ambient one; undefined while that is off. */
  readonly runAmbient: () => (<Result>(call: ServerCall, task: () => Result) => Result) | undefined;
}

const defaultMaxMessageBytes = 4 * 1024 * 1024;
/** Time for the last frames and socket closes after calls were cut. */
const closeGraceMs = 500;

export class Server {
  readonly #parts: ServerParts;
  readonly #options: ServerOptions;
  readonly #wheel: DeadlineWheel;
  readonly #methods = new Map<string, BoundMethod>();
  readonly #serviceNames = new Set<string>();
  readonly #listeners: Listener[] = [];
  readonly #links = new Set<Link>();
  readonly #calls = new Set<ServerCall>();
  readonly #invoke: (call: ServerCall, request: unknown) => unknown;
  #state: "serving" | "draining" | "closed" = "serving";
  #whenQuiet: (() => void)[] = [];
  #drained: Promise<void> | undefined = undefined;

  constructor(parts: ServerParts, implementations: readonly Implementation[], options: ServerOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#wheel = new DeadlineWheel(parts.machine.clock, parts.machine.timers);
    for (const { service, methods } of implementations) {
      if (this.#serviceNames.has(service.typeName)) {
        throw new UsageError("SERVED_TWICE", `the service ${service.typeName} is given twice`);
      }
      this.#serviceNames.add(service.typeName);
      for (const [path, bound] of methods) this.#methods.set(path, bound);
    }
    const { interceptors } = options;
    const handle = (call: ServerCall, request: unknown): unknown => call.handle(request);
    this.#invoke =
      interceptors === undefined || interceptors.length === 0 ? handle : composeInterceptors(interceptors, handle);
  }

  /** Where it listens, with ports filled in. */
  get addresses(): string[] {
    return this.#listeners.map((listener) => formatEndpoint(listener.local));
  }

  /** A picture of connections and calls, as they are now. */
  snapshot(): ServerSnapshot {
    return {
      addresses: this.addresses,
      state: this.#state,
      connections: [...this.#links].map((link) => ({
        remote: formatEndpoint(link.socket.remote),
        openCalls: link.connection.openExchanges,
      })),
      openCalls: this.#calls.size,
      deadlines: this.#wheel.size,
    };
  }

  /** Adds a bound listener; for the runtime that makes servers. */
  addListener(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Serves an open connection: one that a listener accepted, or any other. */
  accept(socket: StreamSocket): void {
    if (this.#state !== "serving") return socket.reset();
    const { machine, connect } = this.#parts;
    const host = { clock: machine.clock, turn: machine.turn, wheel: this.#wheel };
    const events = new ServerLink(this, socket);
    this.#links.add(new Link(socket, { host, events, connect }));
  }

  /**
   * Takes no new calls (GOAWAY), lets open ones finish, and after `withinMs` (default 5,000) ends what is left: handlers'
   * signals are aborted, clients get UNAVAILABLE. Always resolves, at the latest some 500 ms after `withinMs`.
   */
  drain(options: { readonly withinMs?: number } = {}): Promise<void> {
    this.#drained ??= this.#drain(options.withinMs ?? 5000);
    return this.#drained;
  }

  /** Ends every call and connection now. Resolves when all sockets are closed. */
  close(): Promise<void> {
    this.#cut("the server is closed");
    return this.drain({ withinMs: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #drain(withinMs: number): Promise<void> {
    this.#state = this.#state === "serving" ? "draining" : this.#state;
    const closing = this.#listeners.map((listener) => listener.close());
    for (const link of [...this.#links]) link.drain("the server is shutting down");
    await this.#quiet(withinMs);
    this.#cut("the server was shut down");
    await this.#quiet(closeGraceMs);
    for (const link of [...this.#links]) link.socket.reset();
    await Promise.all(closing);
    this.#state = "closed";
    this.#wheel.close();
  }

  /** Ends every call and every connection. */
  #cut(reason: string): void {
    for (const call of [...this.#calls]) call.shutDown(reason);
    for (const link of [...this.#links]) link.close(reason);
  }

  /** Resolves when no connection is left, or after `withinMs`. */
  #quiet(withinMs: number): Promise<void> {
    if (this.#links.size === 0) return Promise.resolve();
    const { timers } = this.#parts.machine;
    return new Promise((resolve) => {
      const timer = timers.set(() => resolve(), withinMs);
      this.#whenQuiet.push(() => {
        timers.clear(timer);
        resolve();
      });
    });
  }

  /** What `ServerLink` needs; not for programs. */
  readonly internals = {
    find: (path: string): BoundMethod | string => this.#methods.get(path) ?? this.#whyNot(path),
    invoke: (call: ServerCall, request: unknown): unknown => {
      const runAmbient = this.#parts.runAmbient();
      if (runAmbient === undefined) return this.#invoke(call, request);
      return runAmbient(call, () => this.#invoke(call, request));
    },
    acceptExchange: (exchange: Exchange, head: Fields, last: boolean, host: CallHost<BoundMethod>): ExchangeOwner => {
      for (const protocol of this.#parts.protocols) {
        const owner = protocol.accept(exchange, head, last, host);
        if (owner !== undefined) return owner;
      }
      return this.#parts.refuse(exchange);
    },
    linkClosed: (link: Link): void => {
      this.#links.delete(link);
      if (this.#links.size > 0) return;
      const whenQuiet = this.#whenQuiet;
      this.#whenQuiet = [];
      for (const tell of whenQuiet) tell();
    },
    callBegan: (call: ServerCall): void => void this.#calls.add(call),
    callEnded: (call: ServerCall): void => void this.#calls.delete(call),
    onHandlerError: (error: unknown, call: ServerCall): void => this.#options.onHandlerError?.(error, call),
    maxMessageBytes: (): number => this.#options.maxMessageBytes ?? defaultMaxMessageBytes,
    clock: (): Machine["clock"] => this.#parts.machine.clock,
    timers: (): Machine["timers"] => this.#parts.machine.timers,
    wheel: (): DeadlineWheel => this.#wheel,
  };

  #whyNot(path: string): string {
    const match = /^\/([^/]+)\/([^/]+)$/.exec(path);
    if (match === null) return `${JSON.stringify(path)} is no path of a method; it should be /service/method`;
    const [, service, method] = match;
    if (this.#serviceNames.has(service as string)) return `the service ${service} has no method ${method} here`;
    return `the service ${service} is not served here`;
  }
}

/** One connection of a server: it gives the connection's calls what they need. */
class ServerLink implements LinkEvents, CallHost<BoundMethod>, ServerCallHost {
  readonly #server: Server["internals"];
  readonly #socket: StreamSocket;
  readonly clock: ServerCallHost["clock"];
  readonly timers: ServerCallHost["timers"];
  readonly wheel: DeadlineWheel;
  readonly maxMessageBytes: number;
  #peer: Peer | undefined = undefined;
  #localAddress: string | undefined = undefined;

  constructor(server: Server, socket: StreamSocket) {
    this.#server = server.internals;
    this.#socket = socket;
    this.clock = this.#server.clock();
    this.timers = this.#server.timers();
    this.wheel = this.#server.wheel();
    this.maxMessageBytes = this.#server.maxMessageBytes();
  }

  get peer(): Peer {
    this.#peer ??= { address: formatEndpoint(this.#socket.remote), identity: this.#socket.tls?.peer };
    return this.#peer;
  }

  get localAddress(): string {
    this.#localAddress ??= formatEndpoint(this.#socket.local);
    return this.#localAddress;
  }

  find(path: string): BoundMethod | string {
    return this.#server.find(path);
  }

  begin(call: IncomingCall<BoundMethod>, reply: ReplyStream): RequestEvents {
    return new ServerCall(this, call, reply);
  }

  invoke(call: ServerCall, request: unknown): unknown {
    return this.#server.invoke(call, request);
  }

  callBegan(call: ServerCall): void {
    this.#server.callBegan(call);
  }

  callEnded(call: ServerCall): void {
    this.#server.callEnded(call);
  }

  onHandlerError(error: unknown, call: ServerCall): void {
    this.#server.onHandlerError(error, call);
  }

  onReady(): void {}

  onCapacity(): void {}

  onDraining(): void {}

  onExchange(_link: Link, exchange: Exchange, head: Fields, last: boolean): ExchangeOwner {
    return this.#server.acceptExchange(exchange, head, last, this);
  }

  onClosed(link: Link): void {
    this.#server.linkClosed(link);
  }
}
