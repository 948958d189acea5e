// Conformance of machines: how bytes flow: order, backpressure, what is lent. One body on every transport of every machine.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Recorder } from "../support/machine-recorder.ts";
import { numbers, onEveryWorld, settle } from "../support/machine-suite.ts";
import { pair } from "../support/machine-world.ts";

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
