// Tests of the queue of coming events against a sorted list.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EventQueue } from "./event-queue.ts";

test("events come in the order of time, equal times in the order of asking, cancelled ones never", () => {
  const plan = fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 20 }), isCancelled: fc.boolean() }), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(plan, (entries) => {
      const queue = new EventQueue();
      const happened: number[] = [];
      for (const [index, { atMs, isCancelled }] of entries.entries()) {
        const event = queue.add(() => happened.push(index), atMs, index % 3 === 0);
        if (isCancelled) queue.cancel(event);
      }
      const expected = [...entries.entries()].filter(([, entry]) => !entry.isCancelled);
      expected.sort(([one, a], [other, b]) => a.atMs - b.atMs || one - other);
      assert.equal(queue.foregroundCount, expected.filter(([index]) => index % 3 !== 0).length);
      for (const [, entry] of expected) {
        assert.equal(queue.nextTime(), entry.atMs);
        queue.take()?.();
      }
      assert.deepEqual(
        happened,
        expected.map(([index]) => index),
      );
      assert.deepEqual([queue.nextTime(), queue.take(), queue.foregroundCount], [undefined, undefined, 0]);
    }),
    { seed: 1, numRuns: 300 },
  );
});
