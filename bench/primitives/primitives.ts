// Benchmark, primitives: what a call is made of beside its messages, without a network, in one process.
import type { Bench, BenchOptions, BenchResult } from "../support/options.ts";
import { type RaceOptions, race } from "../support/race.ts";
import { formatFigure, formatTable } from "../support/table.ts";
import { http2Contestants } from "./http2.ts";

async function run({ short, say }: BenchOptions): Promise<BenchResult> {
  const options: RaceOptions = short ? { rounds: 5, sliceMs: 8 } : { rounds: 15, sliceMs: 25 };
  say("primitives: HTTP/2");
  const http2 = race(http2Contestants(), options);
  const table = formatTable([
    ["", "ns", "spread"],
    ...http2.map(({ name, medianNs, spread }) => [name, formatFigure(medianNs), `${(spread * 100).toFixed(0)} %`]),
  ]);
  return {
    name: "primitives",
    text: `HTTP/2 in memory, median of ${options.rounds} rounds\n${table}`,
    data: { http2 },
    goals: [],
  };
}

export const primitives: Bench = { name: "primitives", about: "header blocks and HTTP/2 in memory", run };
