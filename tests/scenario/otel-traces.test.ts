// OpenTelemetry: spans of both sides, by its own SDK: one trace through nested calls and generators, and what a span tells
// of a call that failed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import {
  CallError,
  type ClientCallContext,
  dial,
  type Implementation,
  type Interceptor,
  implement,
  serve,
} from "farcall";
import { clientTelemetry, serverTelemetry } from "farcall/otel";
import { Desk, parentOf, Recorder, registerGlobals } from "../support/otel.ts";
import { alive, deferred, until } from "../support/rpc-probe.ts";

registerGlobals();

const ask = "told.Desk/Ask";

/** A server and a channel to it, both told of to one recorder. */
async function connect(
  name: string,
  served: Implementation,
  { recorder = new Recorder(), inner = [] as readonly Interceptor<ClientCallContext>[] } = {},
) {
  const address = `memory:otel-${name}`;
  const server = await serve(address, [served], { interceptors: [serverTelemetry(recorder.options)] });
  const channel = dial(address, { interceptors: [clientTelemetry(recorder.options), ...inner] });
  const close = () => Promise.all([channel.close(), server.close()]);
  return { recorder, address, stub: channel.stub(Desk), close };
}

const unused = () => {
  throw new CallError("UNIMPLEMENTED", "not in this test");
};
const none = { ask: unused, watch: unused, gather: unused, chat: unused };

test("a nested call makes one trace, each span the child of the one that caused it", async () => {
  const far = await connect("far", implement(Desk, { ...none, ask: ({ text }) => ({ text: `${text}!` }) }));
  const { recorder } = far;
  const near = await connect(
    "near",
    implement(Desk, {
      ...none,
      async ask(request) {
        await Promise.resolve();
        return recorder.tracer.startActiveSpan("work", async (span) => {
          const reply = await far.stub.ask(request);
          span.end();
          return reply;
        });
      },
    }),
    { recorder },
  );
  const reply = await recorder.tracer.startActiveSpan("program", async (span) => {
    const answer = await near.stub.ask({ text: "a" });
    span.end();
    return answer;
  });
  await Promise.all([near.close(), far.close()]);
  assert.equal(reply.text, "a!");
  const { spans } = recorder;
  assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
  // In the order of their ends, the innermost first.
  assert.deepEqual(
    spans.map(({ name, kind }) => [name, kind]),
    [
      [ask, SpanKind.SERVER],
      [ask, SpanKind.CLIENT],
      ["work", SpanKind.INTERNAL],
      [ask, SpanKind.SERVER],
      [ask, SpanKind.CLIENT],
      ["program", SpanKind.INTERNAL],
    ],
  );
  for (const [index, span] of spans.entries()) {
    assert.equal(parentOf(span), spans[index + 1]?.spanContext().spanId, `the parent of span ${index}`);
  }
});

test("spans carry the conventions' attributes, and no status when the call went well", async () => {
  const recorder = new Recorder();
  const interceptors = [serverTelemetry(recorder.options)];
  const served = implement(Desk, { ...none, ask: () => ({}) });
  const server = await serve("tcp://127.0.0.1:0", [served], { interceptors });
  const address = server.addresses[0] as string;
  const channel = dial(address, { interceptors: [clientTelemetry(recorder.options)] });
  await channel.stub(Desk).ask({});
  await Promise.all([channel.close(), server.close()]);
  const port = Number(new URL(address).port);
  const client = recorder.span(ask, SpanKind.CLIENT);
  const common = { "rpc.system.name": "grpc", "rpc.method": ask, "rpc.status_code": "OK" };
  assert.deepEqual(client.attributes, {
    ...common,
    "server.address": "127.0.0.1",
    "server.port": port,
    "network.peer.address": "127.0.0.1",
    "network.peer.port": port,
  });
  const { "network.peer.port": clientPort, ...onServer } = recorder.span(ask, SpanKind.SERVER).attributes;
  assert.deepEqual(onServer, { ...common, "network.peer.address": "127.0.0.1" });
  assert.ok(typeof clientPort === "number" && clientPort !== port);
  for (const span of recorder.spans) assert.deepEqual(span.status, { code: SpanStatusCode.UNSET });
  assert.equal(client.instrumentationScope.name, "farcall");
});

test("a handler's generator runs within the server's span, from its first message to its last", async () => {
  const seen: (string | undefined)[] = [];
  const note = () => seen.push(trace.getActiveSpan()?.spanContext().spanId);
  const { recorder, stub, close } = await connect(
    "generator",
    implement(Desk, {
      ...none,
      async *watch() {
        try {
          note();
          yield {};
          await Promise.resolve();
          note();
          yield {};
        } finally {
          note();
        }
      },
      *chat() {
        note();
        yield {};
      },
    }),
  );
  for await (const _ of stub.watch({})) context.active();
  for await (const _ of stub.chat([])) context.active();
  await close();
  const [watch, chat] = ["told.Desk/Watch", "told.Desk/Chat"].map((name) => recorder.span(name, SpanKind.SERVER));
  const id = watch?.spanContext().spanId;
  assert.deepEqual(seen, [id, id, id, chat?.spanContext().spanId]);
  assert.equal(parentOf(watch as never), recorder.span("told.Desk/Watch", SpanKind.CLIENT).spanContext().spanId);
});

