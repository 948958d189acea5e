// Tests of the deadline wheel: it must do what a sorted list of deadlines does, on a clock that only the test moves.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Timer } from "../host/clock.ts";
import { DeadlineWheel, WheelEntry } from "./wheel.ts";

interface ManualTimer extends Timer {
  readonly task: () => void;
  readonly dueAt: number;
}

/** A clock and its timers. A timer runs at its time and, as on a busy machine, up to `lateMs` after it. */
class ManualTime {
  nowMs: number;
  lateMs = 0;
  readonly #timers = new Set<ManualTimer>();

  constructor(nowMs = 0) {
    this.nowMs = nowMs;
  }

  get armed(): number {
    return this.#timers.size;
  }

  get nextDueAt(): number {
    return Math.min(...[...this.#timers].map(({ dueAt }) => dueAt));
  }

  wheel(): DeadlineWheel {
    return new DeadlineWheel(
      { now: () => this.nowMs, wallNow: () => 0 },
      {
        set: (task, delayMs) => {
          assert.ok(delayMs >= 0 && !Number.isNaN(delayMs), `a timer of ${delayMs} ms`);
          const timer: ManualTimer = { kind: "timer", task, dueAt: this.nowMs + delayMs };
          this.#timers.add(timer);
          return timer;
        },
        clear: (timer) => void this.#timers.delete(timer as ManualTimer),
      },
    );
  }

  /** Moves on to `toMs`, running each timer at its time. */
  passTo(toMs: number): void {
    for (;;) {
      const due = [...this.#timers].filter(({ dueAt }) => dueAt + this.lateMs <= toMs);
      const first = due.sort((one, other) => one.dueAt - other.dueAt)[0];
      if (first === undefined) break;
      this.#timers.delete(first);
      this.nowMs = Math.max(this.nowMs, first.dueAt + this.lateMs);
      first.task();
    }
    this.nowMs = Math.max(this.nowMs, toMs);
  }
}

class Probe extends WheelEntry {
  readonly firedAt: number[] = [];
  readonly #time: ManualTime;
  readonly #then: (() => void) | undefined;

  constructor(time: ManualTime, then?: () => void) {
    super();
    this.#time = time;
    this.#then = then;
  }

  override onDue(now: number): void {
    assert.equal(now, this.#time.nowMs, "onDue is told the present time");
    this.firedAt.push(now);
    this.#then?.();
  }
}

const revolutionMs = 512 * 8;

test("a deadline is kept exactly, wherever it lies in the wheel", () => {
  for (const dueAt of [0, 0.25, 7, 8, 9, revolutionMs - 1, revolutionMs, revolutionMs + 1, 10 * revolutionMs + 3.5]) {
    const time = new ManualTime();
    const wheel = time.wheel();
    const probe = new Probe(time);
    wheel.set(probe, dueAt);
    if (dueAt > 0) time.passTo(dueAt - 0.125);
    assert.deepEqual(probe.firedAt, [], `not before ${dueAt}`);
    time.passTo(dueAt);
    assert.deepEqual(probe.firedAt, [dueAt]);
    assert.equal(wheel.size, 0);
    assert.equal(time.armed, 0, "an empty wheel keeps no timer");
  }
});

test("a deadline that has passed already is due at once, however long ago it was", () => {
  const time = new ManualTime(1_000_000);
  const wheel = time.wheel();
  const probes = [-5, 0, 999_999, 1_000_000].map((dueAt) => {
    const probe = new Probe(time);
    wheel.set(probe, dueAt);
    return probe;
  });
  time.passTo(1_000_000);
  for (const probe of probes) assert.deepEqual(probe.firedAt, [1_000_000]);
});

test("deadlines beyond what a host timer takes, and Infinity, are taken", () => {
  const time = new ManualTime();
  const wheel = time.wheel();
  const far = new Probe(time);
  const never = new Probe(time);
  wheel.set(far, 1e15);
  wheel.set(never, Number.POSITIVE_INFINITY);
  assert.equal(wheel.size, 1, "Infinity is in no wheel");
  wheel.set(far, Number.POSITIVE_INFINITY);
  assert.equal(wheel.size, 0, "and takes an entry out");
  time.passTo(1e9);
  assert.deepEqual([...far.firedAt, ...never.firedAt], []);
});

test("one host timer serves all entries", () => {
  const time = new ManualTime();
  const wheel = time.wheel();
  for (let index = 1000; index > 0; index--) wheel.set(new Probe(time), index * 3);
  assert.equal(time.armed, 1);
  assert.equal(time.nextDueAt, 3);
});

test("entries that fall due together see each other's changes: what one ends or moves is not told any more", () => {
  const time = new ManualTime();
  const wheel = time.wheel();
  const ended = new Probe(time);
  const moved = new Probe(time);
  const first = new Probe(time, () => {
    wheel.clear(ended);
    wheel.set(moved, 500);
  });
  wheel.set(first, 10);
  wheel.set(ended, 11);
  wheel.set(moved, 12);
  time.lateMs = 20;
  time.passTo(100);
  assert.deepEqual(first.firedAt, [30]);
  assert.deepEqual(ended.firedAt, []);
  assert.deepEqual(moved.firedAt, []);
  assert.equal(wheel.size, 1);
  time.passTo(600);
  assert.deepEqual(moved.firedAt, [520]);
  assert.equal(wheel.size, 0);
});

test("an entry that sets itself again within onDue goes on", () => {
  const time = new ManualTime();
  const wheel = time.wheel();
  const probe: Probe = new Probe(time, () => {
    if (probe.firedAt.length < 5) wheel.set(probe, time.nowMs + 1000);
  });
  wheel.set(probe, 1000);
  time.passTo(20_000);
  assert.deepEqual(probe.firedAt, [1000, 2000, 3000, 4000, 5000]);
});

test("a closed wheel holds no timer and fires nothing", () => {
  const time = new ManualTime();
  const wheel = time.wheel();
  const probe = new Probe(time);
  wheel.set(probe, 10);
  wheel.close();
  wheel.set(new Probe(time), 20);
  assert.equal(time.armed, 0);
  time.passTo(100);
  assert.deepEqual(probe.firedAt, []);
});

type Step =
  | { readonly kind: "set"; readonly entry: number; readonly inMs: number }
  | { readonly kind: "clear"; readonly entry: number }
  | { readonly kind: "pass"; readonly ms: number };

const entryCount = 12;
const delays = fc.oneof(
  fc.integer({ min: -20, max: 40 }),
  fc.double({ min: 0, max: 30, noNaN: true }),
  fc.integer({ min: 0, max: 3 * revolutionMs }),
  fc.constantFrom(revolutionMs - 8, revolutionMs, revolutionMs + 8, 100 * revolutionMs),
);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), entry: fc.nat(entryCount - 1), inMs: delays }),
  fc.record({ kind: fc.constant("clear" as const), entry: fc.nat(entryCount - 1) }),
  fc.record({ kind: fc.constant("pass" as const), ms: fc.nat(2 * revolutionMs) }),
);

