import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Channel, dial, implement, type Server, serve } from "farcall";
import { bidiStream, bytes, clientStream, int32, message, serverStream, service, unary } from "farcall/idl";

const Item = message("compression.Item", { n: int32(1), body: bytes(2) });
const Compressed = service("compression.Compressed", {
  echo: unary(Item, Item),
  sum: clientStream(Item, Item),
  chat: bidiStream(Item, Item),
  many: serverStream(Item, Item),
});
const implementation = implement(Compressed, {
  echo: (item) => item,
  async sum(items) {
    let n = 0;
    for await (const item of items) n += item.n + item.body.length;
    return { n };
  },
  async *chat(items) {
    yield* items;
  },
  *many({ n, body }) {
    for (let index = 0; index < n; index++) yield { n: index, body };
  },
});

async function withServer(
  options: { readonly reply?: string; readonly request?: string; readonly maxMessageBytes?: number },
  task: (channel: Channel, server: Server) => Promise<void>,
): Promise<void> {
  const { reply, request, maxMessageBytes } = options;
  const limit = maxMessageBytes === undefined ? {} : { maxMessageBytes };
  const server = await serve("tcp://127.0.0.1:0", [implementation], { ...(reply && { compression: reply }), ...limit });
  const channel = dial(server.addresses[0] as string, { ...(request && { compression: request }), ...limit });
  try {
    await task(channel, server);
  } finally {
    await channel.close();
    await server.close();
  }
}

const body = new Uint8Array(300_000).map((_, index) => (index >> 8) & 0xff);

for (const name of ["gzip", "deflate"]) {
  test(`${name}: messages of all kinds of calls are compressed both ways`, () =>
    withServer({ reply: name, request: name }, async (channel) => {
      const stub = channel.stub(Compressed);
      assert.deepEqual((await stub.echo({ n: 1, body })).body, body);
      assert.equal((await stub.echo({ n: 5 })).n, 5);
      assert.equal((await stub.sum([{ n: 1, body }, { n: 2, body }, { n: 3 }])).n, 600_006);
      let count = 0;
      for await (const item of stub.chat(Array.from({ length: 20 }, (_, n) => ({ n, body })))) {
        assert.deepEqual([item.n, item.body.length], [count++, body.length]);
      }
      assert.equal(count, 20);
      count = 0;
      for await (const item of stub.many({ n: 200, body }))
        assert.deepEqual([item.n, item.body.length], [count++, body.length]);
      assert.equal(count, 200);
    }));
}

test("a reply is compressed only for a client that takes it, a request only where asked for", () =>
  withServer({ reply: "gzip" }, async (channel) => {
    let encoding: unknown;
    const { body: back } = await channel
      .stub(Compressed)
      .echo({ body }, { onHeaders: (headers) => (encoding = headers.size) });
    assert.deepEqual([back.length, encoding], [body.length, 0]);
  }));

test("an unknown compression is refused by name, on both sides", async () => {
  await assert.rejects(
    serve("memory:x", [implementation], { compression: "snappy" }),
    /"snappy" is not known; use one of identity, gzip, deflate/,
  );
  assert.throws(() => dial("memory:x", { compression: "br" }), { code: "BAD_OPTION" });
});

test("a small message that inflates beyond the limit is refused, in both directions", async () => {
  const zeros = new Uint8Array(1_000_000);
  await withServer({ request: "gzip" }, async (_, server) => {
    const small = await serve("tcp://127.0.0.1:0", [implementation], { maxMessageBytes: 10_000 });
    const channel = dial(small.addresses[0] as string, { compression: "gzip" });
    await assert.rejects(channel.stub(Compressed).echo({ body: zeros }), {
      code: "RESOURCE_EXHAUSTED",
      execution: "not-executed",
    });
    await channel.close();
    await small.close();
    assert.equal(server.snapshot().openCalls, 0);
  });
  const server = await serve("tcp://127.0.0.1:0", [implementation], { compression: "gzip" });
  const channel = dial(server.addresses[0] as string, { maxMessageBytes: 10_000 });
  await assert.rejects(channel.stub(Compressed).echo({ body: zeros }), { code: "RESOURCE_EXHAUSTED" });
  await channel.close();
  await server.close();
});

test("bombs that nobody reads stay as small as they came", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const zeros = new Uint8Array(4_000_000);
  const count = 40;
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow = implement(
    Compressed,
    {
      async sum(items) {
        await released;
        let n = 0;
        for await (const item of items) if (item.body.length === zeros.length) n++;
        return { n };
      },
    },
    { partial: true },
  );
  // Room for all of them, unread.
  const limits = { http2: { streamWindowBytes: 1024 * 1024 } };
  const server = await serve("tcp://127.0.0.1:0", [slow], { limits });
  const channel = dial(server.addresses[0] as string, { compression: "gzip" });
  t.after(async () => {
    await channel.close();
    await server.close();
  });
  const call = channel.stub(Compressed).sum();
  await call.send({ body: zeros });
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 1; index < count; index++) await call.send({ body: zeros });
  call.end();
  // The collector frees what the sender encoded in the background: what the server holds stays.
  let grown = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 50 && grown >= 32 * 1024 * 1024; round++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
    grown = process.memoryUsage().arrayBuffers - before;
  }
  assert.ok(grown < 32 * 1024 * 1024, `${count} messages of 4 MB hold ${grown} bytes before they are read`);
  release();
  assert.equal((await call.reply).n, count);
});
