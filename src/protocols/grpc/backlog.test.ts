// Tests of bytes that wait: what is appended is read, whatever was read before, in memory of the order of what waits.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Backlog } from "./backlog.ts";

test("random pieces and reads give the same bytes as a plain list, in less than four times their memory", () => {
  const steps = fc.array(fc.record({ add: fc.uint8Array({ maxLength: 600 }), take: fc.nat(700) }), { maxLength: 60 });
  const property = fc.property(steps, (plan) => {
    const backlog = new Backlog();
    let model: number[] = [];
    for (const { add, take } of plan) {
      const lent = Uint8Array.of(7, ...add, 7);
      backlog.append(lent, 1, lent.length - 1);
      lent.fill(0xee);
      model.push(...add);
      const count = Math.min(take, model.length);
      assert.deepEqual([...backlog.bytes.subarray(backlog.start, backlog.start + count)], model.slice(0, count));
      backlog.readTo(backlog.start + count);
      model = model.slice(count);
      assert.equal(backlog.length, model.length);
    }
    assert.ok(backlog.length > 0 || backlog.bytes.length === 0, "nothing waits and memory is kept");
  });
  fc.assert(property, { seed: 20_259, numRuns: 300 });
});

test("ten thousand pieces of one byte take the memory of ten thousand bytes", () => {
  const backlog = new Backlog();
  for (let count = 0; count < 10_000; count++) {
    backlog.append(Uint8Array.of(count), 0, 1);
    if (count % 3 === 0) backlog.readTo(backlog.start + 1);
  }
  assert.ok(backlog.bytes.length < 20_000, `${backlog.bytes.length}`);
});
