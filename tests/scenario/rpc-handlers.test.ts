// Handlers that fail in every way there is: the client gets a status that says so and nothing of the program's inside, the
// hook is told once, and the process lives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, type ErrorCode, Metadata, type ServeOptions, statusCodes } from "farcall";
import { type Behaviour, deferred, failureOf, Probe, type ProbeRequest, watchProcess } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

/** Whatever a handler may do; the types of well-made ones do not allow all of it. */
type AnyHandler = (request: ProbeRequest, call: Parameters<Behaviour>[1]) => unknown;

async function served(handler: AnyHandler, options: ServeOptions = {}): Promise<Simulated> {
  const world = new Simulated();
  await world.run(() => world.serve(handler as Behaviour, options));
  return world;
}

const secret = "password=hunter2";
const thrown: readonly (readonly [what: string, value: () => unknown])[] = [
  ["an Error", () => new Error(secret)],
  ["a frozen Error", () => Object.freeze(new Error(secret))],
  ["undefined", () => undefined],
  ["null", () => null],
  ["a string", () => secret],
  ["a number", () => 42],
  ["a symbol", () => Symbol(secret)],
  ["a frozen object", () => Object.freeze({ secret })],
  ["an object without a prototype", () => Object.create(null)],
  [
    "an object whose every property throws",
    () =>
      new Proxy(
        {},
        {
          get() {
            throw new Error(secret);
          },
          getPrototypeOf() {
            return null;
          },
        },
      ),
  ],
];

const ways: readonly (readonly [how: string, handler: (value: unknown) => AnyHandler])[] = [
  [
    "at once",
    (value) => () => {
      throw value;
    },
  ],
  ["in a rejected promise", (value) => () => Promise.reject(value)],
  [
    "after a while",
    (value) => async (_request, call) => {
      await call.sleep(10);
      throw value;
    },
  ],
  [
    "in a foreign thenable",
    (value) => () => ({
      // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise is what is tried here
      then(_resolve: unknown, reject: (error: unknown) => void) {
        reject(value);
      },
    }),
  ],
];

for (const [what, value] of thrown) {
  for (const [how, handler] of ways) {
    test(`a handler that throws ${what} ${how} ends its call with UNKNOWN and tells no secret`, async () => {
      const watch = watchProcess();
      const world = await served(handler(value()));
      const stub = world.stub();
      const error = await world.run(() => failureOf(stub.run({ tag: "a" })));
      assert.equal(error.code, "UNKNOWN");
      assert.equal(error.execution, "executed");
      assert.equal(error.message, "the handler failed");
      assert.ok(!JSON.stringify([error.message, error.details, [...error.metadata]]).includes("hunter2"));
      assert.equal(world.handlerErrors.length, 1, "the hook is told once");
      await watch.check();
    });
  }
}

test("thenables that misbehave end the call once", async () => {
  const watch = watchProcess();
  const misbehaving: readonly (readonly [what: string, make: () => unknown, ending: RegExp])[] = [
    [
      "resolves twice",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: thenables are what is tried here
        then(resolve: (value: object) => void) {
          resolve({});
          resolve({});
        },
      }),
      /^OK$/,
    ],
    [
      "throws in then",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: as above
        then() {
          throw new Error(secret);
        },
      }),
      /^UNKNOWN$/,
    ],
    [
      "throws when its then is read",
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: as above
        get then() {
          throw new Error(secret);
        },
      }),
      /^UNKNOWN$/,
    ],
  ];
  for (const [what, make, ending] of misbehaving) {
    const world = await served(make);
    const calling = world.stub().run({ tag: "a" });
    const ended = await world.run(() =>
      calling.then(
        () => "OK",
        (error: unknown) => (error as CallError).code,
      ),
    );
    assert.match(ended, ending, what);
  }
  await watch.check();
});

const wrongReplies: readonly (readonly [what: string, reply: unknown])[] = [
  ["nothing", undefined],
  ["null", null],
  ["a string", "text"],
  ["a field of the wrong type", { tag: 5 }],
  ["bytes that are none", { payload: "text" }],
  ["half a surrogate pair", { tag: "\ud800" }],
  [
    "a field whose getter throws",
    {
      get tag() {
        throw new Error(secret);
      },
    },
  ],
];

