// The word of a call as the server finds it: from what its handler really did, also when interceptors answer before it,
// instead of it or while it still runs, and when a gateway passes on the failure of another call.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, type CallParent, type Interceptor, implement, type ServerCall } from "farcall";
import { data, type FieldList, headers } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest } from "../support/rpc-peer.ts";
import { type Behaviour, deferred, endingOf, failureOf, Probe, Request, turns } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

type ServerInterceptor = Interceptor<ServerCall>;

async function served(behaviour?: Behaviour, ...interceptors: ServerInterceptor[]): Promise<Simulated> {
  const world = new Simulated();
  await world.run(() => world.serve(behaviour, { interceptors }));
  return world;
}

function after(world: Simulated, ms: number): Promise<void> {
  return new Promise((resolve) => world.server.timers.set(resolve, ms));
}

const beforeHandler: readonly (readonly [what: string, interceptor: ServerInterceptor])[] = [
  [
    "throws at once",
    () => {
      throw new CallError("UNAUTHENTICATED", "who are you?");
    },
  ],
  ["throws later", () => Promise.reject(new CallError("UNAUTHENTICATED", "who are you?"))],
  [
    "throws what is no CallError",
    () => {
      throw new Error("a bug of the interceptor");
    },
  ],
];

for (const [what, interceptor] of beforeHandler) {
  test(`an interceptor that ${what}, before next, leaves the call not executed`, async () => {
    const world = await served(undefined, interceptor);
    const error = await world.run(() => failureOf(world.stub().run({ tag: "a" })));
    assert.equal(error.execution, "not-executed");
    assert.equal(world.tally.total, 0);
  });
}

test("an interceptor that calls next after it has answered starts no handler", async () => {
  let lateNext: unknown;
  const world: Simulated = await served(undefined, async (_call, next) => {
    const permit = after(world, 100).then(() => next());
    permit.catch((error: unknown) => {
      lateNext = error;
    });
    return Promise.race([
      permit,
      after(world, 50).then(() => {
        throw new CallError("RESOURCE_EXHAUSTED", "no permit in time");
      }),
    ]);
  });
  const error = await world.run(() => failureOf(world.stub().run({ tag: "a" })));
  assert.equal(error.execution, "not-executed");
  await world.simulation.advance(1000);
  assert.equal(world.tally.total, 0, "the client was told that it did not run");
  assert.ok(lateNext instanceof CallError, "next says that the call is over");
});

test("an interceptor that answers without next, and calls it afterwards, starts no handler either", async () => {
  const world: Simulated = await served(undefined, (_call, next) => {
    after(world, 50)
      .then(() => next())
      .catch(() => {});
    return { tag: "cached" };
  });
  const reply = await world.run(() => world.stub().run({ tag: "a" }));
  assert.equal(reply.tag, "cached");
  await world.simulation.advance(1000);
  assert.equal(world.tally.total, 0);
});

test("an interceptor that gives up while the handler runs cannot say that it ran to its end", async () => {
  const world: Simulated = await served(
    async (_request, call) => {
      await after(world, 500);
      return { tag: `${call.timeLeftMs}` };
    },
    (_call, next) =>
      Promise.race([
        next(),
        after(world, 50).then(() => {
          throw new CallError("ABORTED", "too slow");
        }),
      ]),
  );
  const error = await world.run(() => failureOf(world.stub().run({ tag: "a" })));
  assert.equal(error.code, "ABORTED");
  assert.equal(world.tally.settles("a"), 0, "the handler still runs");
  assert.equal(error.execution, "unknown");
});

test("a handler that an interceptor gave up, and that fails afterwards, is reported and kills nothing", async () => {
  const world: Simulated = await served(
    async () => {
      await after(world, 500);
      throw new Error("late");
    },
    (_call, next) => {
      void next();
      throw new CallError("ABORTED", "not waiting");
    },
  );
  const error = await world.run(() => failureOf(world.stub().run({ tag: "a" })));
  assert.equal(error.execution, "unknown");
  await world.simulation.advance(1000);
  assert.equal(world.tally.settles("a"), 1);
  assert.deepEqual(world.handlerErrors.map(String), ["Error: late"]);
});

test("an interceptor that runs the handler twice leaves it executed", async () => {
  const world = await served(
    ({ tag }) => {
      if (tag === "a") throw new CallError("ABORTED", "not the first time");
      return { tag };
    },
    async (_call, next) => {
      try {
        return await next();
      } catch {
        return next({ tag: "b", payload: new Uint8Array(0) });
      }
    },
  );
  const reply = await world.run(() => world.stub().run({ tag: "a" }));
  assert.equal(reply.tag, "b");
  assert.deepEqual(
    [...world.tally.started],
    [
      ["a", 1],
      ["b", 1],
    ],
  );
});

