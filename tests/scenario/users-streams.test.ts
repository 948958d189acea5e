// Streams as programs misuse them, or use them in ways that are legal and rare: sources that are none or that throw as they
// are let go, readers that share or leave, messages behind the end, handlers that do not let go. The same rules hold
// whether interceptors are between or not.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CallError,
  type Channel,
  type ClientCallContext,
  dial,
  type Handlers,
  type Interceptor,
  implement,
  type Server,
  type Stub,
  serve,
  UsageError,
} from "farcall";
import { bidiStream, clientStream, int32, message, serverStream, service, unary } from "farcall/idl";
import { alive, failureOf, turns, until, watchProcess } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

const Item = message("odd.Item", { n: int32(1) });
const Odd = service("odd.Odd", {
  one: unary(Item, Item),
  count: serverStream(Item, Item),
  sum: clientStream(Item, Item),
  echo: bidiStream(Item, Item),
});

type AnyHandlers = Handlers<typeof Odd.methods>;

const usual: AnyHandlers = {
  one: (item) => item,
  async *count({ n }) {
    for (let at = 0; at < n; at++) yield { n: at };
  },
  async sum(items) {
    let n = 0;
    for await (const item of items) n += item.n;
    return { n };
  },
  async *echo(items) {
    yield* items;
  },
};

const pass: Interceptor<unknown> = (_call, next) => next();
const ways: readonly (readonly [way: string, interceptors: readonly Interceptor<unknown>[]])[] = [
  ["without interceptors", []],
  ["within an interceptor", [pass]],
];

interface World {
  readonly server: Server;
  readonly channel: Channel;
  readonly stub: Stub<typeof Odd.methods>;
}

let worlds = 0;

/** Runs `task` against handlers; afterwards no call is open and nothing was left to the process to die of. */
async function withWorld(
  interceptors: readonly Interceptor<unknown>[],
  handlers: Partial<AnyHandlers>,
  task: (world: World) => Promise<void>,
): Promise<void> {
  const watch = watchProcess();
  const server = await serve(`memory:odd-${worlds++}`, [implement(Odd, { ...usual, ...handlers })], {
    interceptors,
    onHandlerError: () => {},
  });
  const channel = dial(server.addresses, { interceptors });
  await alive(task({ server, channel, stub: channel.stub(Odd) }));
  await until(() => server.snapshot().openCalls === 0, "no call stays open");
  assert.deepEqual(await channel.stub(Odd).one({ n: 1 }), { n: 1 }, "the connection is well");
  await channel.close();
  await server.close();
  await watch.check();
}

async function readAll(feed: AsyncIterable<{ readonly n: number }>): Promise<number[]> {
  const list: number[] = [];
  for await (const { n } of feed) list.push(n);
  return list;
}

/** An endless source with a `return` of the test's own. */
function endless(kind: "plain" | "async", leave: () => unknown): AsyncIterable<{ n: number }> {
  const step = { value: { n: 1 }, done: false };
  const iterator = { next: () => (kind === "plain" ? step : Promise.resolve(step)), return: leave };
  const name = kind === "plain" ? Symbol.iterator : Symbol.asyncIterator;
  return { [name]: () => iterator } as unknown as AsyncIterable<{ n: number }>;
}

