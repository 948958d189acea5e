// `farcall call` as users run it, against our own server.
import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { implement, serve } from "farcall";
import { message, service, string, unary } from "farcall/idl";
import { reflection } from "farcall/services";
import { certs } from "../support/certs/certs.ts";
import { makeFolder, runCli, startCli } from "../support/cli.ts";
import { until } from "../support/rpc-probe.ts";
import { createShop } from "../support/shop.ts";

type ServeOptions = NonNullable<Parameters<typeof serve>[2]>;

async function serveShop(context: TestContext, address = "tcp://127.0.0.1:0", options: ServeOptions = {}) {
  const server = await serve(address, [createShop(), reflection()], options);
  context.after(() => server.close());
  return server.addresses[0] as string;
}

/** What a call prints that went well. */
async function called(context: TestContext, args: readonly string[], input?: string): Promise<string> {
  const { status, out, err } = await runCli(context, ["call", ...args], input);
  assert.deepEqual([status, err], [0, ""]);
  return out;
}

const item = '{"n":-7,"text":"a","body":"AQI=","big":"9007199254740993","colour":"BLUE"}';

test("a unary call takes JSON from the argument, a file or the standard input", async (context) => {
  const address = await serveShop(context);
  const folder = makeFolder(context, { "item.json": item.replaceAll(",", ",\n  ") });
  assert.equal(await called(context, [address, "shop.Shop/Echo", item]), `${item}\n`);
  assert.equal(await called(context, [address, "/shop.Shop/Echo", `@${join(folder, "item.json")}`]), `${item}\n`);
  assert.equal(await called(context, [address, "shop.Shop/Echo", "-"], item), `${item}\n`);
  assert.equal(await called(context, [address, "shop.Shop/Echo"]), "{}\n");
  const withDefaults = await called(context, [address, "shop.Shop/Echo", '{"n": 1}', "--emit-defaults"]);
  assert.deepEqual(JSON.parse(withDefaults), { n: 1, text: "", body: "", big: "0", colour: "RED" });
});

test("a server stream is printed line by line, a client stream is read line by line", async (context) => {
  const address = await serveShop(context);
  const folder = makeFolder(context, { "items.jsonl": '{"n": 1}\n\n{"n": 2}\r\n{"n": 3}' });
  assert.equal(await called(context, [address, "shop.Shop/Count", '{"n": 3}']), '{}\n{"n":1}\n{"n":2}\n');
  assert.equal(await called(context, [address, "shop.Shop/Sum", "-"], '{"n": 4}\n{"n": 5}\n'), '{"n":9}\n');
  assert.equal(await called(context, [address, "shop.Shop/Sum", `@${join(folder, "items.jsonl")}`]), '{"n":6}\n');
  assert.equal(await called(context, [address, "shop.Shop/Sum", '{\n"n": 4\n}']), '{"n":4}\n');
  assert.equal(await called(context, [address, "shop.Shop/Sum", "-"], ""), "{}\n");
});

test("messages both ways go as they come, and the call ends with its server though input goes on", async (context) => {
  const address = await serveShop(context);
  const chat = startCli(context, ["call", address, "shop.Shop/Chat", "-"]);
  for (const text of ["one", "two"]) {
    chat.child.stdin.write(`{"text": "${text}"}\n`);
    assert.equal(await chat.nextLine(), `{"text":"${text}!"}`);
  }
  chat.child.stdin.write('{"text": "bye"}\n');
  const { status, err } = await chat.finished;
  assert.deepEqual([status, err], [0, ""]);
});

test("the questions about the contract are over when the call begins: it may last longer than they may", async (context) => {
  const server = await serve("tcp://127.0.0.1:0", [createShop(), reflection()]);
  context.after(() => server.close());
  const chat = startCli(context, ["call", server.addresses[0] as string, "shop.Shop/Chat", "-"]);
  chat.child.stdin.write('{"text": "one"}\n');
  assert.equal(await chat.nextLine(), '{"text":"one!"}');
  await until(() => server.snapshot().openCalls === 1, "the chat is the only call");
  chat.child.stdin.end();
  assert.equal((await chat.finished).status, 0);
});

