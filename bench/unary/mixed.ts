// Benchmark: one half of ours with one half of gRPC C++, beside C++ on both sides. The C++ half is the bottleneck: what
// tells is the CPU time that our half takes for a call in the place of theirs.
import { type Level, runComparison, type SideGoal } from "../support/comparison.ts";
import type { Bench } from "../support/options.ts";
import { callers, describeSides } from "./sides.ts";

const load = callers(64);
const [ourClient, ourServer] = ["farcall-cpp", "cpp-farcall"];

const goals: readonly SideGoal[] = [
  { load: load.name, side: ourClient, peer: "cpp", figure: "rate", factor: 1 },
  { load: load.name, side: ourClient, peer: "cpp", figure: "client CPU a call", factor: 0.8 },
  { load: load.name, side: ourServer, peer: "cpp", figure: "rate", factor: 1 },
  { load: load.name, side: ourServer, peer: "cpp", figure: "server CPU a call", factor: 0.8 },
];

function levelsOf(short: boolean): readonly Level[] {
  const times = { warmupMs: short ? 300 : 1000, countedMs: short ? 1000 : 3000 };
  return [{ load: { ...load, ...times }, rounds: short ? 2 : 5 }];
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
