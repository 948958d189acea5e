// How many handlers a server runs at once (`maxConcurrentCalls`): who waits, in which order, who is turned away, what frees a
// slot, and what the client is told of a call that never had its turn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallError, implement, type ServeOptions, type Server } from "farcall";
import { bidiStream, clientStream, int32, message, serverStream, service, string, unary } from "farcall/idl";
import { data, headers, rstStream } from "../support/http2-frames.ts";
import { connectScripted, grpcMessage, grpcRequest } from "../support/rpc-peer.ts";
import { type Behaviour, type Deferred, deferred, endingOf, failureOf, Probe, Request } from "../support/rpc-probe.ts";
import { address, Simulated } from "../support/rpc-simulated.ts";

/** A server whose handlers wait for the test to let each go, and tell which of them run. */
class Desk {
  readonly world = new Simulated();
  readonly gates = new Map<string, Deferred<void>>();
  readonly order: string[] = [];
  running = 0;
  most = 0;

  readonly behaviour: Behaviour = async ({ tag }) => {
    this.order.push(tag);
    this.most = Math.max(this.most, ++this.running);
    const gate = deferred();
    this.gates.set(tag, gate);
    await gate.promise;
    this.running--;
    return { tag };
  };

  serve(options: ServeOptions): Promise<Server> {
    return this.world.run(() => this.world.serve(this.behaviour, options));
  }

  /** Lets the handler of `tag` end, and what follows happen. */
  async release(tag: string): Promise<void> {
    this.gates.get(tag)?.resolve();
    await this.world.simulation.advance(5);
  }
}

const HealthRequest = message("grpc.health.v1.HealthCheckRequest", { service: string(1) });
/** Status 1 is SERVING, 2 is NOT_SERVING. */
const HealthReply = message("grpc.health.v1.HealthCheckResponse", { status: int32(1) });
const Health = service("grpc.health.v1.Health", {
  check: unary(HealthRequest, HealthReply),
  watch: serverStream(HealthRequest, HealthReply),
});

const fields = (tag: string) => grpcMessage(Request.encode({ tag }));

test("R7: of N = 3 workers at most 3 calls run at once, the 4th waits its turn, and a slow call blocks one slot only", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 3 });
  const stub = desk.world.stub();
  const calls = ["slow", "a", "b", "c", "d", "e"].map((tag) => endingOf(stub.run({ tag })));
  await desk.world.simulation.advance(5);
  assert.deepEqual(desk.order, ["slow", "a", "b"]);
  const { runningCalls, queuedCalls, maxConcurrentCalls } = server.snapshot();
  assert.deepEqual([runningCalls, queuedCalls, maxConcurrentCalls], [3, 3, 3]);
  assert.equal(server.snapshot().connections[0]?.queuedCalls, 3);
  await desk.release("b");
  assert.deepEqual(desk.order, ["slow", "a", "b", "c"], "the 4th had its turn when one of three ended");
  for (const tag of ["c", "d", "e", "a"]) await desk.release(tag);
  assert.deepEqual(desk.order, ["slow", "a", "b", "c", "d", "e"], "the slow one kept nobody");
  assert.deepEqual(await Promise.all(calls.slice(1)), ["OK", "OK", "OK", "OK", "OK"]);
  assert.equal(server.snapshot().runningCalls, 1);
  await desk.release("slow");
  assert.equal(await calls[0], "OK");
  assert.equal(desk.most, 3);
});

test("connections take turns: a busy client does not keep another from the server", async () => {
  const desk = new Desk();
  await desk.serve({ maxConcurrentCalls: 1 });
  const busy = desk.world.stub();
  const modest = desk.world.stub();
  const calls = Array.from({ length: 50 }, (_, index) => endingOf(busy.run({ tag: `busy ${index}` })));
  await desk.world.simulation.advance(5);
  calls.push(endingOf(modest.run({ tag: "modest 0" })), endingOf(modest.run({ tag: "modest 1" })));
  await desk.world.simulation.advance(5);
  for (let served = 0; served < 52; served++) await desk.release(desk.order[served] as string);
  assert.deepEqual(desk.order.slice(0, 5), ["busy 0", "busy 1", "modest 0", "busy 2", "modest 1"]);
  assert.ok((await Promise.all(calls)).every((ending) => ending === "OK"));
});

