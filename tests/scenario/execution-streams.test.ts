// The word of streaming calls: a handler that is given its requests one by one has begun before the last of them came, so
// a fault of a later one proves nothing; and what was heard of a stream decides whether a refusal is one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, implement } from "farcall";
import { clientStream, serverStream, service } from "farcall/idl";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { data, headers, rstStream } from "../support/http2-frames.ts";
import {
  connectScripted,
  farcallSetting,
  grpcHead,
  grpcMessage,
  grpcRequest,
  okAnswer,
  ScriptedServer,
} from "../support/rpc-peer.ts";
import { failureOf, Reply, Request } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const Streams = service("trials.Streams", {
  collect: clientStream(Request, Reply),
  feed: serverStream(Request, Reply),
});

/** A server of streams that notes which handlers began and which ended. */
async function served(options: object = {}) {
  const world = new Simulated();
  const notes: string[] = [];
  const implementation = implement(Streams, {
    async collect(requests) {
      notes.push("collect began");
      let count = 0;
      try {
        for await (const _ of requests) count++;
      } finally {
        notes.push("collect ended");
      }
      return { tag: `${count}` };
    },
    async *feed({ tag }) {
      notes.push("feed began");
      yield { tag };
      if (tag === "fail") throw new CallError("ABORTED", "no");
      notes.push("feed ended");
    },
  });
  await world.run(() => world.serveThese([implementation], options));
  return { world, notes };
}

const good = grpcMessage(Request.encode({ tag: "a" }));
const faults: readonly (readonly [what: string, body: Uint8Array, last: boolean, status: string])[] = [
  ["a message with a bad flag", grpcMessage(good, 7), false, "13"],
  ["a compressed message", grpcMessage(good, 1), false, "13"],
  ["a message larger than the limit", grpcMessage(good, 0, 5_000_000), false, "8"],
  ["a message that cannot be decoded", grpcMessage(Uint8Array.of(0xff)), false, "13"],
  ["half a message", good.subarray(0, 6), true, "13"],
];

for (const [what, body, last, status] of faults) {
  test(`a streaming handler that has begun is never called not executed: ${what}`, async () => {
    const { world, notes } = await served();
    const { fields } = await world.run(async () => {
      const client = await connectScripted(world.client, address, { settings: [farcallSetting] });
      await client.next("SETTINGS");
      client.send(headers(1, grpcRequest("/trials.Streams/Collect")), data(1, good), data(1, body, last));
      return client.next("HEADERS");
    });
    assert.equal(new Map(fields).get("grpc-status"), status, new Map(fields).get("grpc-message"));
    assert.notEqual(new Map(fields).get("farcall-execution"), "not-executed");
    await world.simulation.advance(100);
    assert.deepEqual(notes, ["collect began", "collect ended"], "the handler hears of it");
  });
}

test("an interceptor that leaves the handler's stream unread cannot say that it was executed", async () => {
  const { world, notes } = await served({
    interceptors: [
      (_call: unknown, next: () => unknown) => {
        next();
        throw new CallError("ABORTED", "not interested");
      },
    ],
  });
  const stub = world.dial().stub(Streams);
  const error = await world.run(() => failureOf(readAll(stub.feed({ tag: "a" }))));
  assert.equal(error.code, "ABORTED");
  assert.notEqual(error.execution, "executed");
  assert.deepEqual(notes, []);
});

async function readAll(feed: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of feed) count++;
  return count;
}

test("a stream that its handler fails in the middle was executed", async () => {
  const { world, notes } = await served();
  const stub = world.dial().stub(Streams);
  const error = await world.run(() => failureOf(readAll(stub.feed({ tag: "fail" }))));
  assert.equal(error.execution, "executed");
  assert.equal(error.phase, "streaming");
  assert.deepEqual(notes, ["feed began"]);
});

test("a stream that interceptors wrap to its end says executed when it fails", async () => {
  const { world } = await served({ interceptors: [(_call: unknown, next: () => unknown) => next()] });
  const error = await world.run(() => failureOf(readAll(world.dial().stub(Streams).feed({ tag: "fail" }))));
  assert.equal(error.execution, "executed");
});

test("a refused stream is opened again with all that was sent on it, once", async () => {
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, "memory:refused-stream");
  const channel = createRuntime(machine).dial(peer.address, { timeoutMs: 2000 });
  const call = channel.stub(Streams).collect();
  const sending = call.send({ tag: "one" });
  const connection = await peer.next();
  await connection.next("DATA");
  await sending;
  connection.send(rstStream(1, "REFUSED_STREAM"));
  const again = await connection.next("DATA");
  assert.deepEqual(again.payload, grpcMessage(Request.encode({ tag: "one" })));
  await call.send({ tag: "two" });
  call.end();
  const two = await connection.next("DATA");
  assert.deepEqual(two.payload, grpcMessage(Request.encode({ tag: "two" })));
  connection.send(okAnswer(3, Reply.encode({ tag: "done" })));
  assert.equal((await call.reply).tag, "done");
  await channel.close();
  await peer.close();
});

test("a stream that is refused after its head came is not opened again", async () => {
  const machine = createRealMachine();
  const peer = await ScriptedServer.listen(machine, "memory:falsely-refused", { settings: [farcallSetting] });
  const channel = createRuntime(machine).dial(peer.address, { timeoutMs: 2000 });
  const call = channel.stub(Streams).collect();
  void call.send({ tag: "one" });
  const failing = failureOf(call.reply);
  const connection = await peer.next();
  await connection.next("DATA");
  connection.send(headers(1, grpcHead), rstStream(1, "REFUSED_STREAM"));
  const error = await failing;
  assert.equal(error.execution, "unknown");
  assert.equal(error.attempts, 1);
  await channel.close();
  await peer.close();
});
