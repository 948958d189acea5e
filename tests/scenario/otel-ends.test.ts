// OpenTelemetry: each call's span and metrics end once, with the call, however it ends; what is counted; what the options
// say. Where time matters it is a simulation's.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { credentials, Metadata as GrpcMetadata, makeGenericClientConstructor } from "@grpc/grpc-js";
import { SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { type ClientCallContext, dial, type Interceptor, implement, serve } from "farcall";
import { clientTelemetry, serverTelemetry } from "farcall/otel";
import { Desk, parentOf, Recorder, registerGlobals } from "../support/otel.ts";
import { alive, until } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";
import { createShop } from "../support/shop.ts";

registerGlobals();

const desk = implement(Desk, {
  ask: ({ text }) => ({ text }),
  async *watch({ count }, call) {
    for (let n = 0; n < count; n++) {
      yield { count: n };
      if (n === 2) await call.sleep(60_000);
    }
  },
  async gather(requests) {
    let count = 0;
    for await (const _ of requests) count++;
    return { count };
  },
  async *chat(requests) {
    for await (const request of requests) yield request;
  },
});

/** Serves the desk and dials it, told of to one recorder. */
async function open(context: TestContext, inner: readonly Interceptor<ClientCallContext>[] = []) {
  const recorder = new Recorder();
  const address = `memory:otel-ends-${context.name.replaceAll(/\W/g, "-")}`;
  const server = await serve(address, [desk], { interceptors: [serverTelemetry(recorder.options)] });
  const channel = dial(address, { interceptors: [clientTelemetry(recorder.options), ...inner] });
  const close = () => Promise.all([channel.close(), server.close()]);
  context.after(close);
  return { recorder, stub: channel.stub(Desk), close };
}

/** Code and status of the one span of a kind. */
function endOf(recorder: Recorder, method: string, kind: SpanKind): string {
  const { attributes, status } = recorder.span(`told.Desk/${method}`, kind);
  return `${attributes["rpc.status_code"]}${status.code === SpanStatusCode.ERROR ? " error" : ""}`;
}

const bothEnd = (recorder: Recorder) => until(() => recorder.spans.length === 2, "both spans end");

test("streams of every kind end well", async (context) => {
  const { recorder, stub } = await open(context);
  const seen: unknown[] = [];
  for await (const { count } of stub.watch({ count: 2 })) seen.push(count);
  seen.push((await stub.gather([{}, {}, {}])).count);
  for await (const { text } of stub.chat([{ text: "a" }, { text: "b" }])) seen.push(text);
  assert.deepEqual(seen, [0, 1, 3, "a", "b"]);
  await until(() => recorder.spans.length === 6, "all spans end");
  for (const method of ["Watch", "Gather", "Chat"]) {
    assert.equal(endOf(recorder, method, SpanKind.CLIENT), "OK");
    assert.equal(endOf(recorder, method, SpanKind.SERVER), "OK");
  }
});

test("calls whose messages are pushed end well too, though nobody reads what comes", async (context) => {
  const { recorder, stub } = await open(context);
  const chat = stub.chat();
  await chat.send({ text: "a" });
  chat.end();
  await bothEnd(recorder);
  assert.equal(endOf(recorder, "Chat", SpanKind.CLIENT), "OK");
  assert.equal((await chat[Symbol.asyncIterator]().next()).value?.text, "a");
  const gather = stub.gather();
  await gather.send({});
  gather.end();
  await until(() => recorder.spans.length === 4, "the other two end");
  assert.equal(endOf(recorder, "Gather", SpanKind.CLIENT), "OK");
  assert.equal((await gather.reply).count, 1);
});

test("a stream that its reader leaves is cancelled on both sides", async (context) => {
  const { recorder, stub } = await open(context);
  for await (const _ of stub.watch({ count: 9 })) break;
  await bothEnd(recorder);
  assert.equal(endOf(recorder, "Watch", SpanKind.CLIENT), "CANCELLED error");
  assert.equal(endOf(recorder, "Watch", SpanKind.SERVER), "CANCELLED");
});

test("a stream that is cancelled before anybody reads it ends at once", async (context) => {
  const { recorder, stub } = await open(context);
  const feed = stub.watch({ count: 9 });
  await feed.headers;
  feed.cancel("enough");
  await bothEnd(recorder);
  const span = recorder.span("told.Desk/Watch", SpanKind.CLIENT);
  assert.equal(span.status.message, "enough");
  assert.equal(span.attributes["farcall.execution"], "unknown");
});

test("a stream whose interceptor makes another ends with its reader", async (context) => {
  const shout: Interceptor<ClientCallContext> = (_call, next) =>
    (async function* () {
      for await (const message of next() as AsyncIterable<{ count: number }>) yield { ...message, text: "!" };
    })();
  const { recorder, stub } = await open(context, [shout]);
  for await (const _ of stub.watch({ count: 2 }));
  for await (const _ of stub.watch({ count: 9 })) break;
  await until(() => recorder.spans.length === 4, "all spans end");
  const ends = recorder.spans.filter(({ kind }) => kind === SpanKind.CLIENT);
  assert.deepEqual(
    ends.map(({ attributes }) => attributes["rpc.status_code"]),
    ["OK", "CANCELLED"],
  );
});

test("a deadline ends the spans of both sides in time, and the durations are its own", async () => {
  const world = new Simulated();
  const recorder = new Recorder();
  await world.run(async () => {
    const server = await world.serve((_request, call) => call.sleep(60_000).then(() => ({})), {
      interceptors: [serverTelemetry(recorder.options)],
    });
    const channel = world.dial({ interceptors: [clientTelemetry(recorder.options)] });
    const { Probe } = await import("../support/rpc-probe.ts");
    await assert.rejects(channel.stub(Probe).run({}, { timeoutMs: 250 }), { code: "DEADLINE_EXCEEDED" });
    await channel.close();
    await server.close();
  });
  const client = recorder.span("trials.Probe/Run", SpanKind.CLIENT);
  assert.equal(client.attributes["rpc.status_code"], "DEADLINE_EXCEEDED");
  assert.equal(client.attributes["farcall.phase"], "sent");
  assert.equal(client.attributes["farcall.execution"], "unknown");
  const server = recorder.span("trials.Probe/Run", SpanKind.SERVER);
  assert.match(String(server.attributes["rpc.status_code"]), /^(DEADLINE_EXCEEDED|CANCELLED)$/);
  const [duration] = await recorder.points("rpc.client.call.duration");
  assert.equal(duration?.unit, "s");
  assert.ok(Math.abs((duration?.sum ?? 0) - 0.25) < 1e-9, `${duration?.sum} s`);
});

test("a deadline that passes while another interceptor has the call ends the span", async (context) => {
  const stuck: Interceptor<ClientCallContext> = () => new Promise(() => {});
  const { recorder, stub } = await open(context, [stuck]);
  await assert.rejects(alive(stub.ask({}, { timeoutMs: 20 })), { code: "DEADLINE_EXCEEDED" });
  const { attributes } = recorder.span("told.Desk/Ask", SpanKind.CLIENT);
  assert.equal(attributes["rpc.status_code"], "DEADLINE_EXCEEDED");
  assert.equal(attributes["farcall.execution"], "not-executed");
  assert.equal(attributes["farcall.phase"], "queued");
});

test("metrics count each call once, open ones while they are, and messages of streams", async (context) => {
  const { recorder, stub, close } = await open(context);
  const active = async (side: string) => (await recorder.points(`farcall.${side}.active_calls`))[0];
  const feed = stub.watch({ count: 9 });
  await feed[Symbol.asyncIterator]().next();
  const method = { "rpc.system.name": "grpc", "rpc.method": "told.Desk/Watch" };
  for (const side of ["client", "server"]) {
    const point = await active(side);
    assert.deepEqual([point?.sum, point?.unit, point?.attributes], [1, "{call}", method]);
  }
  feed.cancel();
  await bothEnd(recorder);
  await stub.ask({});
  await stub.ask({});
  for await (const _ of stub.chat([{}, {}, {}]));
  await close();
  for (const side of ["client", "server"]) {
    assert.equal((await active(side))?.sum, 0);
    const durations = await recorder.points(`rpc.${side}.call.duration`);
    const counts = durations.map(({ attributes, count }) => `${attributes["rpc.method"]} ${count}`);
    assert.deepEqual(counts.sort(), ["told.Desk/Ask 2", "told.Desk/Chat 1", "told.Desk/Watch 1"]);
    const ok = durations.find(({ attributes }) => attributes["rpc.method"] === "told.Desk/Ask");
    assert.deepEqual(ok?.attributes, { ...method, "rpc.method": "told.Desk/Ask", "rpc.status_code": "OK" });
    for (const way of ["sent", "received"]) {
      const points = await recorder.points(`farcall.${side}.call.${way}_messages`);
      const chat = points.find(({ attributes }) => attributes["rpc.method"] === "told.Desk/Chat");
      assert.equal(chat?.sum, 3, `${side} ${way}`);
    }
  }
  const [watched] = await recorder.points("farcall.server.call.sent_messages");
  assert.equal(watched?.sum, 3);
});

test("calls that the filter leaves out pass untold, and attributes are the program's to add", async () => {
  const recorder = new Recorder();
  const address = "memory:otel-options";
  const metadata: unknown[] = [];
  const served = implement(
    Desk,
    {
      ask(_request, call) {
        metadata.push(call.metadata.has("traceparent"));
        return {};
      },
    },
    { partial: true },
  );
  const server = await serve(address, [served]);
  const wants = ({ request }: ClientCallContext) => (request as { text?: string }).text !== "health";
  const attributes = ({ request }: ClientCallContext) => ({
    "app.text": (request as { text: string }).text,
    "server.address": "desk",
  });
  const channel = dial(address, {
    interceptors: [clientTelemetry({ ...recorder.options, filter: wants, attributes })],
  });
  const silent = dial(address, { interceptors: [clientTelemetry({ ...recorder.options, propagator: false })] });
  await channel.stub(Desk).ask({ text: "health" });
  await channel.stub(Desk).ask({ text: "work" });
  await silent.stub(Desk).ask({});
  await Promise.all([channel.close(), silent.close(), server.close()]);
  assert.deepEqual(metadata, [false, true, false]);
  assert.deepEqual(
    recorder.spans.map((span) => [span.attributes["app.text"], span.attributes["server.address"]]),
    [
      ["work", "desk"],
      [undefined, address],
    ],
  );
});

test("options that throw, and propagators that write what metadata cannot carry, harm no call", async () => {
  const recorder = new Recorder();
  const fail = () => {
    throw new Error("broken hook");
  };
  const propagator = {
    inject: (
      _context: unknown,
      carrier: unknown,
      setter: { set(carrier: unknown, key: string, value: string): void },
    ) => {
      setter.set(carrier, "bad name", "x");
      setter.set(carrier, "grpc-trace-bin", "x");
      setter.set(carrier, "good", "\n");
    },
    extract: (context: never) => context,
    fields: () => [],
  };
  const address = "memory:otel-broken";
  const options = { ...recorder.options, filter: fail, attributes: fail, propagator };
  const server = await serve(address, [desk], { interceptors: [serverTelemetry(options)] });
  const channel = dial(address, { interceptors: [clientTelemetry(options)] });
  assert.equal((await channel.stub(Desk).ask({ text: "a" })).text, "a");
  await Promise.all([channel.close(), server.close()]);
  assert.equal(recorder.spans.length, 2);
});

test("a propagator that throws harms no call", async () => {
  const fail = () => {
    throw new Error("broken propagator");
  };
  const options = { ...new Recorder().options, propagator: { inject: fail, extract: fail, fields: () => [] } };
  const address = "memory:otel-propagator";
  const server = await serve(address, [desk], { interceptors: [serverTelemetry(options)] });
  const channel = dial(address, { interceptors: [clientTelemetry(options)] });
  assert.equal((await channel.stub(Desk).ask({ text: "a" })).text, "a");
  await Promise.all([channel.close(), server.close()]);
});

test("without an SDK calls pass as they are", async () => {
  const address = "memory:otel-none";
  const server = await serve(address, [desk], { interceptors: [serverTelemetry()] });
  const channel = dial(address, { interceptors: [clientTelemetry()] });
  const stub = channel.stub(Desk);
  assert.equal((await stub.ask({ text: "a" })).text, "a");
  const texts: string[] = [];
  for await (const { text } of stub.chat([{ text: "b" }])) texts.push(text);
  assert.deepEqual(texts, ["b"]);
  await Promise.all([channel.close(), server.close()]);
});

test("a client of grpc-js that sends a traceparent by hand has our server's span in its trace", async (context) => {
  const recorder = new Recorder();
  const server = await serve("tcp://127.0.0.1:0", [createShop()], {
    interceptors: [serverTelemetry(recorder.options)],
  });
  context.after(() => server.close());
  const Client = makeGenericClientConstructor({}, "shop.Shop");
  const client = new Client(new URL(server.addresses[0] as string).host, credentials.createInsecure());
  context.after(() => client.close());
  const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
  const metadata = new GrpcMetadata();
  metadata.set("traceparent", `00-${traceId}-${spanId}-01`);
  metadata.set("tracestate", "vendor=1");
  const bytes = (value: Uint8Array) => Buffer.from(value);
  await new Promise((resolve, reject) => {
    client.makeUnaryRequest("/shop.Shop/Echo", bytes, bytes, Buffer.of(), metadata, (error) =>
      error === null ? resolve(undefined) : reject(error),
    );
  });
  await until(() => recorder.spans.length === 1, "the span ends");
  const span = recorder.span("shop.Shop/Echo", SpanKind.SERVER);
  assert.equal(span.spanContext().traceId, traceId);
  assert.equal(parentOf(span), spanId);
  assert.equal(span.spanContext().traceState?.get("vendor"), "1");
});
