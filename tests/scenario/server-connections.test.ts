// How many connections a server has: one beyond the limit is told so by name, after a pause, and the others do not notice.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Server } from "farcall";
import { connectScripted } from "../support/rpc-peer.ts";
import { failureOf, Probe } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

function connectMany(world: Simulated, count: number) {
  return world.run(() => Promise.all(Array.from({ length: count }, () => connectScripted(world.client, address))));
}

function metOf(server: Server) {
  return server.snapshot().limitsMet.map(({ limit, count }) => `${limit} ${count}`);
}

test("connections up to the limit are served, the next is refused with the limit's name, and a place that is free is given", async () => {
  const world = new Simulated();
  const server = await world.run(() => world.serve(undefined, { maxConnections: 2 }));
  const [first] = await connectMany(world, 1);
  assert.equal((await world.run(() => world.stub().run({ tag: "second" }))).tag, "second");
  const [third] = await connectMany(world, 1);
  await world.simulation.advance(10);
  assert.deepEqual([server.snapshot().connections.length, server.snapshot().refusedConnections], [2, 1]);
  await world.simulation.advance(900);
  assert.deepEqual(third?.seen, [], "it has to wait");
  const last = await world.run(async () => third?.next("GOAWAY"));
  assert.deepEqual([last?.code, last?.lastId], ["NO_ERROR", 0]);
  assert.match(last?.debug ?? "", /no place for another connection \(maxConnections 2\)/);
  await world.simulation.advance(2000);
  assert.equal(third?.closed, true);
  assert.equal(server.snapshot().refusedConnections, 0);
  assert.deepEqual(metOf(server), ["maxConnections 1"]);
  assert.equal(server.snapshot().limitsMet[0]?.lastReason, last?.debug);
  first?.socket.end();
  await world.simulation.advance(100);
  const [fourth] = await connectMany(world, 1);
  assert.equal((await world.run(async () => fourth?.next("SETTINGS")))?.type, "SETTINGS");
  assert.equal(server.snapshot().connections.length, 2);
});

test("a call of a channel that is refused says why, and nothing of it ran", async () => {
  const world = new Simulated();
  const server = await world.run(() => world.serve(undefined, { maxConnections: 1 }));
  const [other] = await connectMany(world, 1);
  const channel = world.dial();
  const error = await world.run(() => failureOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 20_000 })));
  assert.deepEqual([error.code, error.execution], ["UNAVAILABLE", "not-executed"]);
  assert.match(error.message, /maxConnections 1/);
  assert.ok((server.snapshot().limitsMet[0]?.count ?? 0) <= 3, "it does not come again and again");
  other?.socket.end();
  assert.equal(world.tally.total, 0);
});

test("of many that are refused a hundred wait, and the others are reset at once", async () => {
  const world = new Simulated();
  const server = await world.run(() => world.serve(undefined, { maxConnections: 1 }));
  const [first] = await connectMany(world, 1);
  const others = await connectMany(world, 150);
  await world.simulation.advance(10);
  assert.deepEqual([server.snapshot().connections.length, server.snapshot().refusedConnections], [1, 100]);
  assert.equal(others.filter(({ closed }) => closed).length, 50);
  await world.run(() => server.close(), 2000);
  await world.simulation.advance(10);
  assert.deepEqual([first?.closed, others.every(({ closed }) => closed)], [true, true]);
  assert.equal(server.snapshot().deadlines, 0);
});
