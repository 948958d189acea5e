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
}

/** Nanoseconds for one time. */
function measure({ run }: Contestant, times: number): number {
  const startedAt = performance.now();
  const result = run(times);
  const elapsed = performance.now() - startedAt;
  if (result === undefined) throw new Error("a contestant must return what it made, or the engine may leave it out");
  return (elapsed * 1e6) / times;
}

/** How many times fill a slice; finding out warms the code up. */
function calibrate(contestant: Contestant, sliceMs: number): number {
  let times = 16;
  for (let round = 0; round < 12; round++) {
    const ns = measure(contestant, times);
    times = Math.max(16, Math.min(times * 8, Math.round((sliceMs * 1e6) / ns)));
  }
  return times;
}

/** Runs every contestant in every round. */
export function race(contestants: readonly Contestant[], { rounds, sliceMs }: RaceOptions): Standing[] {
  const times = contestants.map((contestant) => calibrate(contestant, sliceMs));
  const taken: number[][] = contestants.map(() => []);
  for (let round = 0; round < rounds; round++) {
    contestants.forEach((contestant, index) => {
      taken[index]?.push(measure(contestant, times[index] as number));
    });
  }
  return contestants.map(({ name }, index) => {
    const of = taken[index] ?? [];
    return { name, rounds: of, medianNs: median(of), spread: spread(of) };
  });
}
