// Channels that are made and closed by the thousand, at every moment of their lives: nothing is left of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dial } from "farcall";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { CountedTimers } from "../support/counted-timers.ts";
import { ScriptedServer } from "../support/rpc-peer.ts";
import { endingOf, implementProbe, Probe, Tally, until } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

const channelCount = 1000;

/** Servers of all sorts, by how they meet a channel. */
const servers: Readonly<Record<string, (world: Simulated) => Promise<unknown>>> = {
  "that serves": (world) => world.serve((_request, call) => call.sleep(20).then(() => ({}))),
  "that says nothing": (world) => ScriptedServer.listen(world.server, address, { settings: undefined }),
  "that is not there": () => Promise.resolve(),
  "that swallows attempts": async (world) => world.simulation.network.admit("server", "ignore"),
};

for (const [title, start] of Object.entries(servers)) {
  test(`${channelCount} channels to a server ${title}, closed at every moment: no timer, call or connection is left`, async () => {
    const world = new Simulated();
    const { network } = world.simulation;
    network.setWay({ delayMs: { minMs: 0, maxMs: 5 } });
    await world.run(() => start(world));
    const timers = new CountedTimers(world.client.timers);
    const runtime = createRuntime({ ...world.client, timers });
    const endings: Promise<string>[] = [];
    const closing: Promise<void>[] = [];
    for (let index = 0; index < channelCount; index++) {
      const channel = runtime.dial(address, { insecure: true, keepAlive: { intervalMs: 10_000 } });
      const { run } = channel.stub(Probe);
      endings.push(endingOf(run({ tag: "a" }, { timeoutMs: 60_000 })), endingOf(run({ tag: "b" })));
      // From before the first packet to after the last answer: 0 to 50 ms.
      world.client.timers.set(() => void closing.push(channel.close()), (50 * index) / channelCount);
      if (index % 40 === 39) await world.simulation.advance(1);
    }
    await world.simulation.advance(60);
    await world.run(() => Promise.all(closing));
    assert.equal(closing.length, channelCount);
    const words = new Set((await world.run(() => Promise.all(endings))).map((ending) => ending.split(" ")[0]));
    assert.ok(words.has("CANCELLED") || words.has("UNAVAILABLE"), [...words].join(", "));
    assert.equal(timers.open.size, 0);
  });
}

test("over TCP, channels that are made and closed in any state leave no handle and no connection", async (context) => {
  const machine = createRealMachine();
  const server = await createRuntime(machine).serve("tcp://127.0.0.1:0", [implementProbe(new Tally())]);
  context.after(() => server.close());
  const at = server.addresses[0] as string;
  const before = process.getActiveResourcesInfo().length;
  for (let round = 0; round < 20; round++) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const channel = dial(at);
        const call = endingOf(channel.stub(Probe).run({ tag: "a" }));
        for (let turn = 0; turn < index % 10; turn++) await new Promise((resolve) => setImmediate(resolve));
        await channel.close();
        await call;
      }),
    );
  }
  await until(() => server.snapshot().connections.length === 0, "all connections of 1,000 channels are gone");
  assert.equal(server.snapshot().openCalls, 0);
  await until(() => process.getActiveResourcesInfo().length <= before, "no handle is left");
});
