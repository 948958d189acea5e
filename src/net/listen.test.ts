import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parseEndpoint, SocketFault } from "../host/index.ts";
import { createRealMachine } from "./machine.ts";

function listen(path: string) {
  const endpoint = parseEndpoint(`unix:${path}`, "listen");
  const { network } = createRealMachine();
  return network.listen(endpoint, {}, { onConnection: (socket) => socket.reset(), onFault: () => {} });
}

function tempFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "farcall-listen-"));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function faultOf(path: string): Promise<SocketFault> {
  const fault = await listen(path).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(fault instanceof SocketFault, String(fault));
  return fault;
}

test("X3: a socket file in a folder that is missing is not found, whatever libuv calls it", async (context) => {
  const path = join(tempFolder(context), "no", "socket");
  const fault = await faultOf(path);
  assert.deepEqual([fault.code, fault.systemCode], ["not-found", "ENOENT"]);
  assert.equal(fault.message, `the directory of unix:${path} does not exist; make it first`);
});

test("X3: a file that is no socket is left alone", async (context) => {
  const path = join(tempFolder(context), "file");
  writeFileSync(path, "");
  assert.equal((await faultOf(path)).code, "address-in-use");
});

test("X3: a socket file with a live server is left alone", async (context) => {
  const path = join(tempFolder(context), "socket");
  const listener = await listen(path);
  assert.match((await faultOf(path)).message, /in use by a running server/);
  await listener.close();
});
