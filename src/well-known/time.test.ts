// Timestamp and Duration: exact both ways, and limits that are named.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  Duration,
  durationFromMs,
  durationFromNanos,
  durationToMs,
  durationToNanos,
  Timestamp,
  timestampFromDate,
  timestampFromMs,
  timestampFromNanos,
  timestampNow,
  timestampToDate,
  timestampToMs,
  timestampToNanos,
} from "./index.ts";

test("a Date comes back from a Timestamp, before 1970 too", () => {
  const dates = ["1970-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "2026-01-31T10:00:20.500Z"];
  for (const text of [...dates, "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"]) {
    const timestamp = timestampFromDate(new Date(text));
    assert.equal(timestampToDate(timestamp).toISOString(), text);
    assert.equal(new Date(Timestamp.toJson(timestamp) as string).toISOString(), text);
  }
  assert.deepEqual(timestampFromMs(-1), { seconds: -1n, nanos: 999_000_000 });
});

test("nanoseconds come back from a Timestamp and a Duration, whatever their sign", () => {
  const nanos = fc.bigInt({ min: -62_135_596_800_000_000_000n, max: 253_402_300_799_999_999_999n });
  fc.assert(
    fc.property(nanos, (value) => {
      assert.equal(timestampToNanos(timestampFromNanos(value)), value);
      assert.equal(durationToNanos(durationFromNanos(value)), value);
      Duration.toJson(durationFromNanos(value));
      assert.equal(
        timestampToMs(timestampFromNanos(value)),
        Number((value - (((value % 1_000_000n) + 1_000_000n) % 1_000_000n)) / 1_000_000n),
      );
    }),
    { seed: 41 },
  );
});

test("milliseconds with a fraction are kept to the nanosecond", () => {
  assert.deepEqual(durationFromMs(-1500.25), { seconds: -1n, nanos: -500_250_000 });
  assert.equal(durationToMs({ seconds: -1n, nanos: -500_250_000 }), -1500.25);
  assert.deepEqual(durationFromMs(0.9999999), { seconds: 0n, nanos: 1_000_000 });
  assert.ok(Object.is(durationFromMs(-1000).nanos, 0));
});

test("the time now is that of the clock that is handed in", () => {
  assert.deepEqual(timestampNow({ wallNow: () => 1_500.5 }), { seconds: 1n, nanos: 500_500_000 });
});

test("parts of other modules' messages are accepted: numbers, text, nothing", () => {
  assert.equal(timestampToMs({ seconds: 2, nanos: 5_000_000 }), 2005);
  assert.equal(timestampToMs({ seconds: "3" }), 3000);
  assert.equal(durationToMs({}), 0);
});

const refused: readonly (readonly [what: string, task: () => unknown, says: RegExp])[] = [
  ["an invalid Date", () => timestampFromDate(new Date(Number.NaN)), /NaN is no time in milliseconds/],
  ["the year 0", () => timestampFromDate(new Date("0000-12-31T23:59:59Z")), /outside the years 1 to 9999/],
  ["the year 10000", () => timestampToDate({ seconds: 253_402_300_800n }), /9999-12-31T23:59:59Z/],
  ["nanoseconds below zero", () => timestampToMs({ nanos: -1 }), /-1 is not 0 to 999999999 nanoseconds/],
  ["half a nanosecond", () => durationToMs({ nanos: 0.5 }), /^MarshalError: nanos: 0\.5 is not an integer/],
  ["seconds that lost digits", () => durationToMs({ seconds: 2 ** 60 }), /seconds: 1152921504606847000 is not a safe/],
  ["a Duration beyond 10,000 years", () => durationFromMs(315_576_000_001_000), /are more than 315576000000/],
  ["signs that differ", () => durationToMs({ seconds: 1n, nanos: -1 }), /seconds and nanos have different signs/],
];
for (const [what, task, says] of refused) {
  test(`refused: ${what}`, () => assert.throws(task, (error) => says.test(String(error))));
}