test("a full queue turns the next call away: RESOURCE_EXHAUSTED, not executed, and the options are named", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 1, maxQueuedCalls: 2 });
  const stub = desk.world.stub();
  const calls = ["a", "b", "c"].map((tag) => endingOf(stub.run({ tag })));
  await desk.world.simulation.advance(5);
  const error = await desk.world.run(() => failureOf(stub.run({ tag: "d" })));
  assert.equal(`${error.code} ${error.execution}`, "RESOURCE_EXHAUSTED not-executed");
  assert.match(error.message, /runs 1 calls \(option maxConcurrentCalls\) and 2 wait \(option maxQueuedCalls\)/);
  const newcomer = desk.world.stub();
  const other = endingOf(newcomer.run({ tag: "other" }));
  await desk.world.simulation.advance(5);
  assert.equal(await calls[2], "RESOURCE_EXHAUSTED sent not-executed 1", "the longest line made room for a newcomer");
  assert.equal(server.snapshot().queuedCalls, 2);
  for (const tag of ["a", "b", "other"]) await desk.release(tag);
  assert.deepEqual([await calls[0], await calls[1], await other], ["OK", "OK", "OK"]);
  assert.deepEqual(desk.order, ["a", "b", "other"]);
});

test("a waiting call whose deadline passes leaves the queue at once, and its trailer says that it did not run", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 1 });
  const client = await desk.world.run(() => connectScripted(desk.world.client, address));
  const ask = (id: number, tag: string, timeout: string) =>
    client.send(
      headers(id, grpcRequest("/trials.Probe/Run", [["grpc-timeout", timeout]])),
      data(id, fields(tag), true),
    );
  ask(1, "first", "10S");
  ask(3, "late", "50m");
  await desk.world.simulation.advance(40);
  assert.equal(server.snapshot().queuedCalls, 1);
  await desk.world.simulation.advance(40);
  assert.deepEqual([server.snapshot().queuedCalls, server.snapshot().openCalls], [0, 1]);
  const answer = new Map(client.all("HEADERS").find(({ id }) => id === 3)?.fields);
  assert.equal(answer.get("grpc-status"), "4");
  assert.equal(answer.get("farcall-execution"), "not-executed");
  await desk.release("first");
  assert.deepEqual(desk.order, ["first"]);
});

test("a waiting call that its client cancels leaves the queue at once, and its handler never starts", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 1, maxQueuedCalls: 1 });
  const stub = desk.world.stub();
  const first = endingOf(stub.run({ tag: "first" }));
  await desk.world.simulation.advance(5);
  for (let round = 0; round < 20; round++) {
    const controller = new AbortController();
    const waiting = endingOf(stub.run({ tag: "given up" }, { signal: controller.signal }));
    await desk.world.simulation.advance(5);
    assert.equal(server.snapshot().queuedCalls, 1);
    controller.abort();
    assert.match(await waiting, /^CANCELLED/);
    await desk.world.simulation.advance(5);
    assert.deepEqual([server.snapshot().queuedCalls, server.snapshot().openCalls], [0, 1]);
  }
  await desk.release("first");
  assert.equal(await first, "OK");
  assert.deepEqual(desk.order, ["first"]);
});

test("what waits on a connection that is lost leaves the queue; what runs keeps its slot until it settles", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 1 });
  const stub = desk.world.stub();
  const lost = ["a", "b", "c"].map((tag) => endingOf(stub.run({ tag }, { timeoutMs: 100 })));
  await desk.world.simulation.advance(5);
  desk.world.simulation.network.resetConnections("client", "server");
  await desk.world.simulation.advance(5);
  assert.deepEqual(server.snapshot().connections.length, 0);
  assert.deepEqual([server.snapshot().runningCalls, server.snapshot().queuedCalls], [1, 0]);
  const next = endingOf(desk.world.stub().run({ tag: "next" }));
  await desk.world.simulation.advance(5);
  assert.deepEqual(desk.order, ["a"]);
  await desk.release("a");
  assert.deepEqual(desk.order, ["a", "next"]);
  await desk.release("next");
  assert.equal(await next, "OK");
  assert.equal(server.snapshot().runningCalls, 0);
  await desk.world.run(() => Promise.all(lost));
});

