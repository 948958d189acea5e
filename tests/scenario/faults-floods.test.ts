// Clients that ask for work and take it back (CVE-2023-44487, CVE-2025-8671): what counts is how many handlers run, whatever
// has become of their streams. Other clients do not notice.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServeOptions } from "farcall";
import { data, headers, ping, rstStream, windowUpdate } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest } from "../support/rpc-peer.ts";
import { deferred, Request } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const message = grpcMessage(Request.encode({ tag: "flood" }));

function request(id: number): Uint8Array {
  return Buffer.concat([headers(id, grpcRequest("/trials.Probe/Run")), data(id, message, true)]);
}

/** What makes the server, or the client itself, end a stream whose handler runs. */
const endings: readonly (readonly [what: string, frame: (id: number) => Uint8Array])[] = [
  ["RST_STREAM by the client", (id) => rstStream(id, "CANCEL")],
  ["a window update of 0, which the server must answer with RST_STREAM", (id) => windowUpdate(id, 0)],
];

for (const [what, ending] of endings) {
  test(`handlers whose streams were ended keep their slots until they settle: ${what}`, async () => {
    const world = new Simulated();
    const gate = deferred();
    // The floods themselves are bounded too; here they are let through, to see what lies behind.
    const options: ServeOptions = { limits: { http2: { faultsBurst: 10_000, resetsBurst: 10_000 } } };
    const server = await world.run(() =>
      world.serve(({ tag }) => (tag === "flood" ? gate.promise.then(() => ({})) : { tag }), options),
    );
    const flooder = await world.run(() => connectScripted(world.client, address));
    for (let index = 0; index < 500; index++) {
      const id = 2 * index + 1;
      flooder.send(request(id), ending(id));
    }
    await world.simulation.advance(100);
    assert.equal(world.tally.starts("flood"), 100, "as many as streams are allowed at once");
    const refused = flooder.all("RST_STREAM").filter(({ code }) => code === "REFUSED_STREAM");
    assert.ok(refused.length > 0, "the rest is refused, which proves that it did not run");
    assert.equal(server.snapshot().openCalls, 100);
    assert.equal((await world.run(() => world.stub().run({ tag: "honest" }))).tag, "honest", "others do not notice");
    gate.resolve();
    await world.simulation.advance(10);
    flooder.send(request(2001));
    await world.simulation.advance(10);
    assert.equal(world.tally.starts("flood"), 101, "settled handlers have made room");
    await world.run(() => server.close());
  });
}

test("a peer that asks for many answers in one breath is read on once it has taken them", async () => {
  for (const count of [99, 100, 101, 500, 900]) {
    const world = new Simulated();
    await world.run(() => world.serve(undefined, { limits: { http2: { maxPingStrikes: 10_000 } } }));
    const answered = await world.run(async () => {
      const client = await connectScripted(world.client, address);
      await client.next("SETTINGS");
      client.send(...Array.from({ length: count }, (_, index) => ping(`${10_000_000 + index}`)));
      await new Promise<void>((resolve) => world.client.timers.set(resolve, 1));
      client.send(request(1));
      await client.next("HEADERS");
      return client.all("PING").length;
    }, 5000);
    assert.equal(answered, count);
    assert.equal(world.tally.starts("flood"), 1);
  }
});
