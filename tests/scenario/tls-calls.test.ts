// Calls over TLS: whom a handler sees, and what a client is told when the two do not trust each other. Nothing runs then.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CallError,
  type ClientTls,
  dial,
  type Interceptor,
  implement,
  type PeerIdentity,
  type ServerCall,
  type ServerTls,
  SocketFault,
  serve,
} from "farcall";
import { message, service, unary } from "farcall/idl";
import { certs } from "../support/certs/certs.ts";
import { failureOf } from "../support/rpc-probe.ts";

const Nothing = message("secure.Nothing", {});
const Door = service("secure.Door", { knock: unary(Nothing, Nothing) });

const ca = certs.authority.cert;
const asking: ServerTls = { ...certs.server, ca };
const demanding: ServerTls = { ...asking, requireClientCert: true };

/** Serves a door; tells who knocked. */
async function withDoor(tls: ServerTls, task: (address: string, seen: (PeerIdentity | undefined)[]) => Promise<void>) {
  const seen: (PeerIdentity | undefined)[] = [];
  const door = implement(Door, {
    knock(_request, { peer }) {
      seen.push(peer.identity);
      return {};
    },
  });
  const server = await serve("tls://127.0.0.1:0", [door], { tls });
  try {
    await task(server.addresses[0] as string, seen);
  } finally {
    await server.close();
  }
}

async function knock(address: string, tls: ClientTls): Promise<void> {
  const channel = dial(address, { tls });
  try {
    await channel.stub(Door).knock({});
  } finally {
    await channel.close();
  }
}

