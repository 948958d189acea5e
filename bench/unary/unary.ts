// Benchmark: unary calls a second and their latency at 1, 64 and 512 calls in flight, beside the raw socket and other
// toolkits; server and client are processes of their own, each on its own core.
import { type Level, runComparison, type SideGoal } from "../support/comparison.ts";
import type { Bench } from "../support/options.ts";
import { callers, describeSides } from "./sides.ts";

const ours = "farcall";
const oursWide = "farcall-wide";

const goals: readonly SideGoal[] = [
  { load: callers(64).name, side: ours, peer: "cpp", figure: "rate", factor: 2 },
  { load: callers(64).name, side: ours, peer: "cpp", figure: "rate", factor: 4 },
  { load: callers(64).name, side: ours, peer: "grpc-js", figure: "rate", factor: 15 },
  { load: callers(64).name, side: ours, peer: "grpc-js", figure: "rate", factor: 25 },
  { load: callers(64).name, side: ours, peer: "raw", figure: "rate", factor: 0.5 },
  { load: callers(64).name, side: ours, peer: "raw-early", figure: "rate", factor: 0.5 },
  { load: callers(512).name, side: oursWide, peer: "cpp", figure: "rate", factor: 5 },
  { load: callers(1).name, side: ours, peer: "raw", figure: "p50", factor: 1.3 },
  { load: callers(1).name, side: ours, peer: "raw", figure: "p50", factor: 1.2 },
  { load: callers(1).name, side: ours, peer: "raw", figure: "p99", factor: 1.5 },
];

const all = [ours, "raw", "raw-early", "cpp", "grpc-js", "connect-es"];

/** Latencies are judged on more and shorter pairs: one call in flight gives many samples a second. */
function levelsOf(short: boolean): readonly Level[] {
  const warmupMs = short ? 300 : 1000;
  const countedMs = short ? 1000 : 3000;
  return [
    { load: { ...callers(1), warmupMs, countedMs: short ? 600 : 1500 }, rounds: short ? 3 : 9, sides: all },
    { load: { ...callers(64), warmupMs, countedMs }, rounds: short ? 3 : 5, sides: all },
    { load: { ...callers(512), warmupMs, countedMs }, rounds: short ? 2 : 3, sides: [oursWide, ...all] },
  ];
}

export const unary: Bench = {
  name: "unary",
  about: "unary calls beside the raw socket and other gRPC toolkits",
  run: (options) =>
    runComparison(
      { name: "unary", ours, sides: describeSides(all, oursWide), levels: levelsOf(options.short), goals },
      options,
    ),
};
