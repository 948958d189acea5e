// Tests of the word: for every combination of up to three attempts, decided here a second time from the design's table.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type AttemptProof, decideExecution, type Execution } from "./execution.ts";

const rows: readonly (readonly [proofs: readonly AttemptProof[], word: Execution])[] = [
  [[], "not-executed"],
  [["unsent"], "not-executed"],
  [["refused"], "not-executed"],
  [["not-executed"], "not-executed"],
  [["executed"], "executed"],
  [["none"], "unknown"],
  [["unsent", "refused", "not-executed"], "not-executed"],
  [["unsent", "none"], "unknown"],
  [["none", "refused"], "unknown"],
  [["none", "executed"], "executed"],
  [["executed", "not-executed"], "executed"],
];

test("the table of the design holds", () => {
  for (const [proofs, word] of rows) assert.equal(decideExecution(proofs), word, proofs.join(", "));
});

test("one attempt that ran decides; else one without a proof leaves it open; the order never matters", () => {
  const all: readonly AttemptProof[] = ["unsent", "refused", "not-executed", "executed", "none"];
  const combinations: AttemptProof[][] = [[]];
  for (const one of all) {
    combinations.push([one]);
    for (const two of all) {
      combinations.push([one, two]);
      for (const three of all) combinations.push([one, two, three]);
    }
  }
  assert.equal(combinations.length, 1 + 5 + 25 + 125);
  for (const proofs of combinations) {
    const ran = proofs.includes("executed");
    const open = proofs.includes("none");
    assert.equal(decideExecution(proofs), ran ? "executed" : open ? "unknown" : "not-executed", proofs.join(", "));
  }
});
