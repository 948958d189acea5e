// What a bundler keeps of a large contract: of one method, its own messages and nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { methodCount, methodName } from "./contract.ts";
import { maxMethodBytes, measureFarcall } from "./size.ts";

test("one method of a hundred adds at most 6 kB to a browser's bundle, and nothing of the others", async () => {
  const { uses } = await measureFarcall();
  for (const { what, whole, addedGzipped } of uses.slice(0, 2)) {
    assert.ok(addedGzipped <= maxMethodBytes, `${what}: ${addedGzipped} bytes`);
    const kept = Array.from({ length: methodCount }, (_, index) => methodName(index)).filter((name) =>
      whole.text.includes(`${name}Re`),
    );
    assert.deepEqual(kept, [methodName(3)], what);
  }
  const service = uses.at(-1);
  // The measure measures: all methods are far above the bound.
  assert.ok((service?.addedGzipped ?? 0) > 2 * maxMethodBytes);
});

test("a bundle for browsers loads nothing of Node", async () => {
  const { uses } = await measureFarcall();
  for (const { whole } of uses) assert.doesNotMatch(whole.text, /["']node:/);
});
