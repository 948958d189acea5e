// Benchmark: goals, and how a run stands to them.
import { median } from "./statistics.ts";
import { formatFigure } from "./table.ts";

/** A ratio that we want, judged on pairs of measurements taken one after the other. */
export interface Goal {
  /** What is compared with what: `unary 64 in flight`, `gRPC C++`. */
  readonly what: string;
  readonly peer: string;
  readonly bound: "at-least" | "at-most";
  readonly factor: number;
}

export interface GoalResult {
  readonly goal: Goal;
  /** One ratio a pair; empty when there was nothing to compare. */
  readonly ratios: readonly number[];
  readonly verdict: "PASS" | "SHORT" | "NONE";
  /** How many of the pairs were taken beside a slow machine. */
  readonly doubtful: number;
}

/** Judges a goal by the median of its ratios. */
export function judge(goal: Goal, ratios: readonly number[], doubtful = 0): GoalResult {
  if (ratios.length === 0) return { goal, ratios, verdict: "NONE", doubtful };
  const ratio = median(ratios);
  const met = goal.bound === "at-least" ? ratio >= goal.factor : ratio <= goal.factor;
  return { goal, ratios, verdict: met ? "PASS" : "SHORT", doubtful };
}

/** `PASS unary 64 in flight >= 2 x gRPC C++ : 3.1 x (3.0 to 3.3 in 5 pairs)`. */
export function formatGoal({ goal, ratios, verdict, doubtful }: GoalResult): string {
  const sign = goal.bound === "at-least" ? ">=" : "<=";
  const head = `${verdict.padEnd(5)} ${goal.what} ${sign} ${goal.factor} x ${goal.peer}`;
  if (ratios.length === 0) return `${head} : not measured`;
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)].map(formatFigure);
  const slow = doubtful > 0 ? `, ${doubtful} of them BESIDE A SLOW MACHINE` : "";
  return `${head} : ${formatFigure(median(ratios))} x (${low} to ${high} in ${ratios.length} pairs${slow})`;
}
