// Benchmark: what every bench is given, and what it gives back.
import type { GoalResult } from "./goals.ts";

export interface BenchOptions {
  /** Fewer and shorter rounds: a look, not a judgement. */
  readonly short: boolean;
  /** Tells people how far it is. */
  readonly say: (line: string) => void;
}

export interface BenchResult {
  readonly name: string;
  /** For people, printed as it is. */
  readonly text: string;
  /** For programs, as it stands in the JSON file. */
  readonly data: unknown;
  readonly goals: readonly GoalResult[];
}

export interface Bench {
  readonly name: string;
  /** One line for `--help`. */
  readonly about: string;
  run(options: BenchOptions): Promise<BenchResult>;
}
