// Benchmark: sides beside each other at several loads, and goals between them. Sides that stand in a goal run
// in every round, the others once: a look at their order of magnitude.
import { type Goal, type GoalResult, judge } from "./goals.ts";
import type { BenchOptions, BenchResult } from "./options.ts";
import { type RoundsResult, ratios, runRounds, type Series } from "./rounds.ts";
import { isPinned, type Load, type Measurement, Side, type SideDescription } from "./side.ts";
import { SpinGauge } from "./spin.ts";
import { median, spread } from "./statistics.ts";
import { formatCount, formatFigure, formatTable } from "./table.ts";

/** What is compared, and on which side of the factor one wants to be. */
const figures = {
  rate: { bound: "at-least", of: (one) => one.callsPerSecond },
  p50: { bound: "at-most", of: (one) => one.p50Us },
  p99: { bound: "at-most", of: (one) => one.p99Us },
  "client CPU a call": { bound: "at-most", of: (one) => one.cpuSeconds / one.calls },
  "server CPU a call": { bound: "at-most", of: (one) => one.serverCpuSeconds / one.calls },
  "CPU a message": { bound: "at-most", of: (one) => (one.cpuSeconds + one.serverCpuSeconds) / one.calls },
} satisfies Record<string, { bound: Goal["bound"]; of: (one: Measurement) => number }>;

/** A rate as people read it: `of` is how much one call counts. */
export interface RateUnit {
  readonly name: string;
  readonly of: number;
}

const callsPerSecond: RateUnit = { name: "calls/s", of: 1 };

/** `figure` of `side` over that of `peer`, both by their names. */
export interface SideGoal {
  /** The load's name. */
  readonly load: string;
  readonly side: string;
  readonly peer: string;
  readonly figure: keyof typeof figures;
  readonly factor: number;
}

/** One level of load; `sides` names those that take part, all when it is absent. */
export interface Level {
  readonly load: Load;
  readonly rounds: number;
  /** What a rate is printed in. Default: calls a second. */
  readonly unit?: RateUnit;
  readonly sides?: readonly string[];
}

export interface Comparison {
  readonly name: string;
  /** The side whose goals need not name it. */
  readonly ours: string;
  readonly sides: readonly SideDescription[];
  readonly levels: readonly Level[];
  readonly goals: readonly SideGoal[];
}

interface LevelResult extends RoundsResult {
  readonly level: Level;
}

/** The sides that a goal at this load names. */
function judgedNames(goals: readonly SideGoal[], load: Load): ReadonlySet<string> {
  const there = goals.filter((goal) => goal.load === load.name);
  return new Set(there.flatMap(({ side, peer }) => [side, peer]));
}

async function measureLevel(comparison: Comparison, level: Level, running: Running): Promise<LevelResult> {
  const judged = judgedNames(comparison.goals, level.load);
  const named = running.sides.filter(({ description: { name } }) => level.sides?.includes(name) ?? true);
  const often = named.filter(({ description }) => judged.has(description.name));
  const once = named.filter(({ description }) => !judged.has(description.name));
  const rounds = await runRounds(often, level.load, level.rounds, running.gauge);
  const rest = await runRounds(once, level.load, 1, running.gauge);
  return { ...rounds, level, series: new Map([...rounds.series, ...rest.series]) };
}

interface Running {
  readonly sides: readonly Side[];
  readonly gauge: SpinGauge;
}

function judgeGoals(comparison: Comparison, { sides }: Running, results: readonly LevelResult[]): GoalResult[] {
  const find = (name: string) => sides.find(({ description }) => description.name === name);
  const titleOf = (name: string) => comparison.sides.find((side) => side.name === name)?.title ?? name;
  return comparison.goals.map(({ load, side: name, peer, figure, factor }) => {
    const { bound, of } = figures[figure];
    const subject = name === comparison.ours ? comparison.name : `${comparison.name}, ${titleOf(name)},`;
    const what = `${subject} ${load}${figure === "rate" ? "" : ` ${figure}`}`;
    const goal: Goal = { what, peer: titleOf(peer), bound, factor };
    const result = results.find(({ level }) => level.load.name === load);
    const [side, other] = [find(name), find(peer)];
    if (result === undefined || side === undefined || other === undefined) return judge(goal, []);
    return judge(goal, ratios(result.series, side, other, of), result.doubtful);
  });
}

function formatLevel(name: string, { level, series, dropped, doubtful }: LevelResult): string {
  const { name: unitName, of } = level.unit ?? callsPerSecond;
  const formatRate = of === 1 ? formatCount : formatFigure;
  const head = ["", unitName, "spread", "p50 us", "p99 us", "client cpu s", "server cpu s", "rounds"];
  const rows = [...series].map(([side, measured]) => {
    const middle = (figure: (one: Measurement) => number): string => formatFigure(median(measured.map(figure)));
    const rates = measured.map((one) => one.callsPerSecond);
    return [
      side.description.title,
      formatRate(median(rates) * of),
      measured.length > 1 ? `${(spread(rates) * 100).toFixed(0)} %` : "-",
      middle((one) => one.p50Us),
      middle((one) => one.p99Us),
      middle((one) => one.cpuSeconds),
      middle((one) => one.serverCpuSeconds),
      `${measured.length}`,
    ];
  });
  const { name: loadName, countedMs } = level.load;
  const lost = dropped > 0 ? `, ${dropped} rounds dropped beside a slow machine` : "";
  const kept = doubtful > 0 ? `, ${doubtful} KEPT BESIDE A SLOW MACHINE: measure again` : "";
  return `${name}, ${loadName}, ${countedMs / 1000} s counted a round${lost}${kept}\n${formatTable([head, ...rows])}`;
}

function formatSides(sides: readonly SideDescription[]): string {
  const rows = sides.map(({ title, version, settings, missing }) => [
    title,
    version,
    missing === undefined ? settings : `MISSING: ${missing}`,
  ]);
  return formatTable([["side", "version", "settings"], ...rows]);
}

const plainSeries = (series: Series): Record<string, readonly Measurement[]> =>
  Object.fromEntries([...series].map(([side, measured]) => [side.description.name, measured]));

/** Starts every side that is there, measures level by level, and ends them all. */
export async function runComparison(comparison: Comparison, { say }: BenchOptions): Promise<BenchResult> {
  const { name } = comparison;
  const sides: Side[] = [];
  const running: Running = { sides, gauge: new SpinGauge() };
  const results: LevelResult[] = [];
  try {
    for (const description of comparison.sides) {
      if (description.missing === undefined) sides.push(await Side.start(description));
    }
    for (const level of comparison.levels) {
      say(`${name}: ${level.load.name}`);
      results.push(await measureLevel(comparison, level, running));
    }
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
  const spinsMs = running.gauge.timesMs;
  const [fastest, slowest] = [Math.min(...spinsMs), Math.max(...spinsMs)].map(formatFigure);
  const pinned = isPinned ? "servers on core 0, clients on core 1" : "not pinned: no taskset, or one core";
  const tables = results.map((result) => formatLevel(name, result));
  const levels = results.map(({ level, series, dropped, doubtful }) => {
    return { ...level, dropped, doubtful, measured: plainSeries(series) };
  });
  return {
    name,
    text: [
      formatSides(comparison.sides),
      `${pinned}; spin loop ${fastest} to ${slowest} ms; CPU seconds of the counted time`,
      ...tables,
    ].join("\n\n"),
    data: { isPinned, spinsMs, sides: comparison.sides, levels },
    goals: judgeGoals(comparison, running, results),
  };
}
