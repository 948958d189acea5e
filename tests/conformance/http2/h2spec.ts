// h2spec and h2specd, which judge HTTP/2 servers and clients case by case: how they are run on ours, and how what they print
// is read. h2specd's status is 0 also when cases fail, so that only the summary and the list of failures count.
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { certs } from "../../support/certs/certs.ts";
import { commandOf, type Peer, startServer } from "../../support/peer-programs.ts";

export type Judge = "h2spec" | "h2specd";
export type Transport = "clear" | "tls";

/** A case that fails because RFC 9113 wants something else than RFC 7540, from which the judges were written. */
export interface Waived {
  readonly judge: Judge;
  /** As the judge's own command takes it: group, section, number. */
  readonly name: string;
  readonly reason: string;
}

export interface Report {
  /** The judge's own line. */
  readonly summary: string;
  readonly total: number;
  readonly skipped: number;
  /** Names of the cases that failed, each with what the judge says of it. */
  readonly failed: ReadonlyMap<string, string>;
}

/** How many cases each judge has: one that ran fewer has judged nothing. */
export const caseCounts: Readonly<Record<Judge, number>> = { h2spec: 146, h2specd: 57 };

const groupNames: Readonly<Record<string, string>> = {
  "Generic tests for HTTP/2 server": "generic",
  "Hypertext Transfer Protocol Version 2 (HTTP/2)": "http2",
  "HPACK: Header Compression for HTTP/2": "hpack",
  "Generic tests for HTTP/2 client": "client",
};

/** Reads what a judge printed. Throws when it did not come to its summary. */
export function parseReport(text: string): Report {
  const found = /^(\d+) tests, \d+ passed, (\d+) skipped, (\d+) failed$/m.exec(text);
  if (found === null) throw new Error(`no summary was printed; the end is:\n${text.slice(-2000)}`);
  const failed = new Map<string, string>();
  let group = "";
  let section = "";
  let name = "";
  const listed = text.slice(text.indexOf("Failures:") + "Failures:".length, found.index);
  for (const line of text.includes("Failures:") ? listed.split("\n") : []) {
    const words = line.trim();
    const failure = /^× (\d+): /.exec(words);
    if (groupNames[words] !== undefined) group = groupNames[words];
    else if (failure !== null) {
      name = `${group}/${section}/${failure[1]}`;
      failed.set(name, words.slice(failure[0].length));
    } else if (/^[\d.]+ /.test(words)) section = (words.split(" ", 1)[0] as string).replace(/\.$/, "");
    else if (words !== "" && name !== "") failed.set(name, `${failed.get(name)}\n    ${words}`);
  }
  const [summary, total, skipped, failedCount] = found;
  if (failed.size !== Number(failedCount)) throw new Error(`${summary}, but ${failed.size} failures are listed`);
  return { summary, total: Number(total), skipped: Number(skipped), failed };
}

/** What a report must not have, a sentence each. */
export function complaintsOf(judge: Judge, report: Report, waived: readonly Waived[]): string[] {
  const own = waived.filter((one) => one.judge === judge);
  const complaints: string[] = [];
  if (report.total !== caseCounts[judge]) complaints.push(`${report.total} cases ran, not ${caseCounts[judge]}`);
  if (report.skipped > 0) complaints.push(`${report.skipped} cases were skipped: our side has not what they need`);
  for (const [name, text] of report.failed) {
    if (!own.some((one) => one.name === name)) complaints.push(`${name} failed: ${text}`);
  }
  for (const { name } of own) {
    if (!report.failed.has(name)) complaints.push(`${name} passes now: take it off the list of waived cases`);
  }
  return complaints;
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const program = (name: string) => fileURLToPath(new URL(`./${name}.js`, import.meta.url));
/** How long a case waits for what should come, in whole seconds; a case that passes hardly waits. */
const caseSeconds = "1";
/** A whole run takes a minute at most, even with every case failing. */
const maxRunMs = 180_000;

/** Lets h2spec judge our server. */
export async function runH2spec(peer: Peer, transport: Transport): Promise<Report> {
  const server = await startServer([process.execPath, program("server"), transport]);
  try {
    const tls = transport === "tls" ? ["--tls", "--insecure"] : [];
    const words = ["--strict", "--host", "127.0.0.1", "--port", String(server.port), "--timeout", caseSeconds, ...tls];
    return parseReport(await output(commandOf(peer, "h2spec"), words));
  } finally {
    await server.stop();
  }
}

/** Lets h2specd judge our client. It listens on one port a case, in a row. */
export async function runH2specd(peer: Peer, transport: Transport): Promise<Report> {
  const folder = `build/h2specd-${transport}`;
  mkdirSync(`${root}${folder}`, { recursive: true });
  const quoted = [process.execPath, program("client")].map((word) => `'${word.replaceAll("'", "'\\''")}'`);
  // Its command line is cut at spaces, so that it gets a name without any.
  writeFileSync(`${root}${folder}/client`, `#!/bin/sh\nexec ${quoted.join(" ")} "$@"\n`);
  chmodSync(`${root}${folder}/client`, 0o755);
  writeFileSync(`${root}${folder}/server.crt`, certs.server.cert);
  writeFileSync(`${root}${folder}/server.key`, certs.server.key);
  const from = await findPorts(caseCounts.h2specd);
  const tls = ["--tls", "--cert-file", `${folder}/server.crt`, "--cert-key-file", `${folder}/server.key`];
  const words = ["--host", "127.0.0.1", "--from-port", String(from), "--timeout", caseSeconds];
  const ways = [...words, "--exec", `${folder}/client`, ...(transport === "tls" ? tls : [])];
  return parseReport(await output(commandOf(peer, "h2specd"), ways));
}

function output([command, ...first]: readonly [string, ...string[]], words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, timeout: maxRunMs, killSignal: "SIGKILL" } as const;
    const child = spawn(command, [...first, ...words], { stdio: ["ignore", "pipe", "pipe"], ...options });
    let text = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
      });
    }
    child.on("error", reject);
    child.on("close", () => resolve(text));
  });
}

/** Below the ports that the system gives to clients. */
const firstPort = 20_000;
const lastPort = 32_000;

/** The first of `count` loopback ports in a row that are free now. */
async function findPorts(count: number): Promise<number> {
  const places = Math.floor((lastPort - firstPort) / count);
  for (let attempt = 0; attempt < places; attempt++) {
    const from = firstPort + ((process.pid + attempt) % places) * count;
    const bound = await Promise.all(Array.from({ length: count }, (_, index) => bind(from + index)));
    for (const server of bound) server?.close();
    if (bound.every((server) => server !== undefined)) return from;
  }
  throw new Error(`no ${count} free ports in a row between ${firstPort} and ${lastPort}`);
}

function bind(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
