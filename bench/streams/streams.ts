// Benchmark: streams: small messages from the server, to the server and to and fro, and large ones, beside the raw socket and
// other toolkits; and what a message costs when few or many leave in one turn of the event loop.
import { type Level, runComparison, type SideGoal } from "../support/comparison.ts";
import type { Bench } from "../support/options.ts";
import { describeBursts, describeSides } from "./sides.ts";
import { largeBytes } from "./works.ts";

const ours = "farcall";
const down = { name: "server stream of 32 B", work: "small" };
const up = { name: "client stream of 32 B", work: "upload" };
const chat = { name: "ping-pong of 32 B on one stream", work: "chat" };
const large = { name: "server stream of 1 MiB", work: "large" };

const goals: readonly SideGoal[] = [
  { load: down.name, side: ours, peer: "grpc-js", figure: "rate", factor: 12 },
  { load: up.name, side: ours, peer: "grpc-js", figure: "rate", factor: 12 },
  { load: chat.name, side: ours, peer: "raw", figure: "p50", factor: 1.3 },
  { load: chat.name, side: ours, peer: "raw", figure: "p99", factor: 1.5 },
  { load: large.name, side: ours, peer: "raw", figure: "rate", factor: 0.5 },
  { load: large.name, side: ours, peer: "grpc-js", figure: "rate", factor: 8 },
];

const messagesPerSecond = { name: "messages/s", of: 1 };
const gigabytesPerSecond = { name: "GB/s", of: largeBytes / 1e9 };
const roundTrips = { name: "round trips/s", of: 1 };

/** Latencies are judged on more pairs, as with unary calls. */
function levelsOf(short: boolean): readonly Level[] {
  const times = { warmupMs: short ? 300 : 1000, countedMs: short ? 500 : 3000 };
  const rounds = short ? 2 : 5;
  return [
    { load: { ...down, ...times }, rounds, unit: messagesPerSecond },
    { load: { ...up, ...times }, rounds, unit: messagesPerSecond },
    { load: { ...chat, ...times, countedMs: short ? 500 : 1500 }, rounds: short ? 3 : 9, unit: roundTrips },
    { load: { ...large, ...times }, rounds, unit: gigabytesPerSecond },
  ];
}

export const streams: Bench = {
  name: "streams",
  about: "streams of small and large messages beside the raw socket and other gRPC toolkits",
  run: ({ short, say }) =>
    runComparison({ name: "streams", ours, sides: describeSides(), levels: levelsOf(short), goals }, { short, say }),
};

const bursts = [1, 10, 100, 1000];

/** The cost falls as bursts grow; between the largest two it has reached its floor, where noise decides. */
const burstGoals: readonly SideGoal[] = [
  { burst: 10, than: 1, factor: 0.5 },
  { burst: 100, than: 10, factor: 1 },
  { burst: 1000, than: 100, factor: 1.05 },
].map(({ burst, than, factor }) => {
  return { load: down.name, side: `burst-${burst}`, peer: `burst-${than}`, figure: "CPU a message", factor };
});

export const streamsInBursts: Bench = {
  name: "streams-in-bursts",
  about: "what a message costs when 1, 10, 100 or 1,000 leave in one turn",
  run: ({ short, say }) => {
    const load = { ...down, warmupMs: short ? 300 : 1000, countedMs: short ? 500 : 2000 };
    const levels: readonly Level[] = [{ load, rounds: short ? 2 : 5, unit: messagesPerSecond }];
    const name = "streams-in-bursts";
    return runComparison({ name, ours: "", sides: describeBursts(bursts), levels, goals: burstGoals }, { short, say });
  },
};
