// What streaming calls send: sources that are none, that throw, or that end their own call, and messages that cannot be
// sent. Each is told to whoever made it, and nothing of it reaches the process or the calls beside it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Interceptor, implement, UsageError } from "farcall";
import { bidiStream, clientStream, int32, message, service, unary } from "farcall/idl";
import { watchProcess } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

const Number32 = message("sources.Number", { n: int32(1) });
const Sources = service("sources.Sources", {
  sum: clientStream(Number32, Number32),
  chat: bidiStream(Number32, Number32),
  echo: unary(Number32, Number32),
});

const served = implement(Sources, {
  async sum(requests) {
    let n = 0;
    for await (const request of requests) n += request.n;
    return { n };
  },
  async *chat(requests) {
    yield* requests;
  },
  echo: (request) => request,
});

async function open(interceptors: readonly Interceptor<unknown>[] = []) {
  const world = new Simulated();
  await world.run(() => world.serveThese([served]));
  const channel = world.dial({ interceptors });
  return { world, channel, stub: channel.stub(Sources), watch: watchProcess() };
}

const asItIs: Interceptor<unknown> = (_call, next) => next();

for (const [how, interceptors] of [
  ["", []],
  [" within interceptors", [asItIs]],
] as const) {
  test(`requests that are no iterable are refused at once${how}`, async () => {
    const { channel, stub, watch } = await open(interceptors);
    for (const requests of [5, true, {}, null, "text", Promise.resolve([])]) {
      const wrong = requests as unknown as { n: number }[];
      assert.throws(() => stub.sum(wrong), {
        name: "UsageError",
        code: "BAD_OPTION",
        message: /^the messages to send are /,
      });
      assert.throws(() => stub.chat(wrong), UsageError);
    }
    assert.equal(channel.snapshot().calls.started, 0);
    await watch.check();
  });

  test(`a source that cannot be begun fails its call with its own error${how}`, async () => {
    const { world, stub, watch } = await open(interceptors);
    const source = {
      [Symbol.iterator](): Iterator<{ n: number }> {
        throw new RangeError("not today");
      },
    };
    await world.run(() => assert.rejects(stub.sum(source), { name: "RangeError", message: "not today" }));
    await watch.check();
  });

  test(`what a source throws when it is left reaches nobody${how}`, async () => {
    const { world, channel, stub, watch } = await open(interceptors);
    let left = 0;
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<{ n: number }>>(() => {}),
        return: () => {
          left++;
          throw new Error("return threw");
        },
      }),
    };
    const failed = world.run(() => assert.rejects(stub.sum(source, { timeoutMs: 50 }), { code: "DEADLINE_EXCEEDED" }));
    await failed;
    assert.equal(left, 1);
    assert.equal(channel.snapshot().deadlines, 0);
    await watch.check();
  });

  test(`a generator that ends its own call is left once it has yielded${how}`, async () => {
    const { world, stub, watch } = await open(interceptors);
    const seen: string[] = [];
    const abort = new AbortController();
    function* source() {
      try {
        yield { n: 1 };
        abort.abort();
        seen.push("aborted");
        yield { n: 2 };
        seen.push("went on");
      } finally {
        seen.push("left");
      }
    }
    await world.run(() => assert.rejects(stub.sum(source(), { signal: abort.signal }), { code: "CANCELLED" }));
    await watch.check();
    assert.deepEqual(seen, ["aborted", "left"]);
  });
}

test("a message that cannot be encoded is its sender's alone: the call goes on, before its headers and after", async () => {
  const { world, channel, stub } = await open();
  const wrong = { n: "one" } as unknown as { n: number };
  const chat = stub.chat();
  const replies = chat[Symbol.asyncIterator]();
  await world.run(async () => {
    await assert.rejects(chat.send(wrong), { name: "MarshalError" });
    await chat.send({ n: 1 });
    assert.equal((await replies.next()).value?.n, 1);
    await assert.rejects(chat.send(wrong), { name: "MarshalError" });
    await chat.send({ n: 2 });
    assert.equal((await replies.next()).value?.n, 2);
    chat.end();
    assert.equal((await replies.next()).done, true);
  });
  const { started, succeeded, failed } = channel.snapshot().calls;
  assert.deepEqual({ started, succeeded, failed }, { started: 1, succeeded: 1, failed: 0 });
});

test("a unary request that cannot be encoded leaves no stream behind", async () => {
  const { world, channel, stub } = await open();
  await world.run(() => stub.echo({ n: 1 }));
  const wrong = { n: "one" } as unknown as { n: number };
  await world.run(() => assert.rejects(stub.echo(wrong), { name: "MarshalError" }));
  assert.equal(channel.snapshot().connections[0]?.openCalls, 0);
  assert.equal((await world.run(() => stub.echo({ n: 2 }))).n, 2);
});
