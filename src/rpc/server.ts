// RPC layer: a server: listeners, their connections and the calls on them, from `serve` to `drain`.
// The declarations name Symbol.asyncDispose, which a user's project need not have asked for.
/// <reference lib="esnext.disposable" preserve="true" />
import { formatEndpoint } from "../host/endpoint.ts";
import type { Machine } from "../host/machine.ts";
import type { Listener, StreamSocket } from "../host/network.ts";
import type { ConnectionOwner, HttpConnection } from "../http/connection.ts";
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";
import { MemoryBudget } from "../http/memory-budget.ts";
import { CallCounts, type CallTotals } from "./call-counts.ts";
import { UsageError } from "./call-error.ts";
import { CallSlots } from "./call-slots.ts";
import { closeReasons } from "./close-reasons.ts";
import { findCompressor } from "./compressor.ts";
import {
  ConnectionLife,
  type ConnectionLifeLimits,
  type ConnectionLifeOptions,
  connectionLifeLimits,
  unlimitedLife,
} from "./connection-life.ts";
import type { Implementation } from "./implement.ts";
import { composeInterceptors, type Interceptor } from "./interceptor.ts";
import { LimitLog, type MetLimit } from "./limit-log.ts";
import { Link, type LinkHost } from "./link.ts";
import { checkDuration } from "./option-checks.ts";
import type { ServerPicture } from "./picture.ts";
import type { ServerProtocol } from "./protocol.ts";
import { RefusedConnections } from "./refused-connections.ts";
import type { RuntimeView } from "./runtime-registry.ts";
import type { BoundMethod, ServerCall } from "./server-call.ts";
import { ServerConnection, type ServerContext } from "./server-connection.ts";
import { readServerLimits, type ServerLimits } from "./server-limits.ts";
import { ServerState } from "./server-view.ts";
import { DeadlineWheel } from "./wheel.ts";

export interface ServerOptions extends ConnectionLifeOptions, Partial<ServerLimits> {
  /** Around every call; the first is outermost. */
  readonly interceptors?: readonly Interceptor<ServerCall>[];
  /** Compresses replies for clients that take it: `gzip` or `deflate`. Default: replies go as they are. */
  readonly compression?: string;
  /** Told of whatever a handler throws that is no `CallError`; the client is told nothing of it. */
  readonly onHandlerError?: (error: unknown, call: ServerCall) => void;
}

/** A picture of a server, for people and tools. */
export interface ServerSnapshot {
  readonly addresses: readonly string[];
  readonly state: "serving" | "draining" | "closed";
  readonly connections: readonly {
    readonly remote: string;
    /** Not over for the client, or not for the handler. */
    readonly openCalls: number;
    readonly queuedCalls: number;
    readonly calls: CallTotals;
  }[];
  /** Of all open connections. */
  readonly openCalls: number;
  /** Calls whose handlers run, those of closed connections among them; not those of administrative services. */
  readonly runningCalls: number;
  /** Calls that wait for `maxConcurrentCalls`. */
  readonly queuedCalls: number;
  readonly maxConcurrentCalls: number;
  readonly maxQueuedCalls: number;
  /** Bytes that clients make it hold, as `maxBufferedBytes` counts them. */
  readonly bufferedBytes: number;
  readonly maxConnections: number;
  /** Connections beyond that which wait for their refusal. */
  readonly refusedConnections: number;
  /**
   * The limits that peers have met, in the order of their names: what was refused, cut or closed for them, and who
   * last.
   */
  readonly limitsMet: readonly MetLimit[];
  /** Since the server began. */
  readonly calls: CallTotals;
  readonly deadlines: number;
}

export interface ServerParts {
  readonly machine: Machine;
  readonly protocols: readonly ServerProtocol[];
  readonly connect: (owner: ConnectionOwner, now: number, memory: MemoryBudget) => HttpConnection;
  /** Answers a request that no protocol takes. */
  readonly refuse: (exchange: Exchange) => ExchangeOwner;
  /** The same for one whose head is too large. */
  readonly refuseOverlong: (exchange: Exchange) => ExchangeOwner;
  /** Calls of one connection whose handlers may run at once; more are refused. */
  readonly maxCallsPerConnection: number;
  /** What its handlers may see of other channels and servers. */
  readonly runtime: RuntimeView;
  /** Runs a handler with its call as the ambient one; undefined while that is off. */
  readonly runAmbient: () => (<Result>(call: ServerCall, task: () => Result) => Result) | undefined;
}

const defaultDrainMs = 5000;
/** Time for the last frames and socket closes after calls were cut. */
const closeGraceMs = 500;

