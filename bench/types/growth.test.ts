// A contract ten times as large costs the compiler ten times as much: counted, never timed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { measureTypes } from "./compiler.ts";
import type { Form } from "./contract.ts";
import { measureCompletion } from "./language-server.ts";

/** How much more a method may cost among 500 than among 50. */
const maxGrowth = 1.25;
const figures = ["types", "instantiations", "allocations"] as const;

for (const form of ["generated", "builder"] satisfies Form[]) {
  test(`what the compiler does for a method is the same among 50 and among 500 (${form})`, () => {
    const [none, few, many] = [1, 50, 500].map((methods) => measureTypes(form, methods));
    for (const figure of figures) {
      const [base, small, large] = [none, few, many].map((costs) => costs?.[figure] ?? Number.NaN) as [
        number,
        number,
        number,
      ];
      const [amongFew, amongMany] = [(small - base) / 49, (large - small) / 450];
      assert.ok(
        amongMany <= amongFew * maxGrowth,
        `${figure} a method: ${amongFew.toFixed(0)} among 50, ${amongMany.toFixed(0)} among 500`,
      );
    }
  });
}

test("an editor is offered all 500 methods of a stub", async () => {
  for (const form of ["generated", "builder"] satisfies Form[]) {
    assert.equal((await measureCompletion(form, 500)).offered, 500);
  }
});