test("a failure shows its code, whether it ran, its details and its trailers", async (context) => {
  const address = await serveShop(context);
  const { status, out, err } = await runCli(context, ["call", address, "shop.Shop/Fail"]);
  assert.deepEqual([status, out], [1, ""]);
  assert.equal(
    err,
    [
      "NOT_FOUND: there is no such item",
      "  executed: the handler ran to its end",
      '  detail shop.Reason: {"text":"sold"}',
      "  detail shop.Secret: AQID",
      "  trailer hint: look elsewhere",
      "",
    ].join("\n"),
  );
  const json = await runCli(context, ["call", address, "shop.Shop/Fail", "--json"]);
  assert.deepEqual([json.status, json.out], [1, ""]);
  assert.deepEqual(JSON.parse(json.err), {
    error: {
      code: "NOT_FOUND",
      message: "there is no such item",
      execution: "executed",
      phase: "sent",
      attempts: 1,
      metadata: { hint: ["look elsewhere"] },
      details: [
        { type: "shop.Reason", value: { text: "sold" } },
        { type: "shop.Secret", value: "AQID" },
      ],
    },
  });
});

test("--metadata is sent, and -v shows headers and trailers", async (context) => {
  const address = await serveShop(context);
  const metadata = ["-H", "trace-id:  abc ", "--metadata", "key-bin: AQID"];
  const { out, err } = await runCli(context, ["call", address, "shop.Shop/Echo", "{}", "-v", ...metadata]);
  assert.equal(out, "{}\n");
  assert.equal(err, "header seen-id: abc\ntrailer cost: 3\ntrailer key-bin: AQID\n");
});

test("--timeout ends the call, and what is not known to have run is said so", async (context) => {
  const address = await serveShop(context);
  const { status, err } = await runCli(context, ["call", address, "shop.Shop/Wait", "{}", "--timeout", "1s"]);
  assert.equal(status, 1);
  assert.match(err, /^DEADLINE_EXCEEDED: .*\n {2}unknown whether it was executed\n$/);
  const nobody = await runCli(context, ["call", "unix:/nowhere/at/all", "a.B/C"]);
  assert.equal(nobody.status, 1);
  assert.match(nobody.err, /^UNAVAILABLE: .*\n {2}not executed: the handler did not run, and will not\n$/);
});

const Text = message("plain.Text", { text: string(1) });
const Plain = service("plain.Plain", { shout: unary(Text, Text) });
const plainProto = `syntax = "proto3";
package plain;
import "shared.proto";
message Text { string text = 1; }
message Unused { shared.Nothing nothing = 1; }
service Plain { rpc Shout(Text) returns (Text); }
`;

test("--proto says what a server without reflection serves", async (context) => {
  const plain = implement(Plain, { shout: ({ text }) => ({ text: text.toUpperCase() }) });
  const server = await serve("tcp://127.0.0.1:0", [plain]);
  context.after(() => server.close());
  const address = server.addresses[0] as string;
  const folder = makeFolder(context, {
    "plain.proto": plainProto,
    "shared.proto": 'syntax = "proto3";\npackage shared;\nmessage Nothing {}\n',
    "all.proto": 'syntax = "proto3";\nimport "grpc/health/v1/health.proto";\n',
    "wrong.proto": 'syntax = "proto3";\nmessage A { B b = 1; }\n',
  });
  const proto = ["--proto", join(folder, "plain.proto"), "-I", folder];
  assert.equal(await called(context, [address, "plain.Plain/Shout", '{"text": "a"}', ...proto]), '{"text":"A"}\n');
  const without = await runCli(context, ["call", address, "plain.Plain/Shout"]);
  assert.equal(without.status, 1);
  assert.match(without.err, /has no reflection: say what it serves with --proto FILE/);
  const wrong = await runCli(context, ["call", address, "a.B/C", "--proto", join(folder, "wrong.proto"), "-I", folder]);
  assert.equal(wrong.status, 1);
  assert.match(wrong.err, /wrong\.proto:2:13: error: "B" is not declared/);
  // The contracts of gRPC's own services are at hand.
  const check = ["grpc.health.v1.Health/Check", "--proto", join(folder, "all.proto"), "-I", folder];
  assert.equal(await called(context, [address, ...check]), '{"status":"SERVING"}\n');
});

