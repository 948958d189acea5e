// Conformance of machines: one test body on every stream transport of every machine.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { type Endpoint, formatEndpoint, SocketFault, type StreamSocket } from "farcall/host";
import { echo, Recorder } from "../support/machine-recorder.ts";
import { connect, listen, pair, realKinds, simulatedKinds, type World } from "../support/machine-world.ts";

function onEveryWorld(title: string, body: (world: World) => Promise<void>): void {
  for (const kind of [...realKinds, ...simulatedKinds]) {
    test(`${kind.name}: ${title}`, { timeout: 20_000 }, async () => {
      const before = process.getActiveResourcesInfo();
      const world = kind.create();
      try {
        await world.run(() => body(world));
      } finally {
        world.dispose();
      }
      await noneLeft(before);
    });
  }
}

/** S11: what was opened is closed: the process holds no more sockets and timers than before. */
async function noneLeft(before: readonly string[]): Promise<void> {
  let left: string[] = [];
  for (let turn = 0; turn < 50; turn++) {
    const known = [...before, "Immediate"];
    left = process.getActiveResourcesInfo().filter((resource) => {
      const index = known.indexOf(resource);
      if (index >= 0) known.splice(index, 1);
      return index < 0;
    });
    if (left.length === 0) return;
    await setImmediate();
  }
  assert.fail(`left open: ${left.join(", ")}`);
}

/** Numbers from a seed, so that a failure can be run again. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function refusal(attempt: Promise<unknown>): Promise<SocketFault> {
  try {
    await attempt;
  } catch (error) {
    assert.ok(error instanceof SocketFault, String(error));
    return error;
  }
  throw new Error("it was not refused");
}

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

for (const first of ["client", "server"] as const) {
  onEveryWorld(
    `S4: after the ${first} ends its direction the other may still be read, then both close`,
    async (world) => {
      const ends = await pair(world);
      const ending = new Recorder(ends[first]);
      const answering = new Recorder(ends[first === "client" ? "server" : "client"]);
      ending.writeText("question");
      ending.socket.end();
      await answering.until(() => answering.ended);
      assert.equal(answering.text(), "question");
      assert.equal(answering.closed, false);
      answering.writeText("answer");
      await ending.untilBytes(6);
      assert.deepEqual([ending.ended, ending.closed], [false, false]);
      answering.socket.end();
      await Promise.all([ending.untilClosed(), answering.untilClosed()]);
      assert.equal(ending.text(), "answer");
      assert.deepEqual([ending.fault, answering.fault], [undefined, undefined]);
      await ends.listener.close();
    },
  );
}

onEveryWorld("S4: both ends may end at the same time", async (world) => {
  const { client, server, listener } = await pair(world);
  const recorders = [new Recorder(client), new Recorder(server)];
  for (const recorder of recorders) {
    recorder.writeText("bye");
    recorder.socket.end();
  }
  for (const recorder of recorders) {
    await recorder.untilClosed();
    assert.deepEqual([recorder.text(), recorder.ended, recorder.fault], ["bye", true, undefined]);
  }
  await listener.close();
});

onEveryWorld("S10: writing after end, reset or close is dropped and does not throw", async (world) => {
  const { client, server, listener } = await pair(world);
  const one = new Recorder(client);
  const other = new Recorder(server);
  one.socket.end();
  assert.equal(one.writeText("late"), false);
  other.socket.end();
  await Promise.all([one.untilClosed(), other.untilClosed()]);
  assert.equal(other.text(), "");
  for (const recorder of [one, other]) {
    assert.equal(recorder.writeText("later"), false);
    recorder.socket.end();
    recorder.socket.reset();
    recorder.socket.reset();
    recorder.socket.setReading(false);
    recorder.socket.setReading(true);
    recorder.socket.setKeepsProcess(true);
    assert.equal(recorder.socket.passed(), 0);
  }
  await listener.close();
});

onEveryWorld("T8: a slow reader holds the writer back, and onWritable comes when there is room", async (world) => {
  const { client, server, listener } = await pair(world);
  const writer = new Recorder(client);
  const reader = new Recorder(server).consumeWith(() => {});
  server.setReading(false);
  const part = new Uint8Array(256 * 1024);
  let parts = 0;
  const maxParts = 200;
  while (parts < maxParts) {
    parts++;
    if (!client.write([part])) {
      // The kernels between take what they can: only when nothing moves any more is the writer really held.
      const before = client.taken();
      await Promise.race([writer.until(() => writer.writableCount > 0), settle(world)]);
      if (writer.writableCount === 0 && client.taken() === before) break;
      writer.writableCount = 0;
    }
  }
  assert.ok(parts < maxParts, "the writer was never held back");
  assert.ok(client.passed() - client.taken() < 3 * 1024 * 1024, "too much is held in the process");
  assert.equal(reader.receivedBytes, 0);
  const writableBefore = writer.writableCount;
  server.setReading(true);
  await writer.until(() => writer.writableCount > writableBefore);
  await reader.untilBytes(client.passed());
  client.end();
  server.end();
  await Promise.all([writer.untilClosed(), reader.untilClosed()]);
  assert.equal(client.taken(), client.passed());
  await listener.close();
});

/** Waits until sockets have had a while to move bytes. */
function settle(world: World): Promise<void> {
  return new Promise((resolve) => void world.machine.timers.set(resolve, 50));
}

