// HTTP/2: any frames at all, right, wrong or meaningless. The machine never throws, says the same however the bytes are cut,
// says nothing after its end, and its books agree with what its owners were told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FieldTemplate } from "farcall/http";
import fc from "fast-check";
import {
  data,
  frame,
  goAway,
  headers,
  literalBlock,
  ping,
  requestFields,
  responseFields,
  rstStream,
  settings,
  uint32,
  windowUpdate,
} from "../support/http2-frames.ts";
import { flatten, Script } from "../support/http2-script.ts";

const request = new FieldTemplate(flatten(requestFields));
const response = new FieldTemplate(flatten(responseFields));

const id = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(1, 3, 5) }, fc.constantFrom(0, 2, 7, 9, 0x7fffffff));
const flags = fc.oneof(fc.constantFrom(0, 1, 4, 5), fc.integer({ min: 0, max: 255 }));
const octets = fc.uint8Array({ maxLength: 40 });
const block = fc.constantFrom(
  literalBlock(requestFields),
  literalBlock(responseFields),
  literalBlock([["x", "y"]]),
  Buffer.from("8386844003782d610162", "hex"),
  Buffer.from("be", "hex"),
);

/** Frames that mean something, nearly all of the time. */
const frames: fc.Arbitrary<Buffer> = fc.oneof(
  fc.tuple(id, fc.boolean()).map(([on, last]) => headers(on, requestFields, { last })),
  fc.tuple(id, fc.boolean()).map(([on, last]) => headers(on, responseFields, { last })),
  fc.tuple(id, fc.integer({ min: 0, max: 3000 }), fc.boolean()).map(([on, size, last]) => data(on, size, last)),
  fc.tuple(id, flags, block).map(([on, flag, payload]) => frame({ type: "HEADERS", flags: flag, id: on, payload })),
  fc
    .tuple(id, flags, block)
    .map(([on, flag, payload]) => frame({ type: "CONTINUATION", flags: flag, id: on, payload })),
  id.map((on) => rstStream(on, "CANCEL")),
  fc.tuple(id, fc.constantFrom(0, 1, 1000, 0x7fffffff)).map(([on, size]) => windowUpdate(on, size)),
  fc
    .tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(0, 1, 100, 70_000))
    .map(([key, value]) => settings([key, value])),
  id.map((on) => goAway(on, "NO_ERROR")),
  fc.constant(ping("eight by")),
  fc
    .tuple(id, id)
    .map(([on, parent]) => frame({ type: "PRIORITY", id: on, payload: Buffer.concat([uint32(parent), Buffer.of(1)]) })),
  fc
    .tuple(fc.integer({ min: 0, max: 11 }), flags, id, octets)
    .map(([type, flag, on, payload]) => frame({ type, flags: flag, id: on, payload })),
);

type Command = "answer" | "reset" | "consume" | "drain" | "open";
const command = fc.constantFrom<Command>("answer", "reset", "consume", "drain", "open");
const step = fc.oneof({ weight: 4, arbitrary: frames }, command);

function act(script: Script, next: Command): void {
  const owner = script.requests.at(-1);
  if (next === "drain") return script.machine.drain("told to", script.now);
  if (next === "open") {
    if (script.role === "client" && script.machine.capacity > 0) {
      const opened = script.openExchange();
      script.requests.push(opened);
      opened.exchange.head(request, undefined, script.requests.length % 2 === 0);
    }
    return;
  }
  if (next === "reset") return owner?.exchange?.reset("CANCEL");
  if (next === "consume") return owner?.exchange?.consumed(500);
  if (script.role === "server") owner?.exchange?.head(response, undefined, false);
  owner?.exchange?.begin().writeBytes(new Uint8Array(400));
  owner?.exchange?.commit(true);
}

/** Plays the steps and returns all that was seen; frames between two commands arrive as one piece, cut as told. */
function play(
  role: "client" | "server",
  steps: readonly (Buffer | Command)[],
  cut: (bytes: Uint8Array) => Uint8Array[],
) {
  const script = Script.open(role, { cut });
  const sent: string[] = [];
  let batch: Buffer[] = [];
  for (const next of [...steps, "consume" as const]) {
    if (typeof next !== "string") {
      batch.push(next);
      continue;
    }
    const wasClosed = script.machine.isClosed;
    script.send(...batch);
    batch = [];
    if (!script.machine.isClosed) act(script, next);
    const lines = script.lines();
    if (wasClosed) assert.deepEqual(lines, []);
    sent.push(...lines);
  }
  assert.equal(script.log.filter((event) => event === "closed").length, script.machine.isClosed ? 1 : 0);
  if (script.machine.isClosed) {
    assert.equal(script.log.at(-1), "closed");
    assert.equal(script.machine.openExchanges, 0);
  }
  for (const owner of script.requests) {
    assert.ok(owner.resets.length <= 1);
    const ends = owner.events.filter((event) => /last$|^tail/.test(event));
    assert.ok(ends.length <= 1, owner.events.join());
  }
  return { sent, log: script.log };
}

for (const role of ["client", "server"] as const) {
  test(`any frames leave a ${role} in order`, () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: "max" }), cuts, (steps, sizes) => {
        const whole = play(role, steps, (bytes) => [bytes]);
        let turn = 0;
        const pieces = (bytes: Uint8Array) => {
          const found: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; ) {
            const size = sizes[turn++ % sizes.length] as number;
            found.push(bytes.subarray(at, at + size));
            at += size;
          }
          return found;
        };
        assert.deepEqual(play(role, steps, pieces), whole);
      }),
      { seed: 9113, numRuns: 600 },
    );
  });

  test(`any bytes leave a ${role} in order`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const script = Script.open(role).send(bytes);
        script.take();
        assert.equal(script.log.filter((event) => event === "closed").length, script.machine.isClosed ? 1 : 0);
      }),
      { seed: 9113, numRuns: 500 },
    );
  });
}
