// Our client of reflection with servers whose files leave their imports out, as those of grpc-js do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema } from "@bufbuild/protobuf/wkt";
import type { Implementation } from "farcall";
import { linkFiles } from "farcall/idl";
import { decodeFileHead, encodeFileDescriptor, linkFileDescriptors } from "farcall/marshal";
import { ReflectionClient } from "farcall/services";
import { misbehaving } from "../support/reflection.ts";
import { Simulated } from "../support/rpc-simulated.ts";

function withClient(task: (client: ReflectionClient) => Promise<void>, served: Implementation): Promise<void> {
  const simulated = new Simulated();
  return simulated.run(async () => {
    const server = await simulated.serveThese([served]);
    const channel = simulated.dial();
    const client = new ReflectionClient(channel);
    await task(client);
    client.close();
    await channel.close();
    await server.close();
  });
}

/** Files of one package each, that use each other's types without importing them, as grpc-js's reflection gives them. */
const importless: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  linkFiles(
    ["app.proto", "far.proto"],
    (path) =>
      ({
        "app.proto": `syntax = "proto3"; package app; import "base.proto"; import "near.proto";
        message Order { base.Item item = 1; near.Mark mark = 2; message Line {} Line line = 3; }
        service App { rpc Buy(Order) returns (near.Mark); }`,
        "near.proto": 'syntax = "proto3"; package near; import "base.proto"; message Mark { base.Colour colour = 1; }',
        "base.proto": 'syntax = "proto3"; package base; message Item { Colour colour = 1; } enum Colour { RED = 0; }',
        "far.proto": 'syntax = "proto3"; package far; message Far {}',
      })[path],
  ).allFiles.map((file) => [file.name, encodeFileDescriptor({ ...file, dependencies: [] })]),
);
const holder: Readonly<Record<string, string>> = {
  "app.App": "app.proto",
  "base.Item": "base.proto",
  "base.Colour": "base.proto",
  "near.Mark": "near.proto",
};

/** Answers with the one file that `files` has for a symbol, and counts the questions. */
function serveFiles(files: Readonly<Record<string, string>>, asked: string[]): Implementation {
  return misbehaving((question) => {
    const [, symbol = ""] = /^fileContainingSymbol "(.*)"$/.exec(question) ?? [];
    asked.push(symbol);
    const bytes = importless[files[symbol] ?? ""];
    return bytes === undefined
      ? { messageResponse: { kind: "errorResponse", value: { errorCode: 5, errorMessage: "not here" } } }
      : { messageResponse: { kind: "fileDescriptorResponse", value: { fileDescriptorProto: [bytes] } } };
  });
}

test("our client asks for the types that files use and do not import", async () => {
  const asked: string[] = [];
  await withClient(
    async (client) => {
      const file = await client.fileContaining("app.App");
      assert.deepEqual(file.dependencies.map(({ name }) => name).sort(), ["base.proto", "near.proto"]);
      const [item, mark, line] = file.messages[0]?.fields ?? [];
      assert.equal(item?.type.kind === "message" && item.type.message.fullName, "base.Item");
      assert.equal(mark?.type.kind === "message" && mark.type.message.fullName, "near.Mark");
      assert.equal(line?.type.kind === "message" && line.type.message.fullName, "app.Order.Line");
    },
    serveFiles(holder, asked),
  );
  // base.Colour came with base.Item, and app.Order.Line is the file's own.
  assert.deepEqual(asked, ["app.App", "base.Item", "near.Mark"]);
});

test("a type that the server does not have either is named, and asked for once", async () => {
  const asked: string[] = [];
  await withClient(
    async (client) => {
      for (let round = 0; round < 2; round++) {
        await assert.rejects(client.fileContaining("app.App"), { code: "bad-descriptor", message: /near\.Mark/ });
      }
    },
    serveFiles({ "app.App": "app.proto", "base.Item": "base.proto" }, asked),
  );
  assert.deepEqual(asked, ["app.App", "base.Item", "near.Mark", "app.App"]);
});

test("files without their imports are refused, unless imports are to be added; relative names are looked up outwards", () => {
  const all = Object.values(importless);
  assert.throws(() => linkFileDescriptors(all), { code: "bad-descriptor" });
  const linked = linkFileDescriptors(all, { addImports: true });
  const imports = Object.fromEntries(
    linked.map((file) => [file.name, file.dependencies.map(({ name }) => name).sort()]),
  );
  assert.deepEqual(imports, {
    "app.proto": ["base.proto", "near.proto"],
    "near.proto": ["base.proto"],
    "base.proto": [],
    "far.proto": [],
  });
  // What a file imports as it should stays as it is.
  const whole = linkFiles(["a.proto"], () => 'syntax = "proto3"; package a; message A { A a = 1; }').files;
  assert.deepEqual(
    linkFileDescriptors(whole.map(encodeFileDescriptor), { addImports: true }),
    linkFileDescriptors(whole.map(encodeFileDescriptor)),
  );
  // protobuf.js writes names as they stand in the source.
  const relative = fromBinary(FileDescriptorProtoSchema, importless["app.proto"] as Uint8Array);
  for (const [field, name] of [
    [0, "base.Item"],
    [1, "near.Mark"],
    [2, "Line"],
  ] as const) {
    const proto = relative.messageType[0]?.field[field] ?? assert.fail("there is no such field");
    proto.typeName = name;
  }
  const { uses } = decodeFileHead(toBinary(FileDescriptorProtoSchema, relative));
  assert.deepEqual(uses[2], ["app.Order.Line", "app.Line", "Line"]);
  const [app] = linkFileDescriptors([toBinary(FileDescriptorProtoSchema, relative), ...all], { addImports: true });
  assert.deepEqual(app?.dependencies.map(({ name }) => name).sort(), ["base.proto", "near.proto"]);
});

test("files that use each other's types both ways cannot be linked, and say so", () => {
  const [one, other] = ["one", "other"].map((name) =>
    toBinary(
      FileDescriptorProtoSchema,
      create(FileDescriptorProtoSchema, {
        name: `${name}.proto`,
        package: name,
        syntax: "proto3",
        messageType: [
          {
            name: "A",
            field: [{ name: "a", number: 1, type: 11, label: 1, typeName: name === "one" ? ".other.A" : ".one.A" }],
          },
        ],
      }),
    ),
  );
  assert.throws(() => linkFileDescriptors([one as Uint8Array, other as Uint8Array], { addImports: true }), {
    code: "bad-descriptor",
    message: /imports itself/,
  });
});
