// Soak: what a process holds at a quiet point, after a collection of garbage.
import { setImmediate as turn } from "node:timers/promises";

export interface ProcessSample {
  /** heapUsed + external, without the soak's own books. */
  readonly bytes: number;
  /** The kinds of handles that keep the process open, with their numbers. */
  readonly handles: Readonly<{ [kind: string]: number }>;
  /** Of processor time, since it began. */
  readonly cpuSeconds: number;
}

/** Collects all garbage and looks. `ownBytes` are the books'. */
export async function sampleProcess(ownBytes: number): Promise<ProcessSample> {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error("run it with --expose-gc");
  for (let round = 0; round < 3; round++) {
    collect();
    await turn();
  }
  const { heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return { bytes: heapUsed + external - ownBytes, handles: countHandles(), cpuSeconds: (user + system) / 1e6 };
}

function countHandles(): { [kind: string]: number } {
  const counts: { [kind: string]: number } = {};
  // Pipes are between the two processes, and their output.
  const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap");
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}
