// Soak: the client: makes calls in rounds, and comes to rest after each one. The server is restarted twice in each, but in the
// last third of them it stays: what it would gather over its life shows there.
import { setTimeout as sleep } from "node:timers/promises";
import type { ServeOptions } from "farcall";
import { makeCall } from "./caller.ts";
import { Channels } from "./channels.ts";
import { codeOf, type Judgement, judgeCalls, Ledger, Record } from "./ledger.ts";
import { planCall } from "./plan.ts";
import { sampleProcess } from "./sample.ts";
import { ServerProcess } from "./server-process.ts";
import { type Ended, judgeHoldings, leftAt, type QuietPoint } from "./verdict.ts";

export interface SoakOptions {
  /** `Infinity` where the time decides. */
  readonly calls: number;
  readonly minutes: number;
}

const callers = 128;
/** A call ends within its deadline of 20 s; more is one that never ends. */
const maxEndMs = 40_000;
const maxRestMs = 5000;
const callsOfRound = 250_000;
const minRounds = 12;

/** Where a soak is, from 0 to 1. */
function progressOf({ calls, minutes }: SoakOptions, made: number, startedAt: number): number {
  return Math.max(made / calls, (performance.now() - startedAt) / (minutes * 60_000));
}

/** Rounds for so many calls, or so long: a quarter of a minute each, or shorter, so that there are twelve at least. */
function roundsOf({ calls, minutes }: SoakOptions): number {
  const wanted = Number.isFinite(calls) ? calls / callsOfRound : minutes * 4;
  return Math.max(minRounds, Math.round(wanted));
}

function serveOptionsOf(rounds: number): ServeOptions {
  return {
    // Fewer than callers: calls wait for slots and for streams.
    maxConcurrentCalls: 100,
    maxConnectionAgeMs: rounds === minRounds ? 250 : 2000,
    maxConnectionAgeGraceMs: 200,
    onHandlerError: () => {},
    // One client that leaves hundreds of calls a second is what this is about.
    limits: { http2: { maxConcurrentStreams: 24, resetsBurst: 1e9, refusalsBurst: 1e9, faultsBurst: 1e9 } },
  };
}

export class Soak {
  readonly points: QuietPoint[] = [];
  readonly breaches: string[] = [];
  restarts = 0;
  made = 0;
  readonly #options: SoakOptions;
  readonly #rounds: number;
  readonly #told = new Ledger();
  #startedAt = performance.now();

  constructor(options: SoakOptions) {
    this.#options = options;
    this.#rounds = roundsOf(options);
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** Makes all calls; resolves to what is held against them and how many channels it took. */
  async run(): Promise<{ readonly judgement: Judgement; readonly dialled: number; readonly connections: number }> {
    const server = await ServerProcess.start(serveOptionsOf(this.#rounds));
    try {
      const before = await sampleProcess(0);
      this.#startedAt = performance.now();
      const channels = new Channels(server.address, Math.max(100, Math.min(this.#options.calls / 500, 20_000)));
      for (let round = 0; round < this.#rounds; round++) {
        if (!(await this.#round(round, channels, server))) break;
      }
      await channels.close();
      const after = await sampleProcess(this.#told.bytes);
      const ends: Ended[] = [
        { side: "client", before, after },
        { side: "server", ...(await server.ask("end")) },
      ];
      this.breaches.push(...judgeHoldings(this.points, ends));
      const judgement = judgeCalls(this.#told, new Record(new Ledger(await server.ask("record"))), this.made);
      this.breaches.push(...judgement.breaches);
      const connections = this.points.at(-1)?.server.clientPorts ?? 0;
      return { judgement, dialled: channels.dialled, connections };
    } finally {
      await server.kill();
    }
  }

  /** One round of calls, and rest. Resolves to whether every call has ended. */
  async #round(round: number, channels: Channels, server: ServerProcess): Promise<boolean> {
    const endAt = (round + 1) / this.#rounds;
    const isOver = () => progressOf(this.#options, this.made, this.#startedAt) >= endAt || this.breaches.length > 0;
    const restarting = round < (this.#rounds * 2) / 3 ? this.#restart(round, server) : undefined;
    const calling = Array.from({ length: callers }, () => this.#callOnAndOn(channels, isOver));
    const giveUp = new AbortController();
    // The watch begins when no more calls do.
    const late = (async () => {
      while (!isOver()) await sleep(50, undefined, { signal: giveUp.signal });
      await sleep(maxEndMs, undefined, { signal: giveUp.signal });
      return false;
    })().catch(() => false);
    const hasEnded = await Promise.race([Promise.all([...calling, restarting]).then(() => true), late]);
    giveUp.abort();
    if (!hasEnded) this.breaches.push(`round ${round}: calls have not ended ${maxEndMs} ms after the last began`);
    if (hasEnded) this.points.push(await this.#rest(channels, server));
    return hasEnded && this.breaches.length === 0;
  }

  /** Restarts the server at a third and at two thirds of a round: once at once, once with a drain. */
  async #restart(round: number, server: ServerProcess): Promise<void> {
    for (const [third, how] of [
      [1, "close"],
      [2, "drain"],
    ] as const) {
      const at = (round + third / 3) / this.#rounds;
      while (progressOf(this.#options, this.made, this.#startedAt) < at) {
        if (this.breaches.length > 0) return;
        await sleep(2);
      }
      await server.ask(how);
      this.restarts++;
    }
  }

  async #callOnAndOn(channels: Channels, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      try {
        await this.#call(channels);
      } catch (error) {
        this.breaches.push(error instanceof Error ? error.message : String(error));
      }
    }
  }

  async #call(channels: Channels): Promise<void> {
    const number = this.made++;
    const plan = planCall(number);
    this.#told.set(number, codeOf("open"));
    const call = async (stub: Parameters<typeof makeCall>[0]): Promise<void> => {
      const { word, isUnavailable } = await makeCall(stub, plan);
      if (this.#told.get(number) !== codeOf("open")) this.breaches.push(`call ${number} ended twice`);
      this.#told.set(number, codeOf(word));
      if (isUnavailable) await sleep(2);
    };
    await (plan.isAlone ? channels.runAlone(call) : channels.run(call));
  }

  /** Waits until nothing is left of the round, or for 5 s: what is left then is a breach. */
  async #rest(channels: Channels, server: ServerProcess): Promise<QuietPoint> {
    const endAt = performance.now() + maxRestMs;
    for (;;) {
      const client = { ...(await sampleProcess(this.#told.bytes)), ...channels.sample() };
      const point = { calls: this.made, client, server: await server.ask("sample") };
      if (leftAt(point).length === 0 || performance.now() > endAt) return point;
      await sleep(20);
    }
  }
}