for (const [way, interceptors] of ways) {
  for (const kind of ["plain", "async"] as const) {
    test(`${way}, a ${kind} source that throws, rejects or hangs when it is let go harms nobody`, () => {
      let left = 0;
      const leaves = [
        () => {
          throw new Error("thrown in return()");
        },
        () => Promise.reject(new Error("rejected in return()")),
        () => new Promise(() => {}),
        () => undefined,
      ];
      const early: Partial<AnyHandlers> = {
        sum: () => ({ n: 7 }),
        async *echo() {
          yield { n: 1 };
        },
      };
      return withWorld(interceptors, early, async ({ stub }) => {
        for (const leave of leaves) {
          const source = endless(kind, () => {
            left++;
            return leave();
          });
          assert.deepEqual(await stub.sum(source), { n: 7 });
          assert.deepEqual(await readAll(stub.echo(source)), [1]);
        }
        await until(() => left === 8, "each source is let go, once");
      });
    });
  }

  test(`${way}, a source that was read to its end is not told to leave`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      let left = 0;
      const source = {
        [Symbol.iterator]: () => {
          let n = 0;
          return {
            next: () => ({ value: { n: 1 }, done: n++ === 3 }),
            return: () => {
              left++;
              return { value: undefined, done: true as const };
            },
          };
        },
      };
      assert.deepEqual(await stub.sum(source), { n: 3 });
      await turns(5);
      assert.equal(left, 0);
    }));

  test(`${way}, what is no iterable is refused at once, by what it is`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      for (const [given, words] of [
        [null, /are null;/],
        [5, /are 5;/],
        ["text", /are text;/],
        [{}, /an object without an iterator/],
        [{ [Symbol.iterator]: 5 }, /an object without an iterator/],
      ] as const) {
        const wrong = given as unknown as Iterable<{ n: number }>;
        const isRefused = (error: unknown): boolean => error instanceof UsageError && words.test(error.message);
        assert.throws(() => stub.echo(wrong), isRefused);
        assert.throws(() => stub.sum(wrong), isRefused);
      }
    }));

  test(`${way}, a source that fails as it is opened or read ends its call with its own error`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      const failure = new Error("no such file");
      const fail = (): never => {
        throw failure;
      };
      const sources = [{ [Symbol.asyncIterator]: fail }, { [Symbol.asyncIterator]: () => ({ next: fail }) }];
      for (const source of sources) {
        await assert.rejects(stub.sum(source), (error) => error === failure);
        await assert.rejects(readAll(stub.echo(source)), (error) => error === failure);
      }
    }));

  test(`${way}, a message behind end() is refused and never lost in silence`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      const tooLate = { code: "BAD_OPTION", message: /no message can follow end\(\)/ };
      const chat = stub.echo();
      await chat.send({ n: 1 });
      chat.end();
      chat.end();
      await assert.rejects(chat.send({ n: 2 }), tooLate);
      assert.deepEqual(await readAll(chat), [1]);
      await assert.rejects(chat.send({ n: 3 }), tooLate);

      const sum = stub.sum();
      await sum.send({ n: 1 });
      sum.end();
      await assert.rejects(sum.send({ n: 2 }), tooLate);
      assert.deepEqual(await sum.reply, { n: 1 });
    }));

  test(`${way}, a message to a server that has answered is refused`, () =>
    withWorld(interceptors, { sum: () => ({ n: 7 }) }, async ({ stub }) => {
      const sum = stub.sum();
      assert.deepEqual(await sum.reply, { n: 7 });
      await assert.rejects(sum.send({ n: 1 }), { code: "BAD_OPTION", message: /the server has answered/ });
    }));

  test(`${way}, a message on a call that failed is refused with the call's failure`, () =>
    withWorld(interceptors, { sum: (_items, call) => call.sleep(60_000).then(() => ({})) }, async ({ stub }) => {
      const sum = stub.sum();
      await sum.send({ n: 1 });
      sum.cancel("no longer wanted");
      for (let time = 0; time < 2; time++) {
        await assert.rejects(sum.send({ n: 2 }), { code: "CANCELLED", message: /no longer wanted/ });
        await assert.rejects(sum.reply, { code: "CANCELLED", message: /no longer wanted/ });
      }
    }));

  test(`${way}, the reply may be asked for many times`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      const sum = stub.sum();
      const early = sum.reply;
      await sum.send({ n: 4 });
      sum.end();
      assert.deepEqual(await Promise.all([early, sum.reply, sum.reply]), [{ n: 4 }, { n: 4 }, { n: 4 }]);
      assert.deepEqual(await sum.reply, { n: 4 });
    }));

  test(`${way}, two readers of one stream share its messages: each comes once`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      const feed = stub.count({ n: 100 });
      const [one, other] = await Promise.all([readAll(feed), readAll(feed)]);
      assert.deepEqual(
        [...one, ...other].sort((left, right) => left - right),
        [...Array(100).keys()],
      );
      assert.deepEqual(await readAll(feed), [], "it has ended for whoever comes later");
    }));

  test(`${way}, a reader may leave before it has begun, and while it waits`, () =>
    withWorld(interceptors, {}, async ({ stub, server }) => {
      const unread = stub.count({ n: 1_000_000 });
      assert.deepEqual(await unread[Symbol.asyncIterator]().return?.(), { value: undefined, done: true });
      assert.deepEqual(await readAll(unread), []);

      const chat = stub.echo();
      const replies = chat[Symbol.asyncIterator]();
      const waiting = replies.next();
      await until(() => server.snapshot().openCalls > 0, "the call is open");
      assert.equal((await replies.return?.())?.done, true);
      assert.equal((await waiting).done, true);
      await assert.rejects(chat.send({ n: 1 }), { code: "CANCELLED" });
    }));

  test(`${way}, a cancelled stream tells its reader once, then has ended`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      const feed = stub.count({ n: 1_000_000 });
      feed.cancel("enough");
      feed.cancel("really");
      await assert.rejects(readAll(feed), { code: "CANCELLED", message: "enough" });
      assert.deepEqual(await readAll(feed), []);
      await assert.rejects(feed.headers, { code: "CANCELLED" });
      await assert.rejects(feed.trailers, { code: "CANCELLED" });
    }));

  test(`${way}, streams outlive their channel as errors, not as hangs`, async () => {
    const watch = watchProcess();
    const server = await serve(`memory:odd-${worlds++}`, [implement(Odd, usual)]);
    const channel = dial(server.addresses, { interceptors });
    const { count, echo } = channel.stub(Odd);
    const chat = echo();
    await chat.send({ n: 1 });
    const replies = chat[Symbol.asyncIterator]();
    await replies.next();
    const waiting = replies.next();
    waiting.catch(() => {});
    await channel.close();
    await assert.rejects(waiting, { code: "CANCELLED", execution: "unknown", message: "the channel was closed" });
    await assert.rejects(chat.send({ n: 2 }), { code: "CANCELLED" });
    chat.end();
    chat.cancel();
    assert.throws(() => count({ n: 1 }), { code: "CHANNEL_CLOSED" });
    assert.throws(() => echo(), { code: "CHANNEL_CLOSED" });
    await server.close();
    await watch.check();
  });

  test(`${way}, streams are sources of streams`, () =>
    withWorld(interceptors, {}, async ({ stub }) => {
      assert.deepEqual(await stub.sum(stub.echo(stub.echo(stub.count({ n: 100 })))), { n: 4950 });
      const calling = (async function* () {
        for (const n of [1, 2, 3]) yield await stub.one({ n });
      })();
      assert.deepEqual(await stub.sum(calling), { n: 6 });
    }));

  test(`${way}, a handler that goes on after its client has left is held back, and its slot is free when it ends`, () => {
    let made = 0;
    const stubborn: Partial<AnyHandlers> = {
      async *count() {
        try {
          for (;;) yield { n: made++ };
        } finally {
          // A `yield` in `finally` keeps the generator from being left.
          for (let more = 0; more < 1000; more++) yield { n: made++ };
        }
      },
    };
    return withWorld(interceptors, stubborn, async ({ stub, server }) => {
      for await (const { n } of stub.count({})) if (n === 3) break;
      await until(() => server.snapshot().runningCalls === 0, "its slot is free");
      assert.ok(made < 100_000, `${made} messages were made`);
    });
  });
}

