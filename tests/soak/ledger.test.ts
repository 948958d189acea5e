// What the soak holds against a call: each word beside what its handler may and may not have done.
import assert from "node:assert/strict";
import { test } from "node:test";
import { codeOf, judgeCall, judgeCalls, Ledger, pageBytes, Record, type Word } from "./ledger.ts";

const rows: readonly (readonly [word: Word, starts: number, settles: number, fault: RegExp | undefined])[] = [
  ["none", 0, 0, undefined],
  ["none", 1, 1, /^ran and was never made$/],
  ["open", 0, 0, /^never ended$/],
  ["open", 1, 1, /^never ended$/],
  ["OK", 1, 1, undefined],
  ["OK", 0, 0, /^is called OK and never ran$/],
  ["OK", 2, 2, /^ran 2 times$/],
  ["OK", 1, 0, /^its handler has not settled$/],
  ["not-executed", 0, 0, undefined],
  ["not-executed", 1, 1, /^is called not-executed and ran$/],
  ["executed", 1, 1, undefined],
  ["executed", 0, 0, /^is called executed and never ran$/],
  ["executed", 1, 0, /^its handler has not settled$/],
  ["unknown", 0, 0, undefined],
  ["unknown", 1, 1, undefined],
  ["unknown", 2, 2, /^ran 2 times$/],
  ["unknown", 1, 0, /^its handler has not settled$/],
  ["left", 1, 1, undefined],
  ["left", 0, 0, /^is called left and never ran$/],
];

for (const [word, starts, settles, fault] of rows) {
  test(`${word} with ${starts} starts and ${settles} ends is ${fault === undefined ? "right" : "a breach"}`, () => {
    const found = judgeCall(word, starts, settles);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(found ?? "", fault);
  });
}

test("calls are judged by their numbers, over all pages, and the first breaches are told", () => {
  const told = new Ledger();
  const record = new Record();
  const count = pageBytes + 100;
  for (let number = 0; number < count; number++) {
    told.set(number, codeOf("OK"));
    record.start(number);
    record.settle(number);
  }
  assert.deepEqual(judgeCalls(told, record, count).breaches, []);
  record.start(7);
  told.set(pageBytes + 3, codeOf("not-executed"));
  for (let number = 20; number < 60; number++) told.set(number, codeOf("open"));
  const judgement = judgeCalls(told, new Record(new Ledger(record.ledger.pages)), count);
  assert.equal(judgement.wrong, 42);
  assert.equal(judgement.breaches.length, 20);
  assert.deepEqual(judgement.breaches.slice(0, 2), ["call 7 ran 2 times", "call 20 never ended"]);
  assert.equal(judgement.counts.OK, count - 41);
});
