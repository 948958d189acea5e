// Comments between two declarations: whose they are.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sortGapComments } from "./gap-comments.ts";

interface Case {
  readonly title: string;
  readonly gap: string;
  readonly trailing?: string;
  readonly detached?: readonly string[];
  readonly leading?: string;
  readonly next?: string;
  readonly atStart?: boolean;
}

const cases: readonly Case[] = [
  { title: "a comment on the same line trails", gap: " // a\n", trailing: "a" },
  { title: "a comment right above the next declaration leads it", gap: "\n// a\n", leading: "a" },
  { title: "lines of // are one comment", gap: "\n// a\n//\n//   b\n", leading: "a\n\n  b" },
  { title: "one on the same line and one below are two", gap: " // a\n// b\n", trailing: "a", leading: "b" },
  { title: "a comment below, with a blank line behind it, trails", gap: "\n// a\n\n", trailing: "a" },
  { title: "a comment between blank lines belongs to nobody", gap: "\n\n// a\n\n", detached: ["a"] },
  {
    title: "several comments are told apart",
    gap: " // a\n\n// b\n\n/* c */\n\n// d\n",
    trailing: "a",
    detached: ["b", "c"],
    leading: "d",
  },
  { title: "a block and a line comment are two", gap: "\n\n/* a */\n// b\n", detached: ["a"], leading: "b" },
  { title: "a block loses its column of stars", gap: "\n/**\n * a\n *   b\n */\n", leading: "*\na\n  b" },
  { title: "one comment between two things on a line belongs to nobody", gap: " /* a */ ", detached: ["a"] },
  { title: "of two such comments each has its side", gap: " /* a */ /* b */ ", trailing: "a", leading: "b" },
  { title: "nothing leads the end of a block", gap: "\n\n// a\n", detached: ["a"], next: "}" },
  { title: "the last comment of a block trails its last declaration", gap: "\n// a\n", trailing: "a", next: "}" },
  {
    title: "nothing trails the beginning of the file",
    gap: "// a\n\n// b\n",
    detached: ["a"],
    leading: "b",
    atStart: true,
  },
  { title: "line ends of Windows leave no trace", gap: " // a\r\n\r\n// b\r\n", trailing: "a", leading: "b" },
  { title: "an empty comment is none", gap: " //\n\n//  \n" },
];

for (const { title, gap, trailing, detached = [], leading, next = "x", atStart = false } of cases) {
  test(title, () => {
    assert.deepEqual(sortGapComments(gap, { atStart, next }), { trailing, detached, leading });
  });
}
