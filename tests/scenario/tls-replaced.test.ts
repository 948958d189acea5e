// Certificates that are replaced while servers and channels use them: open connections go on, new ones have the new
// certificate, and what cannot be used replaces nothing.
import assert from "node:assert/strict";
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect } from "node:tls";
import {
  certificateFiles,
  dial,
  implement,
  type PeerIdentity,
  replaceableTls,
  type ServerTls,
  type SocketFault,
  serve,
  type TlsSource,
} from "farcall";
import { type Endpoint, parseEndpoint, type StreamSocket } from "farcall/host";
import { message, service, string, unary } from "farcall/idl";
import { createRealMachine } from "farcall/net";
import { certs } from "../support/certs/certs.ts";
import { makeFolder } from "../support/cli.ts";
import { until } from "../support/rpc-probe.ts";

const Name = message("renewal.Name", { name: string(1) });
const Door = service("renewal.Door", { whoAmI: unary(Name, Name) });
const door = implement(Door, { whoAmI: (_request, { peer }) => ({ name: peer.identity?.commonName ?? "nobody" }) });

const ca = certs.authority.cert;

async function serveDoor(context: TestContext, tls: ServerTls | TlsSource<ServerTls>): Promise<string> {
  const server = await serve("tls://127.0.0.1:0", [door], { tls });
  context.after(() => server.close());
  return server.addresses[0] as string;
}

/** The name in the certificate that a server shows to a new client. */
function shownAt(address: string): Promise<string> {
  const port = Number(/\d+$/.exec(address)?.[0]);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, ca, ALPNProtocols: ["h2"] }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

test("a server's certificate is replaced: new connections see the new one, an open one goes on", async (context) => {
  const tls = replaceableTls(certs.server);
  const address = await serveDoor(context, tls);
  const channel = dial(address, { tls: { ca } });
  context.after(() => channel.close());
  await channel.stub(Door).whoAmI({});
  assert.equal(await shownAt(address), "server");
  await tls.replace(certs.renewed);
  assert.equal(await shownAt(address), "renewed");
  await channel.stub(Door).whoAmI({});
  assert.equal(channel.snapshot().connections.length, 1);
  assert.equal(channel.snapshot().lastFault, undefined, "it needed no new connection");
});

const unusable: readonly (readonly [what: string, tls: ServerTls, reason: RegExp])[] = [
  ["the key of another certificate", { ...certs.renewed, key: certs.server.key }, /key does not belong to/],
  ["half a certificate", { ...certs.renewed, cert: certs.renewed.cert.slice(0, 200) }, /is cut off/],
  ["an empty file", { ...certs.renewed, cert: "" }, /cert is empty/],
  ["another demand on clients", { ...certs.renewed, ca, requireClientCert: true }, /cannot change while/],
];

for (const [what, broken, reason] of unusable) {
  test(`a replacement with ${what} is refused, and the certificate before stays`, async (context) => {
    const tls = replaceableTls(certs.server);
    const address = await serveDoor(context, tls);
    await assert.rejects(tls.replace(broken), (fault: SocketFault) => {
      assert.equal(fault.code, "tls-failed");
      assert.match(fault.message, reason);
      return true;
    });
    assert.equal(await shownAt(address), "server");
    assert.equal(tls.current, certs.server);
    await tls.replace(certs.renewed);
    assert.equal(await shownAt(address), "renewed");
  });
}

test("authorities are replaced: who was trusted no longer is, who was not is", async (context) => {
  const tls = replaceableTls({ ...certs.server, ca, requireClientCert: true });
  const address = await serveDoor(context, tls);
  const knock = async (client: { cert: string; key: string }): Promise<string> => {
    const channel = dial(address, { tls: { ca, ...client } });
    return channel
      .stub(Door)
      .whoAmI({})
      .then(
        ({ name }) => name,
        ({ code }) => code,
      )
      .finally(() => channel.close());
  };
  assert.deepEqual([await knock(certs.client), await knock(certs.otherIssuer)], ["client", "UNAVAILABLE"]);
  await tls.replace({ ...certs.server, ca: certs.stranger.cert, requireClientCert: true });
  assert.deepEqual([await knock(certs.client), await knock(certs.otherIssuer)], ["UNAVAILABLE", "otherIssuer"]);
});

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  test(`a session of ${version} from before the authorities were replaced proves nothing after it`, async (context) => {
    const tls = replaceableTls({ ...certs.server, ca });
    const identities: (PeerIdentity | undefined)[] = [];
    const machine = createRealMachine();
    const onConnection = (socket: StreamSocket): void => {
      identities.push(socket.tls?.peer);
      socket.open({ onBytes: () => {}, onWritable: () => {}, onEnd: () => socket.end(), onClose: () => {} });
      socket.write([new TextEncoder().encode("welcome")]);
    };
    const where = parseEndpoint("tls://127.0.0.1:0", "listen");
    const listener = await machine.network.listen(where, { tls }, { onConnection, onFault: () => {} });
    context.after(() => listener.close());
    const { port } = listener.local as Extract<Endpoint, { readonly port: number }>;
    // A full handshake hands out a session, one that goes on with a session may not.
    const visit = (session?: Buffer): Promise<{ session: Buffer; isReused: boolean }> =>
      new Promise((resolve, reject) => {
        const options = { host: "127.0.0.1", port, ca, ...certs.client, minVersion: version, maxVersion: version };
        const socket = connect({ ...options, ALPNProtocols: ["h2"], ...(session !== undefined && { session }) });
        socket.on("error", reject);
        const finish = (ticket: Buffer): void => {
          resolve({ session: ticket, isReused: socket.isSessionReused() });
          socket.destroy();
        };
        if (session === undefined) socket.on("session", finish);
        socket.on("data", () => session !== undefined && finish(session));
      });
    const first = await visit();
    const second = await visit(first.session);
    assert.deepEqual(
      identities.map((one) => one?.authorized),
      [true, true],
    );
    await tls.replace({ ...certs.server, ca: certs.stranger.cert });
    const third = await visit(first.session);
    assert.deepEqual([first.isReused, second.isReused, third.isReused], [false, true, false]);
    assert.equal(identities[2]?.authorized, false);
  });
}

