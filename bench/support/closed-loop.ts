// Benchmark: the load of a client process. N callers, each of which sends its next call when its last one returned.
// Reading the clock costs as much as some parts of a call, so that one caller in sixteen is timed.
import { createInterface } from "node:readline";
import { quantile } from "./statistics.ts";

/** Makes one call and reports its return; a failed call throws or is reported by `failed`. */
export type Call = (returned: () => void, failed: (error: unknown) => void) => void;

/** What a client does under one load. */
export interface Work {
  readonly call: Call;
  /** Calls kept going at once. */
  readonly inFlight: number;
  /** What a call counts: the messages of its stream. */
  readonly messages: number;
}

const callersPerTimed = 16;
/** Bounds what a long run at one call in flight remembers. */
const maxLatencies = 1_000_000;

interface Report {
  readonly calls: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Keeps calls going and counts those that return after the warm-up; resolves when the last has returned. */
function runLoop({ call, inFlight, messages }: Work, warmupMs: number, countedMs: number): Promise<Report> {
  return new Promise((resolve, reject) => {
    const latencies = new Float64Array(maxLatencies);
    let latencyCount = 0;
    let calls = 0;
    let callsBefore = 0;
    let running = inFlight;
    let phase: "warming" | "counting" | "stopping" = "warming";
    let startedAt = performance.now();
    let seconds = 0;
    let cpu = 0;

    const finish = (): void => {
      const taken = latencies.subarray(0, latencyCount);
      const [p50Us, p99Us] = [quantile(taken, 0.5) * 1000, quantile(taken, 0.99) * 1000];
      resolve({ calls: (calls - callsBefore) * messages, seconds, cpuSeconds: cpu, p50Us, p99Us });
    };
    const advance = (now: number): void => {
      if (phase === "warming" && now - startedAt >= warmupMs) {
        phase = "counting";
        startedAt = now;
        callsBefore = calls;
        cpu = cpuSeconds();
      } else if (phase === "counting" && now - startedAt >= countedMs) {
        phase = "stopping";
        seconds = (now - startedAt) / 1000;
        cpu = cpuSeconds() - cpu;
      }
    };
    const again = (next: () => void): void => {
      if (phase !== "stopping") next();
      else if (--running === 0) finish();
    };
    const plainCaller = (): (() => void) => {
      const next = (): void => call(returned, reject);
      const returned = (): void => {
        if (phase !== "stopping") calls++;
        again(next);
      };
      return next;
    };
    const timedCaller = (): (() => void) => {
      let sentAt = 0;
      const next = (): void => {
        sentAt = performance.now();
        call(returned, reject);
      };
      const returned = (): void => {
        const now = performance.now();
        if (phase !== "stopping") calls++;
        if (phase === "counting" && latencyCount < maxLatencies) latencies[latencyCount++] = now - sentAt;
        advance(now);
        again(next);
      };
      return next;
    };
    for (let caller = 0; caller < inFlight; caller++)
      (caller % callersPerTimed === 0 ? timedCaller() : plainCaller())();
  });
}

/** Makes a number of calls at once: the work is that number. */
export function obeyLoads(call: Call): Promise<void> {
  return obeyWorks((inFlight) => ({ call, inFlight: Number(inFlight), messages: 1 }));
}

/** Obeys `run WORK WARMUP_MS COUNTED_MS` lines on standard input until it ends, one JSON line for each. */
export async function obeyWorks(find: (work: string) => Work): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const [verb, work = "", warmupMs, countedMs] = line.split(" ");
    if (verb !== "run") throw new Error(`unknown command: ${line}`);
    console.log(JSON.stringify(await runLoop(find(work), Number(warmupMs), Number(countedMs))));
  }
}

/** Calls `stop` when standard input ends or the process is told to end. */
export function stopWithParent(stop: () => void): void {
  process.on("SIGTERM", stop);
  process.stdin.on("end", stop).resume();
}
