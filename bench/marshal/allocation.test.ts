// The memory of the marshalling benchmark is counted: a copy of 1 MiB takes 1 MiB and little more, and a view takes nothing
// of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { measureAllocations } from "./allocation.ts";

test("a copy of 1 MiB takes 1 MiB, and a view of it a small object", () => {
  const found = measureAllocations(["1 MiB", "a copy", "protobuf.js, static"], 1);
  const bytesOf = (toolkit: string, direction: string): number =>
    found.find((one) => one.toolkit === toolkit && one.direction === direction)?.bytes ?? Number.NaN;
  assert.equal(found.length, 4);
  for (const direction of ["encode", "decode"]) {
    const over = bytesOf("a copy", direction) - 1024 * 1024;
    assert.ok(over >= 0 && over < 1024, `${direction}: ${over} more than 1 MiB`);
  }
  const view = bytesOf("protobuf.js, static", "decode");
  assert.ok(view > 0 && view < 4096, `${view} bytes`);
});
