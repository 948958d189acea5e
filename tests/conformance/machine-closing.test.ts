// Conformance of machines: ends, resets and what comes after. One body on every transport of every machine.
import assert from "node:assert/strict";
import { echo, Recorder } from "../support/machine-recorder.ts";
import { onEveryWorld, settle } from "../support/machine-suite.ts";
import { pair } from "../support/machine-world.ts";

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