test("a client's certificate is replaced: its next connection shows the new one", async (context) => {
  const address = await serveDoor(context, { ...certs.server, ca, requireClientCert: true });
  const tls = replaceableTls({ ca, ...certs.client });
  const channel = dial(address, { tls, backoff: { initialMs: 1 } });
  context.after(() => channel.close());
  const whoAmI = async () => (await channel.stub(Door).whoAmI({})).name;
  assert.equal(await whoAmI(), "client");
  await tls.replace({ ca, ...certs.renewedClient });
  assert.equal(await whoAmI(), "client", "the open connection goes on");
  const second = dial(address, { tls });
  context.after(() => second.close());
  assert.equal((await second.stub(Door).whoAmI({})).name, "renewedClient");
  await assert.rejects(tls.replace({ ca, cert: certs.client.cert, key: certs.server.key }), /does not belong/);
  assert.equal((await second.stub(Door).whoAmI({})).name, "renewedClient");
});

test("a server that is closed follows its source no more, nor does one that could not listen", async (context) => {
  let followers = 0;
  const source: TlsSource<ServerTls> = {
    current: certs.server,
    subscribe: () => {
      followers++;
      return () => void followers--;
    },
  };
  const server = await serve("tls://127.0.0.1:0", [door], { tls: source });
  context.after(() => server.close());
  await assert.rejects(serve(server.addresses, [door], { tls: source }), { code: "address-in-use" });
  assert.equal(followers, 1);
  await server.close();
  assert.equal(followers, 0);
});

/** A folder with the server's certificate in files, and what was told of them. */
async function watched(
  context: TestContext,
  files: Record<string, string> = { "tls.crt": certs.server.cert, "tls.key": certs.server.key },
) {
  const folder = makeFolder(context, files);
  const at = (name: string) => join(folder, name);
  const problems: string[] = [];
  let replaced = 0;
  const tls = await certificateFiles(
    { cert: at("tls.crt"), key: at("tls.key") },
    { checkEveryMs: 5, onReplaced: () => void replaced++, onProblem: ({ message }) => void problems.push(message) },
  );
  context.after(() => tls.close());
  const address = await serveDoor(context, tls);
  return { at, problems, replacedCount: () => replaced, tls, address };
}

test("files that are written anew, one after the other, are taken once they belong together", async (context) => {
  const { at, problems, replacedCount, address } = await watched(context);
  writeFileSync(at("tls.crt"), certs.renewed.cert);
  await until(() => problems.length === 1, "the mismatch is told");
  assert.match(problems[0] ?? "", /the key does not belong to the certificate \(.*tls\.crt, .*tls\.key\)/);
  assert.equal(await shownAt(address), "server");
  writeFileSync(at("tls.key"), certs.renewed.key);
  await until(() => replacedCount() === 1, "the new pair is taken");
  assert.equal(await shownAt(address), "renewed");
  assert.equal(problems.length, 1, "told once");
});

test("files that are renamed over the old ones are read", async (context) => {
  const { at, replacedCount, address } = await watched(context);
  for (const [name, text] of [
    ["tls.key", certs.renewed.key],
    ["tls.crt", certs.renewed.cert],
  ] as const) {
    writeFileSync(at("new"), text);
    renameSync(at("new"), at(name));
  }
  await until(() => replacedCount() === 1, "the new pair is taken");
  assert.equal(await shownAt(address), "renewed");
});

