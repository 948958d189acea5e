// Tests of the error of a failed call: its defaults, and what logs show of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError } from "./call-error.ts";
import { Metadata } from "./metadata.ts";

test("as JSON it tells what happened, its message too, and nothing of the bytes of details", () => {
  const error = new CallError("NOT_FOUND", "no such directory", {
    execution: "executed",
    phase: "sent",
    attempts: 1,
    metadata: new Metadata({ "trace-id": "7" }),
    details: [{ typeUrl: "type.googleapis.com/demo.Detail", value: Uint8Array.of(1) }],
  });
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: "CallError",
    code: "NOT_FOUND",
    message: "no such directory",
    execution: "executed",
    phase: "sent",
    attempts: 1,
    metadata: { "trace-id": ["7"] },
    details: ["type.googleapis.com/demo.Detail"],
  });
});

test("one that a handler makes claims nothing of an execution", () => {
  const { execution, phase, attempts, metadata, details } = new CallError("ABORTED", "try later");
  assert.deepEqual([execution, phase, attempts, metadata.size, details], ["unknown", "sent", 0, 0, []]);
});

test("a code that is none is refused with the list of those that there are", () => {
  for (const code of ["NOTFOUND", "OK", 5]) {
    assert.throws(
      () => new CallError(code as "NOT_FOUND", ""),
      /is no status of a failed call; use one of CANCELLED, /,
    );
  }
});
