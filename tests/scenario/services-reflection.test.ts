// grpc.reflection as a client sees it, on the simulated machine, and our own client of it. protobuf-es reads the files.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { create, createFileRegistry } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { type CallError, type Channel, type Implementation, implement, type Server } from "farcall";
import type { Writer } from "farcall/bytes";
import { linkFiles, type MessageDescriptor, message, service, string, unary } from "farcall/idl";
import { messageType, methodType, serviceType } from "farcall/marshal";
import { health, ReflectionClient, ReflectionError, reflection } from "farcall/services";
import { askReflection, filesOf, misbehaving, type Question } from "../support/reflection.ts";
import { Simulated } from "../support/rpc-simulated.ts";

const protos: Readonly<Record<string, string>> = {
  "shop/base.proto": `syntax = "proto3"; package shop;
    message Item { string name = 1; }
    enum Colour { RED = 0; }`,
  "shop/orders.proto": `syntax = "proto3"; package shop; import "shop/base.proto";
    message Order { Colour colour = 1; oneof how { string post = 2; bool shop = 3; } message Line { int32 n = 1; } }
    service Shop { rpc Buy(Order) returns (Item); }`,
  "shop/extra.proto": `syntax = "proto3"; package shop; import "google/protobuf/descriptor.proto";
    extend google.protobuf.MessageOptions { int32 weight = 50120; repeated string tags = 50101; }`,
};
const standard = (path: string) =>
  readFileSync(new URL(`../../../third_party/protobuf/${path}`, import.meta.url), "utf8");
const { files, errors } = linkFiles(Object.keys(protos), (path) => protos[path] ?? standard(path));
assert.deepEqual(errors, []);
const fileOf = (path: string) => files.find(({ name }) => name === path) ?? assert.fail(`${path} was not linked`);
const extra = fileOf("shop/extra.proto");
const shop = fileOf("shop/orders.proto").services[0] ?? assert.fail("there is no service");
const buying = shop.methods[0] ?? assert.fail("there is no method");

/** The shop, with codecs that write nothing: reflection looks at descriptors only. */
function implementShop(): Implementation {
  const fields = { write: (_into: Writer, at: number) => at, read: () => {}, empty: () => ({}), create: () => ({}) };
  const typeOf = (one: MessageDescriptor) => messageType<object>(one.fullName, fields, () => one);
  const buy = methodType({
    callKind: "unary",
    name: "Buy",
    serviceName: shop.fullName,
    input: typeOf(buying.input),
    output: typeOf(buying.output),
    idempotency: "unknown",
    options: {},
    describe: () => buying,
  });
  return implement(
    serviceType(shop.fullName, { buy }, () => shop),
    { buy: () => ({}) },
  );
}

function withServer(
  task: (parts: { channel: Channel; simulated: Simulated; server: Server }) => Promise<void>,
  served: readonly (Implementation | readonly Implementation[])[] = [implementShop(), reflection({ files: [extra] })],
): Promise<void> {
  const simulated = new Simulated();
  return simulated.run(async () => {
    const server = await simulated.serveThese(served);
    const channel = simulated.dial();
    await task({ channel, simulated, server });
    await channel.close();
    await server.close();
    assert.deepEqual(simulated.handlerErrors, []);
  });
}

for (const version of ["v1", "v1alpha"] as const) {
  test(`${version} lists every service of the server, itself among them`, () =>
    withServer(async ({ channel }) => {
      const asked = askReflection(channel, version);
      const answer = await asked.ask({ kind: "listServices", value: "" });
      assert.equal(answer?.kind, "listServicesResponse");
      assert.deepEqual(answer?.kind === "listServicesResponse" && answer.value.service.map(({ name }) => name), [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "shop.Shop",
      ]);
      await asked.end();
    }));

  test(`${version} repeats the question and the host in its answer`, () =>
    withServer(async ({ channel }) => {
      const { stream, replies } = askReflection(channel, version);
      const messageRequest = { kind: "fileByFilename", value: "none" } as const;
      await stream.send({ host: "elsewhere", messageRequest });
      const { value } = await replies.next();
      assert.equal(value?.validHost, "elsewhere");
      assert.deepEqual(value?.originalRequest, { host: "elsewhere", messageRequest });
      stream.end();
    }));
}

const options = "google.protobuf.MessageOptions";

