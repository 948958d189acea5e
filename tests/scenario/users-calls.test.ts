// Calls, channels and servers in ways that are legal and rare: handlers that call their own server, close it or their
// channel; addresses served twice, dialled early, used again at once; a hundred channels closed together; options that
// nothing can work with.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type DialOptions, dial, implement, type ServeOptions, type ServerCall, serve, UsageError } from "farcall";
import { bidiStream, int32, message, service, unary } from "farcall/idl";
import { alive, endingOf, failureOf, until, watchProcess } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

const Depth = message("nest.Depth", { n: int32(1) });
const Nest = service("nest.Nest", { dive: unary(Depth, Depth), echo: bidiStream(Depth, Depth) });

type Dive = (depth: { readonly n: number }, call: ServerCall) => { n: number } | Promise<{ n: number }>;

async function* echo(depths: AsyncIterable<{ readonly n: number }>) {
  yield* depths;
}

const places = ["memory", "tcp"] as const;
let served = 0;
const placeOf = (kind: (typeof places)[number]): string =>
  kind === "tcp" ? "tcp://127.0.0.1:0" : `memory:users-calls-${served++}`;

async function pair(dive: Dive, where: string, options: ServeOptions = {}, dialOptions: DialOptions = {}) {
  const server = await serve(where, [implement(Nest, { dive, echo })], options);
  const channel = dial(server.addresses, dialOptions);
  return { server, channel, stub: channel.stub(Nest) };
}

