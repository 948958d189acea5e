// Benchmark, primitives: what a call is made of, without a network, in one process.

import { runMarshalling } from "../marshal/marshalling.ts";
import type { Bench, BenchOptions, BenchResult } from "../support/options.ts";
import { type RaceOptions, race } from "../support/race.ts";
import { formatFigure, formatTable } from "../support/table.ts";
import { http2Contestants } from "./http2.ts";

async function run({ short, say }: BenchOptions): Promise<BenchResult> {
  const options: RaceOptions = short ? { rounds: 5, sliceMs: 8 } : { rounds: 15, sliceMs: 25 };
  say("primitives: marshalling");
  const marshalling = runMarshalling(options);
  say("primitives: HTTP/2");
  const http2 = race(http2Contestants(), options);
  const names = marshalling.rows[0]?.standings.map(({ name }) => name) ?? [];
  const marshallingTable = formatTable([
    ["ns", ...names],
    ...marshalling.rows.map(({ what, standings }) => [
      what,
      ...standings.map(({ medianNs }) => formatFigure(medianNs)),
    ]),
  ]);
  const http2Table = formatTable([
    ["", "ns", "spread"],
    ...http2.map(({ name, medianNs, spread }) => [name, formatFigure(medianNs), `${(spread * 100).toFixed(0)} %`]),
  ]);
  return {
    name: "primitives",
    text: `marshalling, median of ${options.rounds} rounds\n${marshallingTable}\n\nHTTP/2 in memory\n${http2Table}`,
    data: { marshalling: marshalling.rows, http2 },
    goals: marshalling.goals,
  };
}

export const primitives: Bench = { name: "primitives", about: "marshalling, header blocks and HTTP/2 in memory", run };
