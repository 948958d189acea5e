// Test support: a program that lets one channel live through hours of simulated bad weather, and reports as one line of JSON
// what the second half left behind beside the first. Run it with --expose-gc, and the hours of each half.
import type { Server } from "farcall";
import { Probe } from "./rpc-probe.ts";
import { Simulated } from "./rpc-simulated.ts";

/** What is left of a day, and what its calls came to. */
export interface DayLeftover {
  readonly answered: number;
  readonly failed: number;
  readonly longestMs: number;
  readonly heapBytes: number;
  readonly connections: number;
  readonly queuedCalls: number;
  readonly serverCalls: number;
}

/** The time between two calls, and how many calls there are between two misfortunes. */
const pauseMs = 15_000;
const callsBetween = 20;

async function heapUsed(): Promise<number> {
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

async function measure(hours: number): Promise<DayLeftover> {
  const world = new Simulated();
  const { network } = world.simulation;
  const options = { maxConnectionAgeMs: 20 * 60_000 };
  const behave = ({ tag }: { readonly tag: string }) => ({ tag });
  let server: Server = await world.run(() => world.serve(behave, options));
  const channel = world.dial({ keepAlive: { intervalMs: 10_000 } });
  const { run } = channel.stub(Probe);
  const counts = { answered: 0, failed: 0, longestMs: 0 };

  const misfortunes: readonly (() => Promise<void>)[] = [
    async () => network.resetConnections("client", "server"),
    async () => {
      network.cut("client", "server");
      world.client.timers.set(() => network.heal("client", "server"), 40_000);
    },
    async () => {
      await server.drain({ withinMs: 1000 });
      server = await world.serve(behave, options);
    },
    async () => {
      await server.close();
      await new Promise<void>((resolve) => void world.server.timers.set(resolve, 30_000));
      server = await world.serve(behave, options);
    },
  ];

  const sleep = (ms: number): Promise<void> => new Promise((resolve) => void world.client.timers.set(resolve, ms));
  const half = async (): Promise<void> => {
    for (let call = 0; call < (hours * 3_600_000) / pauseMs; call++) {
      const misfortune = call % callsBetween === 0 ? misfortunes[(call / callsBetween) % 4] : undefined;
      const over = misfortune?.();
      const startedAt = world.nowMs;
      await run({ tag: "call" }).then(
        () => void counts.answered++,
        () => void counts.failed++,
      );
      counts.longestMs = Math.max(counts.longestMs, world.nowMs - startedAt);
      world.tally.started.clear();
      world.tally.settled.clear();
      await sleep(pauseMs);
      await over;
    }
  };
  const maxMs = 48 * 3_600_000;
  await world.run(half, maxMs);
  const before = await heapUsed();
  counts.answered = counts.failed = 0;
  await world.run(half, maxMs);
  const heapBytes = (await heapUsed()) - before;
  const { connections, queuedCalls } = channel.snapshot();
  const serverCalls = server.snapshot().openCalls;
  return { ...counts, heapBytes, connections: connections.length, queuedCalls, serverCalls };
}

process.stdout.write(`${JSON.stringify(await measure(Number(process.argv[2])))}\n`);
