// `farcall list` as users run it, against our reflection and grpc-js's.
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Server as GrpcJsServer, ServerCredentials } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { serve } from "farcall";
import { linkFiles } from "farcall/idl";
import { reflection } from "farcall/services";
import { runCli } from "../support/cli.ts";
import { createShop } from "../support/shop.ts";

async function serveShop(context: TestContext, ...more: Parameters<typeof serve>[1][number][]): Promise<string> {
  const server = await serve("tcp://127.0.0.1:0", [createShop(), ...more]);
  context.after(() => server.close());
  return server.addresses[0] as string;
}

test("list prints the services, one a line; --json as one value", async (context) => {
  const address = await serveShop(context, reflection());
  const names = [
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "shop.Shop",
  ];
  assert.deepEqual(await runCli(context, ["list", address]), { status: 0, out: `${names.join("\n")}\n`, err: "" });
  // The scheme may be left out.
  const json = await runCli(context, ["list", address.replace("tcp://", ""), "--json"]);
  assert.deepEqual(JSON.parse(json.out), names);
});

test("list prints a service, a method with its messages, a message or an enum as a .proto has it", async (context) => {
  const address = await serveShop(context, reflection());
  const listed = async (name: string) => (await runCli(context, ["list", address, name])).out;
  assert.equal(
    await listed("shop.Shop"),
    `package shop;

service Shop {
  rpc Echo(Item) returns (Item) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Fail(Item) returns (Item);
  rpc Explain(Item) returns (Reason);
  rpc Count(Item) returns (stream Item) {
    option (farcall.rpc.method) = { default_timeout_ms: 30000 };
  }
  rpc Sum(stream Item) returns (Item);
  rpc Chat(stream Item) returns (stream Item);
  rpc Wait(Item) returns (Item);
}
`,
  );
  const item = `message Item {
  int32 n = 1;
  string text = 2;
  bytes body = 3;
  int64 big = 4;
  Colour colour = 5;
}
`;
  assert.equal(
    await listed("shop.Shop/Explain"),
    `package shop;

service Shop {
  rpc Explain(Item) returns (Reason);
}

${item}
message Reason {
  string text = 1;
}
`,
  );
  assert.equal(await listed("shop.Item"), `package shop;\n\n${item}`);
  assert.equal(await listed(".shop.Colour"), "package shop;\n\nenum Colour {\n  RED = 0;\n  BLUE = 1;\n}\n");
  // What is printed is a contract again.
  const method = await listed("shop.Shop/Explain");
  const { errors } = linkFiles(["a.proto"], () => `syntax = "proto3";\n${method}\nenum Colour { RED = 0; }`);
  assert.deepEqual(errors, []);
});

test("list --json tells of a service, a message or an enum in full", async (context) => {
  const address = await serveShop(context, reflection());
  const listed = async (name: string) => JSON.parse((await runCli(context, ["list", address, name, "--json"])).out);
  assert.deepEqual(await listed("shop.Shop/Chat"), {
    service: "shop.Shop",
    file: "shop/Shop.proto",
    methods: [{ name: "Chat", input: "shop.Item", output: "shop.Item", clientStreaming: true, serverStreaming: true }],
  });
  const { methods } = (await listed("shop.Shop")) as { methods: { name: string }[] };
  const said = methods
    .map(({ name, ...rest }) => [name, { ...rest }])
    .filter(([name]) => /Echo|Count/.test(String(name)));
  const types = { input: "shop.Item", output: "shop.Item", clientStreaming: false };
  assert.deepEqual(said, [
    ["Echo", { ...types, serverStreaming: false, idempotency: "no-side-effects" }],
    ["Count", { ...types, serverStreaming: true, defaultTimeoutMs: 30_000 }],
  ]);
  const { fields } = (await listed("shop.Item")) as { fields: unknown[] };
  assert.deepEqual(fields[4], {
    name: "colour",
    jsonName: "colour",
    number: 5,
    type: "shop.Colour",
    cardinality: "singular",
  });
  assert.deepEqual(await listed("shop.Colour"), {
    enum: "shop.Colour",
    file: "shop/Colour.proto",
    values: [
      { name: "RED", number: 0 },
      { name: "BLUE", number: 1 },
    ],
  });
});

test("what cannot be listed is said with what there is", async (context) => {
  const address = await serveShop(context, reflection());
  const silent = await serveShop(context);
  const cases: readonly (readonly [args: readonly string[], status: number, says: RegExp])[] = [
    [[], 2, /say which server to ask/],
    [[address, "a", "b"], 2, /one name at a time: b/],
    [["tpc://x:1"], 2, /bad address/],
    [[address, "--timeout", "soon"], 2, /--timeout is a time such as/],
    [[address, "--ca", "x"], 2, /need --tls/],
    [["unix:/tmp/none", "--tls"], 2, /--tls is for tcp:\/\/ addresses/],
    [["tcp://example.com:1"], 2, /would send plain text beyond this machine: use TLS, or --insecure/],
    [[address, "-H", "no colon"], 2, /--metadata is 'name: value'/],
    [[address, "-H", "grpc-timeout: 1S"], 2, /written by the protocol itself/],
    [[address, "shop.Shpo"], 1, /shop\.Shpo is not known to the server; did you mean shop\.Shop\?/],
    [[address, "shop.Shop/Ehco"], 1, /has no method Ehco; did you mean Echo\? \(it has Echo, Fail/],
    [[address, "shop.Nobody/Echo"], 1, /there is no service shop\.Nobody .*there are grpc\.health/],
    [[silent], 1, /has no reflection: its \.proto files are needed, and farcall call takes them by --proto FILE/],
    [["unix:/nowhere/at/all"], 1, /^UNAVAILABLE: .*\n {2}not executed/],
  ];
  for (const [args, status, says] of cases) {
    const result = await runCli(context, ["list", ...args]);
    assert.deepEqual([result.status, result.out], [status, ""], `${args.join(" ")}\n${result.err}`);
    assert.match(result.err, says);
  }
});

test("list --help says how to use it", async (context) => {
  const { status, out } = await runCli(context, ["list", "--help"]);
  assert.equal(status, 0);
  assert.match(out, /usage: farcall list ADDRESS \[NAME\]/);
});

test("the reflection of grpc-js is understood", async (context) => {
  const proto = fileURLToPath(new URL("../../../tests/interop/probe.proto", import.meta.url));
  const definition = loadSync(proto, { keepCase: true });
  const server = new GrpcJsServer();
  new ReflectionService(definition).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  context.after(() => server.forceShutdown());
  const { out } = await runCli(context, ["list", `127.0.0.1:${port}`]);
  assert.match(out, /^interop\.Probe$/m);
  const shown = await runCli(context, ["list", `127.0.0.1:${port}`, "interop.Probe/Echo"]);
  assert.equal(shown.status, 0, shown.err);
  assert.match(shown.out, /^ {2}rpc Echo\(EchoMessage\) returns \(EchoMessage\);$/m);
  assert.match(shown.out, /^ {2}bytes payload = 3;$/m);
});