test("the wheel does what a list of deadlines does, on time and late", () => {
  const property = fc.property(fc.array(steps, { maxLength: 60 }), fc.constantFrom(0, 0, 3, 5000), (script, lateMs) => {
    const time = new ManualTime(12_345.5);
    time.lateMs = lateMs;
    const wheel = time.wheel();
    /** The model: when each entry is due, and how often it has been. */
    const dueAt = new Array<number>(entryCount).fill(Number.POSITIVE_INFINITY);
    const fired = new Array<number>(entryCount).fill(0);
    const probes = dueAt.map(
      (_, index) =>
        new Probe(time, () => {
          assert.ok((dueAt[index] as number) <= time.nowMs, "never early");
          fired[index] = (fired[index] as number) + 1;
          dueAt[index] = Number.POSITIVE_INFINITY;
        }),
    );
    for (const step of script) {
      if (step.kind === "set") {
        // What is in the past already is due now.
        dueAt[step.entry] = time.nowMs + Math.max(0, step.inMs);
        wheel.set(probes[step.entry] as Probe, time.nowMs + step.inMs);
      } else if (step.kind === "clear") {
        dueAt[step.entry] = Number.POSITIVE_INFINITY;
        wheel.clear(probes[step.entry] as Probe);
      } else {
        time.passTo(time.nowMs + step.ms);
        for (const at of dueAt) assert.ok(at + lateMs > time.nowMs, `due at ${at}, it is ${time.nowMs}`);
      }
      assert.equal(wheel.size, dueAt.filter(Number.isFinite).length);
      probes.forEach((probe, index) => {
        assert.equal(probe.firedAt.length, fired[index]);
      });
    }
  });
  fc.assert(property, { seed: 20_251, numRuns: 400 });
});