test("a status of the handler is an error of the client's span, and one of the server's where it is its fault", async () => {
  const codes = ["NOT_FOUND", "DATA_LOSS"] as const;
  for (const code of codes) {
    const fail = () => {
      throw new CallError(code, "so it is");
    };
    const { recorder, stub, close } = await connect(code, implement(Desk, { ...none, ask: fail }));
    await assert.rejects(stub.ask({}), { code });
    await close();
    const client = recorder.span(ask, SpanKind.CLIENT);
    assert.deepEqual(client.status, { code: SpanStatusCode.ERROR, message: "so it is" });
    assert.equal(client.attributes["rpc.status_code"], code);
    assert.equal(client.attributes["error.type"], code);
    assert.equal(client.attributes["farcall.execution"], "executed");
    assert.equal(client.attributes["farcall.phase"], "sent");
    assert.equal(client.attributes["farcall.attempts"], 1);
    const server = recorder.span(ask, SpanKind.SERVER);
    assert.equal(server.attributes["rpc.status_code"], code);
    const isOwn = code === "DATA_LOSS";
    assert.equal(server.attributes["error.type"], isOwn ? code : undefined);
    assert.equal(server.status.code, isOwn ? SpanStatusCode.ERROR : SpanStatusCode.UNSET);
  }
});

test("what a handler throws that is no status is told on the server alone", async () => {
  const address = "memory:otel-throws";
  const recorder = new Recorder();
  const fail = () => {
    throw new RangeError("a secret");
  };
  const server = await serve(address, [implement(Desk, { ...none, ask: fail })], {
    interceptors: [serverTelemetry(recorder.options)],
    onHandlerError: () => {},
  });
  const channel = dial(address, { interceptors: [clientTelemetry(recorder.options)] });
  await assert.rejects(channel.stub(Desk).ask({}), { code: "UNKNOWN" });
  await Promise.all([channel.close(), server.close()]);
  const onServer = recorder.span(ask, SpanKind.SERVER);
  assert.deepEqual(onServer.status, { code: SpanStatusCode.ERROR, message: "a secret" });
  assert.equal(onServer.attributes["error.type"], "UNKNOWN");
  assert.equal(onServer.events[0]?.attributes?.["exception.type"], "RangeError");
  const onClient = recorder.span(ask, SpanKind.CLIENT);
  assert.equal(onClient.status.message, "the handler failed");
  assert.deepEqual(onClient.events, []);
});

test("a call that reached no server says so, and a request that is none has no status", async () => {
  const recorder = new Recorder();
  const interceptors = [clientTelemetry(recorder.options)];
  const channel = dial("memory:otel-nobody", { interceptors });
  await assert.rejects(channel.stub(Desk).ask({}), { code: "UNAVAILABLE" });
  await assert.rejects(channel.stub(Desk).ask({ text: 7 as unknown as string }));
  await channel.close();
  const [unreached, wrong] = recorder.spans;
  assert.equal(unreached?.attributes["farcall.execution"], "not-executed");
  assert.equal(unreached?.attributes["farcall.attempts"], 0);
  assert.equal(unreached?.attributes["network.peer.address"], undefined);
  assert.equal(unreached?.attributes["server.address"], "memory:otel-nobody");
  assert.equal(wrong?.attributes["rpc.status_code"], undefined);
  assert.match(String(wrong?.attributes["error.type"]), /Error$/);
  assert.equal(wrong?.status.code, SpanStatusCode.ERROR);
});

const retry: Interceptor<ClientCallContext> = async (_call, next) => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await next();
    } catch (error) {
      if (attempt === 3) throw error;
    }
  }
};

test("around a retry there is one span of all attempts, within it one of each", async () => {
  const fail = () => {
    throw new CallError("ABORTED", "again");
  };
  const outer = await connect("outer", implement(Desk, { ...none, ask: fail }), { inner: [retry] });
  await assert.rejects(outer.stub.ask({}), { code: "ABORTED" });
  const whole = outer.recorder.span(ask, SpanKind.CLIENT);
  assert.equal(whole.attributes["farcall.attempts"], 3);
  const attempts = outer.recorder.spans.filter(({ kind }) => kind === SpanKind.SERVER);
  assert.deepEqual(attempts.map(parentOf), Array(3).fill(whole.spanContext().spanId));

  const each = new Recorder();
  const channel = dial(outer.address, { interceptors: [retry, clientTelemetry(each.options)] });
  await assert.rejects(channel.stub(Desk).ask({}), { code: "ABORTED" });
  await Promise.all([channel.close(), outer.close()]);
  assert.deepEqual(
    each.spans.map(({ attributes }) => attributes["farcall.attempts"]),
    [1, 2, 3],
  );
});

test("a call whose client tells of no trace begins one, though a span is active in the same process", async () => {
  const recorder = new Recorder();
  const address = "memory:otel-root";
  const served = implement(Desk, { ...none, ask: () => ({}) });
  const server = await serve(address, [served], { interceptors: [serverTelemetry(recorder.options)] });
  const channel = dial(address);
  await recorder.tracer.startActiveSpan("program", async (span) => {
    await channel.stub(Desk).ask({});
    span.end();
  });
  await Promise.all([channel.close(), server.close()]);
  assert.equal(parentOf(recorder.span(ask, SpanKind.SERVER)), undefined);
});

test("a server's span ends with its client, though the handler goes on", async () => {
  const gate = deferred();
  const { recorder, stub, close } = await connect(
    "goes-on",
    implement(Desk, {
      ...none,
      async ask() {
        await gate.promise;
        return {};
      },
    }),
  );
  const controller = new AbortController();
  const call = stub.ask({}, { signal: controller.signal });
  setImmediate(() => setImmediate(() => controller.abort()));
  await assert.rejects(alive(call), { code: "CANCELLED" });
  await until(() => recorder.spans.length === 2, "both spans end");
  assert.equal(recorder.span(ask, SpanKind.SERVER).attributes["rpc.status_code"], "CANCELLED");
  assert.equal(recorder.span(ask, SpanKind.CLIENT).attributes["farcall.execution"], "unknown");
  gate.resolve();
  await close();
  assert.equal(recorder.spans.length, 2);
});
