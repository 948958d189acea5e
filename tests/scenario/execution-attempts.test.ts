// The word of a call that interceptors make many times: decided from the proofs of every attempt, and held against the
// handler's own record, also after everything under way has arrived.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, type ClientCallContext, type DialOptions, type Interceptor, type ServerCall } from "farcall";
import { type Behaviour, endingOf, failureOf } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

type ClientInterceptor = Interceptor<ClientCallContext>;

/** Answers a call by the first letter of its tag, so that each attempt can be told how to end. */
const byTag: Behaviour = async ({ tag }, call) => {
  if (tag.startsWith("slow")) await call.sleep(1000);
  if (tag.startsWith("fail")) throw new CallError("ABORTED", "the handler said no");
  return { tag };
};

/** Refuses, on the server and before the handler, the calls whose metadata say so. */
const refuseOnServer: Interceptor<ServerCall> = (call, next) => {
  if (call.metadata.get("refuse") !== undefined) throw new CallError("RESOURCE_EXHAUSTED", "not now");
  return next();
};

interface Attempted {
  readonly world: Simulated;
  readonly call: (tag: string, options?: object) => Promise<unknown>;
}

async function attempted(
  interceptor: ClientInterceptor | readonly ClientInterceptor[],
  options: DialOptions = {},
): Promise<Attempted> {
  const world = new Simulated();
  await world.run(() => world.serve(byTag, { interceptors: [refuseOnServer] }));
  const interceptors = Array.isArray(interceptor) ? interceptor : [interceptor as ClientInterceptor];
  const stub = world.stub({ interceptors, timeoutMs: 5000, ...options });
  return { world, call: (tag, callOptions) => stub.run({ tag }, callOptions) };
}

/** Runs a call to its failure, and then everything that is under way to its end. */
async function failed({ world, call }: Attempted, tag = "a", options?: object): Promise<CallError> {
  const error = await world.run(() => failureOf(call(tag, options)));
  await world.simulation.advance(20_000);
  return error;
}

test("an interceptor that answers without next sends nothing: no attempt, not executed", async () => {
  const stage = await attempted(() => {
    throw new CallError("PERMISSION_DENIED", "no ticket");
  });
  const error = await failed(stage);
  assert.equal(error.execution, "not-executed");
  assert.equal(error.attempts, 0);
  assert.equal(stage.world.tally.total, 0);
});

test("an interceptor's error after a successful attempt was executed all the same", async () => {
  const stage = await attempted(async (_call, next) => {
    await next();
    throw new CallError("DATA_LOSS", "the answer is of no use");
  });
  const error = await failed(stage);
  assert.equal(error.execution, "executed");
  assert.equal(stage.world.tally.starts("a"), 1);
});

test("an interceptor on the server that refuses before next is believed", async () => {
  const stage = await attempted((call, next) => {
    call.metadata.set("refuse", "1");
    return next();
  });
  const error = await failed(stage);
  assert.equal(error.code, "RESOURCE_EXHAUSTED");
  assert.equal(error.execution, "not-executed");
  assert.equal(stage.world.tally.total, 0);
});

/** Each attempt's fate: refused before the handler, failed by the handler, or left without an answer. */
type Fate = "refused" | "executed" | "lost";
const proofOf = { refused: "not-executed", executed: "executed", lost: "unknown" } as const;
const fates: readonly Fate[] = ["refused", "executed", "lost"];

function wordOf(attempts: readonly Fate[]): string {
  if (attempts.includes("executed")) return "executed";
  return attempts.includes("lost") ? "unknown" : "not-executed";
}

/** Makes attempts of the given fates, one after the other, and rethrows the last failure. */
function retrying(attempts: readonly Fate[], words: string[]): ClientInterceptor {
  return async (call, next) => {
    let last: unknown;
    for (const fate of attempts) {
      call.metadata.delete("refuse");
      if (fate === "refused") call.metadata.set("refuse", "1");
      try {
        await next({ tag: fate === "executed" ? "fail" : fate === "lost" ? "slow" : "a" });
      } catch (error) {
        last = error;
        words.push((error as CallError).execution);
      }
    }
    throw last;
  };
}

/** Makes attempts in turn. A slow one loses its connection 100 ms after its handler began, before it can answer. */
async function sequence(attempts: readonly Fate[]): Promise<{ error: CallError; words: string[]; world: Simulated }> {
  const words: string[] = [];
  const stage = await attempted(retrying(attempts, words));
  const { world } = stage;
  let seen = 0;
  const watch = (): void => {
    const running = world.tally.starts("slow");
    if (running > seen) world.simulation.network.resetConnections("client", "server");
    seen = running;
    if (world.nowMs < 5000) world.client.timers.set(watch, 100);
  };
  watch();
  const error = await failed(stage);
  return { error, words, world };
}

for (const first of fates) {
  for (const second of fates) {
    test(`two attempts in turn, ${first} and ${second}: each has its own word, and the call the word of both`, async () => {
      const { error, words, world } = await sequence([first, second]);
      assert.deepEqual(words, [proofOf[first], proofOf[second]]);
      assert.equal(error.execution, wordOf([first, second]));
      assert.equal(error.attempts, 2);
      if (error.execution === "not-executed") assert.equal(world.tally.total, 0);
      if (error.execution === "executed") assert.ok(world.tally.settles("fail") >= 1);
    });
  }
}

