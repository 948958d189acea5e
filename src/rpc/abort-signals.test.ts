// Tests of many calls on one signal: one listener, everybody told once, nobody told who has left, nothing left behind.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { type Abortable, AbortSignals } from "./abort-signals.ts";

class Member implements Abortable {
  readonly reasons: unknown[] = [];
  readonly #then: (() => void) | undefined;

  constructor(then?: () => void) {
    this.#then = then;
  }

  onAbort(reason: unknown): void {
    this.reasons.push(reason);
    this.#then?.();
  }
}

test("any number of members need one listener, which goes with the last of them", () => {
  const signals = new AbortSignals();
  const { signal } = new AbortController();
  const members = Array.from({ length: 100 }, () => new Member());
  for (const member of members) signals.add(signal, member);
  assert.equal(getEventListeners(signal, "abort").length, 1);
  for (const member of members) {
    assert.equal(getEventListeners(signal, "abort").length, 1);
    signals.remove(signal, member);
    signals.remove(signal, member);
  }
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("an abort tells each member once, with the reason, and none that has left, also while it tells them", () => {
  const signals = new AbortSignals();
  const controller = new AbortController();
  const { signal } = controller;
  const gone = new Member();
  const last = new Member();
  const first = new Member(() => signals.remove(signal, last));
  for (const member of [gone, first, last]) signals.add(signal, member);
  signals.remove(signal, gone);
  controller.abort("enough");
  assert.deepEqual(first.reasons, ["enough"]);
  assert.deepEqual(gone.reasons, []);
  assert.ok(last.reasons.length <= 1);
});

test("two signals have nothing to do with each other", () => {
  const signals = new AbortSignals();
  const [one, other] = [new AbortController(), new AbortController()];
  const member = new Member();
  signals.add(one.signal, member);
  signals.add(other.signal, member);
  signals.remove(one.signal, member);
  one.abort(1);
  assert.deepEqual(member.reasons, []);
  other.abort(2);
  assert.deepEqual(member.reasons, [2]);
});
