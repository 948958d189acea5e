// Conformance of machines: connecting, listening, who is who, and turns. One body on every transport of every machine.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Endpoint, formatEndpoint, type SocketFault, type StreamSocket } from "farcall/host";
import { echo, Recorder } from "../support/machine-recorder.ts";
import { onEveryWorld, refusal, settle } from "../support/machine-suite.ts";
import { connect, listen, pair, realKinds, simulatedKinds } from "../support/machine-world.ts";

onEveryWorld("C9, T1: what is sent comes back byte for byte, in order, until the end", async (world) => {
  const listener = await listen(world, (socket) => void echo(socket));
  const client = new Recorder(await connect(world, listener.local));
  client.writeText("one ");
  client.socket.write([new TextEncoder().encode("two "), new Uint8Array(0), new TextEncoder().encode("three ")]);
  client.writeText("four");
  client.socket.end();
  await client.untilClosed();
  assert.equal(client.text(), "one two three four");
  assert.deepEqual([client.ended, client.fault], [true, undefined]);
  assert.equal(client.events.filter((event) => event !== "bytes").join(), "end,close");
  await listener.close();
});

onEveryWorld("N7: both ends know both addresses, mirrored", async (world) => {
  const { client, server, listener } = await pair(world);
  assert.equal(formatEndpoint(client.remote), formatEndpoint(listener.local));
  assert.equal(formatEndpoint(server.local), formatEndpoint(client.remote));
  assert.equal(formatEndpoint(server.remote), formatEndpoint(client.local));
  if (listener.local.kind === "tcp") assert.ok(listener.local.port > 0);
  for (const socket of [client, server]) socket.reset();
  await listener.close();
});

onEveryWorld("C6: connecting where nothing listens is refused, with the address and what to do", async (world) => {
  const { client, server, listener } = await pair(world);
  for (const socket of [client, server]) socket.reset();
  await listener.close();
  const fault = await refusal(connect(world, listener.local));
  assert.ok(fault.code === "refused" || fault.code === "not-found", fault.code);
  assert.equal(fault.address, formatEndpoint(listener.local));
  assert.ok(fault.message.includes(formatEndpoint(listener.local)), fault.message);
});

onEveryWorld("P5: an address in use is refused, and free again after close", async (world) => {
  // To learn whether a socket file is alive, the second server knocks at it.
  const listener = await listen(world, (socket) => socket.reset());
  const again = (endpoint: Endpoint) =>
    world.machine.network.listen(endpoint, world.listenOptions, { onConnection: () => {}, onFault: () => {} });
  const fault = await refusal(again(listener.local));
  assert.equal(fault.code, "address-in-use");
  assert.ok(fault.message.includes(formatEndpoint(listener.local)), fault.message);
  await Promise.all([listener.close(), listener.close()]);
  const second = await again(listener.local);
  await second.close();
});

onEveryWorld("C8, P9: many connections to one listener live side by side", async (world) => {
  const listener = await listen(world, (socket) => void echo(socket));
  const clients: Recorder[] = [];
  for (let index = 0; index < 20; index++) {
    clients.push(new Recorder(await connect(world, listener.local)));
  }
  for (const [index, client] of clients.entries()) {
    client.writeText(`client ${index}`);
    client.socket.end();
  }
  for (const [index, client] of clients.entries()) {
    await client.untilClosed();
    assert.equal(client.text(), `client ${index}`);
  }
  await listener.close();
});

onEveryWorld("connecting can be cancelled before and while it goes on", async (world) => {
  const accepted: StreamSocket[] = [];
  const listener = await listen(world, (socket) => void accepted.push(socket));
  const { network } = world.machine;
  const early = await refusal(
    network.connect(listener.local, { ...world.connectOptions, signal: AbortSignal.abort() }),
  );
  assert.equal(early.code, "cancelled");
  const controller = new AbortController();
  const connecting = connect(world, listener.local, controller.signal);
  controller.abort();
  const outcome = await connecting.then(
    (socket) => socket.reset(),
    (error: unknown) => assert.equal((error as SocketFault).code, "cancelled"),
  );
  assert.equal(outcome, undefined);
  await settle(world);
  for (const socket of accepted) socket.reset();
  await listener.close();
});

test("the end of a turn comes after its promise reactions and before its timers, on both machines", async () => {
  for (const kind of [realKinds[0], simulatedKinds[0]] as const) {
    const world = (kind as NonNullable<typeof kind>).create();
    const { turn, timers } = world.machine;
    const order: string[] = [];
    await world.run(
      () =>
        new Promise((resolve) => {
          timers.set(() => {
            timers.set(() => {
              order.push("timer");
              resolve();
            }, 0);
            turn.atEnd(() => {
              order.push("end");
              turn.atEnd(() => order.push("end of the end"));
            });
            Promise.resolve()
              .then(() => order.push("reaction"))
              .then(() => order.push("reaction of that"));
          }, 1);
        }),
    );
    assert.deepEqual(order, ["reaction", "reaction of that", "end", "end of the end", "timer"], world.name);
    world.dispose();
  }
});
