// Test support: a client and a server on a simulated network, with everything that can befall them as a method. It notes when
// there was trouble, so that the judge in `life-model.ts` knows what calls may say.
import { setImmediate as settle } from "node:timers/promises";
import type { Channel, ServeOptions, Server } from "farcall";
import type { Machine } from "farcall/host";
import { createRuntime } from "farcall/runtime";
import { createSimulation, type Simulation } from "farcall/sim";
import { CountedTimers } from "./counted-timers.ts";
import { LifeCall } from "./life-call.ts";
import { type Kind, LifeService, type Plan } from "./life-service.ts";
import { WireTap } from "./life-tap.ts";

const address = "tcp://server:50051";
/** The connection's window at both ends: small, so that a few lost bytes of it stop the traffic. */
export const connectionWindowBytes = 70_000;
const resetGraceMs = 100;
/** An end that was lost on a cut way is found out by a PING, at the latest. */
const cutGraceMs = 5000;
/** Silence at which a client with calls has given its connection up: it looks once an interval, and waits for the answer. */
export const deadAfterMs = 2 * 10_000 + 2000;
/** What a drain takes beside its time. */
const drainGraceMs = 1100;

export type Cut = "both" | "to-server" | "to-client";

export interface PairSettings {
  readonly seed: number;
  readonly maxConnections: number;
  readonly serving: ServerSettings;
}

/** What a server is started with. */
export interface ServerSettings {
  readonly maxConcurrentStreams: number;
  readonly maxConnectionAgeMs: number;
}

export class LifePair {
  readonly simulation: Simulation;
  readonly service: LifeService;
  readonly tap: WireTap;
  readonly channel: Channel;
  readonly calls: LifeCall[] = [];
  /** When something was wrong by which calls may fail: from, to. */
  readonly troubles: { readonly fromMs: number; toMs: number }[] = [];
  /** A server had so few places that a call given up may keep another one out. */
  isTight = false;
  readonly #clientTimers: CountedTimers;
  readonly #serverTimers: CountedTimers;
  readonly #serverMachine: Machine;
  readonly #handlerErrors: unknown[] = [];
  #server: Server | undefined = undefined;
  readonly #ending = new Set<Promise<void>>();
  #cut: { readonly fromMs: number; toMs: number } | undefined = undefined;
  #silentSince: number | undefined = undefined;
  #down: { readonly fromMs: number; toMs: number } | undefined = undefined;

