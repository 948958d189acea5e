import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, type Channel, dial, type Interceptor, implement, Metadata, type Server, serve } from "farcall";
import { bidiStream, bytes, clientStream, int32, message, serverStream, service, string, unary } from "farcall/idl";

const Item = message("streams.Item", { n: int32(1), text: string(2), body: bytes(3) });
const Streams = service("streams.Streams", {
  echo: unary(Item, Item),
  count: serverStream(Item, Item),
  sum: clientStream(Item, Item),
  chat: bidiStream(Item, Item),
  wait: serverStream(Item, Item),
  breakOff: serverStream(Item, Item),
  early: clientStream(Item, Item),
  bulk: serverStream(Item, Item),
});

interface Seen {
  waitEnded: string | undefined;
  produced: number;
}

function implementStreams(seen: Seen) {
  return implement(Streams, {
    echo: (item) => item,
    async *count({ n }, call) {
      call.sendHeaders({ began: "yes" });
      call.setTrailers({ counted: String(n) });
      for (let index = 0; index < n; index++) yield { n: index };
    },
    async sum(items) {
      let n = 0;
      for await (const item of items) n += item.n;
      return { n };
    },
    async *chat(items) {
      for await (const item of items) yield { ...item, text: `${item.text}!` };
    },
    async *wait(_item, call) {
      yield { n: 1 };
      try {
        await call.sleep(60_000);
      } catch (error) {
        seen.waitEnded = (error as CallError).code;
        throw error;
      }
    },
    async *breakOff() {
      yield { n: 1 };
      yield { n: 2 };
      throw new CallError("DATA_LOSS", "the rest is gone", { metadata: new Metadata({ left: "3" }) });
    },
    async early(items) {
      for await (const item of items) if (item.n === 3) return { n: 3, text: "enough" };
      return { n: 0 };
    },
    *bulk({ n }) {
      const body = new Uint8Array(n);
      for (;;) {
        seen.produced++;
        yield { n: seen.produced, body };
      }
    },
  });
}

