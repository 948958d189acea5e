// What a contract says about its calls (farcall/rpc.proto): the same however it is written, printed, reflected; and the
// deadlines that follow from it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type CallOptions, type ChannelOptions, type Interceptor, implement, type ServerCall } from "farcall";
import {
  bidiStream,
  clientStream,
  linkFiles,
  message,
  printFile,
  type ServiceDescriptor,
  serverStream,
  service,
  string,
  unary,
} from "farcall/idl";
import {
  decodeFileDescriptorSet,
  encodeFileDescriptorSet,
  type Method,
  type Service,
  serviceOf,
} from "farcall/marshal";
import { ReflectionClient, reflection } from "farcall/services";
import { failureOf } from "../support/rpc-probe.ts";
import { Simulated } from "../support/rpc-simulated.ts";

const inTree = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const carried = (path: string) =>
  inTree(path.startsWith("farcall/") ? `proto/${path}` : `third_party/protobuf/${path}`);

/** Links a text as `test.proto`. */
function link(text: string): ServiceDescriptor {
  const { files, errors } = linkFiles(["test.proto"], (path) => (path === "test.proto" ? text : carried(path)));
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  return files[0]?.services[0] ?? assert.fail("there is no service");
}

const Text = message("desk.Text", { text: string(1) });
const Desk = service(
  "desk.Desk",
  {
    ask: unary(Text, Text, { defaultTimeoutMs: 500, idempotency: "no-side-effects" }),
    plain: unary(Text, Text),
    risky: unary(Text, Text, { idempotency: "unknown" }),
    watch: serverStream(Text, Text, { defaultTimeoutMs: 700 }),
    put: clientStream(Text, Text, { defaultTimeoutMs: 800 }),
    chat: bidiStream(Text, Text),
  },
  { defaultTimeoutMs: 2000, idempotency: "idempotent" },
);
const deskProto = `syntax = "proto3";
package desk;
import "farcall/rpc.proto";
message Text { string text = 1; }
service Desk {
  option (farcall.rpc.service) = { default_timeout_ms: 2000, idempotency_level: IDEMPOTENT };
  rpc Ask(Text) returns (Text) {
    option (farcall.rpc.method).default_timeout_ms = 500;
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Plain(Text) returns (Text);
  rpc Risky(Text) returns (Text) { option idempotency_level = IDEMPOTENCY_UNKNOWN; }
  rpc Watch(Text) returns (stream Text) { option (farcall.rpc.method) = { default_timeout_ms: 700 }; }
  rpc Put(stream Text) returns (Text) { option (farcall.rpc.method).default_timeout_ms = 800; }
  rpc Chat(stream Text) returns (stream Text);
}
`;
const expected = {
  ask: [500, "no-side-effects"],
  plain: [2000, "idempotent"],
  risky: [2000, "unknown"],
  watch: [700, "idempotent"],
  put: [800, "idempotent"],
  chat: [2000, "idempotent"],
};

/** What the methods of a service say. */
function saidBy({ methods }: Service): Record<string, readonly unknown[]> {
  const said = Object.entries<Method>(methods).map(([name, method]) => [
    name,
    [method.defaultTimeoutMs, method.idempotency] as const,
  ]);
  return Object.fromEntries(said) as Record<string, readonly unknown[]>;
}

test("TypeScript and .proto say the same: a method's own word, else its service's", () => {
  assert.deepEqual(saidBy(Desk), expected);
  assert.deepEqual(saidBy(serviceOf(link(deskProto))), expected);
  assert.deepEqual(Desk.methods.ask.options, {
    idempotency_level: { identifier: "NO_SIDE_EFFECTS" },
    "(farcall.rpc.method)": { default_timeout_ms: 500 },
  });
  assert.equal(service("desk.Bare", { ask: unary(Text, Text) }).methods.ask.defaultTimeoutMs, undefined);
});

test("a contract without these options stands on no file of them", () => {
  const { descriptor } = service("desk.Bare", { ask: unary(Text, Text, { idempotency: "idempotent" }) });
  assert.deepEqual(descriptor?.file.dependencies, [Text.descriptor.file]);
});

