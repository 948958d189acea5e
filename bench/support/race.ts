// Benchmark: contestants in one process. Each runs for a few milliseconds, one after the other, round after round, so that
// a slow moment of the machine strikes them all; the median of the rounds counts.
import { median, spread } from "./statistics.ts";

/** One way to do a thing. `run` does it `times` times and returns something that depends on all of it. */
export interface Contestant {
  readonly name: string;
  readonly run: (times: number) => unknown;
}

export interface Standing {
  readonly name: string;
  /** Nanoseconds for one time, a round. */
  readonly rounds: readonly number[];
  readonly medianNs: number;
  /** (slowest - fastest) / median. */
  readonly spread: number;
}

export interface RaceOptions {
  readonly rounds: number;
  /** How long a contestant runs in a round. */
  readonly sliceMs: number;
  /** Slices before the rounds, to find out how many times fill one, and to warm the code up. Default 12. */
  readonly warmRounds?: number;
  /**
   * `cpu`: the time that this process spent, helpers of the collector included, which others on the same cores do not
   * lengthen. Default `wall`.
   */
  readonly clock?: keyof typeof clocks;
}

/** Milliseconds from any beginning. */
const clocks = {
  wall: () => performance.now(),
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
};
type Clock = () => number;

/** Nanoseconds for one time. */
function measure({ run }: Contestant, times: number, clock: Clock): number {
  const startedAt = clock();
  const result = run(times);
  const elapsed = clock() - startedAt;
  if (result === undefined) throw new Error("a contestant must return what it made, or the engine may leave it out");
  // A clock of CPU time may stand still for a moment.
  return (Math.max(elapsed, 1e-6) * 1e6) / times;
}

/** How many times fill a slice. */
function calibrate(contestant: Contestant, options: Required<RaceOptions>): number {
  let times = 4;
  for (let round = 0; round < options.warmRounds; round++) {
    const ns = measure(contestant, times, clocks[options.clock]);
    times = Math.max(4, Math.min(times * 8, Math.round((options.sliceMs * 1e6) / ns)));
  }
  return times;
}

/**
 * Runs every contestant in every round; every other round backwards, so that nobody always pays for the garbage of the same
 * neighbour.
 */
export function race(contestants: readonly Contestant[], options: RaceOptions): Standing[] {
  const whole = { warmRounds: 12, clock: "wall", ...options } as const;
  const times = contestants.map((contestant) => calibrate(contestant, whole));
  const taken: number[][] = contestants.map(() => []);
  const order = contestants.map((_, index) => index);
  for (let round = 0; round < options.rounds; round++) {
    for (const index of order) {
      taken[index]?.push(measure(contestants[index] as Contestant, times[index] as number, clocks[whole.clock]));
    }
    order.reverse();
  }
  return contestants.map(({ name }, index) => {
    const of = taken[index] ?? [];
    return { name, rounds: of, medianNs: median(of), spread: spread(of) };
  });
}