const refusedRequests: readonly (readonly [what: string, code: string, fields: FieldList, body: Uint8Array])[] = [
  ["an unknown method", "12", grpcRequest("/trials.Probe/Nothing"), grpcMessage(Request.encode({}))],
  ["an unknown service", "12", grpcRequest("/trials.Nothing/Run"), grpcMessage(Request.encode({}))],
  ["a request that cannot be decoded", "13", grpcRequest("/trials.Probe/Run"), grpcMessage(Uint8Array.of(0xff))],
  [
    "two requests",
    "12",
    grpcRequest("/trials.Probe/Run"),
    Buffer.concat([grpcMessage(Request.encode({})), grpcMessage(Request.encode({}))]),
  ],
  ["no request", "12", grpcRequest("/trials.Probe/Run"), new Uint8Array(0)],
  [
    "half a request",
    "13",
    grpcRequest("/trials.Probe/Run"),
    grpcMessage(Request.encode({ tag: "half" })).subarray(0, 8),
  ],
  [
    "a whole and half a request",
    "13",
    grpcRequest("/trials.Probe/Run"),
    Buffer.concat([grpcMessage(Request.encode({})), grpcMessage(Request.encode({ tag: "half" })).subarray(0, 8)]),
  ],
];

for (const [what, code, fields, body] of refusedRequests) {
  test(`${what} is refused with a trailer that says not-executed, whichever way the request ends`, async () => {
    const world = await served();
    for (const endsBy of ["data", "trailers"]) {
      const seen = await world.run(async () => {
        const client = await connectScripted(world.client, address);
        await client.next("SETTINGS");
        client.send(headers(1, fields), data(1, body, endsBy === "data"));
        if (endsBy === "trailers") client.send(headers(1, [["x", "y"]], { last: true }));
        return client.next("HEADERS");
      });
      const trailers = new Map(seen.fields);
      assert.equal(trailers.get("grpc-status"), code, `${endsBy}: ${trailers.get("grpc-message")}`);
      assert.equal(trailers.get("farcall-execution"), "not-executed");
    }
    assert.equal(world.tally.total, 0);
  });
}

test("a whole request and a half one never run, though the first could have", async () => {
  const world = await served();
  const whole = grpcMessage(Request.encode({ tag: "whole" }));
  for (const endsBy of ["data", "trailers"]) {
    await world.run(async () => {
      const client = await connectScripted(world.client, address);
      await client.next("SETTINGS");
      client.send(headers(1, grpcRequest("/trials.Probe/Run")));
      client.send(data(1, Buffer.concat([whole, whole.subarray(0, 6)]), endsBy === "data"));
      if (endsBy === "trailers") client.send(headers(1, [["x", "y"]], { last: true }));
      const { fields } = await client.next("HEADERS");
      assert.equal(new Map(fields).get("grpc-status"), "13", endsBy);
      assert.equal(new Map(fields).get("farcall-execution"), "not-executed");
    });
  }
  assert.equal(world.tally.total, 0);
});

test("a method that is not implemented is not executed", async () => {
  const world = new Simulated();
  await world.run(() => world.serveThese([implement(Probe, {}, { partial: true })]));
  const error = await world.run(() => failureOf(world.stub().run({ tag: "a" })));
  assert.equal(error.code, "UNIMPLEMENTED");
  assert.equal(error.execution, "not-executed");
});

/** A gateway in front of a backend: its handler makes a call of its own and lets its failure through. */
async function gateway(backend: Behaviour, ...backendInterceptors: ServerInterceptor[]) {
  const world = new Simulated();
  const machine = world.simulation.machine("gateway");
  const { createRuntime } = await import("farcall/runtime");
  const runtime = createRuntime(machine);
  const starts: string[] = [];
  await world.run(() => world.serve(backend, { interceptors: backendInterceptors }));
  const inner = runtime.dial(address, { insecure: true }).stub(Probe);
  const pass = (request: { tag: string }, call: CallParent) => {
    starts.push(request.tag);
    return inner.run({ tag: request.tag }, { parent: call });
  };
  const front = "tcp://gateway:1";
  await world.run(() => runtime.serve(front, [implement(Probe, { run: pass, other: pass })], { insecure: true }));
  return { world, front, starts, stub: world.clientRuntime.dial(front, { insecure: true }).stub(Probe) };
}

