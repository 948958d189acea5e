// Benchmark: unary calls a second and their latency, at 1, 64 and 512 calls in flight on one connection; server and client
// are processes of their own, each on its own core. How ratios are taken is told in docs/performance.md.
import { type Goal, type GoalResult, judge } from "../support/goals.ts";
import type { Bench, BenchOptions, BenchResult } from "../support/options.ts";
import { type RoundsResult, ratios, runRounds, type Series } from "../support/rounds.ts";
import { isPinned, type Load, type Measurement, Side, type SideDescription } from "../support/side.ts";
import { SpinGauge } from "../support/spin.ts";
import { median, spread } from "../support/statistics.ts";
import { formatCount, formatFigure, formatTable } from "../support/table.ts";
import { describeSides } from "./sides.ts";

const ours = "farcall";

interface UnaryGoal {
  readonly inFlight: number;
  readonly peer: string;
  readonly figure: "calls a second" | "p50" | "p99";
  readonly factor: number;
}

const goals: readonly UnaryGoal[] = [
  { inFlight: 64, peer: "cpp", figure: "calls a second", factor: 2 },
  { inFlight: 64, peer: "cpp", figure: "calls a second", factor: 4 },
  { inFlight: 64, peer: "grpc-js", figure: "calls a second", factor: 15 },
  { inFlight: 64, peer: "grpc-js", figure: "calls a second", factor: 25 },
  { inFlight: 64, peer: "raw", figure: "calls a second", factor: 0.5 },
  { inFlight: 64, peer: "raw-early", figure: "calls a second", factor: 0.5 },
  { inFlight: 1, peer: "raw", figure: "p50", factor: 1.3 },
  { inFlight: 1, peer: "raw", figure: "p50", factor: 1.2 },
  { inFlight: 1, peer: "raw", figure: "p99", factor: 1.5 },
];

const figures: Readonly<Record<UnaryGoal["figure"], (measured: Measurement) => number>> = {
  "calls a second": (measured) => measured.callsPerSecond,
  p50: (measured) => measured.p50Us,
  p99: (measured) => measured.p99Us,
};

/** One level of load and what is measured under it: sides in a goal take `rounds` rounds, the others one. */
interface Level {
  readonly load: Load;
  readonly rounds: number;
}

/** Latencies are judged on more and shorter pairs: one in flight gives 20,000 samples a second. */
function levelsOf(short: boolean): readonly Level[] {
  const warmupMs = short ? 300 : 1000;
  const countedMs = short ? 1000 : 3000;
  return [
    { load: { inFlight: 1, warmupMs, countedMs: short ? 600 : 1500 }, rounds: short ? 3 : 9 },
    { load: { inFlight: 64, warmupMs, countedMs }, rounds: short ? 3 : 5 },
    { load: { inFlight: 512, warmupMs, countedMs }, rounds: 1 },
  ];
}

interface LevelResult extends RoundsResult {
  readonly level: Level;
}

async function measureLevel(sides: readonly Side[], level: Level, gauge: SpinGauge): Promise<LevelResult> {
  const named = goals.filter((goal) => goal.inFlight === level.load.inFlight).map((goal) => goal.peer);
  const judged = sides.filter(({ description: { name } }) => name === ours || named.includes(name));
  const others = sides.filter((side) => !judged.includes(side));
  const { series, dropped } = await runRounds(judged, level.load, level.rounds, gauge);
  const rest = await runRounds(others, level.load, 1, gauge);
  return { level, series: new Map([...series, ...rest.series]), dropped: dropped + rest.dropped };
}

function judgeGoals(
  descriptions: readonly SideDescription[],
  sides: readonly Side[],
  results: readonly LevelResult[],
): GoalResult[] {
  const find = (name: string) => sides.find(({ description }) => description.name === name);
  return goals.map(({ inFlight, peer, figure, factor }) => {
    const title = descriptions.find(({ name }) => name === peer)?.title ?? peer;
    const what = `unary ${inFlight} in flight${figure === "calls a second" ? "" : ` ${figure}`}`;
    const goal: Goal = { what, peer: title, bound: figure === "calls a second" ? "at-least" : "at-most", factor };
    const result = results.find(({ level }) => level.load.inFlight === inFlight);
    const [side, other] = [find(ours), find(peer)];
    if (result === undefined || side === undefined || other === undefined) return judge(goal, []);
    return judge(goal, ratios(result.series, side, other, figures[figure]));
  });
}

function formatLevel({ level, series, dropped }: LevelResult, sides: readonly Side[]): string {
  const head = ["", "calls/s", "spread", "p50 us", "p99 us", "client cpu s", "server cpu s", "rounds"];
  const rows = sides.map((side) => {
    const measured = series.get(side) ?? [];
    const middle = (figure: (one: Measurement) => number): number => median(measured.map(figure));
    return [
      side.description.title,
      formatCount(middle((one) => one.callsPerSecond)),
      measured.length > 1 ? `${(spread(measured.map((one) => one.callsPerSecond)) * 100).toFixed(0)} %` : "-",
      formatFigure(middle((one) => one.p50Us)),
      formatFigure(middle((one) => one.p99Us)),
      formatFigure(middle((one) => one.cpuSeconds)),
      formatFigure(middle((one) => one.serverCpuSeconds)),
      `${measured.length}`,
    ];
  });
  const { inFlight, countedMs } = level.load;
  const title = `unary, ${inFlight} in flight, ${countedMs / 1000} s counted a round${dropped > 0 ? `, ${dropped} rounds dropped` : ""}`;
  return `${title}\n${formatTable([head, ...rows])}`;
}

function formatSides(descriptions: readonly SideDescription[]): string {
  const rows = descriptions.map(({ title, version, settings, command }) => [
    title,
    version,
    typeof command === "string" ? `MISSING: ${command}` : settings,
  ]);
  return formatTable([["side", "version", "settings"], ...rows]);
}

const plainSeries = (series: Series): Record<string, readonly Measurement[]> =>
  Object.fromEntries([...series].map(([side, measured]) => [side.description.name, measured]));

async function run({ short, say }: BenchOptions): Promise<BenchResult> {
  const descriptions = describeSides();
  const sides: Side[] = [];
  const results: LevelResult[] = [];
  const gauge = new SpinGauge();
  try {
    for (const description of descriptions) {
      if (typeof description.command !== "string") sides.push(await Side.start(description));
    }
    for (const level of levelsOf(short)) {
      say(`unary: ${level.load.inFlight} in flight, ${sides.length} sides`);
      results.push(await measureLevel(sides, level, gauge));
    }
  } finally {
    await Promise.all(sides.map((side) => side.stop()));
  }
  const pinned = isPinned ? "server on core 0, client on core 1" : "not pinned: no taskset, or one core";
  const spins = `spin loop ${formatFigure(Math.min(...gauge.timesMs))} to ${formatFigure(Math.max(...gauge.timesMs))} ms`;
  const tables = results.map((result) => formatLevel(result, sides));
  return {
    name: "unary",
    text: [formatSides(descriptions), `${pinned}; ${spins}`, ...tables].join("\n\n"),
    data: {
      isPinned,
      spinsMs: gauge.timesMs,
      sides: descriptions,
      levels: results.map(({ level, series, dropped }) => ({ ...level, dropped, sides: plainSeries(series) })),
    },
    goals: judgeGoals(descriptions, sides, results),
  };
}

export const unary: Bench = { name: "unary", about: "unary calls beside the raw socket and other gRPC toolkits", run };