for (const [what, reply] of wrongReplies) {
  test(`a reply that is ${what} and cannot be encoded is the handler's failure; the connection lives`, async () => {
    const watch = watchProcess();
    const world = await served(({ tag }) => (tag === "wrong" ? reply : { tag }));
    const channel = world.dial();
    const stub = channel.stub(Probe);
    const outcomes = await world.run(() =>
      Promise.all([stub.run({ tag: "before" }), failureOf(stub.run({ tag: "wrong" })), stub.run({ tag: "after" })]),
    );
    const [before, error, after] = outcomes;
    assert.deepEqual([before.tag, after.tag], ["before", "after"]);
    assert.equal(error.code, "INTERNAL");
    assert.equal(error.execution, "executed");
    assert.equal(world.handlerErrors.length, 1);
    assert.equal(channel.snapshot().connections.length, 1);
    assert.equal((await world.run(() => stub.run({ tag: "same connection" }))).tag, "same connection");
    await watch.check();
  });
}

test("every code a handler throws arrives with its message, details and metadata", async () => {
  const details = [{ typeUrl: "type.googleapis.com/trials.Detail", value: Uint8Array.of(0, 1, 255) }];
  const metadata = new Metadata([
    ["reason", "quota"],
    ["reason", "second"],
    ["raw-bin", Uint8Array.of(0, 128)],
  ]);
  const world = await served(({ tag }) => {
    throw new CallError(tag as ErrorCode, `failed: ${tag} – ünïcode\n`, { details, metadata });
  });
  const stub = world.stub();
  for (const code of statusCodes.slice(1)) {
    const error = await world.run(() => failureOf(stub.run({ tag: code })));
    assert.equal(error.code, code);
    assert.equal(error.message, `failed: ${code} – ünïcode\n`);
    assert.deepEqual(error.details, details);
    assert.deepEqual(error.metadata.getAll("reason"), ["quota", "second"]);
    assert.deepEqual(error.metadata.get("raw-bin"), Uint8Array.of(0, 128));
    assert.equal(error.execution, "executed");
  }
  assert.equal(world.handlerErrors.length, 0, "a CallError is an answer, no failure of the handler");
});

const longTexts: readonly (readonly [what: string, text: string])[] = [
  ["100 kB of ASCII", "a".repeat(100_000)],
  ["100 kB of percent signs", "%".repeat(100_000)],
  ["100,000 characters of three octets", "漢".repeat(100_000)],
  ["50,000 characters of four octets", "𝄞".repeat(50_000)],
];

for (const [what, text] of longTexts) {
  test(`a message of ${what} arrives as its beginning, whole characters only`, async () => {
    const world = await served(() => {
      throw new CallError("ABORTED", text);
    });
    const error = await world.run(() => failureOf(world.stub().run({ tag: "a" })));
    assert.equal(error.code, "ABORTED", error.message);
    assert.equal(error.execution, "executed");
    assert.ok(error.message.length >= 300 && text.startsWith(error.message), error.message.slice(0, 80));
  });
}

const tooLarge: readonly (readonly [what: string, make: () => CallError])[] = [
  ["details", () => new CallError("ABORTED", "kept", { details: [{ typeUrl: "t", value: new Uint8Array(100_000) }] })],
  [
    "metadata in one value",
    () => new CallError("ABORTED", "kept", { metadata: new Metadata({ big: "x".repeat(100_000) }) }),
  ],
  [
    "metadata in many values",
    () =>
      new CallError("ABORTED", "kept", {
        metadata: new Metadata(Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`n-${i}`, "v"]))),
      }),
  ],
];

for (const [what, make] of tooLarge) {
  test(`a failure with more ${what} than the client takes arrives without them; other calls do not notice`, async () => {
    const world = await served(async ({ tag }, call) => {
      if (tag !== "large") {
        await call.sleep(50);
        return { tag };
      }
      throw make();
    });
    const stub = world.stub();
    const [other, error] = await world.run(() =>
      Promise.all([stub.run({ tag: "other" }), failureOf(stub.run({ tag: "large" }))]),
    );
    assert.equal(other.tag, "other");
    assert.equal(error.code, "ABORTED", error.message);
    assert.match(error.message, /^kept/);
    assert.equal(error.execution, "executed");
  });
}

test("headers and trailers larger than the client takes fail their call only, and say so", async () => {
  const world = await served(async ({ tag }, call) => {
    const big = { big: "x".repeat(100_000) };
    if (tag === "headers") call.sendHeaders(big);
    if (tag === "trailers") call.setTrailers(big);
    await call.sleep(20);
    return { tag };
  });
  const stub = world.stub();
  const [other, headers, trailers] = await world.run(() =>
    Promise.all([
      stub.run({ tag: "other" }),
      failureOf(stub.run({ tag: "headers" })),
      failureOf(stub.run({ tag: "trailers" })),
    ]),
  );
  assert.equal(other.tag, "other");
  for (const error of [headers, trailers]) {
    assert.equal(error.code, "RESOURCE_EXHAUSTED", error.message);
    assert.match(error.message, /larger than|bytes|limit/);
  }
});