test("two attempts at once: the first failure proves nothing of the one that still runs, which is cancelled", async () => {
  const stage = await attempted(async (_call, next) => {
    const slow = next({ tag: "slow" }) as Promise<unknown>;
    slow.catch(() => {});
    return Promise.race([slow, next({ tag: "fail" })]);
  });
  const error = await failed(stage);
  assert.equal(error.execution, "executed", "the failed one ran");
  assert.equal(error.attempts, 2);
  assert.equal(stage.world.tally.starts("slow"), 1);
});

test("two attempts at once, one refused while the other runs: unknown", async () => {
  const stage = await attempted(async (call, next) => {
    const slow = next({ tag: "slow" }) as Promise<unknown>;
    slow.catch(() => {});
    call.metadata.set("refuse", "1");
    return Promise.race([slow, next({ tag: "a" })]);
  });
  const error = await failed(stage);
  assert.equal(error.code, "RESOURCE_EXHAUSTED");
  assert.equal(error.execution, "unknown");
  assert.equal(stage.world.tally.starts("slow"), 1, "and the other did run");
});

test("an attempt that still waits when the call fails is never sent", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(byTag, { limits: { http2: { maxConcurrentStreams: 1 } } }));
  const stub = world.stub({
    maxConnections: 1,
    interceptors: [
      (call, next) => {
        if ((call.request as { tag: string }).tag !== "given up") return next();
        void next({ tag: "waiting" });
        throw new CallError("UNAVAILABLE", "changed my mind");
      },
    ],
  });
  const error = await world.run(async () => {
    const slow = stub.run({ tag: "slow" });
    // The only stream of the only connection is taken now.
    await new Promise<void>((resolve) => world.client.timers.set(resolve, 10));
    const failure = await failureOf(stub.run({ tag: "given up" }));
    await slow;
    return failure;
  });
  assert.equal(error.execution, "not-executed");
  await world.simulation.advance(20_000);
  assert.equal(world.tally.starts("waiting"), 0);
});

test("next after the call has ended makes no attempt any more", async () => {
  const world = new Simulated();
  await world.run(() => world.serve(byTag));
  let late: Promise<unknown> | undefined;
  const stub = world.stub({
    interceptors: [
      (_call, next) => {
        world.client.timers.set(() => {
          late = endingOf(next() as Promise<unknown>);
        }, 100);
        throw new CallError("UNAVAILABLE", "given up early");
      },
    ],
  });
  const error = await world.run(() => failureOf(stub.run({ tag: "a" })));
  assert.equal(error.execution, "not-executed");
  await world.simulation.advance(1000);
  assert.ok(late !== undefined, "next was called");
  assert.match(String(await late), /^CANCELLED .* not-executed 0$/);
  assert.equal(world.tally.total, 0);
});

test("each attempt has the metadata of its own moment, also one that waits", async () => {
  const world = new Simulated();
  const seen: unknown[] = [];
  await world.run(() =>
    world.serve((request, call) => {
      seen.push([request.tag, call.metadata.get("attempt")]);
      return {};
    }),
  );
  const stub = world.stub({
    interceptors: [
      async (call, next) => {
        call.metadata.set("attempt", "1");
        const first = next({ tag: "first" }) as Promise<unknown>;
        call.metadata.set("attempt", "2");
        await Promise.all([first, next({ tag: "second" })]);
        return next({ tag: "third" });
      },
    ],
  });
  // No connection is open yet: the first two wait for it.
  await world.run(() => stub.run({ tag: "a" }));
  assert.deepEqual(seen, [
    ["first", "1"],
    ["second", "2"],
    ["third", "2"],
  ]);
});

test("the deadline ends a call also while an interceptor has it, between two attempts", async () => {
  const stage = await attempted(async (_call, next) => {
    await next({ tag: "a" });
    await new Promise((resolve) => stage.world.client.timers.set(() => resolve(undefined), 3000));
    return next({ tag: "b" });
  });
  const { world } = stage;
  const startedAt = world.nowMs;
  const error = await world.run(() => failureOf(stage.call("a", { timeoutMs: 100 })));
  assert.equal(error.code, "DEADLINE_EXCEEDED");
  assert.ok(world.nowMs - startedAt <= 101, `it took ${world.nowMs - startedAt} ms`);
  assert.equal(error.execution, "executed", "the first attempt had succeeded");
  await world.simulation.advance(10_000);
  assert.equal(world.tally.starts("b"), 0);
});

test("a signal ends a call also while an interceptor has it", async () => {
  const stage = await attempted(() => new Promise(() => {}));
  const controller = new AbortController();
  const { world } = stage;
  world.client.timers.set(() => controller.abort(new Error("enough")), 50);
  const error = await world.run(() => failureOf(stage.call("a", { signal: controller.signal })));
  assert.equal(error.code, "CANCELLED");
  assert.equal(error.execution, "not-executed");
  assert.equal((error.cause as Error).message, "enough");
});

test("a retry that succeeds is a success, whatever the first attempt was", async () => {
  const stage = await attempted(async (_call, next) => {
    try {
      return await next({ tag: "fail" });
    } catch {
      return next({ tag: "b" });
    }
  });
  const reply = await stage.world.run(() => stage.call("a"));
  assert.equal((reply as { tag: string }).tag, "b");
  assert.equal(stage.world.tally.starts("fail"), 1);
  assert.equal(stage.world.tally.starts("b"), 1);
});
