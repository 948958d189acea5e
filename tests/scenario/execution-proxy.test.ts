// A proxy between client and servers that makes a failed request again at another server. The word of the server that
// answered is then the word of one attempt among several, of which the client knows nothing: only "executed" may pass.
import assert from "node:assert/strict";
import { connect as connectSocket, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { CallError, dial, type Server, serve } from "farcall";
import { type Behaviour, failureOf, implementProbe, Probe, Tally } from "../support/rpc-probe.ts";
import { type RetryingProxy, startRetryingProxy } from "../support/rpc-proxy.ts";

interface Backend {
  readonly port: number;
  readonly tally: Tally;
  readonly server: Server;
}

async function backend(behaviour: Behaviour, refuses = false): Promise<Backend> {
  const tally = new Tally();
  const server = await serve("tcp://127.0.0.1:0", [implementProbe(tally, behaviour)], {
    interceptors: [
      (_call, next) => {
        if (refuses) throw new CallError("RESOURCE_EXHAUSTED", "full");
        return next();
      },
    ],
    onHandlerError: () => {},
  });
  return { port: Number(new URL((server.addresses[0] as string).replace("tcp", "http")).port), tally, server };
}

/** A relay that drops the connection when the first byte of the answer to a request would come back. */
async function dropping(port: number, tally: Tally): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const relay = createServer((client) => {
    const server = connectSocket(port, "127.0.0.1");
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        client.destroy();
        server.destroy();
      });
    }
    client.pipe(server);
    server.on("data", (chunk) => {
      if (tally.total > 0) client.destroy();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const address = relay.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    port: address.port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      relay.close();
    },
  };
}

async function through(proxy: RetryingProxy): Promise<CallError> {
  const channel = dial(proxy.address);
  try {
    return await failureOf(channel.stub(Probe).run({ tag: "a" }, { timeoutMs: 5000 }));
  } finally {
    await channel.close();
  }
}

test("a proxy's second attempt that says not-executed says nothing of the first, which ran", async () => {
  const first = await backend(({ tag }) => ({ tag }));
  const relay = await dropping(first.port, first.tally);
  const second = await backend(() => ({}), true);
  const proxy = await startRetryingProxy([relay.port, second.port]);
  const error = await through(proxy);
  assert.deepEqual(proxy.attempts, [0, 1]);
  assert.equal(first.tally.starts("a"), 1, "the first server's handler did run");
  assert.equal(second.tally.total, 0);
  assert.equal(error.code, "RESOURCE_EXHAUSTED");
  assert.equal(error.execution, "unknown");
  relay.close();
  await Promise.all([proxy.close(), first.server.close(), second.server.close()]);
});

test("a proxy's second attempt that says executed is believed, through any hop", async () => {
  const first = await backend(() => ({}), true);
  const second = await backend(() => {
    throw new CallError("ABORTED", "no");
  });
  const proxy = await startRetryingProxy([first.port, second.port], ({ headers, trailers }) => {
    return (headers["grpc-status"] ?? trailers["grpc-status"]) !== "8";
  });
  const error = await through(proxy);
  assert.deepEqual(proxy.attempts, [0, 1]);
  assert.equal(error.code, "ABORTED");
  assert.equal(error.execution, "executed");
  assert.equal(second.tally.starts("a"), 1);
  await Promise.all([proxy.close(), first.server.close(), second.server.close()]);
});

test("all of a proxy's servers refuse: that is so, but it cannot be known", async () => {
  const servers = await Promise.all([backend(() => ({}), true), backend(() => ({}), true)]);
  const proxy = await startRetryingProxy(
    servers.map(({ port }) => port),
    () => false,
  );
  const error = await through(proxy);
  assert.equal(error.execution, "unknown");
  assert.equal(servers[0]?.tally.total, 0);
  await Promise.all([proxy.close(), ...servers.map(({ server }) => server.close())]);
});

test("a proxy that has no server left answers 503, which proves nothing", async () => {
  const first = await backend(({ tag }) => ({ tag }));
  const relay = await dropping(first.port, first.tally);
  const proxy = await startRetryingProxy([relay.port]);
  const error = await through(proxy);
  assert.equal(error.code, "UNAVAILABLE");
  assert.match(error.message, /HTTP 503/);
  assert.equal(error.execution, "unknown");
  assert.equal(first.tally.starts("a"), 1);
  relay.close();
  await Promise.all([proxy.close(), first.server.close()]);
});

test("without a proxy the same server's refusal is believed", async () => {
  const only = await backend(() => ({}), true);
  const channel = dial(`tcp://127.0.0.1:${only.port}`);
  const error = await failureOf(channel.stub(Probe).run({ tag: "a" }));
  assert.equal(error.execution, "not-executed");
  await channel.close();
  await only.server.close();
});