test("a handler that goes on after its call was cancelled can do nothing wrong with it", async () => {
  const watch = watchProcess();
  const gate = deferred();
  const ways: readonly AnyHandler[] = [
    async () => {
      await gate.promise;
      return { tag: "late" };
    },
    async () => {
      await gate.promise;
      throw new Error("late");
    },
    async (_request, call) => {
      await gate.promise;
      call.sendHeaders({ a: "b" });
      call.setTrailers({ c: "d" });
      await call.sleep(1);
      return {};
    },
  ];
  const worlds: Simulated[] = [];
  for (const handler of ways) {
    const world = await served(handler);
    worlds.push(world);
    const controller = new AbortController();
    world.client.timers.set(() => controller.abort(), 10);
    const error = await world.run(() => failureOf(world.stub().run({ tag: "a" }, { signal: controller.signal })));
    assert.equal(error.code, "CANCELLED");
    assert.equal(error.execution, "unknown");
  }
  gate.resolve();
  for (const world of worlds) await world.simulation.advance(100);
  assert.deepEqual(
    worlds.map(({ handlerErrors }) => handlerErrors.map(String)),
    [[], ["Error: late"], []],
    "only the real failure is told",
  );
  await watch.check();
});

test("a handler that never settles keeps nothing when its connection goes, but is still counted as running", async () => {
  const world = new Simulated();
  const server = await world.run(() => world.serve(() => new Promise(() => {})));
  const failing = failureOf(world.stub().run({ tag: "a" }));
  await world.simulation.advance(10);
  assert.equal(server.snapshot().openCalls, 1);
  world.simulation.network.resetConnections("client", "server");
  const error = await world.run(() => failing);
  assert.equal(error.code, "UNAVAILABLE");
  assert.equal(error.execution, "unknown");
  await world.simulation.advance(10);
  assert.deepEqual(server.snapshot().connections, []);
  assert.equal(server.snapshot().deadlines, 0);
});

test("a hook that throws hurts nobody", async () => {
  const watch = watchProcess();
  let told = 0;
  const world = await served(
    () => {
      throw new Error("a");
    },
    {
      onHandlerError: () => {
        told++;
        throw new Error("the hook is broken too");
      },
    },
  );
  const stub = world.stub();
  for (let index = 0; index < 3; index++) {
    assert.equal((await world.run(() => failureOf(stub.run({ tag: "a" })))).code, "UNKNOWN");
  }
  assert.equal(told, 3);
  await watch.check();
});

test("callbacks of a client that throw fail their call alone", async () => {
  const watch = watchProcess();
  const world = await served(async ({ tag }, call) => {
    call.sendHeaders({ a: "b" });
    call.setTrailers({ c: "d" });
    await call.sleep(10);
    return { tag };
  });
  const stub = world.stub();
  const broken = (): never => {
    throw new RangeError("the callback is broken");
  };
  const outcomes = await world.run(() =>
    Promise.allSettled([
      stub.run({ tag: "a" }, { onHeaders: broken }),
      stub.run({ tag: "b" }, { onTrailers: broken }),
      stub.run({ tag: "c" }),
    ]),
  );
  assert.deepEqual(
    outcomes.map((outcome) => (outcome.status === "fulfilled" ? outcome.value.tag : String(outcome.reason))),
    ["RangeError: the callback is broken", "RangeError: the callback is broken", "c"],
  );
  assert.equal((await world.run(() => stub.run({ tag: "d" }))).tag, "d");
  await watch.check();
});

test("requests that cannot be encoded fail at the caller with the codec's own error and send nothing", async () => {
  const world = await served(({ tag }) => ({ tag }));
  const channel = world.dial();
  const stub = channel.stub(Probe);
  const wrong = { tag: 5 } as unknown as { tag: string };
  // While no connection is there, and while one is.
  for (let round = 0; round < 2; round++) {
    const [outcome] = await world.run(() => Promise.allSettled([stub.run(wrong)]));
    assert.equal(outcome?.status, "rejected");
    assert.match(String((outcome as PromiseRejectedResult).reason), /MarshalError/);
    assert.equal((await world.run(() => stub.run({ tag: "good" }))).tag, "good");
  }
  assert.equal(world.tally.total, 2);
  assert.equal(channel.snapshot().deadlines, 0);
  assert.equal(channel.snapshot().connections[0]?.openCalls, 0);
});