const findable: readonly (readonly [what: string, question: Question, first: string])[] = [
  ["a service", { kind: "fileContainingSymbol", value: "shop.Shop" }, "shop/orders.proto"],
  ["a method", { kind: "fileContainingSymbol", value: "shop.Shop.Buy" }, "shop/orders.proto"],
  ["a message", { kind: "fileContainingSymbol", value: "shop.Item" }, "shop/base.proto"],
  ["a nested message", { kind: "fileContainingSymbol", value: "shop.Order.Line" }, "shop/orders.proto"],
  ["a field", { kind: "fileContainingSymbol", value: "shop.Order.Line.n" }, "shop/orders.proto"],
  ["a oneof", { kind: "fileContainingSymbol", value: "shop.Order.how" }, "shop/orders.proto"],
  ["an enum", { kind: "fileContainingSymbol", value: "shop.Colour" }, "shop/base.proto"],
  ["an enum's value", { kind: "fileContainingSymbol", value: "shop.RED" }, "shop/base.proto"],
  ["an extension", { kind: "fileContainingSymbol", value: "shop.weight" }, "shop/extra.proto"],
  ["a file", { kind: "fileByFilename", value: "shop/base.proto" }, "shop/base.proto"],
  [
    "an extension by its number",
    { kind: "fileContainingExtension", value: { containingType: options, extensionNumber: 50101 } },
    "shop/extra.proto",
  ],
  [
    "its own contract",
    { kind: "fileContainingSymbol", value: "grpc.reflection.v1.ServerReflection" },
    "grpc/reflection/v1/reflection.proto",
  ],
  ["health", { kind: "fileContainingSymbol", value: "grpc.health.v1.Health" }, "grpc/health/v1/health.proto"],
];

for (const [what, question, first] of findable) {
  test(`the file of ${what} is found and comes with all that it imports`, () =>
    withServer(async ({ channel }) => {
      const asked = askReflection(channel);
      const found = filesOf(await asked.ask(question));
      assert.equal(found[0]?.name, first);
      // It throws when an import is missing.
      createFileRegistry(create(FileDescriptorSetSchema, { file: found.toReversed() }));
      await asked.end();
    }));
}

const notFound: readonly (readonly [question: Question, says: string])[] = [
  [{ kind: "fileContainingSymbol", value: "shop.Nothing" }, "the name shop.Nothing is not known here"],
  [{ kind: "fileContainingSymbol", value: "" }, "the name  is not known here"],
  [{ kind: "fileByFilename", value: "../secret" }, "the file ../secret is not known here"],
  [
    { kind: "fileContainingExtension", value: { containingType: options, extensionNumber: 102 } },
    "an extension 102 of google.protobuf.MessageOptions is not known here",
  ],
  [{ kind: "allExtensionNumbersOfType", value: "shop.Colour" }, "the message shop.Colour is not known here"],
];

test("what is not there is NOT_FOUND in the answer, and the conversation goes on", () =>
  withServer(async ({ channel }) => {
    const asked = askReflection(channel);
    for (const [question, errorMessage] of notFound) {
      assert.deepEqual(await asked.ask(question), { kind: "errorResponse", value: { errorCode: 5, errorMessage } });
    }
    await asked.stream.send({});
    const { value } = await asked.replies.next();
    const errorMessage = "the request asks for nothing that is known here";
    assert.deepEqual(value?.messageResponse, { kind: "errorResponse", value: { errorCode: 3, errorMessage } });
    await asked.end();
  }));

test("the numbers of a message's extensions are told, and none where there are none", () =>
  withServer(async ({ channel }) => {
    const asked = askReflection(channel);
    const numbersOf = (value: string) => asked.ask({ kind: "allExtensionNumbersOfType", value });
    const told = (baseTypeName: string, extensionNumber: number[]) => ({
      kind: "allExtensionNumbersResponse" as const,
      value: { baseTypeName, extensionNumber },
    });
    assert.deepEqual(await numbersOf(options), told(options, [50101, 50120]));
    assert.deepEqual(await numbersOf("shop.Order"), told("shop.Order", []));
    await asked.end();
  }));

test("a file is sent once a conversation as an import, and again when it is asked for", () =>
  withServer(async ({ channel }) => {
    const asked = askReflection(channel);
    const namesOf = async (question: Question) => filesOf(await asked.ask(question)).map(({ name }) => name);
    assert.deepEqual(await namesOf({ kind: "fileContainingSymbol", value: "shop.Shop" }), [
      "shop/orders.proto",
      "shop/base.proto",
    ]);
    assert.deepEqual(await namesOf({ kind: "fileContainingSymbol", value: "shop.weight" }), [
      "shop/extra.proto",
      "google/protobuf/descriptor.proto",
    ]);
    assert.deepEqual(await namesOf({ kind: "fileByFilename", value: "shop/base.proto" }), ["shop/base.proto"]);
    await asked.end();
  }));

