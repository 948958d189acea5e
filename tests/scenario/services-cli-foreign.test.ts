// `farcall call` and `farcall list` against a server of grpc-js: its reflection, which leaves imports out, well-known types,
// streams, rich errors, TLS; and what becomes of the command when its reader or its user leaves.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { ServerCredentials } from "@grpc/grpc-js";
import { certs } from "../support/certs/certs.ts";
import { makeFolder, runCli, startCli } from "../support/cli.ts";
import { foreignProtos, serveForeignShop } from "../support/foreign-shop.ts";
import { until } from "../support/rpc-probe.ts";

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

async function startShop(
  context: TestContext,
  options: { reflection?: boolean; credentials?: ServerCredentials } = {},
) {
  const folder = makeFolder(context, foreignProtos);
  const shop = await serveForeignShop({ folder, ...options });
  context.after(() => shop.close());
  return { ...shop, folder, address: `127.0.0.1:${shop.port}` };
}

test("a contract is read of a reflection that leaves its imports out", async (context) => {
  const { address } = await startShop(context);
  assert.deepEqual(await runCli(context, ["list", address]), { status: 0, out: "foreign.Shop\n", err: "" });
  const { out, err } = await runCli(context, ["list", address, "foreign.Shop/Echo"]);
  assert.match(out, /^ {2}google\.protobuf\.Timestamp at = 4;$/m, err);
});

test("well-known types, and what an Any holds, go from JSON to JSON", async (context) => {
  const { address } = await startShop(context);
  const rows = [
    '{"at":"2026-01-02T03:04:05.678Z","wait":"1.500s","mask":"a,b.fooBar"}',
    '{"data":{"x":[1,null,{"y":true}]},"value":null,"list":[1,"a"]}',
    '{"note":"hey","big":"9007199254740993","flag":true,"raw":"AQI=","ratio":"NaN"}',
    '{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"}}',
    '{"any":{"@type":"type.googleapis.com/google.protobuf.Struct","value":{"a":1}}}',
    '{"any":{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"f"}]}}',
    // Imported by nobody: the server is asked for it.
    '{"any":{"@type":"type.googleapis.com/held.Thing","what":"x"}}',
  ];
  for (const row of rows) {
    const result = await runCli(context, ["call", address, "foreign.Shop/Echo", row]);
    assert.deepEqual(result, { status: 0, out: `${row}\n`, err: "" });
  }
});

test("streams of all kinds, and metadata both ways", async (context) => {
  const { address } = await startShop(context);
  const counted = await runCli(context, ["call", address, "foreign.Shop/Count", '{"n": 3}']);
  assert.deepEqual(counted, { status: 0, out: '{}\n{"n":1}\n{"n":2}\n', err: "" });
  const summed = await runCli(context, ["call", address, "foreign.Shop/Sum", "-"], '{"n":1}\n\n{"n":2}');
  assert.deepEqual(summed, { status: 0, out: '{"n":3}\n', err: "" });
  const chat = startCli(context, ["call", address, "foreign.Shop/Chat", "-"]);
  for (const name of ["one", "two"]) {
    chat.child.stdin.write(`{"name": "${name}"}\n`);
    assert.equal(await chat.nextLine(), `{"name":"${name}!"}`);
  }
  chat.child.stdin.end();
  assert.deepEqual(await chat.finished.then(({ status, err }) => [status, err]), [0, ""]);
  const metadata = ["-H", "x-text: a b", "-H", "x-raw-bin: AQI=", "-v"];
  const echoed = await runCli(context, ["call", address, "foreign.Shop/Echo", "{}", ...metadata]);
  for (const line of ["header got-x-text: a b", "header got-x-raw-bin: AQI=", "trailer got-x-text: a b"]) {
    assert.ok(echoed.err.split("\n").includes(line), echoed.err);
  }
});

const failure = [
  "INVALID_ARGUMENT: the name is wrong",
  "  unknown whether it was executed",
  '  detail google.rpc.BadRequest: {"fieldViolations":[{"field":"name","description":"is empty"}]}',
];
const failureEnd = [
  "  detail google.protobuf.StringValue: B",
  "  detail nobody.Knows: AQI=",
  "  detail google.rpc.Help: /w==",
  "",
];

test("an error's details are shown: standard ones, those the server describes, and others as bytes", async (context) => {
  const { address } = await startShop(context);
  const { status, out, err } = await runCli(context, ["call", address, "foreign.Shop/Fail"]);
  assert.deepEqual([status, out], [1, ""]);
  assert.deepEqual(err.split("\n"), [...failure, '  detail held.Thing: {"what":"A"}', ...failureEnd]);
});

test("without reflection, --proto is asked for, and standard details are shown all the same", async (context) => {
  const { address, folder } = await startShop(context, { reflection: false });
  const called = await runCli(context, ["call", address, "foreign.Shop/Fail"]);
  assert.deepEqual(
    [called.status, called.err],
    [1, `tcp://${address} has no reflection: say what it serves with --proto FILE\n`],
  );
  const listed = await runCli(context, ["list", address]);
  assert.match(
    listed.err,
    /has no reflection: its \.proto files are needed, and farcall call takes them by --proto FILE/,
  );
  const proto = ["--proto", join(folder, "foreign.proto")];
  const { err } = await runCli(context, ["call", address, "foreign.Shop/Fail", ...proto]);
  assert.deepEqual(err.split("\n"), [...failure, "  detail held.Thing: CgFB", ...failureEnd]);
});