  constructor({ seed, maxConnections }: PairSettings) {
    this.simulation = createSimulation({ seed, settle: () => settle() });
    const client = this.simulation.machine("client");
    const server = this.simulation.machine("server");
    this.#clientTimers = new CountedTimers(client.timers);
    this.#serverTimers = new CountedTimers(server.timers);
    this.tap = new WireTap({ ...server, timers: this.#serverTimers });
    this.#serverMachine = this.tap.machine;
    this.service = new LifeService(server);
    this.channel = createRuntime({ ...client, timers: this.#clientTimers }).dial(address, {
      insecure: true,
      maxConnections,
      connectTimeoutMs: 2000,
      backoff: { initialMs: 20, maxMs: 500 },
      keepAlive: { intervalMs: 10_000, timeoutMs: 2000 },
      limits: { http2: { connectionWindowBytes, minPingIntervalMs: 1000 } },
    });
  }

  get nowMs(): number {
    return this.simulation.clock.now();
  }

  get isUp(): boolean {
    return this.#server !== undefined;
  }

  get isCut(): boolean {
    return this.#cut !== undefined;
  }

  /** How long nothing can have come to the client. */
  get silentMs(): number {
    return this.#silentSince === undefined ? 0 : this.nowMs - this.#silentSince;
  }

  get open(): LifeCall[] {
    return this.calls.filter(({ ending }) => ending === undefined);
  }

  async serve({ maxConcurrentStreams, maxConnectionAgeMs }: ServerSettings): Promise<void> {
    this.isTight ||= maxConcurrentStreams < 100;
    const runtime = createRuntime(this.#serverMachine, {
      onHandlerError: (error) => void this.#handlerErrors.push(error),
    });
    const options: ServeOptions = {
      insecure: true,
      maxConnectionAgeMs,
      keepAlive: { intervalMs: 10_000, timeoutMs: 2000 },
      limits: { http2: { connectionWindowBytes, maxConcurrentStreams, minPingIntervalMs: 1000 } },
    };
    const served = runtime.serve(address, [this.service.implement()], options);
    this.#server = await this.simulation.run(() => served);
    if (this.#down !== undefined) this.#down.toMs = this.nowMs + resetGraceMs;
    this.#down = undefined;
  }

  start(kind: Kind, plan: Plan, timeoutMs: number): void {
    const tag = `${this.calls.length}`;
    this.service.plans.set(tag, plan);
    this.calls.push(new LifeCall(this.channel, { tag, kind, plan, timeoutMs, now: () => this.nowMs }));
  }

  reset(): void {
    this.#trouble(resetGraceMs);
    this.simulation.network.resetConnections("client", "server");
  }

  cut(cut: Cut): void {
    this.#cut ??= this.#trouble(Number.POSITIVE_INFINITY);
    if (cut !== "to-server") this.#silentSince = this.nowMs;
    const { network } = this.simulation;
    if (cut === "both") network.cut("client", "server");
    else if (cut === "to-server") network.cut("client", "server", { oneWay: true });
    else network.cut("server", "client", { oneWay: true });
  }

  heal(): void {
    this.simulation.network.heal("client", "server");
    if (this.#cut !== undefined) this.#cut.toMs = this.nowMs + cutGraceMs;
    this.#cut = undefined;
    this.#silentSince = undefined;
  }

  /** The server takes no new calls, and leaves after a while; nobody follows it yet. */
  stop(withinMs: number): void {
    const server = this.#server as Server;
    this.#server = undefined;
    this.#trouble(withinMs + drainGraceMs);
    this.#down = this.#trouble(Number.POSITIVE_INFINITY);
    const ended = server.drain({ withinMs });
    this.#ending.add(ended);
    ended.then(() => this.#ending.delete(ended));
  }

  /** Ends all weather. */
  async calm(): Promise<void> {
    this.heal();
    this.simulation.network.setWay({ delayMs: 1, maxPieceBytes: Number.POSITIVE_INFINITY });
    this.tap.limitStreams(100);
    if (!this.isUp) await this.serve({ maxConcurrentStreams: 100, maxConnectionAgeMs: Number.POSITIVE_INFINITY });
  }

  /** Closes both sides, and answers what is left of them. */
  async close(): Promise<Readonly<Record<string, number>>> {
    const server = this.#server as Server;
    await this.simulation.run(() => this.channel.close());
    await this.simulation.run(() => server.close());
    await this.simulation.run(() => Promise.all(this.#ending));
    return {
      clientTimers: this.#clientTimers.open.size,
      serverTimers: this.#serverTimers.open.size,
      wires: this.tap.wires.length,
      clientDeadlines: this.channel.snapshot().deadlines,
      serverDeadlines: server.snapshot().deadlines,
      heldBytes: server.snapshot().bufferedBytes,
    };
  }

  /** What is left of calls while both sides stand. */
  remains(): Readonly<Record<string, number>> {
    const channel = this.channel.snapshot();
    const server = (this.#server as Server).snapshot();
    return {
      clientCalls: channel.connections.reduce((sum, { openCalls }) => sum + openCalls, 0),
      queuedCalls: channel.queuedCalls,
      drainingConnections: channel.connections.filter(({ state }) => state === "draining").length,
      serverCalls: server.openCalls,
      runningCalls: server.runningCalls,
      heldBytes: server.bufferedBytes,
      handlerErrors: this.#handlerErrors.length,
    };
  }

  #trouble(forMs: number): { readonly fromMs: number; toMs: number } {
    const trouble = { fromMs: this.nowMs, toMs: this.nowMs + forMs };
    this.troubles.push(trouble);
    return trouble;
  }
}
