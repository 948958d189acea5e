// Tests of the simulated network's rules: delay, cut and heal, refusals, resets, names and addresses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Endpoint, parseEndpoint, SocketFault, type StreamSocket } from "../host/index.ts";
import { nameTimeoutMs } from "./names.ts";
import { connectTimeoutMs } from "./network.ts";
import { createSimulation, type Simulation } from "./simulation.ts";

interface Ear {
  readonly socket: StreamSocket;
  /** What was heard, each with its time. */
  readonly heard: string[];
}

/** Opens a socket and writes down what it tells. */
function listenTo(simulation: Simulation, socket: StreamSocket): Ear {
  const heard: string[] = [];
  const note = (text: string): void => void heard.push(`${simulation.clock.now()} ${text}`);
  socket.open({
    onBytes: (bytes, start, end) => note(new TextDecoder().decode(bytes.subarray(start, end))),
    onWritable: () => note("(writable)"),
    onEnd: () => note("(end)"),
    onClose: (fault) => note(fault === undefined ? "(closed)" : `(${fault.code})`),
  });
  return { socket, heard };
}

function say(ear: Ear, text: string): void {
  ear.socket.write([new TextEncoder().encode(text)]);
}

const at = (text: string): Endpoint => parseEndpoint(text, "connect");

async function listening(
  simulation: Simulation,
  address: string,
  name = "server",
): Promise<{ accepted: Ear[]; local: Endpoint }> {
  const accepted: Ear[] = [];
  const { network } = simulation.machine(name);
  const listener = await network.listen(
    parseEndpoint(address, "listen"),
    {},
    { onConnection: (socket) => void accepted.push(listenTo(simulation, socket)), onFault: () => {} },
  );
  return { accepted, local: listener.local };
}

/** A client and a server 10 ms apart, connected. */
async function connected(seed = 1): Promise<{ simulation: Simulation; client: Ear; server: Ear }> {
  const simulation = createSimulation({ seed });
  simulation.network.setWay({ delayMs: 10 });
  const { accepted } = await listening(simulation, "tcp://server:80");
  const { network } = simulation.machine("client");
  const socket = await simulation.run(network.connect(at("tcp://server:80"), {}));
  const client = listenTo(simulation, socket);
  await simulation.runUntilIdle();
  return { simulation, client, server: accepted[0] as Ear };
}

async function faultOf(simulation: Simulation, endpoint: string, from = "client"): Promise<SocketFault> {
  try {
    await simulation.run(simulation.machine(from).network.connect(at(endpoint), {}));
  } catch (error) {
    assert.ok(error instanceof SocketFault, String(error));
    return error;
  }
  throw new Error("it was not refused");
}

test("L18: a connection takes the three packets of the handshake, and each byte its delay", async () => {
  const { simulation, client, server } = await connected();
  assert.equal(simulation.clock.now(), 30);
  say(client, "ping");
  await simulation.advance(9);
  assert.deepEqual(server.heard, []);
  await simulation.advance(1);
  say(server, "pong");
  await simulation.advance(10);
  assert.deepEqual([server.heard, client.heard], [["40 ping"], ["50 pong"]]);
});

test("delays drawn from a range never put bytes out of order", async () => {
  const { simulation, client, server } = await connected(5);
  simulation.network.setWay({ delayMs: { minMs: 0, maxMs: 1000 }, maxPieceBytes: 3 }, ["client", "server"]);
  const text = "abcdefghijklmnopqrstuvwxyz";
  for (const letter of text) say(client, letter);
  say(client, text);
  await simulation.runUntilIdle();
  assert.equal(server.heard.map((entry) => entry.split(" ")[1]).join(""), text + text);
  assert.ok(server.heard.length > 30);
});