test("what is near to a wrong name is suggested", async (context) => {
  const { address } = await startShop(context);
  const cases: readonly (readonly [path: string, request: string, status: number, says: RegExp])[] = [
    ["foreign.Shop/Ecko", "{}", 1, /has no method Ecko; did you mean Echo\? \(it has Echo, Count/],
    ["foreign.Shpo/Echo", "{}", 1, /there is no service foreign\.Shpo; did you mean foreign\.Shop\?/],
    ["shop/Echo", "{}", 1, /there is no service shop; did you mean foreign\.Shop\?/],
    ["foreign.Shop.Echo", "{}", 2, /foreign\.Shop\.Echo is not SERVICE\/METHOD; did you mean foreign\.Shop\/Echo\?/],
    ["foreign.Shop/Echo", '{"nam":"a"}', 1, /nam: foreign\.Item has no field of that name; did you mean name\?/],
    ["foreign.Shop/Echo", '{"part":{"color":"a"}}', 1, /part\.color: .*; did you mean colour\?/],
    ["foreign.Shop/Echo", '{"parts":[{},{"color":"a"}]}', 1, /parts\[1\]\.color: .*; did you mean colour\?/],
    ["foreign.Shop/Echo", '{"zzzzzzzz":1}', 1, /has no field of that name$/m],
    [
      "foreign.Shop/Echo",
      '{"any":{"what":1}}',
      1,
      /any\.@type: the type that the Any holds is missing: expected one such/,
    ],
    [
      "foreign.Shop/Echo",
      '{"any":{"@type":"a/no.Thing"}}',
      1,
      /no\.Thing is not among .*\(--proto FILE names the files/,
    ],
  ];
  for (const [path, request, status, says] of cases) {
    const result = await runCli(context, ["call", address, path, request]);
    assert.equal(result.status, status, result.err);
    assert.match(result.err, says);
  }
});

test("a server that hangs up before it speaks: what to try is said", async (context) => {
  const pair = { cert_chain: Buffer.from(certs.server.cert), private_key: Buffer.from(certs.server.key) };
  const credentials = ServerCredentials.createSsl(Buffer.from(certs.authority.cert), [pair], true);
  const { address } = await startShop(context, { credentials });
  const plain = await runCli(context, ["call", address, "foreign.Shop/Echo"]);
  assert.deepEqual([plain.status, plain.err.split("\n")[2]], [1, "  it may want TLS: try --tls"]);
  const files = {
    "ca.pem": certs.authority.cert,
    "cert.pem": certs.client.cert,
    "key.pem": certs.client.key,
    "other.pem": certs.otherIssuer.cert,
  };
  const keys = makeFolder(context, files);
  const tls = ["--tls", "--ca", join(keys, "ca.pem")];
  // An alert may say it, or only the end of the connection does.
  const bare = await runCli(context, ["call", address, "foreign.Shop/Echo", "{}", ...tls]);
  assert.match(
    bare.err,
    /^UNAVAILABLE: .*asks for a client certificate|\n {2}it may want to know who you are: try --cert and --key\n$/,
  );
  const own = ["--cert", join(keys, "cert.pem"), "--key", join(keys, "key.pem")];
  const known = await runCli(context, ["call", address, "foreign.Shop/Echo", "{}", ...tls, ...own]);
  assert.deepEqual(known, { status: 0, out: "{}\n", err: "" });
  const other = await runCli(context, [
    "call",
    address,
    "foreign.Shop/Echo",
    "{}",
    "--tls",
    "--ca",
    join(keys, "other.pem"),
    ...own,
  ]);
  assert.equal(other.status, 1);
  assert.match(other.err, /^UNAVAILABLE: no secure connection .*signed by an authority we do not know/);
});

test("an endless stream ends when nobody reads its output, and its server is told", {
  timeout: 20_000,
}, async (context) => {
  const { address, cancelled } = await startShop(context);
  const child = spawn(process.execPath, [cli, "call", address, "foreign.Shop/Count"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  context.after(() => void child.kill("SIGKILL"));
  let err = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    err += part;
  });
  await once(child.stdout, "data");
  child.stdout.destroy();
  const [status, signal] = await once(child, "close");
  assert.deepEqual([status, signal, err], [0, null, ""]);
  await until(() => cancelled() === 1, "the server hears of it");
});

test("Ctrl-C in a stream ends it as the shell expects, without a word", { timeout: 20_000 }, async (context) => {
  const { address, cancelled } = await startShop(context);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const streaming = startCli(context, ["call", address, "foreign.Shop/Count"]);
    await streaming.nextLine();
    const ended = once(streaming.child, "close");
    streaming.child.kill(signal);
    assert.deepEqual(await ended, [null, signal]);
    assert.equal((await streaming.finished).err, "");
  }
  await until(() => cancelled() === 2, "the server hears of both");
});
