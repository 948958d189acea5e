// What only the real machine has: socket files, host names, foreign streams, a process to keep alive.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectNode } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import {
  type Endpoint,
  formatEndpoint,
  type Listener,
  parseEndpoint,
  SocketFault,
  type StreamSocket,
} from "farcall/host";
import { createRealMachine } from "farcall/net";
import { echo, Recorder } from "../support/machine-recorder.ts";

const { network } = createRealMachine();

function listenAt(address: string, onConnection: (socket: StreamSocket) => void = () => {}): Promise<Listener> {
  return network.listen(parseEndpoint(address, "listen"), {}, { onConnection, onFault: (fault) => assert.fail(fault) });
}

function connectTo(address: string): Promise<StreamSocket> {
  return network.connect(parseEndpoint(address, "connect"), {});
}

async function refused(attempt: Promise<unknown>, code: SocketFault["code"], hint: RegExp): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert.ok(error instanceof SocketFault, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, hint);
    return true;
  });
}

async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "farcall-"));
  try {
    await body(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("X3: a server removes the socket file that a dead one left behind", async () => {
  await inDirectory(async (directory) => {
    const path = join(directory, "stale");
    const first = await listenAt(`unix:${directory}/first`);
    // Closing removes the first name; the second one stays, as after a crash.
    linkSync(join(directory, "first"), path);
    await first.close();
    await refused(connectTo(`unix:${path}`), "refused", /nothing listens/);
    const second = await listenAt(`unix:${path}`, (socket) => socket.reset());
    (await connectTo(`unix:${path}`)).reset();
    await second.close();
    assert.equal(existsSync(path), false);
    await refused(connectTo(`unix:${path}`), "not-found", /no socket at/);
  });
});

test("X3: a server never removes what is alive or is no socket", async () => {
  await inDirectory(async (directory) => {
    const alive = await listenAt(`unix:${directory}/alive`, (socket) => socket.reset());
    await refused(listenAt(`unix:${directory}/alive`), "address-in-use", /a running server/);
    assert.equal(existsSync(join(directory, "alive")), true);
    await alive.close();
    writeFileSync(join(directory, "file"), "precious");
    await refused(listenAt(`unix:${directory}/file`), "address-in-use", /no socket, so it is not removed/);
    mkdirSync(join(directory, "folder"));
    await refused(listenAt(`unix:${directory}/folder`), "address-in-use", /no socket, so it is not removed/);
    assert.deepEqual([existsSync(join(directory, "file")), existsSync(join(directory, "folder"))], [true, true]);
    await refused(listenAt(`unix:${directory}/missing/socket`), "not-found", /make it first/);
    await refused(connectTo(`unix:${directory}/file`), "refused", /nothing listens/);
  });
});

test("N1, K2: a host name is looked up, and its addresses are tried until one connects", async () => {
  for (const address of ["tcp://127.0.0.1:0", "tcp://localhost:0"]) {
    const listener = await listenAt(address, (socket) => void echo(socket));
    const { port } = listener.local as Extract<Endpoint, { port: number }>;
    const client = new Recorder(await connectTo(`tcp://localhost:${port}`));
    client.writeText("hello");
    client.socket.end();
    await client.untilClosed();
    assert.equal(client.text(), "hello");
    await listener.close();
    await refused(connectTo(`tcp://localhost:${port}`), "refused", /nothing listens at tcp:\/\/localhost:/);
  }
});

test("N2: a host name that does not exist is a fault with the name in it", async () => {
  await refused(connectTo("tcp://no-such-host.invalid:80"), "name-not-found", /no-such-host\.invalid/);
  await refused(listenAt("tcp://no-such-host.invalid:80"), "name-not-found", /no-such-host\.invalid/);
});

test("C6: what cannot be connected to or listened at says why", async () => {
  await refused(connectTo("udp://127.0.0.1:80"), "other", /carries no streams/);
  await refused(listenAt("udp://127.0.0.1:0"), "other", /carries no streams/);
  await refused(network.connect({ kind: "duplex" }, {}), "other", /carries no streams/);
  await refused(listenAt("tcp://192.0.2.1:0"), "address-not-available", /not an address of this machine/);
  await refused(listenAt("tls://127.0.0.1:0"), "tls-failed", /pass tls: \{ cert, key \}/);
  await assert.rejects(network.connect({ kind: "tcp", host: "a", port: 70_000 }, {}), { code: "bad-port" });
});

test("P8: a listener on all interfaces calls its IPv4 peers by their own address", async () => {
  const accepted: StreamSocket[] = [];
  const listener = await listenAt("tcp://[::]:0", (socket) => void accepted.push(socket)).catch(() => undefined);
  if (listener === undefined) return;
  const { port } = listener.local as Extract<Endpoint, { port: number }>;
  const client = await connectTo(`tcp://127.0.0.1:${port}`);
  const recorder = new Recorder(client);
  client.end();
  while (accepted.length === 0) await new Promise(setImmediate);
  const [server] = accepted as [StreamSocket];
  assert.equal(formatEndpoint(server.remote), formatEndpoint(client.local));
  assert.match(formatEndpoint(server.local), /^tcp:\/\/127\.0\.0\.1:/);
  new Recorder(server);
  server.end();
  await recorder.untilClosed();
  await listener.close();
});

test("a foreign duplex stream is adopted: both directions, its text, its end; its writer may reuse what it wrote", async () => {
  const [near, far] = duplexPair();
  const socket = network.adopt(near);
  assert.ok(socket !== undefined);
  assert.deepEqual([socket.local, socket.remote], [{ kind: "duplex" }, { kind: "duplex" }]);
  const recorder = new Recorder(socket);
  const part = new TextEncoder().encode("ping");
  socket.write([part, part]);
  assert.equal(socket.passed(), 8);
  while (socket.taken() < 8) await new Promise(setImmediate);
  part.fill(0);
  far.setEncoding("utf8");
  assert.equal(await new Promise((resolve) => far.once("data", resolve)), "pingping");
  far.write("pong");
  far.end();
  await recorder.until(() => recorder.ended);
  assert.equal(recorder.text(), "pong");
  socket.end();
  await recorder.untilClosed();
  assert.equal(recorder.fault, undefined);
});

test("an adopted stream that fails closes with a fault, one that is closed already closes at once, others are refused", async () => {
  const [failing] = duplexPair();
  const recorder = new Recorder(network.adopt(failing) as StreamSocket);
  failing.destroy(new Error("it broke"));
  await recorder.untilClosed();
  assert.match(recorder.fault?.message ?? "", /it broke/);
  failing.destroy(new Error("again"));

  const [gone] = duplexPair();
  gone.destroy();
  await new Promise((resolve) => gone.once("close", resolve));
  await new Recorder(network.adopt(gone) as StreamSocket).untilClosed();

  for (const value of [undefined, null, "tcp://a:80", {}, { write: () => {} }]) {
    assert.equal(network.adopt(value), undefined);
  }
});

test("a connected Node socket can be adopted", async () => {
  const listener = await listenAt("tcp://127.0.0.1:0", (socket) => void echo(socket));
  const { port } = listener.local as Extract<Endpoint, { port: number }>;
  const raw = connectNode({ host: "127.0.0.1", port, allowHalfOpen: true });
  const client = new Recorder(network.adopt(raw) as StreamSocket);
  client.writeText("before it is connected");
  client.socket.end();
  await client.untilClosed();
  assert.equal(client.text(), "before it is connected");
  await listener.close();
});

test("a connection that does not keep the process lets it end", () => {
  const program = `
    import { createRealMachine } from "farcall/net";
    const { network } = createRealMachine();
    const silent = { onBytes() {}, onWritable() {}, onEnd() {}, onClose() {} };
    const receiver = { onConnection(socket) { socket.setKeepsProcess(false); socket.open(silent); }, onFault() {} };
    const listener = await network.listen({ kind: "tcp", host: "127.0.0.1", port: 0 }, {}, receiver);
    const socket = await network.connect(listener.local, {});
    socket.open(silent);
    socket.setKeepsProcess(false);
    await listener.close();
    console.log("done");`;
  const run = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    timeout: 10_000,
    encoding: "utf8",
  });
  assert.deepEqual([run.status, run.stdout, run.stderr], [0, "done\n", ""]);
});
