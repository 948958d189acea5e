// Calls made within calls: they have no more time than their parent, end with it, and leave it when they end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallError, type CallParent, implement, type ServerCall } from "farcall";
import type { Machine } from "farcall/host";
import { createRealMachine } from "farcall/net";
import { createRuntime } from "farcall/runtime";
import { alive, deferred, failureOf, Probe } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

/** A front whose handler calls a backend with the given timeout, in a chain of two. */
async function chain(frontTimeoutMs: number | undefined, nestedTimeoutMs: number | undefined, machine?: Machine) {
  const world = new Simulated();
  const frontMachine = machine ?? world.simulation.machine("front");
  const runtime = createRuntime(frontMachine);
  const backendSaw = deferred<number>();
  await world.run(() =>
    world.serve((_request, call) => {
      backendSaw.resolve(call.timeLeftMs);
      return new Promise(() => {});
    }),
  );
  const backend = runtime.dial(address, { insecure: true }).stub(Probe);
  const nestedEnded = deferred<{ error: CallError; atMs: number }>();
  const handle = async ({ tag }: { tag: string }, call: ServerCall) => {
    const options = { parent: call, ...(nestedTimeoutMs !== undefined && { timeoutMs: nestedTimeoutMs }) };
    const error = await failureOf(backend.run({ tag }, options));
    nestedEnded.resolve({ error, atMs: world.nowMs });
    throw error;
  };
  await world.run(() =>
    runtime.serve("tcp://front:1", [implement(Probe, { run: handle, other: handle })], { insecure: true }),
  );
  const front = world.clientRuntime.dial("tcp://front:1", { insecure: true }).stub(Probe);
  const options = frontTimeoutMs === undefined ? {} : { timeoutMs: frontTimeoutMs };
  return { world, front, options, backendSaw, nestedEnded };
}

const minimums: readonly (readonly [front: number | undefined, nested: number | undefined, expected: number])[] = [
  [200, undefined, 200],
  [200, 5000, 200],
  [200, 50, 50],
  [undefined, undefined, 10_000],
  [Number.POSITIVE_INFINITY, undefined, 10_000],
  [Number.POSITIVE_INFINITY, 70, 70],
];

for (const [front, nested, expected] of minimums) {
  test(`a call of ${front} ms makes one of ${nested} ms within it: that one has ${expected} ms`, async () => {
    const { world, front: stub, options, backendSaw } = await chain(front, nested);
    const ending = failureOf(stub.run({ tag: "a" }, options));
    const sawMs = await world.run(() => backendSaw.promise);
    assert.ok(sawMs <= expected && sawMs > expected - 10, `the backend saw ${sawMs}`);
    const error = await world.run(() => ending);
    assert.equal(error.code, "DEADLINE_EXCEEDED");
  });
}

test("a client that cancels cancels the calls that its call makes", async () => {
  const { world, front, backendSaw, nestedEnded } = await chain(undefined, undefined);
  const controller = new AbortController();
  const failing = failureOf(front.run({ tag: "a" }, { signal: controller.signal }));
  await world.run(() => backendSaw.promise);
  const cancelledAt = world.nowMs;
  controller.abort();
  assert.equal((await world.run(() => failing)).code, "CANCELLED");
  const nested = await world.run(() => nestedEnded.promise);
  assert.equal(nested.error.code, "CANCELLED");
  assert.equal(nested.error.execution, "unknown");
  assert.ok(nested.atMs - cancelledAt < 10);
});

test("a parent that has ended before a nested call begins: nothing is sent", async () => {
  const world = new Simulated();
  const over = deferred<ServerCall>();
  await world.run(() =>
    world.serve(({ tag }, call) => {
      if (tag !== "parent") return {};
      call.signal.addEventListener("abort", () => over.resolve(call));
      return new Promise(() => {});
    }),
  );
  const channel = world.dial();
  const stub = channel.stub(Probe);
  void stub.run({ tag: "parent" }, { timeoutMs: 50 }).catch(() => {});
  const parent = await world.run(() => over.promise);
  const fresh = world.dial();
  for (const nested of [stub, fresh.stub(Probe)]) {
    const error = await world.run(() => failureOf(nested.run({ tag: "child" }, { parent })));
    assert.match(error.code, /^(CANCELLED|DEADLINE_EXCEEDED)$/);
    assert.equal(error.execution, "not-executed");
    assert.equal(error.attempts, 0);
  }
  assert.equal(fresh.snapshot().queuedCalls, 0);
  assert.equal(fresh.snapshot().state, "idle", "nothing was dialled for it");
  await world.simulation.advance(1000);
  assert.equal(world.tally.starts("child"), 0);
});

test("a call leaves its parent when it ends, whichever way, so that a long parent keeps none of them", async () => {
  const children = new Set<{ cancel(reason: string): void }>();
  const parent: CallParent = {
    deadlineAt: Number.POSITIVE_INFINITY,
    addChild: (child) => void children.add(child),
    removeChild: (child) => void children.delete(child),
  };
  for (const interceptors of [[], [(_call: unknown, next: () => unknown) => next()]]) {
    const world = new Simulated();
    await world.run(() => world.serve(({ tag }, call) => (tag === "slow" ? call.sleep(1000).then(() => ({})) : {})));
    const stub = world.stub({ interceptors });
    const outcomes = await world.run(async () => {
      const controller = new AbortController();
      const calls = Promise.allSettled([
        stub.run({ tag: "a" }, { parent }),
        stub.run({ tag: "slow" }, { parent, timeoutMs: 10 }),
        stub.run({ tag: "slow" }, { parent, signal: controller.signal }),
        stub.run({ tag: "slow" }, { parent }),
      ]);
      assert.ok(children.size >= 4);
      world.client.timers.set(() => controller.abort(), 20);
      world.client.timers.set(() => {
        for (const child of [...children]) child.cancel("the parent is over");
      }, 30);
      return calls;
    });
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === "rejected" ? (outcome.reason as CallError).code : "OK")),
      ["OK", "DEADLINE_EXCEEDED", "CANCELLED", "CANCELLED"],
    );
    assert.equal(children.size, 0);
  }
});

test("without a parent named, a call made in a handler is part of it, across awaits", async () => {
  const machine = createRealMachine();
  const runtime = createRuntime(machine);
  const left: number[] = [];
  let nested: Promise<CallError> | undefined;
  const backend = await runtime.serve("memory:backend", [
    implement(Probe, {
      run: (_request, call) => {
        left.push(call.timeLeftMs);
        return new Promise(() => {});
      },
      other: () => ({}),
    }),
  ]);
  const inner = runtime.dial("memory:backend").stub(Probe);
  const handle = async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    nested = failureOf(inner.run({ tag: "a" }));
    await nested;
    return {};
  };
  const front = await runtime.serve("memory:front", [implement(Probe, { run: handle, other: handle })]);
  const calling = runtime.dial("memory:front").stub(Probe).run({ tag: "a" }, { timeoutMs: 80 });
  const error = await failureOf(alive(calling));
  assert.equal(error.code, "DEADLINE_EXCEEDED");
  assert.ok((left[0] as number) <= 80, `the backend saw ${left[0]} ms`);
  assert.match(String((await nested)?.code), /^(DEADLINE_EXCEEDED|CANCELLED)$/);
  await front.close();
  await backend.close();
});