const backendFates: readonly (readonly [what: string, Behaviour, ServerInterceptor[]])[] = [
  [
    "refused before its handler",
    () => ({}),
    [
      () => {
        throw new CallError("RESOURCE_EXHAUSTED", "full");
      },
    ],
  ],
  [
    "failed by its handler",
    () => {
      throw new CallError("ABORTED", "no");
    },
    [],
  ],
  ["lost", (_request, call) => call.sleep(10_000).then(() => ({})), []],
];

for (const [what, behaviour, interceptors] of backendFates) {
  test(`a gateway that rethrows its backend's failure, ${what}, speaks of its own handler: executed`, async () => {
    const { world, stub, starts } = await gateway(behaviour, ...interceptors);
    if (what === "lost") {
      world.client.timers.set(() => world.simulation.network.resetConnections("gateway", "server"), 100);
    }
    const error = await world.run(() => failureOf(stub.run({ tag: "a" })));
    assert.equal(error.execution, "executed");
    assert.deepEqual(starts, ["a"]);
    const names = [...error.metadata].map(([name]) => name);
    assert.deepEqual(
      names.filter((name) => name.startsWith("farcall-") || name.startsWith("grpc-")),
      [],
    );
  });
}

test("the failure of a backend carries no key of ours out of the gateway but the gateway's own", async () => {
  const { world, front } = await gateway(
    () => ({}),
    () => {
      throw new CallError("RESOURCE_EXHAUSTED", "full");
    },
  );
  const { fields } = await world.run(async () => {
    const client = await connectScripted(world.client, front);
    await client.next("SETTINGS");
    client.send(headers(1, grpcRequest("/trials.Probe/Run")), data(1, grpcMessage(Request.encode({ tag: "a" })), true));
    return client.next("HEADERS");
  });
  const ours = (fields ?? []).filter(([name]) => name.startsWith("farcall-"));
  assert.deepEqual(ours, [["farcall-execution", "executed"]]);
});

test("a deadline that passes on the server while the handler runs proves nothing, and the handler is told", async () => {
  const told = deferred<unknown>();
  const world = await served(async (_request, call) => {
    call.signal.addEventListener("abort", () => told.resolve(call.signal.reason));
    await call.sleep(60_000);
    return {};
  });
  const { fields } = await world.run(async () => {
    const client = await connectScripted(world.client, address);
    await client.next("SETTINGS");
    client.send(headers(1, grpcRequest("/trials.Probe/Run", [["grpc-timeout", "50m"]])));
    client.send(data(1, grpcMessage(Request.encode({ tag: "a" })), true));
    return client.next("HEADERS");
  });
  assert.equal(new Map(fields).get("grpc-status"), "4");
  assert.equal(new Map(fields).get("farcall-execution"), undefined);
  const reason = (await told.promise) as CallError;
  assert.equal(reason.code, "DEADLINE_EXCEEDED");
  assert.equal(world.nowMs >= 50 && world.nowMs < 60, true);
});

test("a deadline that passes before the request is whole: the handler never starts, and that is said", async () => {
  const world = await served();
  await world.run(async () => {
    const client = await connectScripted(world.client, address);
    await client.next("SETTINGS");
    const message = grpcMessage(Request.encode({ tag: "a" }));
    client.send(
      headers(1, grpcRequest("/trials.Probe/Run", [["grpc-timeout", "50m"]])),
      data(1, message.subarray(0, 6)),
    );
    const { fields } = await client.next("HEADERS");
    assert.equal(new Map(fields).get("grpc-status"), "4");
    assert.equal(new Map(fields).get("farcall-execution"), "not-executed");
    client.send(data(1, message.subarray(6), true));
  });
  await world.simulation.advance(1000);
  await turns(3);
  assert.equal(world.tally.total, 0);
});

test("a server that is closed while handlers run says nothing of them, and what it told not to run never runs", async () => {
  const world = new Simulated();
  const gate = deferred();
  const server = await world.run(() =>
    world.serve(() => gate.promise.then(() => ({})), {
      interceptors: [
        async (call, next) => {
          if (call.metadata.get("wait") !== undefined) await gate.promise;
          return next();
        },
      ],
    }),
  );
  const stub = world.stub();
  const running = endingOf(stub.run({ tag: "running" }));
  const waiting = endingOf(stub.run({ tag: "waiting" }, { metadata: { wait: "1" } }));
  await world.simulation.advance(50);
  await world.run(() => server.close());
  gate.resolve();
  assert.equal(await world.run(() => running), "UNAVAILABLE sent unknown 1");
  assert.equal(await world.run(() => waiting), "UNAVAILABLE sent not-executed 1");
  await world.simulation.advance(1000);
  assert.equal(world.tally.starts("waiting"), 0);
});
