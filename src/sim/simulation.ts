// The simulated machine: any number of them on one network in one process, driven by virtual time and a seed. The same seed
// and the same program give the same packets at the same times. It uses nothing of the machine it runs on.
import type { Ambient, Clock, Compression, Machine } from "../host/index.ts";
import { type NetworkRules, SimulatedNetwork } from "./network.ts";
import { SeededRandom } from "./random.ts";
import { Scheduler, SimulationError } from "./scheduler.ts";
import type { TraceEvent } from "./way.ts";

/** What a simulation starts from. */
export interface SimulationOptions {
  /** Where all chance comes from; its low 32 bits count. */
  readonly seed: number;
  /** What the wall clocks show at the beginning, in milliseconds since 1970. Default 2020-01-01. */
  readonly wallStartMs?: number;
  /** Compression for every machine, such as the real machine's. Its work takes real time. Default: none. */
  readonly compression?: Compression;
  /** Ambient values for every machine, such as the real machine's. Default: they do not survive an `await`. */
  readonly ambient?: Ambient;
  /**
   * Resolves when all promise reactions have run. `setImmediate` of `node:timers/promises` is exact, and faster than the
   * default, which uses nothing of the machine: a step then waits for chains of up to `maxReactionDepth` reactions.
   */
  readonly settle?: () => Promise<void>;
  /** Called with everything the network does. */
  readonly onTrace?: (event: TraceEvent) => void;
}

/** How long a simulation may go on. */
export interface RunOptions {
  /** Virtual milliseconds. Default one hour. */
  readonly maxMs?: number;
}

const defaultMaxMs = 3_600_000;
const defaultWallStartMs = 1_577_836_800_000;

/** A simulation: its machines, its network's rules, and the only ways in which its time passes. */
export interface Simulation {
  readonly seed: number;
  readonly clock: Clock;
  readonly network: NetworkRules;
  /** The machine of that name (a host name, in lower case); it is made when first asked for. */
  machine(name: string): Machine;
  /**
   * Steps until `task` settles, and returns or throws what it does. Rejects with a `SimulationError` when nothing is left
   * that could settle it, or `maxMs` have passed.
   */
  run<Result>(task: Promise<Result> | (() => Promise<Result>), options?: RunOptions): Promise<Result>;
  /** Lets exactly `ms` pass. */
  advance(ms: number): Promise<void>;
  /** Steps until only background timers are left. Rejects with a `SimulationError` when `maxMs` have passed. */
  runUntilIdle(options?: RunOptions): Promise<void>;
}

/** Makes a simulation at time 0, with no machine yet. */
export function createSimulation(options: SimulationOptions): Simulation {
  const random = new SeededRandom(options.seed);
  const scheduler = new Scheduler({ wallStartMs: options.wallStartMs ?? defaultWallStartMs, settle: options.settle });
  const network = new SimulatedNetwork(scheduler, random.derive("network"), options.onTrace ?? (() => {}));
  const machines = new Map<string, Machine>();

  const machine = (name: string): Machine => {
    const known = machines.get(name);
    if (known !== undefined) return known;
    if (!/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/.test(name) || name === "localhost") {
      throw new Error(`${JSON.stringify(name)} is not a machine's name; use a host name in lower case`);
    }
    const made: Machine = {
      clock: scheduler.clock,
      timers: scheduler,
      turn: scheduler,
      random: random.derive(`machine ${name}`),
      network: network.addHost(name),
      compression: options.compression ?? { names: [], find: () => undefined },
      ambient: options.ambient ?? new SynchronousAmbient(),
    };
    machines.set(name, made);
    return made;
  };

  const run: Simulation["run"] = async (task, { maxMs = defaultMaxMs } = {}) => {
    const promise = typeof task === "function" ? task() : task;
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    const limitMs = scheduler.nowMs + maxMs;
    const outcome = await scheduler.drive({ isReached: () => isSettled, limitMs, stopsWhenIdle: false });
    if (outcome === "reached") return promise;
    throw outcome === "idle" ? stuck(scheduler.nowMs) : outOfTime(scheduler, limitMs);
  };

  const advance = async (ms: number): Promise<void> => {
    const limitMs = scheduler.nowMs + ms;
    await scheduler.drive({ isReached: () => false, limitMs, stopsWhenIdle: false });
    scheduler.jumpTo(limitMs);
  };

  const runUntilIdle = async ({ maxMs = defaultMaxMs }: RunOptions = {}): Promise<void> => {
    const limitMs = scheduler.nowMs + maxMs;
    const outcome = await scheduler.drive({ isReached: () => false, limitMs, stopsWhenIdle: true });
    if (outcome === "out-of-time") throw outOfTime(scheduler, limitMs);
  };

  return { seed: options.seed, clock: scheduler.clock, network, machine, run, advance, runUntilIdle };
}

function stuck(atMs: number): SimulationError {
  const message = `the simulation is stuck at ${atMs} ms: nothing is left to happen, and the awaited promise is not settled`;
  return new SimulationError("stuck", message, atMs);
}

function outOfTime(scheduler: Scheduler, limitMs: number): SimulationError {
  scheduler.jumpTo(limitMs);
  return new SimulationError("out-of-time", `the simulation was not done by ${limitMs} ms; raise maxMs`, limitMs);
}

/** Values for as long as a function runs; without help from the machine they cannot follow a promise. */
class SynchronousAmbient implements Ambient {
  #value: unknown;

  run<Result>(value: unknown, task: () => Result): Result {
    const before = this.#value;
    this.#value = value;
    try {
      return task();
    } finally {
      this.#value = before;
    }
  }

  current(): unknown {
    return this.#value;
  }
}