test("a symbolic link to a folder is swapped, as Kubernetes does it, and the old folder removed", async (context) => {
  const folder = makeFolder(context, {});
  const put = (name: string, { cert, key }: { cert: string; key: string }) => {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "tls.crt"), cert);
    writeFileSync(join(folder, name, "tls.key"), key);
    symlinkSync(name, join(folder, "..data_tmp"));
    renameSync(join(folder, "..data_tmp"), join(folder, "..data"));
  };
  put("..first", certs.server);
  for (const name of ["tls.crt", "tls.key"]) symlinkSync(join("..data", name), join(folder, name));
  const problems: SocketFault[] = [];
  let replaced = 0;
  const paths = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  const tls = await certificateFiles(paths, {
    checkEveryMs: 1,
    onReplaced: () => void replaced++,
    onProblem: (fault) => void problems.push(fault),
  });
  context.after(() => tls.close());
  const address = await serveDoor(context, tls);
  for (let round = 1; round <= 10; round++) {
    put(`..next ${round}`, round % 2 === 1 ? certs.renewed : certs.server);
    rmSync(join(folder, round === 1 ? "..first" : `..next ${round - 1}`), { recursive: true });
    await until(() => replaced === round, "the new pair is taken");
  }
  await until(() => tls.current.cert === certs.server.cert, "the last one is there");
  assert.equal(await shownAt(address), "server");
  assert.deepEqual(problems, [], "no half of a swap was ever taken for a fault");
});

test("files that vanish or are emptied are told of once, and the certificate stays until they are whole", async (context) => {
  const { at, problems, replacedCount, address } = await watched(context);
  rmSync(at("tls.crt"));
  await until(() => problems.length === 1, "the missing file is told");
  assert.match(problems[0] ?? "", /tls\.crt cannot be read: there is no such file/);
  writeFileSync(at("tls.crt"), "");
  await until(() => problems.length === 2, "the empty file is told");
  assert.match(problems[1] ?? "", /cert is empty/);
  assert.equal(await shownAt(address), "server");
  writeFileSync(at("tls.crt"), certs.renewed.cert);
  writeFileSync(at("tls.key"), certs.renewed.key);
  await until(() => replacedCount() === 1, "the new pair is taken");
  assert.equal(await shownAt(address), "renewed");
});

test("reload reads at once and says whether anything changed; close ends the watch", async (context) => {
  const folder = makeFolder(context, { "ca.pem": certs.authority.cert });
  const path = join(folder, "ca.pem");
  const tls = await certificateFiles({ ca: path }, { checkEveryMs: 3_600_000 });
  context.after(() => tls.close());
  assert.equal(await tls.reload(), false);
  writeFileSync(path, certs.stranger.cert);
  assert.equal(await tls.reload(), true);
  assert.equal(await tls.reload(), false);
  assert.deepEqual(tls.current, { ca: [certs.stranger.cert] });
  writeFileSync(path, "nothing");
  await assert.rejects(tls.reload(), { code: "tls-failed" });
  assert.deepEqual(tls.current, { ca: [certs.stranger.cert] });
});

test("files that are never to be looked at are read when asked", async (context) => {
  const folder = makeFolder(context, { "ca.pem": certs.authority.cert });
  const path = join(folder, "ca.pem");
  let replaced = 0;
  const options = { checkEveryMs: Number.POSITIVE_INFINITY, onReplaced: () => void replaced++ };
  const tls = await certificateFiles({ ca: path }, options);
  context.after(() => tls.close());
  writeFileSync(path, certs.stranger.cert);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(replaced, 0);
  assert.equal(await tls.reload(), true);
});

test("a client with its certificates in files shows the new one after they changed", async (context) => {
  const address = await serveDoor(context, { ...certs.server, ca, requireClientCert: true });
  const folder = makeFolder(context, { "ca.pem": ca, "c.pem": certs.client.cert, "c.key": certs.client.key });
  const [caPath, cert, key] = ["ca.pem", "c.pem", "c.key"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const tls = await certificateFiles({ ca: caPath, cert, key });
  context.after(() => tls.close());
  const knock = async (): Promise<string> => {
    const channel = dial(address, { tls });
    const { name } = await channel.stub(Door).whoAmI({});
    await channel.close();
    return name;
  };
  assert.equal(await knock(), "client");
  writeFileSync(cert, certs.renewedClient.cert);
  writeFileSync(key, certs.renewedClient.key);
  await tls.reload();
  assert.equal(await knock(), "renewedClient");
});

test("files that cannot be read or used are refused at the start, by name", async (context) => {
  const folder = makeFolder(context, { "a.pem": certs.server.cert, "b.key": certs.client.key });
  const [cert, key] = [join(folder, "a.pem"), join(folder, "b.key")];
  await assert.rejects(
    certificateFiles({ cert, key }),
    /the certificate files cannot be used: .* \(.*a\.pem, .*b\.key\)/,
  );
  await assert.rejects(
    certificateFiles({ cert: join(folder, "none.pem"), key }),
    /none\.pem cannot be read: there is no/,
  );
});
