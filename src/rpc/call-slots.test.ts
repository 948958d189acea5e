import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CallLine, CallSlots, type Place } from "./call-slots.ts";

/** Slots, and a record of which calls had their turn and which were sent away. */
function createDesk(maxRunning: number, maxQueued = 1000) {
  const slots = new CallSlots({ maxRunning, maxQueued });
  const turns: string[] = [];
  const away: string[] = [];
  const places = new Map<string, Place>();
  const come = (line: CallLine, name: string, onTurn = () => {}): void => {
    if (line.tryEnter()) {
      turns.push(name);
      return onTurn();
    }
    const place = line.wait({
      onTurn: () => {
        places.delete(name);
        turns.push(name);
        onTurn();
      },
      onNoPlace: () => {
        places.delete(name);
        away.push(name);
      },
    });
    if (place !== undefined) places.set(name, place);
  };
  return { slots, turns, away, places, come };
}

test("so many calls enter, the next waits until one leaves", () => {
  const { slots, turns, come } = createDesk(3);
  const line = new CallLine(slots);
  for (const name of "abcde") come(line, name);
  assert.deepEqual([turns.join(""), slots.running, slots.queued], ["abc", 3, 2]);
  line.leave();
  assert.deepEqual([turns.join(""), slots.running, slots.queued], ["abcd", 3, 1]);
  for (let left = 0; left < 4; left++) line.leave();
  assert.deepEqual([turns.join(""), slots.running, slots.queued], ["abcde", 0, 0]);
});

test("connections take turns, calls of one keep their order", () => {
  const { slots, turns, come } = createDesk(1);
  const [busy, modest, late] = [new CallLine(slots), new CallLine(slots), new CallLine(slots)];
  for (const name of ["b0", "b1", "b2", "b3", "b4"]) come(busy, name);
  for (const name of ["m1", "m2"]) come(modest, name);
  come(late, "l1");
  for (let left = 0; left < 8; left++) busy.leave();
  assert.equal(turns.join(" "), "b0 b1 m1 l1 b2 m2 b3 b4");
});

test("a call that gives up leaves no gap, and its line no empty turn", () => {
  const { slots, turns, places, come } = createDesk(1);
  const [first, second] = [new CallLine(slots), new CallLine(slots)];
  for (const name of ["a", "b", "c"]) come(first, name);
  come(second, "x");
  first.giveUp(places.get("b") as Place);
  second.giveUp(places.get("x") as Place);
  assert.equal(slots.queued, 1);
  first.leave();
  assert.equal(turns.join(""), "ac");
  first.leave();
  come(second, "y");
  assert.equal(turns.join(""), "acy");
});

test("a full queue sends the newcomer away, unless another line is longer by two: that one gives up its newest", () => {
  const { slots, turns, away, come } = createDesk(1, 4);
  const [busy, modest] = [new CallLine(slots), new CallLine(slots)];
  for (const name of "abcde") come(busy, name);
  come(busy, "f");
  assert.deepEqual(away, ["f"]);
  come(modest, "x");
  come(modest, "y");
  assert.deepEqual(away, ["f", "e", "d"]);
  come(modest, "z");
  assert.deepEqual(away, ["f", "e", "d", "z"], "two each is fair");
  for (let left = 0; left < 5; left++) busy.leave();
  assert.equal(turns.join(""), "abxcy");
});

test("a queue of none refuses at once", () => {
  const { slots, away, come } = createDesk(1, 0);
  const line = new CallLine(slots);
  for (const name of "ab") come(line, name);
  assert.deepEqual([away, slots.queued], [["b"], 0]);
});

test("a thousand waiting calls that end within their turn are served without nesting", () => {
  const { slots, turns, come } = createDesk(1, 100_000);
  const line = new CallLine(slots);
  come(line, "first");
  for (let index = 0; index < 20_000; index++) come(line, `${index}`, () => line.leave());
  line.leave();
  assert.deepEqual([turns.length, slots.running, slots.queued], [20_001, 0, 0]);
});

test("whatever comes, gives up and leaves: never more run than may, none waits beside a free slot, none is lost", () => {
  const step = fc.record({ kind: fc.constantFrom("come", "leave", "giveUp"), pick: fc.nat(50) });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.nat(6),
      fc.array(step, { maxLength: 200 }),
      (running, queued, steps) => {
        const { slots, turns, away, places, come } = createDesk(running, queued);
        const lines = [new CallLine(slots), new CallLine(slots), new CallLine(slots)];
        let came = 0;
        let gaveUp = 0;
        let left = 0;
        for (const { kind, pick } of steps) {
          if (kind === "come") come(lines[pick % 3] as CallLine, `${came++}`);
          if (kind === "leave" && slots.running > 0) {
            left++;
            lines[0]?.leave();
          }
          const [name, place] = [...places][pick % Math.max(places.size, 1)] ?? [];
          if (kind === "giveUp" && place !== undefined && name !== undefined) {
            places.delete(name);
            place.line.giveUp(place);
            gaveUp++;
          }
          assert.ok(slots.running <= running && slots.queued <= queued);
          assert.ok(slots.queued === 0 || slots.running === running, "none waits beside a free slot");
          assert.equal(slots.queued, places.size);
          assert.equal(slots.running, turns.length - left);
          assert.equal(came, turns.length + away.length + gaveUp + slots.queued);
        }
      },
    ),
    { seed: 7, numRuns: 300 },
  );
});
