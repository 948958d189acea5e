// Tests of grpc-timeout: every unit, eight digits and no more, and what is no timeout.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatTimeout, parseTimeout } from "./timeout.ts";

const parsed: readonly (readonly [text: string, ms: number])[] = [
  ["1H", 3_600_000],
  ["2M", 120_000],
  ["3S", 3000],
  ["4m", 4],
  ["5u", 0.005],
  ["6n", 0.000006],
  ["0n", 0],
  ["00000001S", 1000],
  ["99999999H", 99_999_999 * 3_600_000],
  ["99999999n", 99.999999],
];

test("each unit is understood", () => {
  for (const [text, ms] of parsed) {
    const found = parseTimeout(text) ?? Number.NaN;
    assert.ok(Math.abs(found - ms) <= ms * 1e-12, `${text} is ${found}`);
  }
});

const wrong = [
  "",
  "1",
  "S",
  "1 S",
  "1s",
  "1h",
  "-1S",
  "+1S",
  "1.5S",
  "100000000n",
  "1SS",
  "1S ",
  " 1S",
  "0x1S",
  "1e3m",
];

test("anything else is no timeout", () => {
  for (const text of [...wrong, "١S", "1S\n", "NaN", "Infinity"]) assert.equal(parseTimeout(text), undefined, text);
});

test("what is formatted is never more than eight digits, never shorter than asked, and hardly longer", () => {
  const timeouts = fc.oneof(
    fc.double({ min: 0, max: 200, noNaN: true }),
    fc.double({ min: 0, max: 1e9, noNaN: true }),
    fc.double({ min: 0, max: 3e14, noNaN: true }),
    fc.integer({ min: 0, max: 200_000 }),
  );
  const property = fc.property(timeouts, (timeoutMs) => {
    const text = formatTimeout(timeoutMs);
    assert.match(text, /^[0-9]{1,8}[HMSmun]$/);
    const back = parseTimeout(text) as number;
    assert.ok(back >= timeoutMs * (1 - 1e-9), `${timeoutMs} became ${back}`);
    const unitMs =
      timeoutMs < 100 ? 0.001 : timeoutMs <= 99_999_999 ? 1 : timeoutMs <= 99_999_999_000 ? 1000 : 3_600_000;
    assert.ok(back - timeoutMs <= unitMs * 1.001, `${timeoutMs} became ${back}`);
  });
  fc.assert(property, { seed: 20_253, numRuns: 1000 });
});

test("time that is over is a timeout of zero, and time beyond the format is the longest there is", () => {
  assert.equal(parseTimeout(formatTimeout(-5)), 0);
  assert.equal(parseTimeout(formatTimeout(0)), 0);
  assert.equal(formatTimeout(1e300), "99999999H");
});