test("a client that opens and resets streams has no more handlers running than there are slots", async () => {
  const desk = new Desk();
  const options: ServeOptions = { limits: { http2: { faultsBurst: 10_000, resetsBurst: 10_000 } } };
  const server = await desk.serve({ ...options, maxConcurrentCalls: 5, maxQueuedCalls: 50 });
  const flooder = await desk.world.run(() => connectScripted(desk.world.client, address));
  for (let index = 0; index < 500; index++) {
    const id = 2 * index + 1;
    const request = headers(id, grpcRequest("/trials.Probe/Run"));
    flooder.send(request, data(id, fields(`flood ${index}`), true), rstStream(id, "CANCEL"));
  }
  await desk.world.simulation.advance(50);
  assert.equal(desk.order.length, 5);
  assert.deepEqual([server.snapshot().runningCalls, server.snapshot().queuedCalls], [5, 0]);
});

test("interceptors that wait hold a slot too, though their client has given up", async () => {
  const world = new Simulated();
  const gate = deferred();
  let entered = 0;
  const server = await world.run(() =>
    world.serve(undefined, {
      maxConcurrentCalls: 2,
      interceptors: [
        async (_call, next) => {
          entered++;
          await gate.promise;
          return next();
        },
      ],
    }),
  );
  const controller = new AbortController();
  const stub = world.stub();
  const calls = Array.from({ length: 10 }, () => endingOf(stub.run({ tag: "a" }, { signal: controller.signal })));
  await world.simulation.advance(5);
  controller.abort();
  const ended = await Promise.all(calls);
  await world.simulation.advance(5);
  assert.equal(ended.length, 10);
  assert.deepEqual([entered, server.snapshot().runningCalls, server.snapshot().queuedCalls], [2, 2, 0]);
  gate.resolve();
  await world.simulation.advance(5);
  assert.deepEqual([server.snapshot().runningCalls, server.snapshot().openCalls], [0, 0]);
  assert.equal(world.tally.total, 0, "none ran once its call was over");
});

test("an interceptor that answers before its handler has settled frees no slot", async () => {
  const desk = new Desk();
  const server = await desk.serve({
    maxConcurrentCalls: 1,
    interceptors: [(_call, next) => Promise.race([next(), Promise.resolve({ tag: "early" })])],
  });
  const stub = desk.world.stub();
  assert.equal((await desk.world.run(() => stub.run({ tag: "a" }))).tag, "early");
  assert.equal(server.snapshot().runningCalls, 1);
  const second = endingOf(stub.run({ tag: "b" }));
  await desk.world.simulation.advance(5);
  assert.deepEqual(desk.order, ["a"]);
  await desk.release("a");
  assert.equal(await second, "OK");
  await desk.release("b");
  assert.deepEqual([server.snapshot().runningCalls, server.snapshot().openCalls, desk.most], [0, 0, 1]);
});

test("a drain gives waiting calls their turn in its time", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 1 });
  const stub = desk.world.stub();
  const calls = ["a", "b", "c"].map((tag) => endingOf(stub.run({ tag })));
  await desk.world.simulation.advance(5);
  const draining = server.drain({ withinMs: 1000 });
  for (const tag of ["a", "b", "c"]) await desk.release(tag);
  assert.deepEqual(await Promise.all(calls), ["OK", "OK", "OK"]);
  await desk.world.run(() => draining);
});

test("what still waits when a drain is over ends UNAVAILABLE, not executed", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 1 });
  const stub = desk.world.stub();
  const running = failureOf(stub.run({ tag: "a" }));
  const waiting = failureOf(stub.run({ tag: "b" }));
  await desk.world.simulation.advance(5);
  await desk.world.run(() => server.drain({ withinMs: 100 }));
  const [first, second] = await Promise.all([running, waiting]);
  assert.equal(`${first.code} ${first.execution}`, "UNAVAILABLE unknown");
  assert.equal(`${second.code} ${second.execution}`, "UNAVAILABLE not-executed");
  await desk.release("a");
  assert.deepEqual(desk.order, ["a"], "nothing starts on a closed server");
  assert.deepEqual([server.snapshot().runningCalls, server.snapshot().queuedCalls], [0, 0]);
});

test("health is answered by a server whose slots are all taken, and by one that drains", async () => {
  const desk = new Desk();
  const server = await desk.serve({ maxConcurrentCalls: 1, maxQueuedCalls: 0 });
  const channel = desk.world.dial();
  const running = endingOf(channel.stub(Probe).run({ tag: "a" }));
  await desk.world.simulation.advance(5);
  const health = channel.stub(Health);
  const watch = health.watch({ service: "" })[Symbol.asyncIterator]();
  assert.equal((await desk.world.run(() => health.check({ service: "" }))).status, 1);
  assert.equal((await desk.world.run(() => watch.next())).value?.status, 1);
  assert.equal(server.snapshot().runningCalls, 1, "health is not counted");
  const draining = server.drain({ withinMs: 1000 });
  assert.equal((await desk.world.run(() => watch.next())).value?.status, 2);
  await desk.release("a");
  assert.equal(await running, "OK");
  await watch.return?.();
  await desk.world.run(() => draining);
});

