// Benchmark, marshalling: encoding and decoding messages of many shapes, ours beside other toolkits in the same process.
import type { GoalResult } from "../support/goals.ts";
import type { Bench, BenchOptions, BenchResult } from "../support/options.ts";
import { type RaceOptions, race } from "../support/race.ts";
import { formatCount, formatFigure, formatTable } from "../support/table.ts";
import { type Allocation, measureAllocations } from "./allocation.ts";
import { type Entry, loadEntries } from "./entries.ts";
import { type Direction, judgeRow, type Row } from "./goals.ts";
import type { Toolkit } from "./toolkit.ts";

const repeat =
  (task: () => unknown) =>
  (times: number): unknown => {
    let last: unknown;
    for (let time = 0; time < times; time++) last = task();
    return last;
  };

/** Races one shape one way. */
function raceRow({ shape, entrants, stringBound }: Entry, direction: Direction, options: RaceOptions): Row {
  const contestants = entrants.map(({ toolkit, marshaller }) => ({
    name: toolkit.name,
    run: repeat(marshaller[direction]),
  }));
  return {
    shape: shape.name,
    direction,
    beside: shape.beside,
    stringBound,
    standings: race(contestants, options),
  };
}

/** The table of one shape: a toolkit a line, for each direction its time, the spread of its rounds and its memory. */
function formatShape(entry: Entry, rows: readonly Row[], allocations: readonly Allocation[]): string {
  const { shape, encodedBytes, stringShare, stringBound } = entry;
  const cells = (name: string): string[] =>
    rows.flatMap(({ direction, standings }) => {
      const standing = standings.find((one) => one.name === name);
      const allocation = allocations.find(
        (one) => one.shape === shape.name && one.toolkit === name && one.direction === direction,
      );
      return [
        formatFigure(standing?.medianNs ?? Number.NaN),
        `${formatFigure((standing?.spread ?? Number.NaN) * 100)} %`,
        formatCount(allocation?.bytes ?? Number.NaN),
      ];
    });
  const head = rows.flatMap(({ direction }) => [`${direction} ns`, "spread", "bytes/op"]);
  const lines = entry.entrants.map(({ toolkit }) => [toolkit.name, ...cells(toolkit.name)]);
  const strings = `${(stringShare * 100).toFixed(0)} % of them strings`;
  return `${shape.name}: ${formatCount(encodedBytes)} bytes, ${strings}${stringBound ? ": string-bound" : ""}
${formatTable([["", ...head], ...lines])}`;
}

function formatToolkits(toolkits: readonly Toolkit[]): string {
  return formatTable([
    ["toolkit", "version", "settings"],
    ...toolkits.map(({ name, version, settings }) => [name, version, settings]),
  ]);
}

/** Rounds long enough to tell, or short ones to look. */
function raceOptions({ short, rounds }: BenchOptions): RaceOptions {
  const options = { warmRounds: 6, clock: "cpu" } as const;
  return short ? { ...options, rounds: rounds ?? 5, sliceMs: 4 } : { ...options, rounds: rounds ?? 15, sliceMs: 20 };
}

async function run(given: BenchOptions): Promise<BenchResult> {
  const { short, only = [], say } = given;
  const options = raceOptions(given);
  const warmMs = short ? 4 : 20;
  say("marshal: all shapes, all toolkits, to warm them");
  const { entries, toolkits, directions } = await loadEntries(only, warmMs);
  const raced = entries.map((entry) => {
    say(`marshal: ${entry.shape.name}`);
    return { entry, rows: directions.map((direction) => raceRow(entry, direction, options)) };
  });
  say("marshal: memory");
  const allocations = measureAllocations(only, warmMs);
  const goals: GoalResult[] = raced.flatMap(({ rows }) => rows.flatMap(judgeRow));
  const tables = raced.map(({ entry, rows }) => formatShape(entry, rows, allocations));
  return {
    name: "marshal",
    text: `marshalling, CPU time, median of ${options.rounds} rounds\n${[formatToolkits(toolkits), ...tables].join("\n\n")}`,
    data: { rows: raced.flatMap(({ rows }) => rows), allocations },
    goals,
  };
}

export const marshal: Bench = {
  name: "marshal",
  about: "messages of many shapes encoded and decoded, beside other toolkits",
  narrows: true,
  run,
};
