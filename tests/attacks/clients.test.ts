// Attacks on a client, by the server that it called: the call fails, its error names the limit, nothing is left, and the same
// channel's next call goes through, on another connection where the first one had to end.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  data,
  frame,
  goAway,
  headers,
  ping,
  rstStream,
  settings,
  settingsAck,
  windowUpdate,
} from "../support/http2-frames.ts";
import { grpcHead, grpcMessage, okAnswer, ScriptedServer } from "../support/rpc-peer.ts";
import { failureOf, Probe, Reply } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const repeat = (count: number, part: Uint8Array): Buffer => Buffer.concat(Array.from({ length: count }, () => part));
const prefix = (length: number, flag = 0): Buffer => grpcMessage(new Uint8Array(0), flag, length);
/** A block whose one entry of 4 KB is then referred to 16,000 times. */
const entry = Buffer.concat([Buffer.from([0x88, 0x40, 1, 0x61, 0x7f, 0xa0, 0x1e]), Buffer.alloc(3999, 0x78)]);

const attacks: readonly (readonly [title: string, frames: Uint8Array, code: string, says: RegExp])[] = [
  ["SETTINGS without end", repeat(50, settings([3, 100])), "UNAVAILABLE", /settingsBurst 10/],
  ["frames of an unknown type", repeat(200, frame({ type: 0xbd })), "UNAVAILABLE", /idleFramesBurst 100/],
  ["acknowledgements of nothing", repeat(200, settingsAck), "UNAVAILABLE", /idleFramesBurst 100/],
  ["PING without end", repeat(2000, ping("flooding")), "UNAVAILABLE", /maxOwedAnswersHard 1000/],
  [
    "PRIORITY without end",
    repeat(200, frame({ type: "PRIORITY", id: 1, payload: Buffer.alloc(5) })),
    "UNAVAILABLE",
    /priorityFramesPerStream 100/,
  ],
  ["WINDOW_UPDATE without end", repeat(2000, windowUpdate(0, 1)), "UNAVAILABLE", /windowUpdatesPerFrame 20/],
  ["GOAWAY without end", repeat(200, goAway(1, "NO_ERROR")), "UNAVAILABLE", /idleFramesBurst 100/],
  [
    "empty DATA frames",
    Buffer.concat([headers(1, grpcHead), repeat(50, data(1, ""))]),
    "UNAVAILABLE",
    /maxEmptyDataFrames 10/,
  ],
  [
    "CONTINUATION without end",
    Buffer.concat([
      headers(1, grpcHead, { whole: false }),
      repeat(50, frame({ type: "CONTINUATION", id: 1, payload: Buffer.of(0) })),
    ]),
    "UNAVAILABLE",
    /maxContinuations 8/,
  ],
  [
    "an HPACK bomb",
    Buffer.concat([
      frame({ type: "HEADERS", flags: 4, id: 1, payload: entry }),
      frame({ type: "HEADERS", flags: 5, id: 1, payload: Buffer.alloc(16_000, 0xbe) }),
    ]),
    "UNAVAILABLE",
    /maxFieldListBytes 16384/,
  ],
  ["a field of 9 KB", headers(1, [...grpcHead, ["x", "v".repeat(9000)]]), "RESOURCE_EXHAUSTED", /maxFieldBytes 8192/],
  [
    "200 fields in the trailers",
    Buffer.concat([
      headers(1, grpcHead),
      headers(1, [["grpc-status", "0"], ...Array.from({ length: 200 }, () => ["x", "y"] as const)], { last: true }),
    ]),
    "RESOURCE_EXHAUSTED",
    /maxFields 128/,
  ],
  [
    "a message of 4 GiB",
    Buffer.concat([headers(1, grpcHead), data(1, prefix(0xffffffff))]),
    "RESOURCE_EXHAUSTED",
    /4294967295 bytes, at most 4194304 are taken \(option maxMessageBytes\)/,
  ],
  ["a reset and then many", repeat(100, rstStream(1, "INTERNAL_ERROR")), "INTERNAL", /INTERNAL_ERROR/],
];

for (const [title, frames, code, says] of attacks) {
  test(`a server attacks its client: ${title}`, async () => {
    const world = new Simulated();
    const server = await world.run(() =>
      ScriptedServer.listen(world.server, address, {
        settings: [],
        onFrame: (connection, { type, id, last }) => {
          if (type !== "DATA" || last !== true) return;
          const isAttack = connection === server.connections[0] && id === 1;
          connection.send(isAttack ? frames : okAnswer(id, Reply.encode({ tag: "served" })));
        },
      }),
    );
    const channel = world.dial();
    const stub = channel.stub(Probe);
    const error = await world.run(() => failureOf(stub.run({ tag: "a" }, { timeoutMs: 5000 })));
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.equal(error.attempts, 1);
    assert.equal((await world.run(() => stub.run({ tag: "b" }, { timeoutMs: 5000 }))).tag, "served");
    assert.deepEqual([channel.snapshot().queuedCalls, channel.snapshot().deadlines <= 3], [0, true]);
    await world.run(() => channel.close());
    await world.simulation.advance(5000);
    assert.equal(
      server.connections.every(({ ended, closed }) => ended || closed),
      true,
    );
  });
}
