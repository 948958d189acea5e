// Our client against every foreign gRPC server, every foreign client against our server, and ourselves, in every kind of
// call. A peer that is missing is skipped by name; with FARCALL_REQUIRE_PEERS=1 it fails. The matrix is printed at the end.
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { startCountingProxy } from "../support/counting-proxy.ts";
import { commandOf, findPeers, needsPeer, type Peer, runClientCases, startServer } from "../support/peer-programs.ts";
import { type Group, groups, type Setting, settings } from "./cases/groups.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { connectFarcall } from "./farcall/client.ts";
import { serveFarcall } from "./farcall/server.ts";
import { type Direction, Matrix } from "./matrix.ts";

/** Of the two mebibytes that a case of compression sends one way, so much may pass. */
const maxCompressedBytes = 256 * 1024;

const peers = findPeers();
const matrix = new Matrix(peers.map(({ title }) => title));

/** A server to run the cases of one setting with. */
interface Target {
  readonly port: number;
  /** For TLS: what the client is to trust. */
  readonly certificates: Certificates | undefined;
  stop(): Promise<void>;
}

type StartServer = (setting: Setting, certificates: Certificates | undefined) => Promise<Omit<Target, "certificates">>;

const groupsOf = (setting: Setting): Group[] => groups.filter((group) => group.setting === setting);

/** The certificate is for a name. */
const hostOf = (certificates: Certificates | undefined) => (certificates === undefined ? "127.0.0.1" : "localhost");

/** Starts the server that a setting asks for, for as long as `use` runs. */
async function withServer(setting: Setting, start: StartServer, use: (target: Target) => Promise<void>): Promise<void> {
  const certificates = setting === "plain" || setting === "counted" ? undefined : makeCertificates(setting);
  const server = await start(setting, certificates);
  try {
    await use({ ...server, certificates });
  } finally {
    await server.stop();
    certificates?.remove();
  }
}

/** Runs one case behind a proxy, and holds what passed against what may. */
async function countBytes(name: string, port: number, run: (port: number) => Promise<void>): Promise<void> {
  const proxy = await startCountingProxy(port);
  try {
    await run(proxy.port);
    const passed = name === "gzip-requests" ? proxy.upBytes : proxy.downBytes;
    assert.ok(passed > 0 && passed < maxCompressedBytes, `${passed} bytes passed: that was not compressed`);
  } finally {
    await proxy.close();
  }
}

/** Runs every case of our client against a toolkit's server, each as a test of its own, on one channel a group. */
async function testOurClient(t: TestContext, title: string, start: StartServer): Promise<void> {
  for (const setting of settings) {
    await withServer(setting, start, async ({ port, certificates }) => {
      const connect = (at: number) => connectFarcall(`${hostOf(certificates)}:${at}`, certificates?.authority);
      for (const group of groupsOf(setting)) {
        const client = connect(port);
        for (const [name, run] of group.cases) {
          if (matrix.exception(title, name, "our client") !== undefined) continue;
          await testCase(t, [title, name, "our client"], () => {
            if (setting !== "counted") return run(client);
            return countBytes(name, port, async (at) => {
              const counted = connect(at);
              await run(counted).finally(() => counted.close());
            });
          });
        }
        await client.close();
      }
    });
  }
}

/** Runs every case of a toolkit's client against our server. */
async function testOurServer(t: TestContext, peer: Peer): Promise<void> {
  const command = commandOf(peer, "probe");
  for (const setting of settings) {
    await withServer(setting, startOurs, async ({ port, certificates }) => {
      const ask = (at: number, names: readonly string[]) =>
        runClientCases(command, at, { host: hostOf(certificates), names, tlsFolder: certificates?.folder });
      const names = groupsOf(setting)
        .flatMap(({ cases }) => [...cases.keys()])
        .filter((name) => matrix.exception(peer.title, name, "our server") === undefined);
      const results = setting === "counted" ? [] : await ask(port, names);
      for (const name of names) {
        await testCase(t, [peer.title, name, "our server"], async () => {
          if (setting === "counted") {
            await countBytes(name, port, async (at) => void results.push(...(await ask(at, [name]))));
          }
          const result = results.find((candidate) => candidate.case === name);
          assert.ok(result !== undefined, "the client did not report this case");
          assert.ok(result.ok, result.detail);
        });
      }
    });
  }
}

/** One cell of the matrix. */
async function testCase(
  t: TestContext,
  [title, name, direction]: readonly [title: string, name: string, direction: Direction],
  run: () => Promise<void>,
): Promise<void> {
  await t.test(name, async () => {
    matrix.note(title, name, direction, false);
    await run();
    matrix.note(title, name, direction, true);
  });
}

async function startOurs(setting: Setting, certificates: Certificates | undefined) {
  const server = await serveFarcall({
    gzip: setting === "counted",
    ...(certificates !== undefined && { identity: certificates.identity }),
  });
  return { port: server.port, stop: () => server.close() };
}

test("our client and our server understand each other", (t) => testOurClient(t, "farcall", startOurs));

// Two at a time: each peer is a process of its own.
test("every toolkit and we understand each other", { concurrency: 2 }, async (t) => {
  const tests = peers.flatMap((peer) => [
    t.test(`our client understands the server of ${peer.title}`, async (inner) => {
      if (!needsPeer(peer, inner)) return;
      await testOurClient(inner, peer.title, (_, certificates) =>
        startServer(commandOf(peer, "probe"), { tlsFolder: certificates?.folder }),
      );
    }),
    t.test(`our server understands the client of ${peer.title}`, async (inner) => {
      if (needsPeer(peer, inner)) await testOurServer(inner, peer);
    }),
  ]);
  await Promise.all(tests);
});

after(() => console.log(matrix.format()));