test("an abort from onHeaders or onTrailers ends the call; behind good trailers it is known to be executed", () =>
  withWorld([], { one: (item, call) => call.sleep(5).then(() => item) }, async ({ stub }) => {
    for (const [hook, execution] of [
      ["onHeaders", "unknown"],
      ["onTrailers", "executed"],
    ] as const) {
      const controller = new AbortController();
      const abort = (): void => controller.abort(new Error(hook));
      const options = { signal: controller.signal, [hook]: abort };
      const isCancelled = (error: unknown): boolean => {
        assert.ok(error instanceof CallError);
        assert.deepEqual([error.code, String(error.cause)], ["CANCELLED", `Error: ${hook}`]);
        if (hook === "onTrailers") assert.equal(error.execution, execution);
        return true;
      };
      await assert.rejects(stub.one({ n: 1 }, options), isCancelled);
    }
  }));

test("with interceptors, metadata of a stream that failed rejects for whoever asks, and kills nobody", () =>
  withWorld([pass], {}, async ({ stub }) => {
    const never = stub.echo(undefined, { timeoutMs: 5 });
    await assert.rejects(never.trailers, { code: "DEADLINE_EXCEEDED" });
    await assert.rejects(readAll(never), { code: "DEADLINE_EXCEEDED" });
  }));

