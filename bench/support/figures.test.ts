// What the benchmark says of its measurements: medians, verdicts and tables.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatGoal, type Goal, judge } from "./goals.ts";
import { race } from "./race.ts";
import { median, quantile, spread } from "./statistics.ts";
import { formatCount, formatFigure, formatTable } from "./table.ts";

const atLeastTwo: Goal = { what: "unary 64 in flight", peer: "gRPC C++", bound: "at-least", factor: 2 };
const atMostTwo: Goal = { ...atLeastTwo, bound: "at-most" };

test("the median is the middle value, or the mean of the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test("a quantile is a value that was measured", () => {
  const values = Array.from({ length: 101 }, (_, index) => 100 - index);
  assert.equal(quantile(values, 0.99), 99);
  assert.equal(quantile(values, 0), 0);
  assert.equal(quantile(values, 1), 100);
});

test("the spread is the distance of the extremes, in medians", () => {
  assert.equal(spread([9, 10, 12]), 0.3);
});

test("a goal is judged by the median of its pairs", () => {
  assert.equal(judge(atLeastTwo, [1, 2.1, 9]).verdict, "PASS");
  assert.equal(judge(atLeastTwo, [1, 1.9, 9]).verdict, "SHORT");
  assert.equal(judge(atMostTwo, [1, 1.9, 9]).verdict, "PASS");
  assert.equal(judge(atMostTwo, [1, 2.1, 9]).verdict, "SHORT");
  assert.equal(judge(atLeastTwo, []).verdict, "NONE");
});

test("a goal's line names what, the factor, the ratio and how far the pairs lie apart", () => {
  assert.equal(
    formatGoal(judge(atLeastTwo, [3, 3.1, 3.3])),
    "PASS  unary 64 in flight >= 2 x gRPC C++ : 3.1 x (3 to 3.3 in 3 pairs)",
  );
  assert.match(formatGoal(judge(atLeastTwo, [3, 4], 1)), /in 2 pairs, 1 of them BESIDE A SLOW MACHINE\)$/);
  assert.equal(formatGoal(judge(atMostTwo, [])), "NONE  unary 64 in flight <= 2 x gRPC C++ : not measured");
});

test("a table puts numbers to the right and words to the left", () => {
  const rows = [
    ["", "calls/s", "p50 us"],
    ["raw net", "1,234", "-"],
    ["us", "56", "7.5"],
  ];
  assert.equal(
    formatTable(rows),
    ["         calls/s  p50 us", "raw net    1,234       -", "us            56     7.5"].join("\n"),
  );
});

test("figures have three significant digits, counts have commas", () => {
  assert.deepEqual([0.5234, 45.678, 1234.5, 10, Number.NaN].map(formatFigure), ["0.523", "45.7", "1,235", "10", "-"]);
  assert.equal(formatCount(1_234_567.8), "1,234,568");
});

test("a race runs everybody in each round, every other round backwards, and counts times by its clock", () => {
  const ran: string[] = [];
  const contestant = (name: string) => ({
    name,
    run(times: number) {
      ran.push(name);
      for (let turn = 0; turn < times * 10; turn++) Math.sqrt(turn);
      return times;
    },
  });
  for (const clock of ["wall", "cpu"] as const) {
    ran.length = 0;
    const names = ["a", "b", "c"];
    const standings = race(names.map(contestant), { rounds: 3, sliceMs: 0.01, warmRounds: 2, clock });
    assert.deepEqual(ran.join(""), ["aabbcc", "abc", "cba", "abc"].join(""));
    assert.deepEqual(
      standings.map(({ name, rounds }) => [name, rounds.length, rounds.every((ns) => ns > 0)]),
      names.map((name) => [name, 3, true]),
    );
  }
});

test("what a contestant makes must come back, or the engine may leave it out", () => {
  const lost = { name: "lost", run: () => undefined };
  assert.throws(() => race([lost], { rounds: 1, sliceMs: 0.01 }), /must return what it made/);
});
