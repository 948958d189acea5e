// Benchmark, marshalling: what a row of the race is judged by.
import { type Goal, type GoalResult, judge } from "../support/goals.ts";
import type { Standing } from "../support/race.ts";

export type Direction = "encode" | "decode";

/** One shape, one way, all who can do it. */
export interface Row {
  readonly shape: string;
  readonly direction: Direction;
  readonly beside: "toolkits" | "a copy";
  readonly stringBound: boolean;
  readonly standings: readonly Standing[];
}

/** That `side` is so many times as fast as `peer`, or takes at most so many times its time. */
interface Wanted {
  readonly side: string;
  readonly peer: string;
  readonly bound: Goal["bound"];
  readonly factor: number;
}

const ours = "farcall, generated";

const atLeast = (factor: number, peer: string, side = ours): Wanted => ({ side, peer, bound: "at-least", factor });
const atMost = (factor: number, peer: string): Wanted => ({ side: ours, peer, bound: "at-most", factor });

const neverSlower = atLeast(1, "JSON");

/** The goals of a row. Where strings prevail, UTF-8 costs the same in any toolkit: decoding cannot win as much. */
function wantedOf({ beside, direction, stringBound }: Row): readonly Wanted[] {
  if (beside === "a copy") return [atMost(1.3, "a copy"), neverSlower];
  const peers =
    direction === "encode"
      ? [atLeast(2, "protobuf.js, static"), atLeast(5, "protobuf-es")]
      : [atLeast(stringBound ? 1.4 : 2, "protobuf.js, static"), atLeast(4, "protobuf-es")];
  return [...peers, neverSlower, atMost(1.5, "by hand"), atLeast(2, "protobuf-es", "farcall, built")];
}

/** Judges a row by the rounds in which both sides of a ratio ran; whoever did not run is not judged. */
export function judgeRow(row: Row): GoalResult[] {
  const roundsOf = (name: string) => row.standings.find((standing) => standing.name === name)?.rounds;
  return wantedOf(row).flatMap(({ side, peer, bound, factor }) => {
    const our = roundsOf(side);
    const other = roundsOf(peer);
    if (our === undefined || other === undefined) return [];
    const what = `${row.direction} ${row.shape}${side === ours ? "" : `, ${side}`}`;
    const ratios = our.map((ns, round) => {
      const theirs = other[round] ?? Number.NaN;
      return bound === "at-least" ? theirs / ns : ns / theirs;
    });
    return [judge({ what, peer, bound, factor }, ratios)];
  });
}
