// What an interceptor is told of the end of a call, by `onEnd`, and what it sees of the call by then, on both sides; and that
// a call within interceptors lets go of its deadline when it ends, though nobody reads what it answered.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { CallError, type ClientCallContext, dial, type Interceptor, implement, type ServerCall, serve } from "farcall";
import { bytes, message, serverStream, service } from "farcall/idl";
import { Desk, Text } from "../support/otel.ts";
import { until, watchProcess } from "../support/rpc-probe.ts";

const desk = implement(Desk, {
  ask({ text }, call) {
    if (text === "wait") return call.sleep(60_000).then(() => ({ text }));
    if (text === "fail") throw new CallError("ABORTED", "as asked");
    return { text };
  },
  async *watch({ count }, call) {
    for (let n = 0; n < count; n++) yield { count: n };
    await call.sleep(60_000);
  },
  async gather(requests) {
    let count = 0;
    for await (const _ of requests) count++;
    return { count };
  },
  async *chat(requests) {
    yield* requests;
  },
});

function noting<Call extends ClientCallContext | ServerCall>(
  told: string[],
  say: (call: Call) => string,
): Interceptor<Call> {
  return (call, next) => {
    call.onEnd((error) => void told.push(`${error instanceof CallError ? error.code : (error ?? "OK")} ${say(call)}`));
    return next();
  };
}

async function open(context: TestContext) {
  const told = { client: [] as string[], server: [] as string[] };
  const address = `memory:call-end-${context.name.replaceAll(/\W/g, "-")}`;
  const counts = (call: { sentCount: number; receivedCount: number }) => `${call.sentCount}/${call.receivedCount}`;
  const server = await serve(address, [desk], { interceptors: [noting<ServerCall>(told.server, counts)] });
  const say = (call: ClientCallContext) =>
    `${counts(call)} ${call.execution} ${call.attempts} ${call.target === call.peer ? "there" : "elsewhere"}`;
  const channel = dial(address, { interceptors: [noting<ClientCallContext>(told.client, say)], timeoutMs: 30_000 });
  context.after(() => Promise.all([channel.close(), server.close()]));
  return { told, channel, stub: channel.stub(Desk) };
}

test("both sides are told of each call's end once, with its counts, its attempts and its word", async (context) => {
  const { told, stub } = await open(context);
  await stub.ask({ text: "a" });
  await assert.rejects(stub.ask({ text: "fail" }), { code: "ABORTED" });
  await stub.gather([{}, {}]);
  for await (const _ of stub.chat([{}, {}, {}]));
  assert.deepEqual(told.client, [
    "OK 1/1 executed 1 there",
    "ABORTED 1/0 executed 1 there",
    "OK 2/1 executed 1 there",
    "OK 3/3 executed 1 there",
  ]);
  assert.deepEqual(told.server, ["OK 1/1", "ABORTED 0/1", "OK 1/2", "OK 3/3"]);
});

test("a stream that was cancelled before it was read lets go of its deadline at once", async (context) => {
  const { told, channel, stub } = await open(context);
  const feed = stub.watch({ count: 1 });
  await feed.headers;
  assert.ok(channel.snapshot().deadlines > 0);
  feed.cancel();
  assert.equal(channel.snapshot().deadlines, 0);
  assert.match(told.client.join(), /^CANCELLED 1\/\d unknown 1 there$/);
  await until(() => told.server.length === 1, "the server hears of it");
});

test("a stream that ended is over, though nobody has read its messages, which are still there", async (context) => {
  const { told, channel, stub } = await open(context);
  const chat = stub.chat();
  await chat.send({ text: "a" });
  chat.end();
  await until(() => told.client.length === 1, "the call ends");
  assert.equal(channel.snapshot().deadlines, 0);
  const texts: string[] = [];
  for await (const { text } of chat) texts.push(text);
  assert.deepEqual(texts, ["a"]);
  assert.deepEqual(told.client, ["OK 1/1 executed 1 there"]);
});

test("one who asks when the call is over is told at once", async (context) => {
  const { channel, stub } = await open(context);
  const calls: ClientCallContext[] = [];
  const keep: Interceptor<ClientCallContext> = (call, next) => {
    calls.push(call);
    return next();
  };
  const second = dial(channel.snapshot().target, { interceptors: [keep] });
  await second.stub(Desk).ask({});
  await assert.rejects(second.stub(Desk).ask({ text: "fail" }));
  await second.close();
  const told: unknown[] = [];
  for (const call of calls) call.onEnd((error) => told.push(error instanceof CallError ? error.execution : error));
  assert.deepEqual(told, [undefined, "executed"]);
  await stub.ask({});
});

test("trailers of a stream whose reply cannot be read fail as the call does", async (context) => {
  const Bytes = service("told.Desk", { watch: serverStream(Text, message("told.Bytes", { text: bytes(1) })) });
  const notText = implement(Bytes, { watch: () => [{ text: Uint8Array.of(0xff) }] });
  const server = await serve("memory:call-end-misread", [notText]);
  const channel = dial("memory:call-end-misread");
  context.after(() => Promise.all([channel.close(), server.close()]));
  const feed = channel.stub(Desk).watch({});
  await assert.rejects(feed.trailers, { code: "INTERNAL" });
});

const never = new Promise<never>(() => {});

