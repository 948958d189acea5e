// Benchmark: rounds. In each round every side runs once, one after the other, so that the two sides of a ratio alternate;
// a round beside a slow spin of the machine is dropped and taken again, within bounds.
import type { Load, Measurement, Side } from "./side.ts";
import type { SpinGauge } from "./spin.ts";

/** The measurements of one side at one load, one a kept round. */
export type Series = ReadonlyMap<Side, readonly Measurement[]>;

export interface RoundsResult {
  readonly series: Series;
  /** Rounds dropped because the machine was slow beside them. */
  readonly dropped: number;
  /** Rounds kept all the same, because there were not enough others. */
  readonly doubtful: number;
}

/** How many rounds beyond those asked for may be taken to make up for dropped ones: half as many, and never more than two. */
const maxExtraRounds = (rounds: number): number => Math.min(2, Math.floor(rounds / 2));
/** Warm-up of a side that has run this load before. */
const shortWarmupMs = 300;

/** Runs `rounds` rounds of all sides under one load. */
export async function runRounds(
  sides: readonly Side[],
  load: Load,
  rounds: number,
  gauge: SpinGauge,
): Promise<RoundsResult> {
  const clean: Map<Side, Measurement>[] = [];
  const slow: Map<Side, Measurement>[] = [];
  let slowBefore = gauge.isSlow();
  for (let round = 0; clean.length < rounds && round < rounds + maxExtraRounds(rounds); round++) {
    const measured = new Map<Side, Measurement>();
    for (const side of sides) {
      const warmupMs = side.isWarm(load) ? Math.min(load.warmupMs, shortWarmupMs) : load.warmupMs;
      measured.set(side, await side.run({ ...load, warmupMs }));
    }
    const slowAfter = gauge.isSlow();
    (slowBefore || slowAfter ? slow : clean).push(measured);
    slowBefore = slowAfter;
  }
  const doubtful = Math.min(slow.length, rounds - clean.length);
  const used = [...clean, ...slow.slice(0, doubtful)];
  const series = new Map(sides.map((side) => [side, used.map((measured) => measured.get(side) as Measurement)]));
  return { series, dropped: slow.length - doubtful, doubtful };
}

/** One ratio a round: `figure` of one side over that of another. */
export function ratios(series: Series, side: Side, other: Side, figure: (measured: Measurement) => number): number[] {
  const others = series.get(other) ?? [];
  return (series.get(side) ?? []).map((measured, round) => figure(measured) / figure(others[round] as Measurement));
}
