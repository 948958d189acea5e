// Test support: the steps of which the life of a connection is made, as commands for fast-check. Steps that follow each other
// without an `advance` fall into one turn of the machine.
import assert from "node:assert/strict";
import fc from "fast-check";
import type { LifeCall } from "./life-call.ts";
import { deadAfterMs, type LifePair, type ServerSettings } from "./life-pair.ts";
import { kinds, type Plan } from "./life-service.ts";

type Pair = LifePair;

class Step implements fc.AsyncCommand<Pair, Pair> {
  readonly #title: string;
  readonly #isPossible: (pair: Pair) => boolean;
  readonly #play: (pair: Pair) => void | Promise<void>;

  constructor(title: string, isPossible: (pair: Pair) => boolean, play: (pair: Pair) => void | Promise<void>) {
    this.#title = title;
    this.#isPossible = isPossible;
    this.#play = play;
  }

  check(pair: Readonly<Pair>): boolean {
    return this.#isPossible(pair as Pair);
  }

  async run(pair: Pair): Promise<void> {
    await this.#play(pair);
    // The program has not run on yet: what it has given up may be counted still.
    await new Promise((resolve) => setImmediate(resolve));
    const { queuedCalls, connections } = pair.channel.snapshot();
    assert.ok(queuedCalls <= pair.open.length, `${queuedCalls} calls wait, ${pair.open.length} are open`);
    if (pair.silentMs <= deadAfterMs) return;
    const dead = connections.filter(({ openCalls }) => openCalls > 0);
    assert.deepEqual(dead, [], `calls on connections that were silent for ${pair.silentMs} ms`);
  }

  toString(): string {
    return this.#title;
  }
}

/** A step on one of the calls that it fits. */
function onCall(title: string, index: number, fits: (call: LifeCall) => boolean, act: (call: LifeCall) => void): Step {
  const pick = ({ calls }: Pair): LifeCall | undefined => {
    const found = calls.filter(fits);
    return found[index % Math.max(1, found.length)];
  };
  return new Step(
    `${title} #${index}`,
    (pair) => pick(pair) !== undefined,
    (pair) => act(pick(pair) as LifeCall),
  );
}

const index = fc.nat(20);
const messageBytes = fc.constantFrom(0, 10, 3000, 20_000, 40_000);
/** Of a handler that only its client's leaving, or its deadline, wakes. */
const sleeperMs = 600_000;
const plan: fc.Arbitrary<Plan> = fc
  .record({
    pauseMs: fc.constantFrom(0, 0, 5, 50, 50, sleeperMs),
    replies: fc.integer({ min: 0, max: 5 }),
    replyBytes: messageBytes,
    fails: fc.nat(9).map((chance) => chance === 0),
    isDeaf: fc.nat(4).map((chance) => chance === 0),
  })
  .map((planned) => ({ ...planned, isDeaf: planned.isDeaf && planned.pauseMs < sleeperMs }));
const timeoutMs = fc.oneof(
  fc.constant(Number.POSITIVE_INFINITY),
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 300, max: 40_000 }),
);

export const serverSettings: fc.Arbitrary<ServerSettings> = fc.record({
  maxConcurrentStreams: fc.constantFrom(1, 2, 100, 100),
  maxConnectionAgeMs: fc.constantFrom(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 30, 3000),
});

const always = (): boolean => true;

const start = fc
  .tuple(fc.constantFrom(...kinds), plan, timeoutMs)
  .map(
    ([kind, planned, ms]) =>
      new Step(`start ${kind} ${JSON.stringify(planned)} within ${ms} ms`, always, (pair) =>
        pair.start(kind, planned, ms),
      ),
  );
const send = fc.tuple(index, messageBytes).map(([at, size]) =>
  onCall(
    `send ${size} B`,
    at,
    ({ canSend }) => canSend,
    (call) => call.send(size),
  ),
);
const halfClose = index.map((at) =>
  onCall(
    "half-close",
    at,
    ({ canSend }) => canSend,
    (call) => call.halfClose(),
  ),
);
const read = fc.tuple(index, fc.integer({ min: 1, max: 4 })).map(([at, count]) =>
  onCall(
    `read ${count}`,
    at,
    ({ canRead }) => canRead,
    (call) => call.read(count),
  ),
);
const cancel = index.map((at) =>
  onCall(
    "cancel",
    at,
    ({ ending }) => ending === undefined,
    (call) => call.cancel(),
  ),
);

const advance = fc
  .oneof(
    { weight: 10, arbitrary: fc.integer({ min: 0, max: 20 }) },
    { weight: 3, arbitrary: fc.integer({ min: 20, max: 500 }) },
    { weight: 1, arbitrary: fc.constantFrom(2500, 13_000, 31_000) },
  )
  .map((ms) => new Step(`advance ${ms} ms`, always, (pair) => pair.simulation.advance(ms)));

const limitStreams = fc
  .integer({ min: 0, max: 4 })
  .map((count) => new Step(`limit to ${count} streams`, always, (pair) => pair.tap.limitStreams(count)));
const sayGoAway = fc.constant(new Step("GOAWAY", always, (pair) => pair.tap.sayGoAway()));
const way = fc
  .tuple(fc.constantFrom(0, 1, 30), fc.constantFrom(500, 5000, Number.POSITIVE_INFINITY))
  .map(
    ([maxMs, maxPieceBytes]) =>
      new Step(`way of up to ${maxMs} ms in pieces of ${maxPieceBytes} B`, always, (pair) =>
        pair.simulation.network.setWay({ delayMs: { minMs: maxMs / 10, maxMs }, maxPieceBytes }),
      ),
  );

const reset = fc.constant(new Step("reset", always, (pair) => pair.reset()));
const cut = fc.constantFrom("both", "to-server", "to-client").map(
  (which) =>
    new Step(
      `cut ${which}`,
      ({ isCut }) => !isCut,
      (pair) => pair.cut(which),
    ),
);
const heal = fc.constant(
  new Step(
    "heal",
    ({ isCut }) => isCut,
    (pair) => pair.heal(),
  ),
);
const stop = fc.constantFrom(0, 100, 5000).map(
  (withinMs) =>
    new Step(
      `drain within ${withinMs} ms`,
      ({ isUp }) => isUp,
      (pair) => pair.stop(withinMs),
    ),
);
const restart = serverSettings.map(
  (settings) =>
    new Step(
      `restart ${JSON.stringify(settings)}`,
      ({ isUp }) => !isUp,
      (pair) => pair.serve(settings),
    ),
);

/** A program's steps, and a network that is well. */
const quiet = [start, start, start, send, send, halfClose, read, read, cancel, advance, advance, advance];
/** What a server does to connections in order. */
const changes = [limitStreams, sayGoAway, way];
const weather = [reset, cut, heal, heal, stop, restart, restart];

/** Lives in which calls may fail by nothing but themselves. */
export const calmLife = fc.commands([...quiet, ...quiet, ...changes], { maxCommands: 60, size: "max" });
/** Lives with everything. */
export const stormyLife = fc.commands([...quiet, ...quiet, ...changes, ...weather], { maxCommands: 80, size: "max" });