test("a server that demands a client certificate knows its callers: name, alternative names, fingerprint", async () => {
  await withDoor(demanding, async (address, seen) => {
    await knock(address, { ca, ...certs.client });
    assert.equal(seen.length, 1);
    assert.equal(seen[0]?.authorized, true);
    assert.equal(seen[0].commonName, "client");
    assert.equal(seen[0].alternativeNames, "URI:farcall:client");
    assert.match(seen[0].fingerprint256 ?? "", /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });
});

test("a server that only asks lets everybody in, and its handlers see who proved what", async () => {
  await withDoor(asking, async (address, seen) => {
    await knock(address, { ca });
    await knock(address, { ca, ...certs.client });
    await knock(address, { ca, ...certs.otherIssuer });
    const facts = seen.map((identity) => identity && [identity.authorized, identity.commonName]);
    assert.deepEqual(facts, [undefined, [true, "client"], [false, "otherIssuer"]]);
  });
});

test("a server without ca asks nobody", async () => {
  await withDoor(certs.server, async (address, seen) => {
    await knock(address, { ca, ...certs.client });
    assert.deepEqual(seen, [undefined]);
  });
});

test("R15: a server exports its procedures to the clients it has chosen, and to no other", async () => {
  let knocks = 0;
  const door = implement(Door, {
    knock() {
      knocks++;
      return {};
    },
  });
  const chosen: Interceptor<ServerCall> = ({ peer: { identity } }, next) => {
    if (identity?.authorized === true && identity.commonName === "client") return next();
    throw new CallError("PERMISSION_DENIED", "not for you");
  };
  const server = await serve("tls://127.0.0.1:0", [door], { tls: asking, interceptors: [chosen] });
  const address = server.addresses[0] as string;
  await knock(address, { ca, ...certs.client });
  // A client without a certificate, one of our authority that is not chosen, one of an authority we do not trust.
  for (const other of [{}, certs.renewedClient, certs.otherIssuer]) {
    const error = await failureOf(knock(address, { ca, ...other }));
    assert.equal(`${error.code} ${error.execution}`, "PERMISSION_DENIED not-executed");
  }
  assert.equal(knocks, 1);
  await server.close();
});

test("R15: beyond this machine a server exports to everyone only when that is written", async () => {
  await assert.rejects(
    serve("tcp://0.0.0.0:0", []),
    /plain text beyond this machine: use tls:\/\/, or write insecure: true/,
  );
});

const mistrust: readonly (readonly [what: string, server: ServerTls, client: ClientTls, advice: RegExp])[] = [
  [
    "an authority the client does not know",
    certs.server,
    {},
    /signed by an authority we do not know; pass that one as ca/,
  ],
  [
    "another authority than the client trusts",
    certs.otherIssuer,
    { ca },
    /signed by an authority we do not know; pass that one as ca/,
  ],
  ["an expired server certificate", certs.expired, { ca }, /its certificate has expired; renew it/],
  [
    "a certificate for another name",
    certs.otherName,
    { ca },
    /for another name; connect by that name or set serverName/,
  ],
  ["no client certificate where one is demanded", demanding, { ca }, /asks for a client certificate; set cert and key/],
  [
    "a client certificate of another authority",
    demanding,
    { ca, ...certs.otherIssuer },
    /right after the TLS handshake; a server that accepts no such client certificate/,
  ],
  [
    "an expired client certificate",
    demanding,
    { ca, ...certs.expired },
    /right after the TLS handshake; a server that accepts no such client certificate/,
  ],
  [
    "a client certificate without its key",
    demanding,
    { ca, cert: certs.client.cert },
    /cert and key belong together, and one is missing/,
  ],
  [
    "the key of another certificate",
    demanding,
    { ca, cert: certs.client.cert, key: certs.server.key },
    /the key does not belong to the certificate/,
  ],
  ["a ca that is no certificate", certs.server, { ca: "authority.pem" }, /ca has no certificate in PEM/],
];

for (const [what, server, client, advice] of mistrust) {
  test(`${what}: the call fails unsent, and says what to do`, async () => {
    await withDoor(server, async (address, seen) => {
      const error = await failureOf(knock(address, client));
      assert.equal(`${error.code} ${error.phase} ${error.execution}`, "UNAVAILABLE connecting not-executed");
      assert.match(error.message, advice);
      assert.ok(error.message.includes(address), "it names the address");
      assert.equal(seen.length, 0);
    });
  });
}

test("a plain-text client of a TLS server, and a TLS client of a plain-text server, fail unsent", async () => {
  await withDoor(certs.server, async (address) => {
    const error = await failureOf(knock(address.replace("tls:", "tcp:"), {}));
    assert.equal(`${error.code} ${error.execution}`, "UNAVAILABLE not-executed");
  });
  const plain = await serve("tcp://127.0.0.1:0", []);
  const error = await failureOf(knock((plain.addresses[0] as string).replace("tcp:", "tls:"), { ca }));
  assert.match(error.message, /it does not speak TLS; use tcp:\/\/ for a plain-text server/);
  await plain.close();
});

const half = certs.server.cert.slice(0, 300);
const unusable: readonly (readonly [what: string, tls: ServerTls, advice: RegExp])[] = [
  ["the key of another certificate", { cert: certs.server.cert, key: certs.client.key }, /key does not belong to/],
  ["an empty key", { cert: certs.server.cert, key: "" }, /key is empty/],
  ["a key that is none", { cert: certs.server.cert, key: "server.key" }, /the key is no private key in PEM/],
  ["a certificate that is cut off", { cert: half, key: certs.server.key }, /a certificate in cert is cut off/],
  ["a chain that is cut off", { cert: certs.server.cert + half, key: certs.server.key }, /in cert is cut off/],
  [
    "a certificate that is no such thing",
    { cert: "-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n", key: certs.server.key },
    /a certificate in cert cannot be read/,
  ],
  ["authorities that are cut off", { ...certs.server, ca: [ca, half] }, /a certificate in ca is cut off/],
  ["a demand without authorities", { ...certs.server, requireClientCert: true }, /requireClientCert needs ca/],
];

for (const [what, tls, advice] of unusable) {
  test(`serve refuses ${what}`, async () => {
    await assert.rejects(serve("tls://127.0.0.1:0", [], { tls }), (error) => {
      assert.ok(error instanceof SocketFault && error.code === "tls-failed");
      assert.match(error.message, /^the TLS options for tls:\/\/127\.0\.0\.1:0 cannot be used: /);
      assert.match(error.message, advice);
      return true;
    });
  });
}
