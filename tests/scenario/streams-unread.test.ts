// Streams that nobody reads hold up nobody but themselves: the windows of a connection's streams together stay within the
// connection's own (RFC 9113 section 5.2).
import assert from "node:assert/strict";
import { test } from "node:test";
import { dial, implement, serve } from "farcall";
import { bytes, clientStream, int32, message, serverStream, service, unary } from "farcall/idl";

const Piece = message("unread.Piece", { n: int32(1), data: bytes(2) });
const Store = service("unread.Store", {
  read: serverStream(Piece, Piece),
  write: clientStream(Piece, Piece),
  ping: unary(Piece, Piece),
});

const streamCount = 90;
const data = new Uint8Array(16 * 1024);

for (const address of ["tcp://127.0.0.1:0", "memory:unread"]) {
  test(`${address}: calls beside ${streamCount} unread streams, of replies and of requests, are answered`, async (t) => {
    let taken = 0;
    const server = await serve(address, [
      implement(Store, {
        *read() {
          for (let n = 0; ; n++) yield { n, data };
        },
        // It reads nothing, until its client leaves.
        write: (_requests, call) => call.sleep(60_000).then(() => ({})),
        ping: (piece) => piece,
      }),
    ]);
    const channel = dial(server.addresses, { maxConnections: 1 });
    t.after(async () => {
      await channel.close();
      await server.close();
    });
    const stub = channel.stub(Store);
    await stub.ping({ n: 1 });

    const feeds = Array.from({ length: streamCount }, () => stub.read({}));
    await Promise.all(feeds.map((feed) => feed.headers));
    assert.equal((await stub.ping({ n: 2, data }, { timeoutMs: 5000 })).n, 2);
    // One that is read goes on at its pace.
    for await (const { n } of feeds[0] as (typeof feeds)[0]) if (n === 500) break;
    for (const feed of feeds) feed.cancel();

    const writes = Array.from({ length: streamCount }, () => stub.write());
    const writing = writes.map(async (write) => {
      try {
        for (let n = 0; n < 1000; n++) {
          await write.send({ n, data });
          taken++;
        }
      } catch {
        // It was cancelled in the end.
      }
    });
    assert.equal((await stub.ping({ n: 3, data }, { timeoutMs: 5000 })).n, 3);
    assert.ok(taken < streamCount * 20, `${taken} messages of 16 KiB were taken though nobody reads them`);
    for (const write of writes) write.cancel();
    await Promise.all(writing);
    await Promise.all(writes.map((write) => write.reply.catch(() => {})));
  });
}
