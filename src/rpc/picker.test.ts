// Tests of the pickers: where calls go, by room, by order and by load, with nothing but lists.
import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "./call-error.ts";
import { createPicker } from "./create-picker.ts";
import { GuardedPicker } from "./guarded-picker.ts";
import type { Balance, Picker, PickerAddress } from "./picker.ts";

type Place = { -readonly [Name in keyof PickerAddress]: PickerAddress[Name] };

function places(...loads: readonly number[]): Place[] {
  return loads.map((openCalls, index) => ({ address: "abcdef"[index] as string, hasRoom: true, openCalls }));
}

function create(balance: Balance, start = 0): Picker {
  return createPicker(balance, { next: () => start });
}

/** Where so many calls go; each stays open when `stays`. */
function picks(picker: Picker, list: readonly Place[], count: number, stays = false): string {
  let text = "";
  for (let call = 0; call < count; call++) {
    const place = picker.pick(list) as Place | undefined;
    text += place?.address ?? "-";
    if (stays && place !== undefined) place.openCalls++;
  }
  return text;
}

test("first takes the first with room", () => {
  const list = places(5, 0, 0);
  assert.equal(picks(create("first"), list, 3), "aaa");
  (list[0] as Place).hasRoom = false;
  assert.equal(picks(create("first"), list, 3), "bbb");
});

test("round robin goes round, leaves out what has no room, and stays even when the list changes", () => {
  const picker = create("round-robin");
  const list = places(0, 0, 0, 0);
  assert.equal(picks(picker, list, 6), "abcdab");
  (list[2] as Place).hasRoom = false;
  assert.equal(picks(picker, list, 4), "dabd");
  assert.equal(picks(picker, list.slice(0, 2), 4), "abab");
  for (const place of list) place.hasRoom = false;
  assert.equal(picks(picker, list, 1), "-");
  assert.equal(picks(picker, [], 1), "-");
});

test("round robin begins where chance says, so that clients that start together do not all call the same server", () => {
  const starts = [0.00001, 0.123, 0.7777, 0.4, 0.912].map((start) =>
    picks(create("round-robin", start), places(0, 0, 0), 1),
  );
  assert.ok(new Set(starts).size > 1, `${starts}`);
});

test("least loaded takes the fewest open calls, and goes round among equals", () => {
  const picker = create("least-loaded");
  assert.equal(picks(picker, places(0, 0, 0), 4), "abca");
  assert.equal(picks(create("least-loaded"), places(4, 0, 2), 8, true), "bbcbcbca");
  const list = places(0, 3, 1);
  (list[0] as Place).hasRoom = false;
  assert.equal(picks(create("least-loaded"), list, 2), "cc");
  for (const place of list) place.hasRoom = false;
  assert.equal(picks(picker, list, 1), "-");
});

test("a balance that is none is refused with those there are", () => {
  for (const balance of ["roundrobin", 5, {}, null]) {
    assert.throws(
      () => create(balance as Balance),
      (error) =>
        error instanceof UsageError && /"first", "round-robin", "least-loaded" or a picker/.test(error.message),
    );
  }
});

test("a user's picker that throws or picks wrongly is told of, and its call goes to the first with room", () => {
  const [a, b] = places(0, 0) as [Place, Place];
  a.hasRoom = false;
  const told: string[] = [];
  const guard = (pick: Picker["pick"]) =>
    new GuardedPicker({ spreads: true, pick }, (message) => void told.push(message));
  const throwing = guard(() => {
    throw new Error("oh");
  });
  assert.equal(throwing.pick([a, b]), b);
  assert.equal(guard(() => a).pick([a, b]), b);
  assert.equal(guard(() => ({ ...b })).pick([a, b]), b);
  assert.deepEqual(told, [
    "the picker threw: oh",
    "the picker chose an address that is not connected or has no room",
    "the picker chose an address that is not connected or has no room",
  ]);
  assert.equal(guard(() => b).pick([a, b]), b);
  assert.equal(guard(() => undefined).pick([a, b]), undefined);
  assert.equal(told.length, 3);
});