export class Server {
  readonly #parts: ServerParts;
  readonly #wheel: DeadlineWheel;
  readonly #methods = new Map<string, BoundMethod>();
  readonly #serviceNames = new Set<string>();
  readonly #listeners: Listener[] = [];
  readonly #connections = new Set<ServerConnection>();
  readonly #context: ServerContext;
  readonly #life: ConnectionLifeLimits;
  readonly #view: ServerState;
  readonly #slots: CallSlots;
  readonly #limits: ServerLimits;
  readonly #limitLog = new LimitLog();
  readonly #refused: RefusedConnections;
  readonly #memory: MemoryBudget;
  readonly #connect = (owner: ConnectionOwner, now: number): HttpConnection =>
    this.#parts.connect(owner, now, this.#memory);
  /** Of the connections that are gone. */
  readonly #formerCounts = new CallCounts();
  #state: "serving" | "draining" | "closed" = "serving";
  #whenQuiet: (() => void)[] = [];
  #drained: Promise<void> | undefined = undefined;

  constructor(parts: ServerParts, implementations: readonly Implementation[], options: ServerOptions) {
    this.#parts = parts;
    this.#life = connectionLifeLimits(options);
    this.#wheel = new DeadlineWheel(parts.machine.clock, parts.machine.timers);
    for (const { service, methods } of implementations) {
      if (this.#serviceNames.has(service.typeName)) {
        throw new UsageError("SERVED_TWICE", `the service ${service.typeName} is given twice`);
      }
      this.#serviceNames.add(service.typeName);
      for (const [path, bound] of methods) this.#methods.set(path, bound);
    }
    const services = implementations.map(({ service }) => service);
    this.#view = new ServerState(services, parts.runtime);
    this.#limits = readServerLimits(options);
    const { maxMessageBytes, maxConcurrentCalls: maxRunning, maxQueuedCalls: maxQueued } = this.#limits;
    this.#slots = new CallSlots({ maxRunning, maxQueued });
    const { machine, protocols, refuse, refuseOverlong } = parts;
    this.#memory = new MemoryBudget(this.#limits.maxBufferedBytes);
    this.#refused = new RefusedConnections(this.#linkHost, this.#connect);
    this.#context = {
      clock: machine.clock,
      timers: machine.timers,
      wheel: this.#wheel,
      view: this.#view,
      slots: this.#slots,
      protocols,
      refuse,
      refuseOverlong,
      onLimit: (limit, reason, { peer }) => this.#limitMet(limit, reason, peer.address),
      maxCalls: parts.maxCallsPerConnection,
      maxMessageBytes,
      compression: machine.compression,
      replyCompressor: findCompressor(machine.compression, options.compression),
      find: (path) => this.#methods.get(path) ?? this.#whyNot(path),
      invoke: this.#createInvoke(options.interceptors ?? []),
      onHandlerError: (error, call) => {
        try {
          options.onHandlerError?.(error, call);
        } catch {
          // A hook that fails has nobody to tell it to; the call and the process go on.
        }
      },
      onGone: (connection) => this.#gone(connection),
    };
  }

  /** Where it listens, with ports filled in. */
  get addresses(): string[] {
    return this.#listeners.map((listener) => formatEndpoint(listener.local));
  }

  /** A picture of connections and calls, as they are now. */
  snapshot(): ServerSnapshot {
    const { clock } = this.#parts.machine;
    const connections = [...this.#connections];
    return {
      addresses: this.addresses,
      state: this.#state,
      connections: connections.map(({ peer, callCount, line, counts }) => ({
        remote: peer.address,
        openCalls: callCount,
        queuedCalls: line.places.size,
        calls: counts.read(clock),
      })),
      openCalls: connections.reduce((sum, { callCount }) => sum + callCount, 0),
      runningCalls: this.#slots.running,
      queuedCalls: this.#slots.queued,
      maxConcurrentCalls: this.#slots.limits.maxRunning,
      maxQueuedCalls: this.#slots.limits.maxQueued,
      bufferedBytes: this.#memory.usedBytes,
      maxConnections: this.#limits.maxConnections,
      refusedConnections: this.#refused.count,
      limitsMet: this.#limitLog.read(),
      calls: this.#totals(),
      deadlines: this.#wheel.size,
    };
  }

  /** A picture with all its parts; for the runtime, whose services tell of servers. */
  picture(): ServerPicture {
    const listeners = this.#listeners.map((identity) => ({ identity, address: formatEndpoint(identity.local) }));
    const connections = [...this.#connections].map((connection) => connection.picture());
    return { state: this.#state, calls: this.#totals(), listeners, connections, limitsMet: this.#limitLog.read() };
  }

  /** Adds a bound listener; for the runtime that makes servers. */
  addListener(listener: Listener): void {
    this.#listeners.push(listener);
  }

  /** Serves an open connection: one that a listener accepted, or any other. `once`: it could not be opened again. */
  accept(socket: StreamSocket, { once = false }: { readonly once?: boolean } = {}): void {
    if (this.#state !== "serving") return socket.reset();
    const { maxConnections } = this.#limits;
    if (this.#connections.size >= maxConnections) {
      const reason = `the server has no place for another connection (maxConnections ${maxConnections})`;
      this.#limitMet("maxConnections", reason, formatEndpoint(socket.remote));
      return this.#refused.add(socket, reason);
    }
    const { machine } = this.#parts;
    const life = new ConnectionLife(once ? unlimitedLife : this.#life, machine.random.next());
    const connection = new ServerConnection(this.#context, socket, life);
    this.#connections.add(connection);
    connection.link = new Link(socket, { host: this.#linkHost, events: connection, connect: this.#connect });
  }

  /**
   * Takes no new calls (GOAWAY), lets open ones finish, and after `withinMs` (default 5,000) ends what is left: handlers'
   * signals are aborted, clients get UNAVAILABLE. Always resolves, at the latest some 500 ms after `withinMs`.
   */
  drain(options: { readonly withinMs?: number } = {}): Promise<void> {
    const withinMs = options.withinMs ?? defaultDrainMs;
    checkDuration("withinMs", withinMs);
    this.#drained ??= this.#drain(withinMs);
    return this.#drained;
  }

  /** Ends every call and connection now. Resolves when all sockets are closed. */
  close(): Promise<void> {
    this.#cut(closeReasons.closed);
    return this.drain({ withinMs: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get #linkHost(): LinkHost {
    const { clock, turn } = this.#parts.machine;
    return { clock, turn, wheel: this.#wheel };
  }

  #limitMet(limit: string, reason: string, remote: string): void {
    this.#limitLog.add(limit, reason, { at: this.#parts.machine.clock.wallNow(), remote });
  }

  /** The calls of all connections, those that are gone among them. */
  #totals(): CallTotals {
    const counts = new CallCounts();
    counts.add(this.#formerCounts);
    for (const connection of this.#connections) counts.add(connection.counts);
    return counts.read(this.#parts.machine.clock);
  }

  async #drain(withinMs: number): Promise<void> {
    this.#state = this.#state === "serving" ? "draining" : this.#state;
    this.#view.drain();
    this.#refused.close();
    const closing = this.#listeners.map((listener) => listener.close());
    for (const { link } of [...this.#connections]) link?.drain(closeReasons.draining);
    await this.#quiet(withinMs);
    this.#cut(closeReasons.drained);
    await this.#quiet(closeGraceMs);
    for (const { link } of [...this.#connections]) link?.socket.reset();
    await this.#quiet(closeGraceMs);
    await Promise.all(closing);
    this.#state = "closed";
    this.#wheel.close();
  }

  /** Ends every call and every connection. */
  #cut(reason: string): void {
    for (const connection of [...this.#connections]) connection.cut(reason);
  }

  /** Resolves when no connection is left, or after `withinMs`. */
  #quiet(withinMs: number): Promise<void> {
    if (this.#connections.size === 0) return Promise.resolve();
    const { timers } = this.#parts.machine;
    return new Promise((resolve) => {
      const timer = timers.set(() => resolve(), withinMs);
      this.#whenQuiet.push(() => {
        timers.clear(timer);
        resolve();
      });
    });
  }

  #createInvoke(interceptors: readonly Interceptor<ServerCall>[]): ServerContext["invoke"] {
    const composed =
      interceptors.length === 0
        ? (call: ServerCall, request: unknown): unknown => call.handle(request)
        : composeInterceptors<ServerCall>(interceptors, (call, request) => call.handleWithin(request));
    return (call, request) => {
      const runAmbient = this.#parts.runAmbient();
      return runAmbient === undefined ? composed(call, request) : runAmbient(call, () => composed(call, request));
    };
  }

  #gone(connection: ServerConnection): void {
    this.#connections.delete(connection);
    this.#formerCounts.add(connection.counts);
    if (this.#connections.size > 0) return;
    const whenQuiet = this.#whenQuiet;
    this.#whenQuiet = [];
    for (const tell of whenQuiet) tell();
  }

  #whyNot(path: string): string {
    const match = /^\/([^/]+)\/([^/]+)$/.exec(path);
    if (match === null) return `${JSON.stringify(path)} is no path of a method; it should be /service/method`;
    const [, service, method] = match;
    if (this.#serviceNames.has(service as string)) return `the service ${service} has no method ${method} here`;
    return `the service ${service} is not served here`;
  }
}
