// Foreign peers as the tests and the benchmark find them: what `npm run peers` has brought, and their servers as child
// processes. Children are ended by their own standard input; a child that stays is killed by its id.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const treeRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** One row of `npm run peers -- --check --json`. */
export interface Peer {
  readonly name: string;
  /** As tables call it: `gRPC C++`. */
  readonly title: string;
  readonly role: "toolkit" | "tool";
  readonly ready: boolean;
  readonly version?: string;
  /** Where it lies, when it is files more than programs. */
  readonly folder?: string;
  /** Program name to command line; absent when the peer is missing. */
  readonly programs?: Readonly<Record<string, readonly [string, ...string[]]>>;
  /** Why it is missing, and what brings it. */
  readonly why?: string;
  readonly command?: string;
}

/** Every toolkit that has a part in the interop matrix, in the order of the tables. */
export function findPeers(): readonly Peer[] {
  return readReport().filter(({ role }) => role === "toolkit");
}

/** A peer by its name, whatever it is. */
export function findPeer(name: string): Peer {
  const found = readReport().find((peer) => peer.name === name);
  if (found === undefined) throw new Error(`no peer is called ${name}`);
  return found;
}

function readReport(): readonly Peer[] {
  const run = spawnSync(process.execPath, [`${treeRoot}/scripts/peers.mjs`, "--check", "--json"], { encoding: "utf8" });
  if (run.error !== undefined || run.stdout === "") throw new Error(`peers.mjs did not report: ${run.stderr}`);
  return JSON.parse(run.stdout) as readonly Peer[];
}

/** Skips a test whose peer is missing, or fails it with FARCALL_REQUIRE_PEERS=1; true when the peer is there. */
export function needsPeer(peer: Peer, t: TestContext): boolean {
  if (peer.ready) return true;
  const reason = `${peer.title} is missing (${peer.why ?? "not brought"}): npm run peers`;
  assert.ok(process.env["FARCALL_REQUIRE_PEERS"] !== "1", reason);
  t.skip(reason);
  return false;
}

/** The command line of a peer's program; throws when the peer is missing. */
export function commandOf(peer: Peer, program: string): readonly [string, ...string[]] {
  const command = peer.programs?.[program];
  if (command === undefined)
    throw new Error(`${peer.title} has no program ${program}: ${peer.why ?? "it is not built"}`);
  return command;
}

/** A server in a child process. */
export interface ServerProcess {
  readonly port: number;
  readonly pid: number;
  /** Ends it; resolves when it is gone. */
  stop(): Promise<void>;
}

/** How peers are told of TLS: a folder of certificates, by INTEROP_TLS. */
function environmentOf(tlsFolder: string | undefined): NodeJS.ProcessEnv {
  return tlsFolder === undefined ? process.env : { ...process.env, INTEROP_TLS: tlsFolder };
}

/** Starts `command... server` and waits for its `LISTENING port` line. */
export async function startServer(
  command: readonly [string, ...string[]],
  options: { readonly tlsFolder?: string | undefined } = {},
): Promise<ServerProcess> {
  const env = environmentOf(options.tlsFolder);
  const child = spawn(command[0], [...command.slice(1), "server"], { stdio: ["pipe", "pipe", "inherit"], env });
  const gone = once(child, "close");
  const lines = createInterface({ input: child.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    void gone.then(() => reject(new Error(`${command.join(" ")} server ended before it listened`)));
    lines.on("line", (line) => {
      const found = /^LISTENING (\d+)$/.exec(line);
      if (found !== null) resolve(Number(found[1]));
    });
  });
  return { port, pid: child.pid as number, stop: () => stopChild(child, gone) };
}

/** Ends a child through its standard input, and after a while by force. */
async function stopChild(child: ChildProcess, gone: Promise<unknown>): Promise<void> {
  child.stdin?.end();
  const force = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(force);
}

/** What a peer's client prints for one case. */
export interface CaseResult {
  readonly case: string;
  readonly ok: boolean;
  readonly detail: string;
}

export interface ClientOptions {
  /** Default: 127.0.0.1. */
  readonly host?: string;
  /** The cases to run; default: all. */
  readonly names?: readonly string[];
  readonly tlsFolder?: string | undefined;
}

/** Runs `command... client HOST:PORT [CASE...]` to its end and returns what it reported for each case. */
export async function runClientCases(
  command: readonly [string, ...string[]],
  port: number,
  { host = "127.0.0.1", names = [], tlsFolder }: ClientOptions = {},
): Promise<CaseResult[]> {
  const words = [...command.slice(1), "client", `${host}:${port}`, ...names];
  const child = spawn(command[0], words, { stdio: ["ignore", "pipe", "inherit"], env: environmentOf(tlsFolder) });
  const force = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const results: CaseResult[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    results.push(JSON.parse(line) as CaseResult);
  }
  clearTimeout(force);
  return results;
}
