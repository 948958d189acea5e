// Benchmark: what every bench is given, and what it gives back.
import type { GoalResult } from "./goals.ts";

export interface BenchOptions {
  /** Fewer and shorter rounds: a look, not a judgement. */
  readonly short: boolean;
  /** Parts of names, for a bench that `narrows`: what has none of them is left out. Default: nothing is. */
  readonly only?: readonly string[];
  /** Rounds, for a bench that `narrows`: many, to profile what is left. Default: the bench's own. */
  readonly rounds?: number;
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
  /** Whether it knows `only` and `rounds`. */
  readonly narrows?: boolean;
  run(options: BenchOptions): Promise<BenchResult>;
}
