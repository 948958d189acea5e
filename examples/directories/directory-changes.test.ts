import assert from "node:assert/strict";
import { test } from "node:test";
import { type SeenEntry, takeChanges } from "./directory-changes.ts";

/** "a1" is the file 1 under the name a; "a1+" the same with more in it; "a-" says that a is gone. */
function see(words: string): Map<string, SeenEntry | undefined> {
  return new Map(
    words
      .split(" ")
      .filter((word) => word !== "")
      .map((word): [string, SeenEntry | undefined] => {
        const [, name = "", file = "", more = ""] = /^([a-z])(\d*)([+-]?)$/.exec(word) ?? [];
        if (more === "-") return [name, undefined];
        return [name, { entry: { name, type: "FILE", size: BigInt(more.length) }, identity: file }];
      }),
  );
}

const rows: readonly (readonly [known: string, found: string, events: string, then: string])[] = [
  ["", "a1", "CREATED a", "a1"],
  ["a1", "a1", "", "a1"],
  ["a1", "a1+", "CHANGED a", "a1+"],
  ["a1", "a2", "CHANGED a", "a2"],
  ["a1", "a-", "REMOVED a", ""],
  ["", "a-", "", ""],
  ["a1 b2", "b-", "REMOVED b", "a1"],
  ["a1", "a- b1", "RENAMED a b", "b1"],
  ["a1", "b1 a-", "RENAMED a b", "b1"],
  ["a1", "a- b1+", "RENAMED a b", "b1+"],
  ["a1 b2", "a- b1", "RENAMED a b", "b1"],
  ["a1 b2", "a- b- c1 d2", "RENAMED a c, RENAMED b d", "c1 d2"],
  ["a1 b2", "a2 b1", "CHANGED a, CHANGED b", "a2 b1"],
  ["a1 b2", "a- b1 c2", "RENAMED a b, CREATED c", "b1 c2"],
  ["a1", "a- b1 c1", "RENAMED a b, CREATED c", "b1 c1"],
  ["a1 b1", "a- b1", "REMOVED a", "b1"],
  ["a1", "a- b2", "CREATED b, REMOVED a", "b2"],
];

for (const [before, found, events, then] of rows) {
  test(`from "${before}", what is found as "${found}" is told as "${events}"`, () => {
    const known = see(before) as Map<string, SeenEntry>;
    const told = takeChanges(known, see(found)).map(({ kind, entry, previousName }) =>
      [kind, previousName, entry?.name].filter((word) => word !== undefined).join(" "),
    );
    assert.equal(told.join(", "), events);
    assert.deepEqual(new Map([...known].sort()), see(then));
  });
}
