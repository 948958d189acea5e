// gRPC's own services, ours with foreign clients and our command with foreign servers: grpcio's health, reflection and
// channelz, and grpcurl. What is missing is skipped by name; with FARCALL_REQUIRE_PEERS=1 it fails.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import { dial, serve } from "farcall";
import { channelz, reflection } from "farcall/services";
import { runCli } from "../support/cli.ts";
import { commandOf, findPeer, needsPeer, runClientCases, startServer } from "../support/peer-programs.ts";
import { createShop, Shop } from "../support/shop.ts";

const run = promisify(execFile);
const grpcio = findPeer("python");
const grpcurl = findPeer("grpcurl");

/** Serves the shop with reflection and channelz until the test ends. */
async function serveShop(context: TestContext): Promise<number> {
  const server = await serve("tcp://127.0.0.1:0", [createShop(), reflection(), channelz()]);
  context.after(() => server.close());
  return Number(new URL(server.addresses[0] as string).port);
}

test("grpcio's clients understand our health, our reflection and our channelz", async (t) => {
  if (!needsPeer(grpcio, t)) return;
  const port = await serveShop(t);
  // What channelz is to tell of: a channel of this process.
  const channel = dial(`tcp://127.0.0.1:${port}`);
  t.after(() => channel.close());
  await channel.stub(Shop).echo({});
  const results = await runClientCases(commandOf(grpcio, "services"), port);
  for (const name of ["check", "watch", "list-health", "list-services", "find-service", "channelz"]) {
    await t.test(name, () => {
      const result = results.find((one) => one.case === name);
      assert.ok(result !== undefined, "the client did not report this case");
      assert.ok(result.ok, result.detail);
    });
  }
});

test("farcall list and call work with a server of grpcio", async (t) => {
  if (!needsPeer(grpcio, t)) return;
  const server = await startServer(commandOf(grpcio, "services"));
  try {
    const address = `127.0.0.1:${server.port}`;
    const listed = await runCli(t, ["list", address]);
    assert.deepEqual(listed, {
      status: 0,
      out: "grpc.health.v1.Health\ngrpc.reflection.v1alpha.ServerReflection\ninterop.Probe\n",
      err: "",
    });
    const shown = await runCli(t, ["list", address, "interop.SleepState"]);
    assert.match(shown.out, /^enum SleepState \{\n {2}UNSEEN = 0;$/m);
    const called = await runCli(t, ["call", address, "interop.Probe/Echo", '{"message": "a", "payload": "AQI="}']);
    assert.deepEqual(called, { status: 0, out: '{"message":"a","payload":"AQI="}\n', err: "" });
    const failed = await runCli(t, ["call", address, "interop.Probe/Fail", '{"code": 9, "message": "not now"}']);
    assert.equal(failed.status, 1);
    assert.match(failed.err, /^FAILED_PRECONDITION: not now\n {2}unknown whether it was executed$/m);
  } finally {
    await server.stop();
  }
});

test("grpcurl lists, describes, calls and checks our server", async (t) => {
  if (!needsPeer(grpcurl, t)) return;
  const address = `127.0.0.1:${await serveShop(t)}`;
  const [command, ...words] = commandOf(grpcurl, "grpcurl");
  const ask = async (...args: string[]) => (await run(command, [...words, "-plaintext", ...args])).stdout;
  assert.deepEqual((await ask(address, "list")).trim().split("\n"), [
    "grpc.channelz.v1.Channelz",
    "grpc.health.v1.Health",
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
    "shop.Shop",
  ]);
  assert.match(await ask(address, "describe", "shop.Shop"), /rpc Chat \( stream \.shop\.Item \) returns \( stream/);
  assert.match(await ask(address, "describe", "shop.Item"), /\.shop\.Colour colour = 5;/);
  const item = { n: 7, text: "a", body: "AQI=", big: "9007199254740993", colour: "BLUE" };
  assert.deepEqual(JSON.parse(await ask("-d", JSON.stringify(item), address, "shop.Shop/Echo")), item);
  assert.deepEqual(JSON.parse(await ask(address, "grpc.health.v1.Health/Check")), { status: "SERVING" });
  const { server } = JSON.parse(await ask(address, "grpc.channelz.v1.Channelz/GetServers"));
  assert.deepEqual(server[0].listenSocket[0].name, `tcp://${address}`);
  const streamed = await ask("-d", '{"text":"a"} {"text":"b"}', address, "shop.Shop/Chat");
  assert.deepEqual(streamed.match(/"\w!"/g), ['"a!"', '"b!"']);
});