test("a conversation left open does not hold a drain back", () =>
  withServer(async ({ channel, server, simulated }) => {
    const asked = askReflection(channel);
    await asked.ask({ kind: "listServices", value: "" });
    const startedAt = simulated.nowMs;
    await server.drain({ withinMs: 60_000 });
    assert.equal((await asked.replies.next()).done, true);
    assert.ok(simulated.nowMs - startedAt < 1_000);
  }));

test("one reflection serves two servers and tells of each its own", async () => {
  const shared = reflection();
  for (const own of [[implementShop()], []]) {
    await withServer(
      async ({ channel }) => {
        const client = new ReflectionClient(channel);
        assert.equal((await client.listServices()).includes("shop.Shop"), own.length > 0);
        client.close();
      },
      [...own, shared, health()],
    );
  }
});

test("our client gives linked descriptors of what it asks for", () =>
  withServer(async ({ channel }) => {
    const client = new ReflectionClient(channel);
    assert.deepEqual((await client.listServices()).at(-1), "shop.Shop");
    const file = await client.fileContaining("shop.Shop");
    assert.equal(file.services[0]?.methods[0]?.input.fullName, "shop.Order");
    assert.deepEqual(
      file.dependencies.map(({ name }) => name),
      ["shop/base.proto"],
    );
    assert.equal((await client.fileContaining("shop.Item")).name, "shop/base.proto");
    await assert.rejects(client.fileContaining("shop.Nothing"), (error: ReflectionError) => {
      assert.ok(error instanceof ReflectionError);
      assert.equal(error.code, "NOT_FOUND");
      return true;
    });
    client.close();
  }));

const Nothing = message("demo.Nothing", { text: string(1) });
const Plain = service("demo.Plain", { ask: unary(Nothing, Nothing) });

test("our client falls back to v1alpha, and says UNIMPLEMENTED where there is neither", async () => {
  const alphaOnly = reflection().slice(1);
  await withServer(
    async ({ channel }) => {
      const client = new ReflectionClient(channel);
      assert.deepEqual(await client.listServices(), [
        "demo.Plain",
        "grpc.health.v1.Health",
        "grpc.reflection.v1alpha.ServerReflection",
      ]);
      assert.equal((await client.fileContaining("demo.Plain")).services[0]?.name, "Plain");
      client.close();
    },
    [implement(Plain, { ask: () => ({}) }), alphaOnly],
  );
  await withServer(
    async ({ channel }) => {
      const client = new ReflectionClient(channel);
      await assert.rejects(client.listServices(), (error: CallError) => error.code === "UNIMPLEMENTED");
    },
    [health()],
  );
});

test("our client trusts nothing that a server sends", async () => {
  const wrong: readonly (readonly [answer: object, says: RegExp])[] = [
    [{}, /empty answer/],
    [{ messageResponse: { kind: "listServicesResponse", value: {} } }, /answered with listServicesResponse/],
    [{ messageResponse: { kind: "fileDescriptorResponse", value: {} } }, /sent no file/],
    [
      { messageResponse: { kind: "fileDescriptorResponse", value: { fileDescriptorProto: [Uint8Array.of(1, 2)] } } },
      /./,
    ],
    [{ messageResponse: { kind: "errorResponse", value: { errorCode: 16, errorMessage: "who are you?" } } }, /who are/],
  ];
  for (const [answer, says] of wrong) {
    await withServer(
      async ({ channel }) => {
        const client = new ReflectionClient(channel);
        await assert.rejects(client.fileContaining("a.B"), says);
        client.close();
      },
      [misbehaving(() => answer)],
    );
  }
});

test("a server that names ever more imports is stopped", () => {
  let count = 0;
  // FileDescriptorProto: name = 1, dependency = 3.
  const fileProto = () => {
    const text = (number: number, value: string) => [(number << 3) | 2, value.length, ...Buffer.from(value)];
    return Uint8Array.from([...text(1, `${count}.proto`), ...text(3, `${++count}.proto`)]);
  };
  return withServer(
    async ({ channel }) => {
      const client = new ReflectionClient(channel, { maxFiles: 50 });
      await assert.rejects(client.fileContaining("a.B"), /more than 50 files/);
      client.close();
    },
    [
      misbehaving(() => ({
        messageResponse: { kind: "fileDescriptorResponse", value: { fileDescriptorProto: [fileProto()] } },
      })),
    ],
  );
});
