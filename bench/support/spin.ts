// Benchmark: a loop of known cost. Machines throttle after bursts and share their cores; a round beside a slow spin is
// dropped, because it measured the machine.

/** How many times slower than the fastest spin of the run still counts as the same machine. */
const slowFactor = 1.25;
const spins = 30_000_000;

/** Runs the loop and returns its milliseconds. */
function spin(): number {
  const startedAt = performance.now();
  let state = 1;
  for (let i = 0; i < spins; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  if (state === 0) throw new Error("the generator has no zero on this path");
  return performance.now() - startedAt;
}

/** Judges the machine between rounds by the fastest spin seen so far. */
export class SpinGauge {
  readonly #times: number[] = [];

  constructor() {
    // The first ones compile the loop.
    for (let i = 0; i < 3; i++) spin();
    this.isSlow();
  }

  /** Spins once; true when the machine is slower now than it has been. */
  isSlow(): boolean {
    const time = spin();
    this.#times.push(time);
    return time > Math.min(...this.#times) * slowFactor;
  }

  get timesMs(): readonly number[] {
    return this.#times;
  }
}
