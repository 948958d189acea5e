// Benchmark, marshalling: the memory that one encoding or decoding takes, on the heap and in array buffers beside it. It is
// measured in a process of its own, whose young space is so large that nothing is collected meanwhile, and which frees and
// compiles on no other thread: what such a thread freed would be missing from the sum.
import { execFileSync } from "node:child_process";
import { nodeProgram } from "../support/programs.ts";
import type { Direction } from "./goals.ts";

export interface Allocation {
  readonly shape: string;
  readonly toolkit: string;
  readonly direction: Direction;
  /** Undefined when the machine collected garbage beside each try. */
  readonly bytes: number | undefined;
}

const flags = [
  "--expose-gc",
  "--single-threaded",
  "--no-incremental-marking",
  "--min-semi-space-size=64",
  "--max-semi-space-size=64",
];

/** Measures what `only` names, after running each for so long. */
export function measureAllocations(only: readonly string[], warmMs: number): readonly Allocation[] {
  const [node, program] = nodeProgram("marshal/allocation-program");
  const words = [...flags, program as string, `${warmMs}`, ...only];
  return JSON.parse(execFileSync(node as string, words, { encoding: "utf8" })) as readonly Allocation[];
}
