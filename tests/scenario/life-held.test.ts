// What a client makes a server hold: replies that it does not take, and messages that it does not finish. Both are bounded, on
// virtual time, and what is honest goes on as soon as there is room.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ServeOptions, Server } from "farcall";
import { data, headers, rstStream, windowUpdate } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest, type ScriptedConnection } from "../support/rpc-peer.ts";
import { Request } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const run = "/trials.Probe/Run";
const closedWindow = { settings: [[4, 0]] as const };
const held: ServeOptions = { limits: { http2: { maxHeldBytes: 1500 } } };

function request(id: number, tag: string): Buffer {
  const message = grpcMessage(Request.encode({ tag, payload: new Uint8Array(1000) }));
  return Buffer.concat([headers(id, grpcRequest(run)), data(id, message, true)]);
}

async function stage(options: ServeOptions, client: Parameters<typeof connectScripted>[2] = { settings: [] }) {
  const world = new Simulated();
  const server = await world.run(() =>
    world.serve(({ tag, payload }) => (tag === "large" ? {} : { tag, payload }), options),
  );
  const peer = await world.run(() => connectScripted(world.client, address, client));
  await world.run(() => peer.next("SETTINGS"));
  return { world, server, peer };
}

const limitsMet = (server: Server) => server.snapshot().limitsMet.map(({ limit }) => limit);
const statuses = (peer: ScriptedConnection) =>
  peer.all("HEADERS").flatMap(({ id, fields }) => {
    const status = new Map(fields).get("grpc-status");
    return status === undefined ? [] : [`${id}: ${status}`];
  });

test("no handler begins while its client leaves too many replies; each begins when there is room again", async () => {
  const { world, server, peer } = await stage(held, closedWindow);
  peer.send(request(1, "a"), request(3, "b"), request(5, "c"), request(7, "d"));
  await world.simulation.advance(100);
  const ran = () => ["a", "b", "c", "d"].filter((tag) => world.tally.starts(tag) > 0).join("");
  assert.equal(ran(), "ab", "two replies are more than may be held");
  assert.deepEqual(limitsMet(server), ["maxHeldBytes"]);
  assert.ok(server.snapshot().bufferedBytes > 1500);
  assert.equal((await world.run(() => world.stub().run({ tag: "other" }))).tag, "other", "others do not notice");
  peer.send(windowUpdate(1, 2000));
  await world.simulation.advance(100);
  assert.equal(ran(), "abc");
  peer.send(windowUpdate(3, 2000), windowUpdate(5, 2000), windowUpdate(7, 2000));
  await world.simulation.advance(100);
  assert.deepEqual(statuses(peer), ["1: 0", "3: 0", "5: 0", "7: 0"]);
  assert.equal(server.snapshot().bufferedBytes, 0);
});

test("a call that waits for room and is given up never runs, and the next one is not held up by it", async () => {
  const { world, server, peer } = await stage(held, closedWindow);
  peer.send(request(1, "a"), request(3, "b"), request(5, "gone"), request(7, "next"));
  await world.simulation.advance(100);
  peer.send(rstStream(5, "CANCEL"), rstStream(1, "CANCEL"));
  await world.simulation.advance(100);
  assert.deepEqual([world.tally.starts("gone"), world.tally.starts("next")], [0, 1]);
  peer.send(rstStream(3, "CANCEL"), rstStream(7, "CANCEL"));
  await world.simulation.advance(100);
  assert.deepEqual([server.snapshot().openCalls, server.snapshot().bufferedBytes], [0, 0]);
});

test("replies of which nothing leaves are cut while much is held, those that move are not", async () => {
  const { world, server, peer } = await stage(held, closedWindow);
  peer.send(request(1, "still"), request(3, "moving"));
  for (let second = 0; second < 70; second++) {
    peer.send(windowUpdate(3, 2));
    await world.simulation.advance(1000);
    if (second < 29) assert.equal(peer.all("RST_STREAM").length, 0, `cut after ${second} s`);
  }
  assert.deepEqual(
    peer.all("RST_STREAM").map(({ id, code }) => `${id} ${code}`),
    ["1 ENHANCE_YOUR_CALM"],
  );
  assert.ok(limitsMet(server).includes("heldTimeoutMs"));
  peer.send(windowUpdate(3, 10_000));
  await world.simulation.advance(100);
  assert.deepEqual(statuses(peer), ["3: 0"]);
});

test("a client that takes its time with little is left alone", async () => {
  const { world, server, peer } = await stage({}, closedWindow);
  peer.send(request(1, "slow"));
  await world.simulation.advance(600_000);
  assert.equal(peer.all("RST_STREAM").length, 0);
  assert.ok(server.snapshot().bufferedBytes > 0);
  peer.send(windowUpdate(1, 10_000));
  await world.simulation.advance(100);
  assert.deepEqual(statuses(peer), ["1: 0"]);
});

test("messages larger than their windows get credit in turn, as far as there is memory, and all of them come", async () => {
  const bytes = 100_000;
  const { world, server, peer } = await stage({ limits: { http2: { maxPartialBytes: 150_000 } } });
  const message = grpcMessage(Request.encode({ tag: "large", payload: new Uint8Array(bytes) }));
  const send = (id: number, from: number, to: number, last: boolean) => {
    for (let at = from; at < to; at += 16_384) {
      const end = Math.min(to, at + 16_384);
      peer.send(data(id, message.subarray(at, end), last && end === to));
    }
  };
  const credited = (id: number) =>
    peer
      .all("WINDOW_UPDATE")
      .filter((seen) => seen.id === id)
      .reduce((sum, { increment }) => sum + (increment ?? 0), 0);
  for (const id of [1, 3, 5]) {
    peer.send(headers(id, grpcRequest(run)));
    send(id, 0, 65_535, false);
  }
  await world.simulation.advance(100);
  assert.ok(credited(1) > 0);
  assert.deepEqual([credited(3), credited(5)], [0, 0]);
  assert.deepEqual(limitsMet(server), ["maxPartialBytes"]);
  send(1, 65_535, message.length, true);
  await world.simulation.advance(100);
  assert.ok(credited(3) > 0, "its turn has come");
  assert.equal(credited(5), 0);
  peer.send(rstStream(3, "CANCEL"));
  await world.simulation.advance(100);
  assert.ok(credited(5) > 0, "the other has given its memory back");
  send(5, 65_535, message.length, true);
  await world.simulation.advance(1000);
  assert.equal(world.tally.settles("large"), 2);
  assert.equal(server.snapshot().bufferedBytes, 0);
});
