// The word of a call (`execution`) row by row, against a peer whose every frame is written here: what proves that the
// handler did not run, what proves that it did, and what proves nothing though it looks as if.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallError, CallOptions, DialOptions, Stub } from "farcall";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import {
  data,
  type FieldList,
  goAway,
  headers,
  ping,
  rstStream,
  settings,
  settingsAck,
} from "../support/http2-frames.ts";
import {
  farcallSetting,
  grpcHead,
  grpcMessage,
  okAnswer,
  type ScriptedConnection,
  ScriptedServer,
  trailersOnly,
} from "../support/rpc-peer.ts";
import { alive, endingOf, failureOf, Probe, Reply, turns, until } from "../support/rpc-probe.ts";

const reply = Reply.encode({ tag: "done" });

interface Stage {
  readonly peer: ScriptedServer;
  readonly stub: Stub<typeof Probe.methods>;
  readonly call: (tag?: string) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

let stageCount = 0;

/** A channel to a scripted server. */
async function stage(
  peerSettings: readonly (readonly [number, number])[] = [],
  options: DialOptions = {},
): Promise<Stage> {
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, `memory:proofs-${stageCount++}`, { settings: peerSettings });
  const channel = createRuntime(machine).dial(peer.address, { backoff: { initialMs: 1 }, timeoutMs: 2000, ...options });
  const stub = channel.stub(Probe);
  return {
    peer,
    stub,
    call: (tag = "a") => stub.run({ tag }),
    close: async () => {
      await channel.close();
      await peer.close();
    },
  };
}

type Script = (connection: ScriptedConnection) => void | Promise<void>;

/** One call whose request has arrived when the script answers it on stream 1. */
async function answered(
  script: Script,
  peerSettings: readonly (readonly [number, number])[] = [],
  options: DialOptions = {},
): Promise<CallError> {
  const { peer, call, close } = await stage(peerSettings, options);
  try {
    const failing = failureOf(call());
    const connection = await peer.next();
    await connection.next("DATA");
    await script(connection);
    return await failing;
  } finally {
    await close();
  }
}

const said = (word: string): FieldList => [["farcall-execution", word]];

const trailerRows: readonly (readonly [what: string, marked: boolean, answer: Buffer, word: string])[] = [
  ["not-executed from a marked peer", true, trailersOnly(1, 8, said("not-executed")), "not-executed"],
  ["not-executed from a peer without the marker", false, trailersOnly(1, 8, said("not-executed")), "unknown"],
  ["executed from a marked peer", true, trailersOnly(1, 9, said("executed")), "executed"],
  ["executed from a peer without the marker", false, trailersOnly(1, 9, said("executed")), "executed"],
  ["a failure without a word, marked", true, trailersOnly(1, 13), "unknown"],
  ["a failure without a word, not marked", false, trailersOnly(1, 13), "unknown"],
  ["a word that is none", true, trailersOnly(1, 13, said("maybe")), "unknown"],
  ["a word in other letters", true, trailersOnly(1, 13, said("Not-Executed")), "unknown"],
  ["UNIMPLEMENTED of a foreign server", false, trailersOnly(1, 12), "unknown"],
  [
    "executed behind a head",
    false,
    Buffer.concat([headers(1, grpcHead), headers(1, [["grpc-status", "5"], ...said("executed")], { last: true })]),
    "executed",
  ],
  [
    "not-executed behind a head and a message, marked: the trailer is the peer's own word",
    true,
    Buffer.concat([
      headers(1, grpcHead),
      data(1, grpcMessage(reply)),
      headers(1, [["grpc-status", "5"], ...said("not-executed")], { last: true }),
    ]),
    "not-executed",
  ],
];

for (const [what, marked, answer, word] of trailerRows) {
  test(`trailer: ${what} is ${word}`, async () => {
    const error = await answered((connection) => connection.send(answer), marked ? [farcallSetting] : []);
    assert.equal(error.execution, word);
    assert.equal(error.attempts, 1);
  });
}

