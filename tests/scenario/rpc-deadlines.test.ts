// A deadline of 100 ms in every state a channel can be in: the call ends in time, its error names the state, and the word is
// what the handler's record says. In virtual time, so "in time" is exact.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CallError, DialOptions } from "farcall";
import { implement } from "farcall";
import { createRuntime } from "farcall/runtime";
import { createSimulation } from "farcall/sim";
import { headers, windowUpdate } from "../support/http2-frames.ts";
import { grpcHead, ScriptedServer } from "../support/rpc-peer.ts";
import { type Behaviour, deferred, failureOf, Probe } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

interface State {
  readonly what: string;
  /** Prepares the world; answers the options of the channel, or the channel's own preparation. */
  readonly prepare: (world: Simulated) => Promise<DialOptions | undefined>;
  readonly phase: CallError["phase"];
  readonly execution: CallError["execution"];
  readonly message: RegExp;
  readonly payloadBytes?: number;
}

function scripted(
  world: Simulated,
  script: (server: ScriptedServer) => Promise<void>,
  settings: [number, number][] = [],
) {
  return ScriptedServer.listen(world.server, address, { settings }).then((server) => void script(server));
}

const states: readonly State[] = [
  {
    what: "resolving, where no name server answers",
    prepare: async (world) => {
      await world.serve();
      world.simulation.network.setName("server", "silent");
      return undefined;
    },
    phase: "resolving",
    execution: "not-executed",
    message: /the deadline of 100 ms passed while resolving tcp:\/\/server:50051/,
  },
  {
    what: "connecting, into a black hole that drops every SYN",
    prepare: async (world) => {
      await world.serve();
      world.simulation.network.cut("client", "server");
      return undefined;
    },
    phase: "connecting",
    execution: "not-executed",
    message: /the deadline of 100 ms passed while connecting to tcp:\/\/server:50051/,
  },
  {
    what: "connecting, to a server whose backlog is full",
    prepare: async (world) => {
      await world.serve();
      world.simulation.network.admit("server", "ignore");
      return undefined;
    },
    phase: "connecting",
    execution: "not-executed",
    message: /while connecting to tcp:\/\/server:50051/,
  },
  {
    what: "connecting, to a peer that accepts and never speaks",
    prepare: async (world) => {
      await ScriptedServer.listen(world.server, address, { settings: undefined });
      return undefined;
    },
    phase: "connecting",
    execution: "not-executed",
    message: /while connecting to tcp:\/\/server:50051/,
  },
  {
    what: "backoff, behind an address that refuses",
    prepare: async () => ({ waitForReady: true, backoff: { initialMs: 5000, jitter: 0 } }),
    phase: "backoff",
    execution: "not-executed",
    message: /while waiting to connect to tcp:\/\/server:50051 again; the last attempt failed: .*no listener/,
  },
  {
    what: "queued, behind the one stream of the one connection",
    prepare: async (world) => {
      await world.serve((_request, call) => call.sleep(60_000).then(() => ({})), {
        limits: { http2: { maxConcurrentStreams: 1 } },
      });
      return { maxConnections: 1 };
    },
    phase: "queued",
    execution: "not-executed",
    message: /while queued: all 1 connections to tcp:\/\/server:50051 are full \(option maxConnections is 1\)/,
  },
  {
    what: "sending, to a peer that gives no credit",
    prepare: async (world) => {
      await scripted(world, async () => {}, [[4, 0]]);
      return undefined;
    },
    phase: "sending",
    execution: "unknown",
    message: /the deadline of 100 ms passed while the request was being sent/,
    payloadBytes: 10,
  },
  {
    what: "sending, more than the peer's window holds",
    prepare: async (world) => {
      await scripted(world, async (server) => {
        const connection = await server.next();
        connection.send(windowUpdate(0, 10_000));
      });
      return undefined;
    },
    phase: "sending",
    execution: "unknown",
    message: /while the request was being sent/,
    payloadBytes: 200_000,
  },
  {
    what: "sent, to a handler that sleeps",
    prepare: async (world) => {
      await world.serve((_request, call) => call.sleep(60_000).then(() => ({})));
      return undefined;
    },
    phase: "sent",
    execution: "unknown",
    message: /the deadline of 100 ms passed while waiting for the reply; the request was sent/,
  },
  {
    what: "sent, over a way that was cut after it",
    prepare: async (world) => {
      await world.serve((_request, call) => call.sleep(10).then(() => ({})));
      world.client.timers.set(() => world.simulation.network.cut("client", "server"), 5);
      return undefined;
    },
    phase: "sent",
    execution: "unknown",
    message: /waiting for the reply/,
  },
  {
    what: "streaming, after a head that nothing follows",
    prepare: async (world) => {
      await scripted(world, async (server) => {
        const connection = await server.next();
        const { id } = await connection.next("HEADERS");
        connection.send(headers(id, grpcHead));
      });
      return undefined;
    },
    phase: "streaming",
    execution: "unknown",
    message: /the deadline of 100 ms passed while the reply was coming in/,
  },
];

