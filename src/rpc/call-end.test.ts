// Tests of telling that a call is over: everyone is told, once, whatever one of them does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { tellEnd } from "./call-end.ts";

test("one that throws keeps neither the others nor the call from their end", () => {
  const told: unknown[] = [];
  const fail = () => {
    throw new Error("broken");
  };
  tellEnd([fail, (error) => told.push(error), fail, (error) => told.push(error)], "why");
  assert.deepEqual(told, ["why", "why"]);
});

test("where nobody asked, nobody is told", () => {
  assert.doesNotThrow(() => tellEnd(undefined, undefined));
});