test("the marker counts only where settings stand: the same words in a header prove nothing", async () => {
  const answer = headers(1, [...grpcHead, ...said("not-executed")]);
  const tail = headers(1, [["grpc-status", "8"]], { last: true });
  const error = await answered((connection) => connection.send(answer, tail), [farcallSetting]);
  assert.equal(error.execution, "unknown");
});

const okRows: readonly (readonly [what: string, code: string, answer: Buffer])[] = [
  ["with a reply that cannot be decoded", "INTERNAL", okAnswer(1, Uint8Array.of(0xff, 0xff))],
  [
    "with two replies",
    "UNIMPLEMENTED",
    Buffer.concat([headers(1, grpcHead), data(1, grpcMessage(reply)), okAnswerTail(reply)]),
  ],
  ["with no reply", "UNIMPLEMENTED", trailersOnly(1, 0)],
  [
    "with no reply behind a head",
    "UNIMPLEMENTED",
    Buffer.concat([headers(1, grpcHead), headers(1, [["grpc-status", "0"]], { last: true })]),
  ],
  [
    "within a message",
    "INTERNAL",
    Buffer.concat([
      headers(1, grpcHead),
      data(1, grpcMessage(reply).subarray(0, 7)),
      headers(1, [["grpc-status", "0"]], { last: true }),
    ]),
  ],
];

function okAnswerTail(payload: Uint8Array): Buffer {
  return Buffer.concat([data(1, grpcMessage(payload)), headers(1, [["grpc-status", "0"]], { last: true })]);
}

for (const [what, code, answer] of okRows) {
  test(`OK trailers ${what} are a failure, and the handler was executed`, async () => {
    const error = await answered((connection) => connection.send(answer));
    assert.equal(error.code, code);
    assert.equal(error.execution, "executed");
    assert.equal(error.phase, "streaming");
  });
}

const endAfterGoAway: Script = (connection) => {
  connection.send(goAway(1, "NO_ERROR"));
  connection.socket.end();
};

const unknownRows: readonly (readonly [what: string, script: Script])[] = [
  ["RST_STREAM CANCEL", (connection) => connection.send(rstStream(1, "CANCEL"))],
  ["RST_STREAM INTERNAL_ERROR", (connection) => connection.send(rstStream(1, "INTERNAL_ERROR"))],
  ["RST_STREAM NO_ERROR", (connection) => connection.send(rstStream(1, "NO_ERROR"))],
  ["RST_STREAM ENHANCE_YOUR_CALM", (connection) => connection.send(rstStream(1, "ENHANCE_YOUR_CALM"))],
  ["a connection reset", (connection) => connection.socket.reset()],
  ["a connection ended", (connection) => connection.socket.end()],
  ["GOAWAY that keeps the stream, then the end", endAfterGoAway],
  ["a connection error of the peer's", (connection) => connection.send(ping("wrong length"))],
  ["a head, then REFUSED_STREAM", (c) => c.send(headers(1, grpcHead), rstStream(1, "REFUSED_STREAM"))],
  ["a head, then GOAWAY below the stream", (c) => c.send(headers(1, grpcHead), goAway(0, "NO_ERROR"))],
  [
    "a head and a message, then REFUSED_STREAM",
    (c) => c.send(headers(1, grpcHead), data(1, grpcMessage(reply)), rstStream(1, "REFUSED_STREAM")),
  ],
  [
    "an interim answer, then REFUSED_STREAM",
    (c) => c.send(headers(1, [[":status", "103"]]), rstStream(1, "REFUSED_STREAM")),
  ],
  [
    "an interim answer, then GOAWAY below the stream",
    (c) => c.send(headers(1, [[":status", "103"]]), goAway(0, "NO_ERROR")),
  ],
  ["a malformed head, then REFUSED_STREAM", (c) => c.send(headers(1, [["x", "y"]]), rstStream(1, "REFUSED_STREAM"))],
  [
    "an answer that is no gRPC",
    (c) =>
      c.send(
        headers(
          1,
          [
            [":status", "503"],
            ["content-type", "text/html"],
          ],
          { last: true },
        ),
      ),
  ],
  ["HTTP 200 without a status", (c) => c.send(headers(1, grpcHead), headers(1, [["x", "y"]], { last: true }))],
  ["a body without trailers", (c) => c.send(headers(1, grpcHead), data(1, grpcMessage(reply), true))],
  ["a status that is no number", (c) => c.send(headers(1, [...grpcHead, ["grpc-status", "zero"]], { last: true }))],
];