/** An interceptor that stands in the call's way and does not move. */
const stuck: Interceptor<ClientCallContext> = () => never;

async function openWith(context: TestContext, interceptor: Interceptor<ClientCallContext>) {
  const address = `memory:call-end-with-${context.name.replaceAll(/\W/g, "-")}`;
  const server = await serve(address, [desk]);
  const ended: string[] = [];
  const note: Interceptor<ClientCallContext> = (call, next) => {
    call.onEnd((error) => void ended.push(error instanceof CallError ? `${error.code} ${error.execution}` : "OK"));
    return next();
  };
  const channel = dial(address, { interceptors: [note, interceptor] });
  context.after(() => Promise.all([channel.close(), server.close()]));
  return { ended, channel, stub: channel.stub(Desk) };
}

test("whoever sends in a call that an interceptor holds back hears when the call's time is over", async (context) => {
  const { ended, stub } = await openWith(context, stuck);
  const failure = { code: "DEADLINE_EXCEEDED", execution: "not-executed", attempts: 0 };
  for (const call of [stub.chat(undefined, { timeoutMs: 30 }), stub.gather(undefined, { timeoutMs: 30 })]) {
    await assert.rejects(call.send({}), failure);
    await assert.rejects(call.send({}), failure);
  }
  assert.deepEqual(ended, ["DEADLINE_EXCEEDED not-executed", "DEADLINE_EXCEEDED not-executed"]);
});

test("closing a channel ends the calls that interceptors hold, and what they made of streams", async (context) => {
  const { ended, channel, stub } = await openWith(context, (call, next) => {
    if (call.method.callKind !== "serverStream") return never;
    return (async function* () {
      yield* next() as AsyncIterable<unknown>;
    })();
  });
  const failure = { code: "CANCELLED", message: "the channel was closed" };
  const replies = stub.watch({ count: 1 })[Symbol.asyncIterator]();
  await replies.next();
  const open = [stub.ask({}), stub.gather([]), stub.chat([])[Symbol.asyncIterator]().next(), replies.next()];
  const rejected = Promise.all(open.map((call) => assert.rejects(call, failure)));
  void stub.watch({ count: 1 });
  await channel.close();
  await rejected;
  assert.equal(ended.length, 5, "the one that nobody reads too");
});

test("nothing can be sent after end, nor after an interceptor has answered", async (context) => {
  const { stub } = await openWith(context, async () => ({ count: 7 }));
  const ended = stub.gather();
  ended.end();
  await assert.rejects(ended.send({}), { name: "UsageError", message: /no message can follow end/ });
  const answered = stub.gather();
  assert.equal((await answered.reply).count, 7);
  await assert.rejects(answered.send({}), { name: "UsageError", message: /the call has ended/ });
});

test("whoever reads what an interceptor made of a stream waits no longer than the call's time", async (context) => {
  const { ended, stub } = await openWith(context, (_call, next) =>
    (async function* () {
      yield* next() as AsyncIterable<unknown>;
      await never;
    })(),
  );
  const counts: number[] = [];
  const reading = async (): Promise<void> => {
    for await (const { count } of stub.chat([{ count: 1 }, { count: 2 }], { timeoutMs: 100 })) counts.push(count);
  };
  await assert.rejects(reading(), { code: "DEADLINE_EXCEEDED", execution: "executed" });
  assert.deepEqual(counts, [1, 2]);
  assert.deepEqual(ended, ["DEADLINE_EXCEEDED executed"]);
  const chat = stub.chat([{ count: 1 }]);
  const replies = chat[Symbol.asyncIterator]();
  await replies.next();
  const second = replies.next();
  chat.cancel();
  await assert.rejects(second, { code: "CANCELLED" });
  assert.equal((await replies.next()).done, true);
});

test("an answer that is no stream fails the call that expects one, in words", async (context) => {
  const { stub } = await openWith(context, () => 5);
  const replies = stub.chat([])[Symbol.asyncIterator]();
  await assert.rejects(replies.next(), { name: "UsageError", message: /answered 5; return what next\(\) answers/ });
});

test("an attempt of a client stream that lost a race may fail", async (context) => {
  const watch = watchProcess();
  const { ended, stub } = await openWith(context, (_call, next) => Promise.race([next([{}]), next([{}, {}])]));
  await stub.gather([]);
  assert.deepEqual(ended, ["OK"]);
  await watch.check();
});

test("an attempt of a client stream that its interceptor never looks at may fail", async (context) => {
  const watch = watchProcess();
  const { ended, stub } = await openWith(context, (_call, next) => {
    next();
    return never;
  });
  await assert.rejects(stub.gather(undefined, { timeoutMs: 30 }).reply, { code: "DEADLINE_EXCEEDED" });
  assert.deepEqual(ended, ["DEADLINE_EXCEEDED unknown"]);
  await watch.check();
});

test("who is told of the end hears the word of all attempts, not that of the last", async (context) => {
  const { ended, stub } = await openWith(context, async (call, next) => {
    await next();
    call.metadata.set("again", "1");
    return next({ text: "wait" });
  });
  await assert.rejects(stub.ask({ text: "a" }, { timeoutMs: 30 }), {
    code: "DEADLINE_EXCEEDED",
    execution: "executed",
  });
  assert.deepEqual(ended, ["DEADLINE_EXCEEDED executed"]);
});
