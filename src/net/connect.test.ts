// Tests of how several addresses of one name are tried, on loopback with addresses that refuse or never answer.
import assert from "node:assert/strict";
import { createServer, type NetConnectOpts, type Socket } from "node:net";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type Endpoint, parseEndpoint, SocketFault } from "../host/index.ts";
import { firstToConnect, type OpenedSocket } from "./connect.ts";

const endpoint: Endpoint = parseEndpoint("tcp://several.example:80", "connect");

/** An address whose connection never gets anywhere. */
const silent: NetConnectOpts = { host: "silent.example", port: 80, lookup: () => {} };
/** An address that fails at once with `code`. */
function failing(code: string): NetConnectOpts {
  const error = Object.assign(new Error(code), { code });
  return { host: "failing.example", port: 80, lookup: (_host, _options, done) => done(error, "") };
}

function open(targets: readonly NetConnectOpts[], signal?: AbortSignal): Promise<OpenedSocket> {
  return firstToConnect(targets, { endpoint, signal, keepsData: false });
}

async function withServer(body: (target: NetConnectOpts) => Promise<void>): Promise<void> {
  const accepted: Socket[] = [];
  const server = createServer((socket) => void accepted.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  assert.ok(bound !== null && typeof bound === "object");
  await body({ host: "127.0.0.1", port: bound.port });
  for (const socket of accepted) socket.destroy();
  server.close();
}

test("K2: an address that fails or does not answer is followed by the next, and the first to connect wins", async () => {
  await withServer(async (good) => {
    for (const targets of [[good], [failing("ECONNREFUSED"), good], [silent, good], [good, silent]]) {
      const { socket } = await open(targets);
      assert.equal(socket.remotePort, (good as { port: number }).port);
      assert.equal(socket.isPaused(), true);
      socket.destroy();
    }
  });
});

test("K2: when all fail, the fault is that of an address to which there was a way", async () => {
  for (const codes of [
    ["ENETUNREACH", "ECONNREFUSED"],
    ["ECONNREFUSED", "EHOSTUNREACH"],
  ]) {
    await assert.rejects(open(codes.map(failing)), { code: "refused", address: "tcp://several.example:80" });
  }
  await assert.rejects(open([failing("ENETUNREACH"), failing("EHOSTUNREACH")]), { code: "unreachable" });
});

test("an attempt that is cancelled leaves nothing behind", async () => {
  const controller = new AbortController();
  const attempt = open([silent, silent], controller.signal);
  controller.abort(new Error("no longer wanted"));
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof SocketFault);
    assert.deepEqual([error.code, String(error.cause)], ["cancelled", "Error: no longer wanted"]);
    return true;
  });
  // A handle is gone one turn after it was closed.
  for (let turn = 0; turn < 3; turn++) await nextTurn();
  assert.equal(process.getActiveResourcesInfo().includes("TCPSocketWrap"), false);
});