for (const kind of places) {
  test(`${kind}: a handler calls its own server over its own channel, 1,000 calls deep`, async () => {
    const nest: Awaited<ReturnType<typeof pair>> = await pair(
      async ({ n }, call) => (n === 0 ? { n } : { n: (await nest.stub.dive({ n: n - 1 }, { parent: call })).n + 1 }),
      placeOf(kind),
      {},
      { maxConnections: 11 },
    );
    assert.deepEqual(await alive(nest.stub.dive({ n: 1000 })), { n: 1000 });
    const { connections } = nest.channel.snapshot();
    assert.equal(connections.length, 11, "a hundred calls each, and the one that began it");
    await nest.channel.close();
    await nest.server.close();
  });

  test(`${kind}: calls nested deeper than there are connections end by their deadline, and leave nothing behind`, async () => {
    const nest: Awaited<ReturnType<typeof pair>> = await pair(
      ({ n }, call) => (n === 0 ? { n } : nest.stub.dive({ n: n - 1 }, { parent: call })),
      placeOf(kind),
      // One that begins as the rest ends finds the channel closed.
      { onHandlerError: () => {} },
      { maxConnections: 1 },
    );
    const failing = failureOf(nest.stub.dive({ n: 150 }, { timeoutMs: 500 }));
    await until(() => nest.channel.snapshot().queuedCalls === 1, "the snapshot shows the one that has no place");
    const error = await alive(failing);
    assert.deepEqual([error.code, error.phase, error.execution], ["DEADLINE_EXCEEDED", "sent", "unknown"]);
    await until(() => nest.server.snapshot().runningCalls === 0, "the handlers have ended");
    assert.deepEqual(await alive(nest.stub.dive({ n: 3 })), { n: 0 });
    await nest.channel.close();
    await nest.server.close();
  });

  test(`${kind}: with one slot a call to itself waits for itself: its deadline ends it, and the slot is free again`, async () => {
    const inner: string[] = [];
    const nest: Awaited<ReturnType<typeof pair>> = await pair(
      async ({ n }, call) => {
        if (n === 0) return { n };
        const calling = nest.stub.dive({ n: 0 }, { parent: call, timeoutMs: 50 });
        inner.push(await endingOf(calling));
        return { n };
      },
      placeOf(kind),
      { maxConcurrentCalls: 1 },
    );
    assert.deepEqual(await alive(nest.stub.dive({ n: 1 }, { timeoutMs: 2000 })), { n: 1 });
    assert.match(inner.join(), /^DEADLINE_EXCEEDED sent (unknown|not-executed) 1$/);
    assert.deepEqual(await alive(nest.stub.dive({ n: 0 })), { n: 0 });
    assert.equal(nest.server.snapshot().queuedCalls, 0);
    await nest.channel.close();
    await nest.server.close();
  });

  test(`${kind}: a handler may close its own server, or drain it, and wait for that`, async () => {
    const watch = watchProcess();
    let isClosed = false;
    const closing: Awaited<ReturnType<typeof pair>> = await pair(async (depth) => {
      await closing.server.close();
      isClosed = true;
      return depth;
    }, placeOf(kind));
    assert.equal(await alive(endingOf(closing.stub.dive({}))), "UNAVAILABLE sent unknown 1");
    await until(() => isClosed, "close does not wait for the handler that waits for it");
    assert.equal(closing.server.snapshot().state, "closed");

    // A drain that the handler waits for cannot end before the handler: only its time ends both.
    const draining: Awaited<ReturnType<typeof pair>> = await pair(async (depth) => {
      await draining.server.drain({ withinMs: 50 });
      return depth;
    }, placeOf(kind));
    assert.equal(await alive(endingOf(draining.stub.dive({}))), "UNAVAILABLE sent unknown 1");

    const leaving: Awaited<ReturnType<typeof pair>> = await pair((depth) => {
      void leaving.server.drain({ withinMs: 2000 });
      return { n: depth.n + 1 };
    }, placeOf(kind));
    assert.deepEqual(await alive(leaving.stub.dive({ n: 1 })), { n: 2 });
    await until(() => leaving.server.snapshot().state === "closed", "a drain ends when its last call has");
    for (const { channel } of [closing, draining, leaving]) await channel.close();
    await watch.check();
  });

  test(`${kind}: a handler may close the channel that called it`, async () => {
    const nest: Awaited<ReturnType<typeof pair>> = await pair(async (depth) => {
      await nest.channel.close();
      return depth;
    }, placeOf(kind));
    assert.equal(await alive(endingOf(nest.stub.dive({}))), "CANCELLED sent unknown 1");
    await nest.server.close();
    assert.equal(nest.server.snapshot().openCalls, 0);
  });

  test(`${kind}: a hundred channels with calls under way, all closed at once, leave nothing at the server`, async () => {
    const { server, channel } = await pair((depth, call) => call.sleep(60_000).then(() => depth), placeOf(kind));
    const channels = Array.from({ length: 100 }, () => dial(server.addresses));
    const endings = channels.flatMap((one) => [0, 1, 2].map(() => endingOf(one.stub(Nest).dive({}))));
    await until(() => server.snapshot().runningCalls === 300, "all calls run", 20_000);
    await Promise.all(channels.map((one) => one.close()));
    assert.deepEqual([...new Set(await Promise.all(endings))], ["CANCELLED sent unknown 1"]);
    await until(() => server.snapshot().runningCalls === 0, "the handlers have ended");
    await until(() => server.snapshot().connections.length === 0, "the connections are closed");
    await channel.close();
    await server.close();
  });

  test(`${kind}: an address is refused while it is served, and free at once when it is not`, async () => {
    const first = await pair(() => ({ n: 1 }), placeOf(kind));
    const place = first.server.addresses[0] as string;
    const inUse = { name: "SocketFault", code: "address-in-use", message: new RegExp(`${place}.* is in use`) };
    const dive: Dive = () => ({ n: 2 });
    const nest = [implement(Nest, { dive, echo })];
    await assert.rejects(serve(place, nest), inUse);
    const beside = `memory:beside-${served++}`;
    await assert.rejects(serve([beside, place], nest), inUse);
    assert.deepEqual(await first.stub.dive({}), { n: 1 }, "the one that serves goes on");
    await (await serve(beside, nest)).close();
    await first.server.close();
    const second = await serve(place, nest);
    assert.deepEqual(await alive(first.stub.dive({})), { n: 2 });
    await first.channel.close();
    await second.close();
  });

  test(`${kind}: a channel follows a server that is started anew for every call, without a pause`, async () => {
    let place = placeOf(kind);
    let answered = 0;
    const first = await serve(place, [implement(Nest, { dive: () => ({ n: 0 }), echo })]);
    place = first.addresses[0] as string;
    await first.close();
    // Pauses that the test would not survive.
    const channel = dial(place, { backoff: { initialMs: 60_000, maxMs: 60_000 } });
    for (let round = 0; round < 20; round++) {
      const server = await serve(place, [implement(Nest, { dive: () => ({ n: round }), echo })]);
      const { n } = await alive(channel.stub(Nest).dive({}));
      if (n === round) answered++;
      await server.close();
    }
    assert.equal(answered, 20);
    await channel.close();
  });

  test(`${kind}: one-byte messages survive compression, which is not made to pay for them`, async () => {
    const { server, channel, stub } = await pair(
      (depth) => depth,
      placeOf(kind),
      { compression: "gzip" },
      { compression: "gzip" },
    );
    assert.deepEqual(await stub.dive({}), { n: 0 });
    assert.deepEqual(await stub.dive({ n: 1 }), { n: 1 });
    let count = 0;
    for await (const { n } of stub.echo(Array.from({ length: 1000 }, (_, n) => ({ n })))) assert.equal(n, count++);
    assert.equal(count, 1000);
    await channel.close();
    await server.close();
  });
}

test("a channel that was dialled before its server was there waits for it, when told to", async () => {
  const place = `memory:early-${served++}`;
  const channel = dial(place, { waitForReady: true });
  const calling = alive(channel.stub(Nest).dive({ n: 3 }));
  await until(() => channel.snapshot().state === "backoff", "nobody is there");
  const server = await serve(place, [implement(Nest, { dive: (depth) => depth, echo })]);
  assert.deepEqual(await calling, { n: 3 });
  await channel.close();
  await server.close();
});