test("they are printed, and what is printed says the same", () => {
  const { file } = Desk.descriptor ?? assert.fail("it has no descriptor");
  const printed = printFile(file);
  assert.match(printed, /^import "farcall\/rpc\.proto";$/m);
  assert.match(
    printed,
    /^ {2}option \(farcall\.rpc\.service\) = \{ default_timeout_ms: 2000, idempotency_level: IDEMPOTENT \};$/m,
  );
  assert.match(printed, /^ {4}option \(farcall\.rpc\.method\) = \{ default_timeout_ms: 500 \};$/m);
  const resolve = (path: string) =>
    ({ "test.proto": printed, "desk/Text.proto": printFile(Text.descriptor.file) })[path] ?? carried(path);
  const { files, errors } = linkFiles(["test.proto"], resolve);
  assert.deepEqual(errors, []);
  assert.deepEqual(saidBy(serviceOf(files[0]?.services[0] as ServiceDescriptor)), expected);
});

test("a descriptor set carries them, and protobuf-es reads the files", () => {
  const file = Desk.descriptor?.file ?? assert.fail("it has no descriptor");
  const bytes = encodeFileDescriptorSet([file]);
  const back = decodeFileDescriptorSet(bytes).find(({ name }) => name === file.name);
  assert.deepEqual(saidBy(serviceOf(back?.services[0] as ServiceDescriptor)), expected);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, bytes));
  assert.equal(registry.getExtension("farcall.rpc.method")?.number, 77272);
  assert.equal(registry.getExtension("farcall.rpc.service")?.number, 77272);
});

test("reflection tells them; of two descriptor.proto the fuller one is sent", async () => {
  // A contract that imports the whole of descriptor.proto, at such a distance that the part of it is found first.
  const texts: Record<string, string> = {
    "root.proto": 'syntax = "proto3"; package root; import "whole.proto"; message Root { whole.File file = 1; }',
    "whole.proto": `syntax = "proto3"; package whole; import "google/protobuf/descriptor.proto";
      message File { google.protobuf.FileDescriptorProto file = 1; }`,
  };
  const whole = linkFiles(["root.proto"], (path) => texts[path] ?? carried(path)).files;
  const world = new Simulated();
  await world.run(() => world.serveThese([implement(Desk, {}, { partial: true }), reflection({ files: whole })]));
  const client = new ReflectionClient(world.dial());
  const [desk, file] = await world.run(() =>
    client.fileContaining("desk.Desk").then(async (one) => [one, await client.fileContaining("whole.File")]),
  );
  assert.deepEqual(saidBy(serviceOf(desk?.services[0] as ServiceDescriptor)), expected);
  assert.equal(file?.messages[0]?.fields[0]?.name, "file");
  client.close();
});

type Timeout = ChannelOptions["timeoutMs"];

/** The deadline that each kind of call gets on a channel with the option `timeoutMs`, as its server and an interceptor see it. */
async function deadlines(timeoutMs: Timeout, callOptions: CallOptions = {}): Promise<Record<string, number>> {
  const world = new Simulated();
  const seen: Record<string, number> = {};
  const note = (name: string, call: ServerCall) => {
    seen[name] = call.timeLeftMs;
    return {};
  };
  const desk = implement(Desk, {
    ask: (_, call) => note("ask", call),
    plain: (_, call) => note("plain", call),
    risky: (_, call) => note("risky", call),
    watch: (_, call) => [note("watch", call)],
    put: async (requests, call) => {
      for await (const _ of requests);
      return note("put", call);
    },
    chat: (_, call) => [note("chat", call)],
  });
  await world.run(() => world.serveThese([desk]));
  const timeouts: number[] = [];
  const interceptor: Interceptor<{ readonly timeoutMs: number }> = (call, next) => {
    timeouts.push(call.timeoutMs);
    return next();
  };
  const channel = world.dial({ ...(timeoutMs !== undefined && { timeoutMs }), interceptors: [interceptor] });
  const stub = channel.stub(Desk);
  await world.run(async () => {
    await stub.ask({}, callOptions);
    await stub.plain({}, callOptions);
    for await (const _ of stub.watch({}, callOptions));
    await stub.put([{}], callOptions);
    for await (const _ of stub.chat([], callOptions));
  });
  const { risky, ...rest } = seen;
  assert.deepEqual(Object.values(rest), timeouts);
  return rest;
}

