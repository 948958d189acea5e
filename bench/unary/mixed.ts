// Benchmark: one half of ours with one half of gRPC C++, beside C++ on both sides. The C++ half is the bottleneck: what
// tells is the CPU time that our half takes for a call in the place of theirs.
import { type Level, runComparison, type SideGoal } from "../support/comparison.ts";
import type { Bench } from "../support/options.ts";
import { describeSides } from "./sides.ts";

const inFlight = 64;
const [ourClient, ourServer] = ["farcall-cpp", "cpp-farcall"];

const goals: readonly SideGoal[] = [
  { inFlight, side: ourClient, peer: "cpp", figure: "calls/s", factor: 1 },
  { inFlight, side: ourClient, peer: "cpp", figure: "client CPU a call", factor: 0.8 },
  { inFlight, side: ourServer, peer: "cpp", figure: "calls/s", factor: 1 },
  { inFlight, side: ourServer, peer: "cpp", figure: "server CPU a call", factor: 0.8 },
];

function levelsOf(short: boolean): readonly Level[] {
  const load = { inFlight, warmupMs: short ? 300 : 1000, countedMs: short ? 1000 : 3000 };
  return [{ load, rounds: short ? 2 : 5 }];
}

export const mixed: Bench = {
  name: "mixed",
  about: "our client with a gRPC C++ server, and the other way round",
  run: (options) =>
    runComparison(
      {
        name: "mixed",
        ours: "",
        sides: describeSides([ourClient, ourServer, "cpp"]),
        levels: levelsOf(options.short),
        goals,
      },
      options,
    ),
};