const Text = message("slots.Text", { text: string(1) });
const Streams = service("slots.Streams", {
  one: unary(Text, Text),
  watch: serverStream(Text, Text),
  upload: clientStream(Text, Text),
  chat: bidiStream(Text, Text),
});

test("streams of all kinds hold their slot from the start until their handler has settled", async () => {
  const world = new Simulated();
  const started: string[] = [];
  const server = await world.run(() =>
    world.serveThese(
      [
        implement(Streams, {
          one: () => ({}),
          async *watch() {
            started.push("watch");
            yield {};
            yield {};
          },
          async upload(texts) {
            started.push("upload");
            for await (const { text } of texts) if (text === "enough") return { text };
            return {};
          },
          async *chat(texts) {
            started.push("chat");
            for await (const text of texts) yield text;
          },
        }),
      ],
      { maxConcurrentCalls: 1 },
    ),
  );
  const stub = world.dial().stub(Streams);
  const chat = stub.chat();
  await world.run(() => chat.send({ text: "hello" }));
  const replies = chat[Symbol.asyncIterator]();
  assert.equal((await world.run(() => replies.next())).value?.text, "hello");
  async function* texts() {
    yield { text: "one" };
    yield { text: "enough" };
  }
  const uploading = stub.upload(texts());
  const watch = stub.watch({});
  await world.simulation.advance(5);
  assert.deepEqual(
    [started, server.snapshot().queuedCalls],
    [["chat"], 2],
    "what was sent meanwhile waits with its call",
  );
  chat.end();
  assert.equal((await world.run(() => replies.next())).done, true);
  assert.equal((await world.run(() => uploading)).text, "enough");
  let count = 0;
  await world.run(async () => {
    for await (const _ of watch) count++;
  });
  assert.equal(count, 2);
  assert.deepEqual(started, ["chat", "upload", "watch"]);
  assert.deepEqual([server.snapshot().runningCalls, server.snapshot().queuedCalls], [0, 0]);
});

test("a server counts its calls and messages, over all connections and of each", async () => {
  const world = new Simulated();
  const server = await world.run(() =>
    world.serve(({ tag }) => {
      if (tag === "bad") throw new Error("no");
      return { tag };
    }),
  );
  assert.deepEqual(server.snapshot().calls, {
    started: 0,
    succeeded: 0,
    failed: 0,
    messagesSent: 0,
    messagesReceived: 0,
    lastStartedAt: undefined,
  });
  const first = world.dial();
  await world.run(() => first.stub(Probe).run({ tag: "a" }));
  await world.simulation.advance(1000);
  const lastStartedAt = world.server.clock.wallNow();
  await world.run(() => failureOf(first.stub(Probe).run({ tag: "bad" })));
  const expected = { started: 2, succeeded: 1, failed: 1, messagesSent: 1, messagesReceived: 2 };
  const { calls } = server.snapshot();
  assert.deepEqual(calls, { ...expected, lastStartedAt: calls.lastStartedAt });
  assert.ok(Math.abs((calls.lastStartedAt ?? 0) - lastStartedAt) < 20);
  assert.deepEqual(server.snapshot().connections[0]?.calls, calls);
  await world.run(() => first.close());
  await world.simulation.advance(10);
  assert.deepEqual(server.snapshot().connections, []);
  await world.run(() => world.stub().run({ tag: "b" }));
  assert.equal(server.snapshot().calls.started, 3, "a closed connection's calls are not forgotten");
  assert.equal(server.snapshot().connections[0]?.calls.started, 1);
  assert.equal(server.snapshot().maxConcurrentCalls, 100_000);
});

test("numbers that cannot be limits are refused before anything is bound", async () => {
  for (const options of [
    { maxConcurrentCalls: 0 },
    { maxConcurrentCalls: 1.5 },
    { maxConcurrentCalls: Number.NaN },
    { maxQueuedCalls: -1 },
    { maxConcurrentCalls: "3" as unknown as number },
  ]) {
    const [name] = Object.keys(options);
    await assert.rejects(
      new Simulated().serve(undefined, options),
      (error: CallError) => error.message.startsWith(`${name} is a whole number`),
      name,
    );
  }
});