test("a call's deadline: its own, else the channel's for the method, else the contract's, else the channel's for all", async () => {
  const contract = { ask: 500, plain: 2000, watch: 700, put: 800, chat: 2000 };
  assert.deepEqual(await deadlines(undefined), contract);
  assert.deepEqual(await deadlines(9000), contract);
  assert.deepEqual(await deadlines(Number.POSITIVE_INFINITY), contract);
  assert.deepEqual(await deadlines(9000, { timeoutMs: 30 }), { ask: 30, plain: 30, watch: 30, put: 30, chat: 30 });
  const chosen = await deadlines(({ name, callKind }) =>
    name === "Ask" || callKind === "bidiStream" ? 9000 : undefined,
  );
  assert.deepEqual(chosen, { ...contract, ask: 9000, chat: 9000 });
  const none = await deadlines(() => Number.POSITIVE_INFINITY);
  assert.deepEqual(new Set(Object.values(none)), new Set([Number.POSITIVE_INFINITY]));
});

function noted(seen: number[], call: ServerCall) {
  seen.push(call.timeLeftMs);
  return {};
}

const Bare = service("desk.Bare", { ask: unary(Text, Text), watch: serverStream(Text, Text) });

test("where the contract says nothing, a function that says nothing leaves 10 s to a unary call and none to a stream", async () => {
  for (const timeoutMs of [undefined, () => undefined]) {
    const world = new Simulated();
    const seen: number[] = [];
    const bare = implement(Bare, {
      ask: (_, call) => noted(seen, call),
      watch: (_, call) => [noted(seen, call)],
    });
    await world.run(() => world.serveThese([bare]));
    const stub = world.dial(timeoutMs && { timeoutMs }).stub(Bare);
    await world.run(async () => {
      await stub.ask({});
      for await (const _ of stub.watch({}));
    });
    assert.deepEqual(seen, [10_000, Number.POSITIVE_INFINITY]);
  }
});

test("a parent's time goes before the contract's, and a function that answers nonsense is refused at the stub", async () => {
  const world = new Simulated();
  const seen: number[] = [];
  const relay = implement(Bare, {
    ask: (_, call) => world.dial().stub(Desk).ask({}, { parent: call }),
    watch: () => [],
  });
  const desk = implement(Desk, { ask: (_, call) => noted(seen, call) }, { partial: true });
  await world.run(() => world.serveThese([relay, desk]));
  await world.run(() => world.dial().stub(Bare).ask({}, { timeoutMs: 5000 }));
  await world.run(() => world.dial().stub(Bare).ask({}, { timeoutMs: 300 }));
  assert.equal(seen.length, 2);
  assert.ok((seen[0] as number) > 4000 && (seen[1] as number) <= 300, seen.join());
  const channel = world.dial({ timeoutMs: () => Number.NaN });
  assert.throws(() => channel.stub(Desk), { code: "BAD_OPTION", message: /timeoutMs is NaN/ });
});

test("a contract's deadline ends its calls, streams too", async () => {
  const world = new Simulated();
  const desk = implement(
    Desk,
    {
      ask: (_, call) => call.sleep(60_000).then(() => ({})),
      async *watch(_, call) {
        await call.sleep(60_000);
        yield {};
      },
    },
    { partial: true },
  );
  await world.run(() => world.serveThese([desk]));
  const stub = world.dial().stub(Desk);
  const startedAt = world.nowMs;
  const ask = await world.run(() => failureOf(stub.ask({})));
  assert.deepEqual([ask.code, world.nowMs - startedAt], ["DEADLINE_EXCEEDED", 500]);
  assert.match(ask.message, /the deadline of 500 ms passed/);
  const watching = async () => {
    for await (const _ of stub.watch({}));
  };
  const watch = await world.run(() => failureOf(watching()));
  assert.match(watch.message, /the deadline of 700 ms passed/);
});