test("a cut way is silent both ways; after heal everything arrives in order", async () => {
  const { simulation, client, server } = await connected();
  say(client, "in flight,");
  await simulation.advance(5);
  simulation.network.cut("client", "server");
  say(client, "lost,");
  say(server, "unheard");
  await simulation.advance(60_000);
  assert.deepEqual([client.heard, server.heard], [[], []]);
  assert.ok(client.socket.taken() < client.socket.passed());
  simulation.network.heal("server", "client");
  say(client, "later");
  await simulation.runUntilIdle();
  assert.deepEqual(server.heard, ["60045 in flight,", "60045 lost,", "60045 later"]);
  assert.deepEqual(client.heard, ["60045 unheard"]);
  assert.equal(client.socket.taken(), client.socket.passed());
});

test("what is in flight behind a lost packet waits for it", async () => {
  const { simulation, client, server } = await connected();
  say(client, "first,");
  await simulation.advance(9);
  say(client, "second");
  simulation.network.cut("client", "server");
  await simulation.advance(2);
  simulation.network.heal("client", "server");
  await simulation.runUntilIdle();
  assert.deepEqual(server.heard, ["51 first,", "51 second"]);
});

test("a way can be cut in one direction only", async () => {
  const { simulation, client, server } = await connected();
  simulation.network.cut("client", "server", { oneWay: true });
  say(client, "lost");
  say(server, "heard");
  await simulation.advance(100);
  assert.deepEqual([client.heard, server.heard], [["40 heard"], []]);
});

test("a reset that gets lost leaves the peer half-open until it sends", async () => {
  const { simulation, client, server } = await connected();
  simulation.network.cut("client", "server");
  client.socket.reset();
  await simulation.advance(100);
  simulation.network.heal("client", "server");
  await simulation.advance(100);
  assert.deepEqual([client.heard, server.heard], [["30 (closed)"], []]);
  say(server, "are you there?");
  await simulation.runUntilIdle();
  assert.deepEqual(server.heard, ["250 (reset)"]);
});

test("resetConnections resets both ends of what lies between two machines", async () => {
  const { simulation, client, server } = await connected();
  say(client, "lost");
  simulation.network.resetConnections("client", "server");
  await simulation.runUntilIdle();
  assert.deepEqual([client.heard, server.heard], [["30 (closed)"], ["30 (closed)"]]);
});

test("C6: connecting fails in its own way for no listener, no machine, no such name and a full backlog", async () => {
  const simulation = createSimulation({ seed: 1 });
  const { network } = simulation;
  network.setWay({ delayMs: 10 });
  await listening(simulation, "tcp://server:80");
  simulation.machine("client");
  assert.equal((await faultOf(simulation, "tcp://server:81")).code, "refused");
  assert.equal(simulation.clock.now(), 20);
  assert.equal((await faultOf(simulation, "tcp://nobody:80")).code, "name-not-found");
  const before = simulation.clock.now();
  assert.equal((await faultOf(simulation, "tcp://10.9.9.9:80")).code, "timed-out");
  assert.equal(simulation.clock.now() - before, connectTimeoutMs);
  network.admit("server", "refuse");
  assert.equal((await faultOf(simulation, "tcp://server:80")).code, "refused");
  network.admit("server", "ignore");
  assert.equal((await faultOf(simulation, "tcp://server:80")).code, "timed-out");
  network.admit("server", "accept");
  network.cut("client", "server");
  assert.equal((await faultOf(simulation, "tcp://server:80")).code, "timed-out");
  assert.equal((await faultOf(simulation, "udp://server:80")).code, "other");
});

