// Streams that end badly, of all four kinds: handlers that throw in every moment there is, and servers that drain while
// streams are open, whatever the handler or the client does meanwhile.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CallError, type Channel, type Handlers, implement, type Server } from "farcall";
import { bidiStream, clientStream, message, serverStream, service, string, unary } from "farcall/idl";
import { watchProcess } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

const Text = message("endings.Text", { text: string(1) });
const Endings = service("endings.Endings", {
  unary: unary(Text, Text),
  serverStream: serverStream(Text, Text),
  clientStream: clientStream(Text, Text),
  bidiStream: bidiStream(Text, Text),
});

type Kind = keyof typeof Endings.methods;
const kinds: readonly Kind[] = ["unary", "serverStream", "clientStream", "bidiStream"];

/** What a client has of a call: the replies, and how it ended. */
interface Outcome {
  readonly replies: readonly string[];
  readonly ending: string;
}

/** Calls a method of any kind with one message, or with one and then nothing for as long as `isOpen`. */
async function callKind(channel: Channel, kind: Kind, isOpen = false): Promise<Outcome> {
  const stub = channel.stub(Endings);
  const replies: string[] = [];
  const read = async (feed: AsyncIterable<{ readonly text: string }>): Promise<void> => {
    for await (const { text } of feed) replies.push(text);
  };
  const run = async (): Promise<void> => {
    switch (kind) {
      case "unary":
        replies.push((await stub.unary({ text: "a" })).text);
        return;
      case "serverStream":
        return read(stub.serverStream({ text: "a" }));
      case "clientStream": {
        const upload = stub.clientStream();
        void upload.send({ text: "a" }).catch(() => {});
        if (!isOpen) upload.end();
        replies.push((await upload.reply).text);
        return;
      }
      case "bidiStream": {
        const chat = stub.bidiStream();
        void chat.send({ text: "a" }).catch(() => {});
        if (!isOpen) chat.end();
        return read(chat);
      }
    }
  };
  const ending = await run().then(
    () => "OK",
    (error: unknown) => {
      if (!(error instanceof CallError)) throw error;
      return `${error.code} ${error.execution}: ${error.message}`;
    },
  );
  return { replies, ending };
}

type AnyHandlers = Handlers<typeof Endings.methods>;

/** Handlers that fail before they have a promise or an iterable to give. */
function atOnce(fail: () => never): AnyHandlers {
  return { unary: fail, serverStream: fail, clientStream: fail, bidiStream: fail };
}

/** Handlers that fail in a later turn, before the first reply. */
function later(fail: () => never): AnyHandlers {
  return {
    unary: async (_request, call) => call.sleep(5).then(fail),
    async *serverStream(_request, call) {
      await call.sleep(5);
      yield fail();
    },
    clientStream: async (_requests, call) => call.sleep(5).then(fail),
    async *bidiStream(_requests, call) {
      await call.sleep(5);
      yield fail();
    },
  };
}

/** Handlers that fail once something has come or gone; unary ones once the headers have. */
function midway(fail: () => never): AnyHandlers {
  return {
    async unary(_request, call) {
      call.sendHeaders();
      await call.sleep(5);
      return fail();
    },
    async *serverStream({ text }, call) {
      yield { text };
      await call.sleep(5);
      fail();
    },
    async clientStream(requests) {
      for await (const _ of requests) fail();
      return {};
    },
    async *bidiStream(requests) {
      for await (const { text } of requests) {
        yield { text };
        fail();
      }
    },
  };
}

const moments = { "at once": atOnce, later, midway };

for (const [when, handlers] of Object.entries(moments)) {
  for (const kind of kinds) {
    test(`a handler of kind ${kind} that throws ${when} ends its call, tells the hook once, and hurts nobody`, async () => {
      const watch = watchProcess();
      const world = new Simulated();
      const failing = implement(
        Endings,
        handlers(() => {
          throw new Error("password=hunter2");
        }),
      );
      await world.run(() => world.serveThese([failing]));
      const channel = world.dial();
      for (const isOpen of [false, true]) {
        const { replies, ending } = await world.run(() => callKind(channel, kind, isOpen));
        assert.equal(ending, "UNKNOWN executed: the handler failed");
        const repliesOnce = when === "midway" && (kind === "serverStream" || kind === "bidiStream");
        assert.deepEqual(replies, repliesOnce ? ["a"] : [], "what was sent before comes before");
      }
      assert.deepEqual(world.handlerErrors.map(String), ["Error: password=hunter2", "Error: password=hunter2"]);
      assert.equal(channel.snapshot().connections.length, 1, "the connection goes on");
      assert.equal(channel.snapshot().connections[0]?.openCalls, 0);
      await watch.check();
    });

    test(`a CallError that a handler of kind ${kind} throws ${when} is its answer: the hook is told nothing`, async () => {
      const world = new Simulated();
      const refusing = implement(
        Endings,
        handlers(() => {
          throw new CallError("FAILED_PRECONDITION", "not today");
        }),
      );
      await world.run(() => world.serveThese([refusing]));
      const { ending } = await world.run(() => callKind(world.dial(), kind));
      assert.equal(ending, "FAILED_PRECONDITION executed: not today");
      assert.deepEqual(world.handlerErrors, []);
    });
  }
}