onEveryWorld("a socket that is not read delivers nothing, and everything once it is", async (world) => {
  const { client, server, listener } = await pair(world);
  const writer = new Recorder(client);
  const reader = new Recorder(server);
  server.setReading(false);
  writer.writeText("held");
  client.end();
  await settle(world);
  assert.deepEqual([reader.receivedBytes, reader.ended], [0, false]);
  server.setReading(true);
  await reader.until(() => reader.ended);
  assert.equal(reader.text(), "held");
  server.end();
  await Promise.all([writer.untilClosed(), reader.untilClosed()]);
  await listener.close();
});

onEveryWorld("bytes that came before open are delivered after it, and open never calls back itself", async (world) => {
  const { client, server, listener } = await pair(world);
  const writer = new Recorder(client);
  writer.writeText("early");
  client.end();
  await settle(world);
  const reader = new Recorder(server);
  await reader.until(() => reader.ended);
  assert.equal(reader.text(), "early");
  assert.throws(() => server.open(reader), /twice/);
  server.end();
  await Promise.all([writer.untilClosed(), reader.untilClosed()]);
  await listener.close();
});

onEveryWorld("taken() never passes passed() and reaches it; lent parts may then be reused", async (world) => {
  const { client, server, listener } = await pair(world);
  const writer = new Recorder(client);
  const received = createHash("sha256");
  const reader = new Recorder(server).consumeWith((bytes) => received.update(bytes));
  const sent = createHash("sha256");
  const part = new Uint8Array(64 * 1024);
  for (let round = 0; round < 20; round++) {
    part.fill(round);
    sent.update(part);
    client.write([part]);
    assert.ok(client.taken() <= client.passed());
    const passed = client.passed();
    await reader.untilBytes(passed);
    while (client.taken() < passed) await settle(world);
    part.fill(255);
  }
  client.end();
  server.end();
  await Promise.all([writer.untilClosed(), reader.untilClosed()]);
  assert.equal(received.digest("hex"), sent.digest("hex"));
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

onEveryWorld("S11: closing the listener leaves open connections alone", async (world) => {
  const { client, server, listener } = await pair(world);
  await listener.close();
  const answering = echo(server);
  const asking = new Recorder(client);
  asking.writeText("still there?");
  await asking.untilBytes(12);
  client.end();
  await Promise.all([asking.untilClosed(), answering.untilClosed()]);
});

for (const first of ["client", "server"] as const) {
  onEveryWorld(
    `a reset by the ${first} is the last thing its peer hears; its own side closes without a fault`,
    async (world) => {
      const ends = await pair(world);
      const resetting = new Recorder(ends[first]);
      const peer = new Recorder(ends[first === "client" ? "server" : "client"]);
      resetting.writeText("ping");
      await peer.untilBytes(4);
      resetting.socket.reset();
      assert.equal(resetting.closed, false);
      await resetting.untilClosed();
      assert.deepEqual([resetting.fault, resetting.ended], [undefined, false]);
      await peer.until(() => peer.closed || peer.ended);
      // A Unix-domain socket knows no reset: the peer sees the end, and learns the rest when it writes.
      while (!peer.closed) {
        peer.writeText("anyone?");
        await settle(world);
      }
      assert.equal(peer.fault?.code, "reset");
      if (world.resetShows) assert.equal(peer.ended, false);
      await ends.listener.close();
    },
  );
}

onEveryWorld(
  "a connection that the peer has left while it was written to closes with a fault, never an exception",
  async (world) => {
    const { client, server, listener } = await pair(world);
    const writer = new Recorder(client);
    new Recorder(server).socket.reset();
    while (!writer.closed) {
      writer.socket.write([new Uint8Array(1000), new Uint8Array(1000)]);
      await settle(world);
    }
    assert.equal(writer.fault?.code, "reset");
    await listener.close();
  },
);

onEveryWorld("T1, T10: 8 MiB in pieces of every size arrive whole in both directions at once", async (world) => {
  const { client, server, listener } = await pair(world);
  const random = numbers(7);
  const totalBytes = 4 * 1024 * 1024;
  const sides = [client, server].map((socket) => {
    const sent = createHash("sha256");
    const received = createHash("sha256");
    const recorder = new Recorder(socket).consumeWith((bytes) => received.update(bytes));
    let rest = totalBytes;
    const pump = (): void => {
      while (rest > 0) {
        const parts: Uint8Array[] = [];
        for (let count = Math.ceil(random() * 4); count > 0 && rest > 0; count--) {
          const part = new Uint8Array(Math.min(rest, Math.floor(random() ** 4 * 200_000) + 1)).fill(random() * 256);
          sent.update(part);
          parts.push(part);
          rest -= part.length;
        }
        if (!socket.write(parts)) return;
      }
      socket.end();
    };
    const { onWritable } = recorder;
    recorder.onWritable = () => {
      onWritable.call(recorder);
      pump();
    };
    return { recorder, sent, received, pump };
  });
  for (const side of sides) side.pump();
  for (const side of sides) await side.recorder.untilClosed();
  const [one, other] = sides as [(typeof sides)[0], (typeof sides)[0]];
  assert.equal(one.recorder.receivedBytes, totalBytes);
  assert.equal(one.received.digest("hex"), other.sent.digest("hex"));
  assert.equal(other.received.digest("hex"), one.sent.digest("hex"));
  assert.deepEqual([one.recorder.fault, other.recorder.fault], [undefined, undefined]);
  await listener.close();
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