test("a name means its machine until a rule says something else, and every look-up sees the rule of its moment", async () => {
  const simulation = createSimulation({ seed: 1 });
  const { network } = simulation;
  const { network: own } = simulation.machine("client");
  for (const name of ["a", "b"]) await listening(simulation, `tcp://${name}:80`, name);
  const lookUp = (name: string) => simulation.run(own.resolve(name, {}));
  assert.deepEqual(await lookUp("a"), { addresses: ["10.0.0.2"] });
  assert.deepEqual(await lookUp("localhost"), { addresses: ["127.0.0.1"] });
  assert.deepEqual(await lookUp("10.9.9.9"), { addresses: ["10.9.9.9"] });
  await assert.rejects(lookUp("nobody"), { code: "name-not-found" });
  network.setName("service", ["b", "a", "10.7.7.7", "gone"], { ttlMs: 5000, delayMs: 30 });
  const before = simulation.clock.now();
  assert.deepEqual(await lookUp("service"), { addresses: ["10.0.0.3", "10.0.0.2", "10.7.7.7"], ttlMs: 5000 });
  assert.equal(simulation.clock.now() - before, 30);
  const under = own.resolve("service", {});
  network.setName("service", ["a"]);
  assert.deepEqual(await simulation.run(under), { addresses: ["10.0.0.2"] });
  const socket = await simulation.run(own.connect(at("tcp://service:80"), {}));
  assert.deepEqual(socket.remote, at("tcp://10.0.0.2:80"));
  network.setName("a", "unknown");
  await assert.rejects(lookUp("a"), { code: "name-not-found" });
  network.setName("a", undefined);
  assert.deepEqual(await lookUp("a"), { addresses: ["10.0.0.2"] });
});

test("a name server that is silent takes its time and can be waited for no longer", async () => {
  const simulation = createSimulation({ seed: 1 });
  const { network } = simulation.machine("client");
  simulation.network.setName("service", "silent");
  await assert.rejects(simulation.run(network.resolve("service", {})), { code: "name-not-found" });
  assert.equal(simulation.clock.now(), nameTimeoutMs);
  const controller = new AbortController();
  const given = network.resolve("service", { signal: controller.signal });
  controller.abort();
  await assert.rejects(simulation.run(given), { code: "cancelled" });
  await assert.rejects(simulation.run(network.resolve("service", { signal: AbortSignal.abort() })), {
    code: "cancelled",
  });
  assert.equal(simulation.clock.now(), nameTimeoutMs);
});

test("P8: a listener on loopback is for its own machine, a wildcard for all", async () => {
  const simulation = createSimulation({ seed: 1 });
  simulation.machine("client");
  await listening(simulation, "tcp://127.0.0.1:80");
  assert.equal((await faultOf(simulation, "tcp://server:80")).code, "refused");
  const own = simulation.machine("server").network.connect(at("tcp://localhost:80"), {});
  assert.deepEqual((await simulation.run(own)).remote, at("tcp://127.0.0.1:80"));
  const { local } = await listening(simulation, "tcp://0.0.0.0:81");
  assert.deepEqual(local, at("tcp://0.0.0.0:81"));
  for (const from of ["client", "server"]) {
    const socket = await simulation.run(simulation.machine(from).network.connect(at("tcp://server:81"), {}));
    assert.equal(socket.remote.kind, "tcp");
  }
  await assert.rejects(listening(simulation, "tcp://127.0.0.1:81"), { code: "address-in-use" });
  await assert.rejects(listening(simulation, "tcp://client:82"), { code: "address-not-available" });
});

test("X2: Unix-domain and memory names are not reachable from another machine", async () => {
  const simulation = createSimulation({ seed: 1 });
  for (const address of ["unix:/run/s", "memory:s"]) {
    await listening(simulation, address);
    assert.equal((await faultOf(simulation, address)).code, "refused");
    await simulation.run(simulation.machine("server").network.connect(at(address), {}));
  }
});

test("L22: a TLS client finds no TLS at a plain port, and a plain client is dropped at a TLS port", async () => {
  const simulation = createSimulation({ seed: 1 });
  await listening(simulation, "tcp://server:80");
  assert.equal((await faultOf(simulation, "tls://server:80")).code, "tls-failed");
  await assert.rejects(listening(simulation, "tls://server:443"), { code: "tls-failed" });
  const { network } = simulation.machine("server");
  const receiver = { onConnection: () => assert.fail("it was let in"), onFault: () => {} };
  await network.listen(parseEndpoint("tls://server:443", "listen"), { tls: { cert: "", key: "" } }, receiver);
  const { network: own } = simulation.machine("client");
  const ear = listenTo(simulation, await simulation.run(own.connect(at("tcp://server:443"), {})));
  await simulation.runUntilIdle();
  assert.deepEqual(ear.heard, ["0 (reset)"]);
});
