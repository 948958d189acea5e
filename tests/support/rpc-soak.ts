// Test support: a program that makes very many calls in one process and reports what is left behind as one line of JSON.
// Run it with --expose-gc, the name of a load and a count.
import { type Channel, dial, implement, type ServeOptions, type Server, serve } from "farcall";
import { bidiStream, service } from "farcall/idl";
import { implementProbe, Probe, Reply, Request } from "./rpc-probe.ts";

const Talks = service("trials.Talks", { talk: bidiStream(Request, Reply) });

/** What is left after a load, beside what was there before it. */
export interface Leftover {
  readonly calls: number;
  readonly seconds: number;
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly handles: readonly string[];
  readonly openCalls: number;
  readonly deadlines: number;
  readonly queuedCalls: number;
  readonly serverCalls: number;
  readonly serverDeadlines: number;
}

const inFlight = 64;

async function many(count: number, call: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return next;
}

const ignore = (): void => {};

/** The loads, each on a channel that stays and its server. */
const loads: { readonly [name: string]: (channel: Channel, server: Server, count: number) => Promise<number> } = {
  calls: async (channel, _server, count) => {
    const stub = channel.stub(Probe);
    return many(count, (index) => stub.run({ tag: `${index}` }));
  },
  cancels: async (channel, _server, count) => {
    const stub = channel.stub(Probe);
    return many(count, async (index) => {
      const controller = new AbortController();
      const { signal } = controller;
      if (index % 4 === 0) controller.abort();
      const calling = stub.run({ tag: index % 2 === 0 ? "slow" : "fast" }, { signal }).catch(ignore);
      if (index % 4 === 1) controller.abort();
      if (index % 4 === 2) setImmediate(() => controller.abort());
      await calling;
      controller.abort();
    });
  },
  deadlines: async (channel, _server, count) => {
    const stub = channel.stub(Probe);
    return many(count, (index) => stub.run({ tag: "slow" }, { timeoutMs: index % 2 }).catch(ignore));
  },
  signal: async (channel, _server, count) => {
    // One signal for all: a listener that stays would be kept by it.
    const stub = channel.stub(Probe);
    const { signal } = new AbortController();
    return many(count, () => stub.run({ tag: "a" }, { signal }));
  },
  failures: async (channel, _server, count) => {
    const stub = channel.stub(Probe);
    return many(count, () => stub.run({ tag: "fail" }).catch(ignore));
  },
  streams: async (channel, _server, count) => {
    // Left by their reader, cancelled before and after they were read, ended by a deadline, and read to the end.
    const stub = channel.stub(Talks);
    return many(count, async (index) => {
      const talk = stub.talk([{ tag: "a" }, { tag: "b" }], index % 5 === 0 ? { timeoutMs: 1 } : {});
      if (index % 5 === 1) return talk.cancel();
      try {
        for await (const _ of talk) {
          if (index % 5 === 2) break;
          if (index % 5 === 3) talk.cancel();
        }
      } catch {}
    });
  },
  farewells: async (channel, _server, count) => {
    const stub = channel.stub(Probe);
    return many(count, () => stub.run({ tag: "slow" }));
  },
  channels: async (_channel, server, count) => {
    const address = server.addresses[0] as string;
    return many(count, async (index) => {
      const other = dial(address);
      const calling = other.stub(Probe).run({ tag: "a" }).catch(ignore);
      if (index % 2 === 0) await calling;
      await other.close();
      await calling;
    });
  },
};

/** What a server of this load is told beside the rest. */
const serverOptions: { readonly [name: string]: ServeOptions } = {
  // Connections that grow old after some 20 ms: two GOAWAYs each, while calls go on.
  farewells: { maxConnectionAgeMs: 20, maxConnectionAgeGraceMs: 30_000 },
};

async function settle(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc?.();
  }
}

async function measure(name: string, count: number): Promise<Leftover> {
  const server = await serve(
    "tcp://127.0.0.1:0",
    [
      implementProbe({ start: ignore, settle: ignore }, ({ tag }, call) => {
        if (tag === "fail") throw new Error("no");
        return tag === "slow" ? call.sleep(5).then(() => ({})) : { tag };
      }),
      implement(Talks, {
        async *talk(requests) {
          for await (const { tag } of requests) yield { tag };
        },
      }),
    ],
    { onHandlerError: ignore, limits: { http2: { resetsBurst: 1_000_000 } }, ...serverOptions[name] },
  );
  const channel = dial(server.addresses[0] as string);
  const load = loads[name] as (typeof loads)[string];
  // The first round warms caches and pools up; what the second one leaves is a leak.
  await load(channel, server, count);
  await settle();
  const before = { ...process.memoryUsage(), handles: process.getActiveResourcesInfo() };
  const startedAt = performance.now();
  const calls = await load(channel, server, count);
  const seconds = (performance.now() - startedAt) / 1000;
  await settle();
  const after = process.memoryUsage();
  const handles = process.getActiveResourcesInfo();
  const picture = channel.snapshot();
  const serverPicture = server.snapshot();
  const left = {
    calls,
    seconds,
    heapBytes: after.heapUsed - before.heapUsed,
    externalBytes: after.external - before.external,
    handles: handles.length > before.handles.length ? handles : [],
    openCalls: picture.connections.reduce((sum, { openCalls }) => sum + openCalls, 0),
    deadlines: picture.deadlines - picture.connections.length,
    queuedCalls: picture.queuedCalls,
    serverCalls: serverPicture.openCalls,
    // A connection has two: its keep-alive, and its life.
    serverDeadlines: serverPicture.deadlines - 2 * serverPicture.connections.length,
  };
  await channel.close();
  await server.close();
  return left;
}

process.stdout.write(`${JSON.stringify(await measure(process.argv[2] as string, Number(process.argv[3])))}\n`);
