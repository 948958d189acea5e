// Our client against every foreign gRPC server, every foreign client against our server, and ourselves. A peer that is
// missing is skipped by name; with FARCALL_REQUIRE_PEERS=1 it fails. The whole matrix is printed at the end.
import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { commandOf, findPeers, needsPeer, runClientCases, startServer } from "../support/peer-programs.ts";
import { cases } from "./cases.ts";
import { connectFarcall, serveFarcall } from "./farcall.ts";

type Direction = "our client" | "our server";
/** Peer title, case and direction, to how it went. */
const outcomes = new Map<string, "ok" | "FAIL">();

function note(title: string, name: string, direction: Direction, passed: boolean): void {
  outcomes.set(`${title} ${name} ${direction}`, passed ? "ok" : "FAIL");
}

/** Runs every case of our client against the server at `port`, each as a test of its own. */
async function testOurClient(t: TestContext, title: string, port: number): Promise<void> {
  const client = connectFarcall(`127.0.0.1:${port}`);
  try {
    for (const [name, run] of cases) {
      await t.test(name, async () => {
        note(title, name, "our client", false);
        await run(client);
        note(title, name, "our client", true);
      });
    }
  } finally {
    await client.close();
  }
}

const peers = findPeers();

test("our client and our server understand each other", async (t) => {
  const server = await serveFarcall();
  try {
    await testOurClient(t, "farcall", server.port);
  } finally {
    await server.close();
  }
});

for (const peer of peers) {
  test(`our client understands the server of ${peer.title}`, async (t) => {
    if (!needsPeer(peer, t)) return;
    const server = await startServer(commandOf(peer, "probe"));
    try {
      await testOurClient(t, peer.title, server.port);
    } finally {
      await server.stop();
    }
  });

  test(`our server understands the client of ${peer.title}`, async (t) => {
    if (!needsPeer(peer, t)) return;
    const server = await serveFarcall();
    try {
      const results = await runClientCases(commandOf(peer, "probe"), server.port);
      for (const name of cases.keys()) {
        await t.test(name, () => {
          const result = results.find((candidate) => candidate.case === name);
          note(peer.title, name, "our server", result?.ok === true);
          assert.ok(result !== undefined, "the client did not report this case");
          assert.ok(result.ok, result.detail);
        });
      }
    } finally {
      await server.close();
    }
  });
}

/** The matrix: a row a case, a column a peer; our client with its server, then its client with our server. */
function formatMatrix(): string {
  const titles = peers.map(({ title }) => title);
  const widths = titles.map((title) => Math.max(title.length, 9));
  const cell = (title: string, name: string, direction: Direction): string =>
    (outcomes.get(`${title} ${name} ${direction}`) ?? "-").padEnd(4);
  const head = ["".padEnd(22), ...titles.map((title, index) => title.padEnd(widths[index] ?? 0))].join("  ");
  const lines = [...cases.keys()].map((name) => {
    const cells = titles.map((title, index) =>
      `${cell(title, name, "our client")} ${cell(title, name, "our server")}`.padEnd(widths[index] ?? 0),
    );
    return [name.padEnd(22), ...cells].join("  ").trimEnd();
  });
  return [`gRPC interop: our client with its server, its client with our server`, head.trimEnd(), ...lines].join("\n");
}

after(() => console.log(formatMatrix()));
