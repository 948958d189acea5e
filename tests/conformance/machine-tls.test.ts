// TLS on the real machine: who is let in, who is refused and why, and what both sides then know of each other.
import assert from "node:assert/strict";
import { connect as connectPlain } from "node:net";
import { test } from "node:test";
import {
  type ClientTls,
  type Endpoint,
  type Listener,
  parseEndpoint,
  type ServerTls,
  SocketFault,
  type StreamSocket,
} from "farcall/host";
import { createRealMachine } from "farcall/net";
import { certs } from "../support/certs/certs.ts";
import { echo, Recorder } from "../support/machine-recorder.ts";

const { network } = createRealMachine();
const trusting: ClientTls = { ca: certs.authority.cert };

async function withServer(
  tls: ServerTls,
  body: (endpoint: Extract<Endpoint, { port: number }>, accepted: StreamSocket[]) => Promise<void>,
): Promise<void> {
  const accepted: StreamSocket[] = [];
  const receiver = {
    onConnection: (socket: StreamSocket) => {
      accepted.push(socket);
      echo(socket);
    },
    onFault: (fault: SocketFault) => assert.fail(fault),
  };
  const listener: Listener = await network.listen(parseEndpoint("tls://127.0.0.1:0", "listen"), { tls }, receiver);
  try {
    await body(listener.local as Extract<Endpoint, { port: number }>, accepted);
  } finally {
    await listener.close();
  }
}

/** Connects, talks and closes; returns what the client saw of the server. */
async function talk(endpoint: Endpoint, tls: ClientTls): Promise<StreamSocket["tls"]> {
  const client = new Recorder(await network.connect(endpoint, { tls }));
  client.writeText("hello");
  client.socket.end();
  await client.untilClosed();
  assert.deepEqual([client.text(), client.fault], ["hello", undefined]);
  return client.socket.tls;
}

async function refused(endpoint: Endpoint, tls: ClientTls, hint: RegExp): Promise<void> {
  await assert.rejects(network.connect(endpoint, { tls }), (error) => {
    assert.ok(error instanceof SocketFault, String(error));
    assert.equal(error.code, "tls-failed", error.message);
    assert.match(error.message, hint);
    return true;
  });
}

test("L22: client and server agree on h2, and the client knows whom it talks to", async () => {
  await withServer(certs.server, async (endpoint, accepted) => {
    const seen = await talk(endpoint, trusting);
    assert.equal(seen?.alpn, "h2");
    assert.equal(seen.peer?.authorized, true);
    assert.equal(seen.peer.commonName, "server");
    assert.match(seen.peer.alternativeNames ?? "", /DNS:localhost, IP Address:127\.0\.0\.1/);
    assert.match(seen.peer.fingerprint256 ?? "", /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.deepEqual(accepted[0]?.tls, { alpn: "h2", peer: undefined });
    await talk({ ...endpoint, host: "localhost" }, { ca: [Buffer.from(certs.authority.cert)] });
  });
});

test("L22: a wrong name, an unknown issuer and an expired certificate are refused, each with its reason", async () => {
  await withServer(certs.otherName, async (endpoint) => {
    await refused(endpoint, trusting, /for another name/);
    await talk(endpoint, { ...trusting, serverName: "other.example" });
  });
  await withServer(certs.otherIssuer, (endpoint) => refused(endpoint, trusting, /authority we do not know/));
  await withServer(certs.server, (endpoint) => refused(endpoint, {}, /authority we do not know/));
  await withServer(certs.expired, (endpoint) => refused(endpoint, trusting, /has expired/));
});

test("L22: a server can ask for client certificates, and sees whose they are", async () => {
  const asking: ServerTls = { ...certs.server, ca: certs.authority.cert };
  await withServer(asking, async (endpoint, accepted) => {
    await talk(endpoint, { ...trusting, ...certs.client });
    const { peer } = accepted[0]?.tls ?? {};
    assert.deepEqual([peer?.authorized, peer?.commonName], [true, "client"]);
    assert.equal(peer?.alternativeNames, "URI:farcall:client");
    await talk(endpoint, trusting);
    assert.equal(accepted[1]?.tls?.peer, undefined);
    await talk(endpoint, { ...trusting, ...certs.otherIssuer });
    assert.equal(accepted[2]?.tls?.peer?.authorized, false);
  });
});

test("L22: a server that requires a client certificate drops who has none or a stranger's", async () => {
  const demanding: ServerTls = { ...certs.server, ca: certs.authority.cert, requireClientCert: true };
  await withServer(demanding, async (endpoint, accepted) => {
    await talk(endpoint, { ...trusting, ...certs.client });
    for (const tls of [trusting, { ...trusting, ...certs.otherIssuer }]) {
      // In TLS 1.3 the client has finished before the server looks at its certificate, so it may hear of it later.
      const client = await network.connect(endpoint, { tls }).then(
        (socket) => new Recorder(socket),
        (error: unknown) => assert.ok(error instanceof SocketFault && error.code === "tls-failed", String(error)),
      );
      if (client === undefined) continue;
      await client.until(() => client.ended || client.closed);
      assert.equal(client.receivedBytes, 0);
      client.socket.reset();
    }
    assert.equal(accepted.length, 1);
  });
});

test("a plain-text server, and one that hangs up, are told from a TLS server", async () => {
  const greet = {
    onConnection: (socket: StreamSocket) => void new Recorder(socket).writeText("220 welcome\r\n"),
    onFault: () => {},
  };
  const plain = await network.listen(parseEndpoint("tcp://127.0.0.1:0", "listen"), {}, greet);
  const { port } = plain.local as Extract<Endpoint, { port: number }>;
  await refused({ kind: "tls", host: "127.0.0.1", port }, trusting, /does not speak TLS; use tcp:\/\//);
  await plain.close();
  const rude = await network.listen(
    parseEndpoint("tcp://127.0.0.1:0", "listen"),
    {},
    { onConnection: (socket) => socket.reset(), onFault: () => {} },
  );
  const { port: rudePort } = rude.local as Extract<Endpoint, { port: number }>;
  await assert.rejects(network.connect({ kind: "tls", host: "127.0.0.1", port: rudePort }, { tls: trusting }), {
    code: "reset",
  });
  await rude.close();
});

test("C12: a client that speaks no TLS disturbs neither the server nor another client", async () => {
  await withServer(certs.server, async (endpoint, accepted) => {
    const stranger = connectPlain(endpoint.port, "127.0.0.1", () => stranger.write("GET / HTTP/1.1\r\n\r\n"));
    stranger.on("error", () => {});
    const closed = new Promise((resolve) => stranger.on("close", resolve));
    stranger.resume();
    await talk(endpoint, trusting);
    await closed;
    assert.equal(accepted.length, 1);
  });
});

test("a certificate or key that cannot be read is a fault before any connection", async () => {
  const broken = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n";
  await withServer(certs.server, (endpoint) => refused(endpoint, { ca: broken, cert: broken, key: broken }, /tls:/));
  const attempt = network.listen(
    parseEndpoint("tls://127.0.0.1:0", "listen"),
    { tls: { cert: broken, key: broken } },
    { onConnection: () => {}, onFault: () => {} },
  );
  await assert.rejects(attempt, { code: "tls-failed" });
});