for (const [what, script] of unknownRows) {
  test(`after ${what} nothing is known, and the call is not made again`, async () => {
    const error = await answered(script);
    assert.equal(error.execution, "unknown", `${error.code}: ${error.message}`);
    assert.equal(error.attempts, 1);
  });
}

const refusals: readonly (readonly [what: string, refuse: Script])[] = [
  ["REFUSED_STREAM", (connection) => connection.send(rstStream(1, "REFUSED_STREAM"))],
  ["GOAWAY below the stream", (connection) => connection.send(goAway(0, "NO_ERROR"))],
  ["GOAWAY with an error below the stream", (connection) => connection.send(goAway(0, "ENHANCE_YOUR_CALM"))],
];

for (const [what, refuse] of refusals) {
  test(`after ${what} a call is made again, once, and succeeds without the caller's doing`, async () => {
    const { peer, call, close } = await stage();
    const calling = call("again");
    const first = await peer.next();
    const sent = await first.next("DATA");
    await refuse(first);
    const second = what === "REFUSED_STREAM" ? first : await peer.next();
    const again = await second.next("DATA");
    assert.deepEqual(again.payload, sent.payload, "the same request");
    second.send(okAnswer(again.id, reply));
    assert.deepEqual(await calling, { tag: "done", payload: new Uint8Array(0) });
    await close();
  });

  test(`after ${what} twice a call fails as not executed`, async () => {
    const { peer, call, close } = await stage();
    const failing = failureOf(call());
    const first = await peer.next();
    await first.next("DATA");
    await refuse(first);
    const second = what === "REFUSED_STREAM" ? first : await peer.next();
    const { id } = await second.next("DATA");
    second.send(rstStream(id, "REFUSED_STREAM"));
    const error = await failing;
    assert.equal(error.code, "UNAVAILABLE");
    assert.equal(error.execution, "not-executed");
    assert.equal(error.attempts, 2);
    await turns(5);
    assert.equal(
      peer.connections.reduce((sum, { seen }) => sum + count(seen, "HEADERS"), 0),
      2,
      "no third attempt",
    );
    await close();
  });
}

function count(seen: readonly { readonly type: string }[], type: string): number {
  return seen.filter((frame) => frame.type === type).length;
}

test("a refused first attempt and a second one without proof make an unknown", async () => {
  const { peer, call, close } = await stage();
  const failing = failureOf(call());
  const connection = await peer.next();
  await connection.next("DATA");
  connection.send(rstStream(1, "REFUSED_STREAM"));
  await connection.next("DATA");
  connection.send(rstStream(3, "CANCEL"));
  const error = await failing;
  assert.equal(error.execution, "unknown");
  assert.equal(error.attempts, 2);
  await close();
});

test("a refused first attempt and an executed second one were executed", async () => {
  const { peer, call, close } = await stage();
  const failing = failureOf(call());
  const connection = await peer.next();
  await connection.next("DATA");
  connection.send(rstStream(1, "REFUSED_STREAM"));
  await connection.next("DATA");
  connection.send(trailersOnly(3, 5, said("executed")));
  assert.equal((await failing).execution, "executed");
  await close();
});

