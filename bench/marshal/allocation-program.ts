// Benchmark, marshalling: the program that counts memory: started by allocation.ts with the flags that it needs, how long to
// warm up, and the words of `--only`. Prints a JSON list.
import { GCProfiler } from "node:v8";
import { median } from "../support/statistics.ts";
import type { Allocation } from "./allocation.ts";
import { loadEntries } from "./entries.ts";

const { gc } = globalThis as { readonly gc?: (options?: { readonly type: "minor" }) => void };
if (gc === undefined) throw new Error("this program needs --expose-gc");
const collect: Readonly<Record<"young" | "all", () => void>> = { young: () => gc({ type: "minor" }), all: () => gc() };

/** What may be allocated in one try: a small part of the young space. */
const maxBytesATry = 4 * 1024 * 1024;
const maxTimes = 1024;
const [warmWord, ...only] = process.argv.slice(2);
/** Runs before a try, so that code is what it is when it has run for long. */
const warmMs = Number(warmWord);

const used = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Keeps the results of a try from being left out. */
let last: unknown;

/** Bytes that `times` runs take together, NaN when garbage was collected meanwhile. */
function bytesOf(run: () => unknown, times: number, garbage: "young" | "all" = "young"): number {
  collect[garbage]();
  const profiler = new GCProfiler();
  profiler.start();
  const before = used();
  for (let time = 0; time < times; time++) last = run();
  const after = used();
  return profiler.stop().statistics.length === 0 ? after - before : Number.NaN;
}

/** What a try takes that runs nothing. */
const nothing = (): unknown => undefined;
for (let time = 0; time < 20; time++) bytesOf(nothing, maxTimes);
const overhead = bytesOf(nothing, maxTimes, "all");

/** The median of three tries; a few more are taken where garbage was collected. */
function bytesOfOne(run: () => unknown): number | undefined {
  const until = performance.now() + warmMs;
  do last = run();
  while (performance.now() < until);
  const few = 4;
  const aTime = (bytesOf(run, few) - overhead) / few;
  const times = Math.max(few, Math.min(maxTimes, Math.floor(maxBytesATry / Math.max(aTime, 1)) || few));
  const tries: number[] = [];
  for (let left = 8; left > 0 && tries.length < 3; left--) {
    const bytes = bytesOf(run, times, left < 6 ? "all" : "young");
    if (!Number.isNaN(bytes)) tries.push(Math.max(0, bytes - overhead) / times);
  }
  return tries.length === 0 ? undefined : median(tries);
}

const { entries, directions } = await loadEntries(only, warmMs);
const allocations: Allocation[] = [];
for (const { shape, entrants } of entries) {
  for (const { toolkit, marshaller } of entrants) {
    for (const direction of directions) {
      const bytes = bytesOfOne(marshaller[direction]);
      allocations.push({ shape: shape.name, toolkit: toolkit.name, direction, bytes });
    }
  }
}
if (last === undefined) throw new Error("nothing was run");
console.log(JSON.stringify(allocations));