const addresses = ["memory:streams", "tcp://127.0.0.1:0"];
for (const address of addresses) {
  const withStreams = async (
    task: (channel: Channel, seen: Seen, server: Server) => Promise<void>,
    interceptors: Interceptor<unknown>[] = [],
  ): Promise<void> => {
    const seen: Seen = { waitEnded: undefined, produced: 0 };
    const server = await serve(address, [implementStreams(seen)]);
    const channel = dial(server.addresses[0] as string, { interceptors });
    try {
      await task(channel, seen, server);
      assert.equal(
        channel.snapshot().connections.reduce((sum, { openCalls }) => sum + openCalls, 0),
        0,
      );
    } finally {
      await channel.close();
      await server.close();
    }
  };
  const name = address.slice(0, address.indexOf(":"));

  test(`${name}: a server stream gives its messages in order, then its trailers`, () =>
    withStreams(async (channel) => {
      const feed = channel.stub(Streams).count({ n: 10_000 });
      assert.equal((await feed.headers).get("began"), "yes");
      let expected = 0;
      for await (const { n } of feed) assert.equal(n, expected++);
      assert.equal(expected, 10_000);
      assert.equal((await feed.trailers).get("counted"), "10000");
    }));

  test(`${name}: a client stream takes an iterable, or pushes`, () =>
    withStreams(async (channel) => {
      const stub = channel.stub(Streams);
      const items = Array.from({ length: 1000 }, (_, n) => ({ n }));
      assert.equal((await stub.sum(items)).n, 499_500);
      const pushed = stub.sum();
      for (const item of items) await pushed.send(item);
      pushed.end();
      assert.equal((await pushed.reply).n, 499_500);
      assert.equal((await stub.sum([])).n, 0);
    }));

  test(`${name}: both sides of a bidirectional stream talk in turn`, () =>
    withStreams(async (channel) => {
      const chat = channel.stub(Streams).chat();
      const replies = chat[Symbol.asyncIterator]();
      for (let n = 0; n < 500; n++) {
        await chat.send({ n, text: "hello" });
        const { value } = await replies.next();
        assert.deepEqual([value?.n, value?.text], [n, "hello!"]);
      }
      chat.end();
      assert.equal((await replies.next()).done, true);
    }));

  test(`${name}: an error in mid-stream comes behind the messages before it`, () =>
    withStreams(async (channel) => {
      const got: number[] = [];
      const feed = channel.stub(Streams).breakOff({});
      const failed = (async () => {
        for await (const { n } of feed) got.push(n);
      })();
      await assert.rejects(failed, (error: CallError) => {
        assert.deepEqual([error.code, error.message, error.execution], ["DATA_LOSS", "the rest is gone", "executed"]);
        assert.equal(error.metadata.get("left"), "3");
        assert.match(error.stack ?? "", /streams\.test/);
        return true;
      });
      assert.deepEqual(got, [1, 2]);
    }));

  test(`${name}: leaving the loop cancels the call on the server`, () =>
    withStreams(async (channel, seen, server) => {
      for await (const { n } of channel.stub(Streams).wait({})) {
        assert.equal(n, 1);
        break;
      }
      while (server.snapshot().openCalls > 0) await new Promise((resolve) => setImmediate(resolve));
      assert.equal(seen.waitEnded, "CANCELLED");
    }));

  test(`${name}: a stream's deadline ends it on both sides`, () =>
    withStreams(async (channel, seen, server) => {
      const feed = channel.stub(Streams).wait({}, { timeoutMs: 100 });
      const failed = (async () => {
        for await (const { n } of feed) assert.equal(n, 1);
      })();
      await assert.rejects(failed, { code: "DEADLINE_EXCEEDED", phase: "streaming", execution: "unknown" });
      while (server.snapshot().openCalls > 0) await new Promise((resolve) => setImmediate(resolve));
      assert.match(seen.waitEnded ?? "", /DEADLINE_EXCEEDED|CANCELLED/);
    }));

  test(`${name}: an early answer lets the sender's source go`, () =>
    withStreams(async (channel) => {
      let released = false;
      async function* source() {
        try {
          for (let n = 0; ; n++) yield { n };
        } finally {
          released = true;
        }
      }
      const { text } = await channel.stub(Streams).early(source());
      assert.equal(text, "enough");
      while (!released) await new Promise((resolve) => setImmediate(resolve));
    }));

  test(`${name}: a source that throws fails the call with its own error`, () =>
    withStreams(async (channel) => {
      async function* source() {
        yield { n: 1 };
        throw new RangeError("no more");
      }
      await assert.rejects(channel.stub(Streams).sum(source()), { name: "RangeError", message: "no more" });
    }));

  test(`${name}: a slow reader holds a fast writer back`, () =>
    withStreams(async (channel, seen) => {
      const feed = channel.stub(Streams).bulk({ n: 64 * 1024 });
      const replies = feed[Symbol.asyncIterator]();
      await replies.next();
      let before = -1;
      while (seen.produced !== before) {
        before = seen.produced;
        await new Promise((resolve) => setTimeout(resolve, 30));
      }
      assert.ok(seen.produced * 64 * 1024 < 6 * 1024 * 1024, `${seen.produced} messages of 64 KiB were produced`);
      for (let index = 0; index < 100; index++) assert.equal((await replies.next()).done, false);
      await replies.return?.();
    }));

  test(`${name}: messages larger than the window get through`, () =>
    withStreams(async (channel) => {
      const body = new Uint8Array(3 * 1024 * 1024).fill(7);
      const chat = channel.stub(Streams).chat([
        { n: 1, body },
        { n: 2, body },
      ]);
      const sizes: number[] = [];
      for await (const item of chat) sizes.push(item.body.length);
      assert.deepEqual(sizes, [body.length, body.length]);
      assert.equal((await channel.stub(Streams).echo({ body })).body.length, body.length);
    }));

  test(`${name}: interceptors see streams as iterables`, () => {
    const double: Interceptor<unknown> = (_call, next) => {
      const answer = next();
      if (!(typeof answer === "object" && answer !== null && Symbol.asyncIterator in answer)) return answer;
      return (async function* () {
        for await (const item of answer as AsyncIterable<{ n: number }>) yield { ...item, n: item.n * 2 };
      })();
    };
    return withStreams(
      async (channel) => {
        const got: number[] = [];
        for await (const { n } of channel.stub(Streams).count({ n: 4 })) got.push(n);
        assert.deepEqual(got, [0, 2, 4, 6]);
        const chat = channel.stub(Streams).chat();
        const replies = chat[Symbol.asyncIterator]();
        const first = replies.next();
        await chat.send({ n: 21 });
        assert.equal((await first).value?.n, 42);
        chat.end();
        assert.equal((await replies.next()).done, true);
        assert.equal((await channel.stub(Streams).sum([{ n: 1 }, { n: 2 }])).n, 3);
      },
      [double],
    );
  });
}