test("an interceptor whose iterable never yields keeps no reader beyond the deadline", () => {
  const stuck: Interceptor<unknown> = async function* (_call, next) {
    for await (const _ of next() as AsyncIterable<unknown>) await new Promise(() => {});
  };
  return withWorld([], {}, async ({ server }) => {
    const channel = dial(server.addresses, { interceptors: [stuck] });
    await assert.rejects(readAll(channel.stub(Odd).count({ n: 3 }, { timeoutMs: 30 })), { code: "DEADLINE_EXCEEDED" });
    await channel.close();
  });
});

test("an interceptor that forgets to return is told so, by its method", () => {
  const forgetful: Interceptor<unknown> = async (_call, next) => {
    await next();
  };
  return withWorld([], {}, async ({ server }) => {
    const channel = dial(server.addresses, { interceptors: [forgetful] });
    const { one, count, sum } = channel.stub(Odd);
    const told = {
      code: "BAD_OPTION",
      message: /an interceptor of \/odd\.Odd\/\w+ answered undefined; return what next/,
    };
    await assert.rejects(one({ n: 1 }), told);
    await assert.rejects(readAll(count({ n: 1 })), told);
    await assert.rejects(sum([{ n: 1 }]), told);
    await channel.close();
  });
});

test("a pushed stream whose interceptor never asks for it holds its sender no longer than the call", () => {
  const waiting: Interceptor<unknown> = () => new Promise(() => {});
  return withWorld([], {}, async ({ server }) => {
    const channel = dial(server.addresses, { interceptors: [waiting] });
    const sum = channel.stub(Odd).sum(undefined, { timeoutMs: 30 });
    await assert.rejects(sum.send({ n: 1 }), { code: "DEADLINE_EXCEEDED", execution: "not-executed" });
    await assert.rejects(sum.reply, { code: "DEADLINE_EXCEEDED" });
    await channel.close();
  });
});

test("whoever is told of a call's end hears the word of all its attempts", async () => {
  const words: unknown[] = [];
  const retrying: Interceptor<ClientCallContext> = async (call, next) => {
    call.onEnd((error) => words.push((error as CallError).execution));
    // The first attempt may have run; the second is never sent.
    await Promise.resolve(next()).catch(() => {});
    return next();
  };
  const lazy: Partial<AnyHandlers> = { one: (_item, call) => call.sleep(60_000).then(() => ({})) };
  const world = new Simulated();
  const served = await world.run(() => world.serveThese([implement(Odd, { ...usual, ...lazy })]));
  const channel = world.dial({ interceptors: [retrying], backoff: { initialMs: 5000, jitter: 0 } });
  const calling = channel.stub(Odd).one({ n: 1 }, { timeoutMs: 1000 });
  calling.catch(() => {});
  await world.simulation.advance(100);
  await world.run(() => served.close());
  const error = await world.run(() => failureOf(calling));
  assert.deepEqual([error.code, error.phase, error.execution], ["DEADLINE_EXCEEDED", "backoff", "unknown"]);
  assert.deepEqual(words, ["unknown"]);
});
