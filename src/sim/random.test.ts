// Tests of the seeded generator: the same numbers for ever, spread evenly, independent where derived.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "./random.ts";

test("a seed gives the same numbers for ever, so that a reported seed can be replayed", () => {
  const random = new SeededRandom(1);
  const numbers = [0, 0, 0, 0].map(() => random.nextUint32());
  assert.deepEqual(numbers, [393288148, 2174103013, 3814759091, 2092745082]);
  assert.notDeepEqual(
    numbers,
    [0, 0, 0, 0].map(() => new SeededRandom(2).nextUint32()),
  );
});

test("numbers are in [0, 1) and spread evenly", () => {
  const random = new SeededRandom(7);
  const buckets = new Array<number>(16).fill(0);
  const count = 160_000;
  for (let round = 0; round < count; round++) {
    const number = random.next();
    assert.ok(number >= 0 && number < 1);
    const bucket = Math.floor(number * 16);
    buckets[bucket] = (buckets[bucket] as number) + 1;
  }
  // Chi-squared with 15 degrees of freedom stays under 37.7 with probability 0.999.
  const expected = count / 16;
  const chiSquared = buckets.reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
  assert.ok(chiSquared < 37.7, String(chiSquared));
});

test("derived generators differ by name and do not depend on what was drawn before", () => {
  const fresh = new SeededRandom(3);
  const used = new SeededRandom(3);
  for (let round = 0; round < 10; round++) used.next();
  assert.equal(fresh.derive("a").next(), used.derive("a").next());
  assert.notEqual(fresh.derive("a").next(), fresh.derive("b").next());
  assert.notEqual(fresh.derive("a").next(), new SeededRandom(4).derive("a").next());
});
