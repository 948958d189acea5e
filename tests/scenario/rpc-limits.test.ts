// Messages at the limit, one byte below it and one above, in both directions, with the default of 4 MiB and with small ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { alive, failureOf, implementProbe, Probe, Reply, Request, Tally } from "../support/rpc-probe.ts";

const defaultBytes = 4 * 1024 * 1024;

/** A payload with which the encoded message has exactly so many bytes. */
function payloadFor(type: typeof Request | typeof Reply, bytes: number): Uint8Array {
  let payload = new Uint8Array(Math.max(0, bytes - 16));
  while (type.encode({ payload }).length < bytes) payload = new Uint8Array(payload.length + 1);
  assert.equal(type.encode({ payload }).length, bytes);
  return payload;
}

async function stage(name: string, limits: { client?: number; server?: number }) {
  const runtime = createRuntime(createRealMachine());
  const tally = new Tally();
  const server = await runtime.serve(
    `memory:${name}`,
    [implementProbe(tally, ({ tag }) => (tag === "" ? {} : { payload: payloadFor(Reply, Number(tag)) }))],
    limits.server === undefined ? {} : { maxMessageBytes: limits.server },
  );
  const channel = runtime.dial(`memory:${name}`, limits.client === undefined ? {} : { maxMessageBytes: limits.client });
  const stub = channel.stub(Probe);
  return {
    tally,
    channel,
    send: (bytes: number) => alive(stub.run({ payload: payloadFor(Request, bytes) })),
    receive: (bytes: number) => alive(stub.run({ tag: `${bytes}` })),
    close: () => Promise.all([channel.close(), server.close()]),
  };
}

for (const limit of [defaultBytes, 100]) {
  test(`a request of ${limit} bytes is taken, one of ${limit + 1} is refused without having run`, async () => {
    const { tally, channel, send, close } = await stage(
      `send-${limit}`,
      limit === defaultBytes ? {} : { server: limit },
    );
    for (const bytes of [limit - 1, limit]) await send(bytes);
    assert.equal(tally.total, 2);
    const error = await failureOf(send(limit + 1));
    assert.equal(error.code, "RESOURCE_EXHAUSTED");
    assert.match(error.message, new RegExp(`${limit + 1} bytes.*${limit}.*maxMessageBytes`));
    assert.equal(error.execution, "not-executed");
    assert.equal(tally.total, 2);
    await send(limit);
    assert.equal(channel.snapshot().connections.length, 1, "the connection goes on");
    await close();
  });

  test(`a reply of ${limit} bytes is taken, one of ${limit + 1} is refused, and whether it ran is not known`, async () => {
    const { tally, channel, receive, close } = await stage(
      `receive-${limit}`,
      limit === defaultBytes ? {} : { client: limit },
    );
    for (const bytes of [limit - 1, limit]) assert.equal(Reply.encode(await receive(bytes)).length, bytes);
    const error = await failureOf(receive(limit + 1));
    assert.equal(error.code, "RESOURCE_EXHAUSTED");
    assert.match(error.message, new RegExp(`${limit + 1} bytes.*${limit}.*maxMessageBytes`));
    assert.notEqual(error.execution, "not-executed");
    assert.equal(tally.total, 3);
    assert.equal(Reply.encode(await receive(limit)).length, limit);
    assert.equal(channel.snapshot().connections.length, 1, "the connection goes on");
    await close();
  });
}

test("an empty message is a message", async () => {
  const { send, close, tally } = await stage("empty", { server: 0 });
  await send(0);
  assert.equal(tally.total, 1);
  assert.equal((await failureOf(send(10))).code, "RESOURCE_EXHAUSTED");
  await close();
});