test("GOAWAY between many streams refuses exactly those above its id", async () => {
  const { peer, call, close } = await stage();
  const calls = Array.from({ length: 6 }, (_, index) => endingOf(call(`${index}`)));
  const first = await peer.next();
  for (let index = 0; index < 6; index++) await first.next("DATA");
  first.send(goAway(5, "NO_ERROR"), okAnswer(1, reply), okAnswer(3, reply), trailersOnly(5, 13));
  const second = await peer.next();
  for (let index = 0; index < 3; index++) {
    const { id, payload } = await second.next("DATA");
    assert.equal(payload.subarray(7).toString(), `${index + 3}`);
    second.send(okAnswer(id, reply));
  }
  assert.deepEqual(await Promise.all(calls), ["OK", "OK", "INTERNAL sent unknown 1", "OK", "OK", "OK"]);
  await close();
});

test("a call whose head is written in the turn in which the connection fails never left, and is made on the next one", async () => {
  for (const fault of [settings([2, 7]), ping("wrong length"), settings([5, 1])]) {
    const { peer, stub, close } = await stage();
    let late: Promise<string> | undefined;
    // A callback of the first call makes the second while the bytes with the fault are being read.
    const onTrailers = (): void => {
      late = endingOf(stub.run({ tag: "late" }));
    };
    const early = stub.run({ tag: "early" }, { onTrailers });
    const first = await peer.next();
    await first.next("DATA");
    first.send(okAnswer(1, reply), fault);
    await early;
    const second = await peer.next();
    const { id, payload } = await second.next("DATA");
    assert.equal(payload.subarray(7).toString(), "late");
    second.send(okAnswer(id, reply));
    assert.equal(await late, "OK");
    assert.equal(count(first.seen, "HEADERS"), 1, "its head did not leave on the failed connection");
    await close();
  }
});

test("a call made in the turn in which its channel is closed was not executed", async () => {
  const { peer, call, close } = await stage();
  const warm = call("warm");
  const connection = await peer.next();
  connection.send(okAnswer((await connection.next("DATA")).id, reply));
  await warm;
  const failing = failureOf(call("never sent"));
  const closing = close();
  const error = await failing;
  assert.equal(error.code, "CANCELLED");
  assert.equal(error.execution, "not-executed");
  await closing;
  await turns(5);
  assert.equal(count(connection.seen, "HEADERS"), 1, "only the first call's head ever left");
});

test("every way to give up after the head was passed is unknown", async () => {
  const ways: readonly (readonly [string, CallOptions])[] = [
    ["deadline", { timeoutMs: 500 }],
    ["signal", {}],
  ];
  for (const [way, more] of ways) {
    const machine = createRealMachine();
    const peer = await ScriptedServer.listen(machine, `memory:giving-up-${way}`, { settings: [farcallSetting] });
    const channel = createRuntime(machine).dial(peer.address);
    const controller = new AbortController();
    const options = { signal: controller.signal, ...more };
    const failing = failureOf(alive(channel.stub(Probe).run({ tag: way }, options)));
    const connection = await peer.next();
    await connection.next("DATA");
    if (way === "signal") controller.abort();
    const error = await failing;
    assert.equal(error.code, way === "signal" ? "CANCELLED" : "DEADLINE_EXCEEDED");
    assert.equal(error.execution, "unknown");
    assert.equal(error.phase, "sent");
    const reset = await connection.next("RST_STREAM");
    assert.equal(reset.code, "CANCEL", "the peer is told");
    await channel.close();
    await peer.close();
  }
});

test("no head leaves before the peer's first SETTINGS: until then nothing was executed", async () => {
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, "memory:silent", { settings: undefined });
  const channel = createRuntime(machine).dial(peer.address);
  const failing = failureOf(alive(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 50 })));
  const connection = await peer.next();
  await connection.next("SETTINGS");
  const error = await failing;
  assert.equal(error.code, "DEADLINE_EXCEEDED");
  assert.equal(error.phase, "connecting");
  assert.equal(error.execution, "not-executed");
  assert.equal(error.attempts, 0);
  connection.send(settings(), settingsAck);
  await until(() => channel.snapshot().state === "ready", "the connection becomes ready");
  await turns(3);
  assert.equal(connection.all("HEADERS").length, 0, "a call that has ended is not sent later");
  await channel.close();
  await peer.close();
});