const never = new Promise<never>(() => {});

/** Handlers that do what is theirs after a while, and then end. */
const patient: AnyHandlers = {
  unary: (_request, call) => call.sleep(100).then(() => ({ text: "done" })),
  async *serverStream(_request, call) {
    yield { text: "begun" };
    await call.sleep(100);
    yield { text: "done" };
  },
  async clientStream(requests, call) {
    for await (const _ of requests) await call.sleep(100);
    return { text: "done" };
  },
  async *bidiStream(requests, call) {
    yield { text: "begun" };
    for await (const _ of requests) await call.sleep(100);
    yield { text: "done" };
  },
};

/** Handlers that listen to no signal and never end. */
const stubborn: AnyHandlers = {
  unary: () => never,
  async *serverStream() {
    yield { text: "begun" };
    await never;
  },
  async clientStream(requests) {
    for await (const _ of requests) await never;
    return {};
  },
  async *bidiStream(requests) {
    yield { text: "begun" };
    for await (const _ of requests) await never;
  },
};

/** A server with one call of a kind under way. */
async function begin(handlers: AnyHandlers, kind: Kind, isOpen: boolean) {
  const world = new Simulated();
  const server = await world.run(() => world.serveThese([implement(Endings, handlers)]));
  const outcome = callKind(world.dial(), kind, isOpen);
  await world.simulation.advance(10);
  return { world, server, outcome };
}

async function drainTime(world: Simulated, server: Server, withinMs: number): Promise<number> {
  const startedAt = world.nowMs;
  await world.run(() => server.drain({ withinMs }));
  assert.equal(server.snapshot().state, "closed");
  assert.deepEqual(server.snapshot().connections, []);
  assert.equal(server.snapshot().deadlines, 0);
  return world.nowMs - startedAt;
}

for (const kind of kinds) {
  test(`a drain lets a call of kind ${kind} end in its own time, and its replies arrive`, async () => {
    const { world, server, outcome } = await begin(patient, kind, false);
    const tookMs = await drainTime(world, server, 2000);
    assert.ok(tookMs < 200, `it took ${tookMs} ms`);
    const { replies, ending } = await world.run(() => outcome);
    assert.equal(ending, "OK");
    assert.equal(replies.at(-1), "done");
  });

  test(`a drain ends in time with a call of kind ${kind} whose handler never settles`, async () => {
    const { world, server, outcome } = await begin(stubborn, kind, true);
    const tookMs = await drainTime(world, server, 300);
    assert.ok(tookMs >= 300 && tookMs < 900, `it took ${tookMs} ms`);
    assert.match((await world.run(() => outcome)).ending, /^UNAVAILABLE unknown: the server was shut down/);
  });

  test(`a drain ends in time with a call of kind ${kind} whose client is frozen`, async () => {
    const { world, server } = await begin(patient, kind, true);
    world.simulation.network.cut("client", "server");
    const tookMs = await drainTime(world, server, 300);
    assert.ok(tookMs <= 900, `it took ${tookMs} ms`);
    assert.equal(server.snapshot().runningCalls, 0, "handlers were told, and have settled");
  });
}

test("a drain ends in time with a client stream, and a chat, that their client never ends", async () => {
  for (const kind of ["clientStream", "bidiStream"] as const) {
    const { world, server, outcome } = await begin(patient, kind, true);
    const tookMs = await drainTime(world, server, 300);
    assert.ok(tookMs >= 300 && tookMs < 900, `it took ${tookMs} ms`);
    assert.match((await world.run(() => outcome)).ending, /^UNAVAILABLE/);
    await world.simulation.advance(200);
    assert.equal(server.snapshot().runningCalls, 0);
  }
});

test("a stream whose client reads nothing more does not hold a drain up", async () => {
  const world = new Simulated();
  const endless = implement(Endings, {
    ...stubborn,
    *serverStream() {
      for (;;) yield { text: "x".repeat(10_000) };
    },
  });
  const server = await world.run(() => world.serveThese([endless]));
  const feed = world.dial().stub(Endings).serverStream({})[Symbol.asyncIterator]();
  await world.run(() => feed.next());
  await world.simulation.advance(50);
  const tookMs = await drainTime(world, server, 300);
  assert.ok(tookMs < 900, `it took ${tookMs} ms`);
  assert.equal(server.snapshot().runningCalls, 0);
});