test("--tls with certificates, and --insecure, as on the address", async (context) => {
  const folder = makeFolder(context, {
    "ca.pem": certs.authority.cert,
    "cert.pem": certs.client.cert,
    "key.pem": certs.client.key,
  });
  const tls = { cert: certs.server.cert, key: certs.server.key, ca: certs.authority.cert, requireClientCert: true };
  const address = await serveShop(context, "tls://127.0.0.1:0", { tls });
  const authority = ["--ca", join(folder, "ca.pem")];
  const own = ["--cert", join(folder, "cert.pem"), "--key", join(folder, "key.pem")];
  const bare = address.replace("tls://", "");
  assert.equal(await called(context, [bare, "shop.Shop/Echo", "{}", "--tls", ...authority, ...own]), "{}\n");
  const untrusted = await runCli(context, ["call", address, "shop.Shop/Echo", "{}", ...own]);
  assert.equal(untrusted.status, 1);
  assert.match(untrusted.err, /^UNAVAILABLE: .*\n {2}not executed/);
  const named = await runCli(context, ["call", address, "a.B/C", ...authority, ...own, "--server-name", "other"]);
  assert.equal(named.status, 1);
  assert.match(named.err, /^UNAVAILABLE: /);
  const lone = await runCli(context, ["call", address, "a.B/C", "--cert", join(folder, "cert.pem")]);
  assert.deepEqual([lone.status, lone.err.includes("--cert and --key belong together")], [2, true]);
});

test("a misuse of call is status 2, a failure is status 1, and both say what to do", async (context) => {
  const address = await serveShop(context);
  const folder = makeFolder(context, { "items.jsonl": '{"n": 1}\n{"n": "many"}\n' });
  const cases: readonly (readonly [args: readonly string[], status: number, says: RegExp])[] = [
    [[], 2, /say whom and what to call/],
    [[address], 2, /say whom and what to call/],
    [[address, "shop.Shop.Echo"], 2, /shop\.Shop\.Echo is not SERVICE\/METHOD/],
    [[address, "shop.Shop/Echo", "{", "}"], 2, /one request at a time: } is too much \(quote the JSON\)/],
    [[address, "shop.Shop/Echo", "--timout", "1s"], 2, /did you mean --timeout\?/],
    [[address, "shop.Shop/Echo", "-H", "key-bin: ?"], 2, /the value of key-bin is not base64/],
    [[address, "shop.Shpo/Echo"], 1, /there is no service shop\.Shpo; did you mean shop\.Shop\?/],
    [[address, "shop.Item/Echo"], 1, /there is no service shop\.Item/],
    [[address, "shop.Shop/Ehco"], 1, /did you mean Echo\?/],
    [[address, "shop.Shop/Echo", "{n: 1}"], 1, /^the request is no shop\.Item: /],
    [[address, "shop.Shop/Echo", '{"m": 1}'], 1, /^the request is no shop\.Item: .*m/],
    [[address, "shop.Shop/Echo", "@nothing.json"], 1, /nothing\.json: there is no such file/],
    [[address, "shop.Shop/Sum", `@${join(folder, "items.jsonl")}`], 1, /items\.jsonl, line 2 is no shop\.Item: /],
  ];
  for (const [args, status, says] of cases) {
    const result = await runCli(context, ["call", ...args]);
    assert.deepEqual([result.status, result.out], [status, ""], `${args.join(" ")}\n${result.err}`);
    assert.match(result.err, says);
    assert.equal(result.err.includes("    at "), false, result.err);
  }
  const json = await runCli(context, ["call", address, "shop.Shop/Echo", "[]", "--json"]);
  assert.match((JSON.parse(json.err) as { error: { message: string } }).error.message, /^the request is no shop\.Item/);
});

test("call --help says how to use it", async (context) => {
  const { status, out } = await runCli(context, ["call", "--help"]);
  assert.equal(status, 0);
  assert.match(out, /usage: farcall call ADDRESS SERVICE\/METHOD/);
});
