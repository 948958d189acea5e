// HTTP/2: our own PINGs (RFC 9113 section 6.7): what is asked, whose answer counts, and what it tells.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ping, preface } from "../support/http2-frames.ts";
import { Script } from "../support/http2-script.ts";

/** The payload of the one PING that is taken. */
function asked(script: Script): string {
  const frames = script.take();
  assert.deepEqual(
    frames.map(({ type, flags }) => `${type} ${flags}`),
    ["PING 0"],
  );
  return frames[0]?.payload.toString("latin1") ?? "";
}

test("the answer to a ping tells how long it took, and one question is asked at a time", () => {
  for (const role of ["client", "server"] as const) {
    const script = Script.open(role);
    script.machine.ping(script.now);
    const payload = asked(script);
    script.now += 40;
    script.machine.ping(script.now);
    assert.deepEqual(script.take(), []);
    script.now += 2;
    script.send(ping(payload, true));
    assert.deepEqual(script.log, ["pong after 42"]);
    script.machine.ping(script.now);
    assert.notEqual(asked(script), payload);
  }
});

test("answers that nobody asked for, or that are another question's, tell nothing", () => {
  const script = Script.open("client");
  script.send(ping("prob\0\0\0\x01", true));
  script.machine.ping(script.now);
  const payload = asked(script);
  script.send(ping("somebody", true), ping(payload), ping(payload, true), ping(payload, true));
  assert.deepEqual(script.log, ["pong after 0"]);
});

test("nothing is asked before the peer's settings came or after the end", () => {
  const early = Script.create("server").send(preface.subarray(0, 4));
  early.machine.ping(early.now);
  assert.deepEqual(early.take(), []);
  const late = Script.open("server");
  late.machine.close("over");
  late.take();
  late.machine.ping(late.now);
  assert.deepEqual(late.take(), []);
});

test("any byte from the peer counts as heard", () => {
  const script = Script.open("client");
  assert.equal(script.machine.heardAt, script.now);
  script.now += 500;
  script.machine.advance(script.now);
  assert.equal(script.machine.heardAt, script.now - 500);
  script.send(ping("anything").subarray(0, 3));
  assert.equal(script.machine.heardAt, script.now);
});
