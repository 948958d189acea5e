// Many calls on a network that delays, cuts, resets and refuses at random, to a server that is drained, closed and started
// again: each call ends by its deadline, and what it says is held against the handlers' record once all has arrived.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, type ClientCallContext, type Interceptor, type Server } from "farcall";
import { type Behaviour, Probe } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

/** Chance of its own, so that a seed is a whole story (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Ended {
  readonly tag: string;
  readonly outcome: string;
  readonly execution: string;
  readonly attempts: number;
  readonly lateMs: number;
}

/** Makes a call up to three times, or twice at once, whatever the failure was: a proxy or a program without scruples. */
function reckless(random: () => number): Interceptor<ClientCallContext> {
  return async (call, next) => {
    if (random() < 0.3) {
      const hedges = [next(), next()] as Promise<unknown>[];
      return random() < 0.5
        ? Promise.any(hedges).catch((error: AggregateError) => Promise.reject(error.errors[0]))
        : Promise.race(hedges);
    }
    let last: unknown;
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        return await next(call.request);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  };
}

class Story {
  readonly random: () => number;
  readonly world: Simulated;
  readonly ended: Ended[] = [];
  readonly #retries: boolean;
  #server: Server | undefined;
  #restarting: Promise<void> | undefined;

  constructor(seed: number, retries: boolean) {
    this.random = chance(seed);
    this.world = new Simulated(seed);
    this.#retries = retries;
  }

  async tell(): Promise<void> {
    const { world, random } = this;
    const { simulation } = world;
    simulation.network.setWay({ delayMs: { minMs: 0, maxMs: 1 + 20 * random() } });
    if (random() < 0.5) simulation.network.setWay({ maxPieceBytes: 1 + Math.floor(40 * random()) });
    await world.run(() => this.#start());
    const channel = world.dial({
      backoff: { initialMs: 20, maxMs: 100 },
      connectTimeoutMs: 200,
      maxConnections: 1 + Math.floor(3 * random()),
      ...(this.#retries && { interceptors: [reckless(random)] }),
    });
    const stub = channel.stub(Probe);
    const calls: Promise<void>[] = [];
    for (let index = 0; index < 60; index++) {
      calls.push(this.#call(stub.run, `${index}`));
      if (random() < 0.12) this.#fault();
      await simulation.advance(15 * random());
    }
    simulation.network.heal("client", "server");
    simulation.network.admit("server", "accept");
    await world.run(() => Promise.all(calls), 20_000);
    await world.run(() => channel.close());
    await simulation.advance(10_000);
    assert.equal(channel.snapshot().deadlines, 0);
    assert.equal(this.#restarting, undefined, "the server's end takes its time and no more");
    await world.run(() => (this.#server as Server).close());
  }

  async #start(): Promise<void> {
    const { world } = this;
    const behave: Behaviour = async ({ tag }, call) => {
      const kind = Number(tag) % 7;
      if (kind === 1) await call.sleep(30);
      if (kind === 2) throw new CallError("ABORTED", "no");
      if (kind === 3) await new Promise<void>((resolve) => world.server.timers.set(resolve, 60));
      return { tag };
    };
    const limits = this.random() < 0.5 ? { http2: { maxConcurrentStreams: 3 } } : {};
    const refusing = this.random() < 0.3;
    this.#server = await world.serve(behave, {
      limits,
      interceptors: [
        (call, next) => {
          if (refusing && (call.request as { tag: string }).tag.endsWith("5"))
            throw new CallError("RESOURCE_EXHAUSTED", "full");
          return next();
        },
      ],
    });
  }

  async #call(run: (request: { tag: string }, options: object) => Promise<unknown>, tag: string): Promise<void> {
    const { world, random } = this;
    const controller = new AbortController();
    const timeoutMs = random() < 0.3 ? Math.floor(60 * random()) : 500 + 500 * random();
    if (random() < 0.15) world.client.timers.set(() => controller.abort(), 40 * random());
    const startedAt = world.nowMs;
    const outcome = await run({ tag }, { timeoutMs, signal: controller.signal }).then(
      () => ({ outcome: "OK", execution: "executed", attempts: 1 }),
      (error: unknown) => {
        if (!(error instanceof CallError)) throw error;
        return { outcome: error.code, execution: error.execution, attempts: error.attempts };
      },
    );
    this.ended.push({ tag, ...outcome, lateMs: world.nowMs - startedAt - timeoutMs });
  }

  async #restart(withinMs: number): Promise<void> {
    const server = this.#server as Server;
    await (withinMs === 0 ? server.close() : server.drain({ withinMs }));
    await this.#start();
    this.#restarting = undefined;
  }

  #fault(): void {
    const { world, random } = this;
    const { network } = world.simulation;
    const soon = (task: () => void): void => void world.client.timers.set(task, 100 * random());
    const kind = Math.floor(7 * random());
    if (kind <= 1) network.resetConnections("client", "server");
    else if (kind === 2) {
      network.cut("client", "server", { oneWay: random() < 0.5 });
      soon(() => network.heal("client", "server"));
    } else if (kind === 3) {
      network.cut("server", "client", { oneWay: true });
      soon(() => network.heal("client", "server"));
    } else if (kind === 4) {
      network.admit("server", random() < 0.5 ? "refuse" : "ignore");
      soon(() => network.admit("server", "accept"));
    } else {
      this.#restarting ??= this.#restart(random() < 0.5 ? 0 : 50 * random());
    }
  }
}