test("Unix-domain paths as long as the system takes are served; longer ones are refused by their length", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "farcall-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const fits = join(folder, "x".repeat(107 - folder.length - 1));
  const { server, channel, stub } = await pair((depth) => depth, `unix:${fits}`);
  assert.deepEqual(await stub.dive({ n: 1 }), { n: 1 });
  await channel.close();
  await server.close();
  for (const longer of [1, 100, 10_000]) {
    const path = `unix:${fits}${"x".repeat(longer)}`;
    const tooLong = { code: "bad-path", message: new RegExp(`the path has ${107 + longer} bytes and may have 107`) };
    await assert.rejects(serve(path, []), tooLong);
    assert.throws(() => dial(path), tooLong);
  }
  await assert.rejects(serve(`unix:${join(folder, "no", "where")}`, []), { code: "not-found" });
  await assert.rejects(serve(`unix:${folder}`, []), { name: "SocketFault" });
});

test("deadlines of any size are kept or refused: none is taken for another", async () => {
  const world = new Simulated();
  const left: number[] = [];
  const dives: Dive = (depth, call) => {
    left.push(call.timeLeftMs);
    return depth;
  };
  await world.run(() => world.serveThese([implement(Nest, { dive: dives, echo })]));
  const { dive } = world.dial().stub(Nest);
  // Eight digits of hours are the most that grpc-timeout can say.
  const mostMs = 99_999_999 * 3_600_000;
  for (const timeoutMs of [1, 2 ** 31, 2 ** 53, 1e18, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
    await world.run(() => dive({}, { timeoutMs }));
    const keptMs = left.pop() as number;
    const expectedMs = timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : Math.min(timeoutMs, mostMs);
    // What is beyond eight digits of a unit goes over in the next larger one.
    assert.ok(
      keptMs === expectedMs || Math.abs(keptMs - expectedMs) < expectedMs / 1e6,
      `${keptMs} of ${timeoutMs} ms`,
    );
  }
  for (const wrong of [Number.NaN, "5", null, 10n]) {
    await assert.rejects(dive({}, { timeoutMs: wrong as number }), { name: "UsageError", code: "BAD_OPTION" });
  }
});

test("metadata of a thousand entries fails its call before it is sent, with what the peer takes; the next call goes on", async () => {
  const { server, channel, stub } = await pair((depth) => depth, `memory:users-calls-${served++}`);
  const metadata = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key-${index}`, "value"]));
  const error = await alive(failureOf(stub.dive({}, { metadata })));
  assert.deepEqual([error.code, error.execution, error.attempts], ["RESOURCE_EXHAUSTED", "not-executed", 0]);
  assert.match(error.message, /the metadata counts \d+ bytes, the peer takes 16384/);
  assert.deepEqual(await stub.dive({ n: 1 }), { n: 1 });
  await channel.close();
  await server.close();
});

const wrongToDial: readonly (readonly [name: string, options: DialOptions])[] = [
  ["maxMessageBytes", { maxMessageBytes: Number.NaN }],
  ["maxMessageBytes", { maxMessageBytes: -1 }],
  ["backoff.initialMs", { backoff: { initialMs: Number.NaN } }],
  ["backoff.initialMs", { backoff: { initialMs: 0 } }],
  ["backoff.maxMs", { backoff: { maxMs: 0 } }],
  ["backoff.multiplier", { backoff: { multiplier: 0.5 } }],
  ["backoff.jitter", { backoff: { jitter: 2 } }],
  ["userAgent", { userAgent: "two\nlines" }],
  ["userAgent", { userAgent: "" }],
  ["authority", { authority: "a b" }],
  ["interceptors", { interceptors: [5 as never] }],
];

for (const [name, options] of wrongToDial) {
  test(`dial refuses ${JSON.stringify(options)} by its name`, () => {
    assert.throws(
      () => dial("memory:nowhere", options),
      (error) => error instanceof UsageError && error.message.startsWith(name),
    );
  });
}

test("serve and drain refuse what they cannot keep", async () => {
  for (const options of [{ maxMessageBytes: Number.NaN }, { interceptors: [5 as never] }]) {
    await assert.rejects(serve(`memory:refused-${served++}`, [], options), { code: "BAD_OPTION" });
  }
  const { server, channel, stub } = await pair((depth) => depth, `memory:users-calls-${served++}`);
  for (const withinMs of [Number.NaN, -1, "5" as unknown as number]) {
    assert.throws(() => server.drain({ withinMs }), { code: "BAD_OPTION", message: /^withinMs is / });
  }
  assert.deepEqual(await stub.dive({ n: 1 }), { n: 1 }, "it serves as before");
  await channel.close();
  await server.drain({ withinMs: 0 });
});