for (const { what, prepare, phase, execution, message, payloadBytes = 0 } of states) {
  test(`a deadline of 100 ms ends a call that is ${what}`, async () => {
    const world = new Simulated();
    const options = await world.run(() => prepare(world));
    const channel = world.dial(options);
    const stub = channel.stub(Probe);
    const payload = new Uint8Array(payloadBytes);
    // What fills the only stream, where there is a limit.
    if (phase === "queued") stub.run({ tag: "first" }, { timeoutMs: 50_000 }).catch(() => {});
    if (phase === "queued") await world.simulation.advance(20);
    const startedAt = world.nowMs;
    const error = await world.run(() => failureOf(stub.run({ tag: "late", payload }, { timeoutMs: 100 })));
    assert.equal(world.nowMs - startedAt, 100, "exactly in time");
    assert.equal(error.code, "DEADLINE_EXCEEDED");
    assert.equal(error.phase, phase, error.message);
    assert.match(error.message, message);
    assert.equal(error.execution, execution);
    assert.equal(channel.snapshot().queuedCalls, 0);
    // Whatever is healed or freed later: what was called not executed never runs.
    world.simulation.network.heal("client", "server");
    world.simulation.network.admit("server", "accept");
    await world.simulation.advance(120_000);
    if (execution === "not-executed") assert.equal(world.tally.starts("late"), 0);
    await world.run(() => channel.close());
    assert.deepEqual(channel.snapshot().connections, []);
    assert.equal(channel.snapshot().deadlines, 0);
  });
}

test("deadlines of no time at all end at once and send nothing", async () => {
  const world = new Simulated();
  await world.run(() => world.serve());
  const stub = world.stub();
  await world.run(() => stub.run({ tag: "warm" }));
  for (const timeoutMs of [0, -1, Number.NEGATIVE_INFINITY]) {
    const error = await world.run(() => failureOf(stub.run({ tag: "none" }, { timeoutMs })));
    assert.equal(error.code, "DEADLINE_EXCEEDED");
    assert.equal(error.execution, "not-executed");
    assert.equal(error.attempts, 0);
  }
  await world.simulation.advance(1000);
  assert.equal(world.tally.starts("none"), 0);
});

test("without a timeout of its own a call has the channel's, and without that ten seconds", async () => {
  for (const [own, expected] of [
    [undefined, 10_000],
    [250, 250],
  ] as const) {
    const world = new Simulated();
    await world.run(() => world.serve(() => new Promise(() => {})));
    const stub = world.stub(own === undefined ? {} : { timeoutMs: own });
    const startedAt = world.nowMs;
    const error = await world.run(() => failureOf(stub.run({ tag: "a" })));
    assert.equal(error.code, "DEADLINE_EXCEEDED");
    assert.equal(world.nowMs - startedAt, expected);
  }
});

test("the handler sees its client's deadline, is told when it passes, and its signal says why", async () => {
  const world = new Simulated();
  const seen = deferred<{ leftMs: number; deadline: number | undefined; abortedAtMs: number; reason: unknown }>();
  await world.run(() =>
    world.serve((_request, call) => {
      const { timeLeftMs, deadline } = call;
      call.signal.addEventListener("abort", () =>
        seen.resolve({ leftMs: timeLeftMs, deadline, abortedAtMs: world.nowMs, reason: call.signal.reason }),
      );
      return new Promise(() => {});
    }),
  );
  const startedAt = world.nowMs;
  const error = await world.run(() => failureOf(world.stub().run({ tag: "a" }, { timeoutMs: 300 })));
  assert.equal(error.code, "DEADLINE_EXCEEDED");
  const { leftMs, deadline, abortedAtMs, reason } = await world.run(() => seen.promise);
  assert.ok(leftMs > 290 && leftMs <= 300, `${leftMs} ms were left`);
  assert.ok(Math.abs((deadline as number) - (world.client.clock.wallNow() + startedAt + 300 - world.nowMs)) <= 10);
  assert.ok(abortedAtMs - startedAt <= 301);
  assert.match(String((reason as CallError).code), /^(DEADLINE_EXCEEDED|CANCELLED)$/);
});

test("a thousand deadlines that pass together, and as many that do not, end as they should", async () => {
  const world = new Simulated();
  const limits = { http2: { maxConcurrentStreams: 2000 } };
  const late: Behaviour = ({ tag }, call) => (tag === "late" ? call.sleep(1000).then(() => ({})) : {});
  await world.run(() => world.serve(late, { limits }));
  const channel = world.dial();
  const stub = channel.stub(Probe);
  const endings = await world.run(() =>
    Promise.all(
      Array.from({ length: 2000 }, (_, index) =>
        stub.run({ tag: index % 2 === 0 ? "late" : "soon" }, { timeoutMs: 500 + (index % 7) }).then(
          () => "OK",
          (error: CallError) => error.code,
        ),
      ),
    ),
  );
  assert.equal(endings.filter((ending) => ending === "OK").length, 1000);
  assert.equal(endings.filter((ending) => ending === "DEADLINE_EXCEEDED").length, 1000);
  assert.equal(channel.snapshot().queuedCalls, 0);
});

test("a simulation of a deadline is the same each time", async () => {
  const traces: string[][] = [];
  for (let run = 0; run < 2; run++) {
    const trace: string[] = [];
    const simulation = createSimulation({ seed: 7, onTrace: (event) => void trace.push(JSON.stringify(event)) });
    const server = createRuntime(simulation.machine("server"));
    const never = () => new Promise<never>(() => {});
    await simulation.run(() =>
      server.serve(address, [implement(Probe, { run: never, other: never })], { insecure: true }),
    );
    const stub = createRuntime(simulation.machine("client")).dial(address, { insecure: true }).stub(Probe);
    await simulation.run(() => failureOf(stub.run({ tag: "a" }, { timeoutMs: 100 })));
    traces.push(trace);
  }
  assert.ok((traces[0] as string[]).length > 3);
  assert.deepEqual(traces[0], traces[1]);
});