/** Checks every ending of a story against the record. */
function judge({ ended, world }: Story): Map<string, number> {
  assert.equal(ended.length, 60, "every call has ended");
  const words = new Map<string, number>();
  for (const { tag, outcome, execution, attempts, lateMs } of ended) {
    const starts = world.tally.starts(tag);
    const what = `${tag}: ${outcome}, ${execution}, ${attempts} attempts, ${starts} runs`;
    assert.ok(lateMs <= 0.001, `${what}: ${lateMs} ms after its deadline`);
    words.set(execution, (words.get(execution) ?? 0) + 1);
    if (execution === "not-executed") assert.equal(starts, 0, what);
    if (execution === "executed") assert.ok(world.tally.settles(tag) >= 1, what);
    if (outcome !== "OK") assert.ok(starts <= attempts, what);
  }
  return words;
}

const seeds = Array.from({ length: 40 }, (_, index) => 1000 + index);

test("single calls: what each says is so, an OK ran exactly once, and all end in time", async () => {
  const words = new Map<string, number>();
  for (const seed of seeds) {
    const story = new Story(seed, false);
    try {
      await story.tell();
      for (const [word, count] of judge(story)) words.set(word, (words.get(word) ?? 0) + count);
      for (const { tag, outcome } of story.ended) {
        if (outcome === "OK") assert.equal(story.world.tally.starts(tag), 1, `${tag} ran once`);
      }
    } catch (error) {
      throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
    }
  }
  // A run in which nothing fails, or everything, would show nothing.
  for (const word of ["executed", "not-executed", "unknown"])
    assert.ok((words.get(word) ?? 0) > 100, `${word}: ${words.get(word)}`);
});

test("calls that are retried and hedged without scruples: what the whole says is so", async () => {
  const words = new Map<string, number>();
  for (const seed of seeds) {
    const story = new Story(seed + 5000, true);
    try {
      await story.tell();
      for (const [word, count] of judge(story)) words.set(word, (words.get(word) ?? 0) + count);
    } catch (error) {
      throw new Error(`seed ${seed + 5000}: ${String(error)}`, { cause: error });
    }
  }
  for (const word of ["executed", "not-executed", "unknown"])
    assert.ok((words.get(word) ?? 0) > 50, `${word}: ${words.get(word)}`);
});

test("the same seed tells the same story", async () => {
  const endings: unknown[] = [];
  for (let run = 0; run < 2; run++) {
    const story = new Story(42, true);
    await story.tell();
    endings.push(story.ended);
  }
  assert.deepEqual(endings[0], endings[1]);
});
