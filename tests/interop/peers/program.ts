// A TypeScript peer as a program, with the words that every peer understands: `server`, `client HOST:PORT [CASE...]`.
import { cases } from "../cases.ts";
import type { ProbeClient, ProbeServer } from "../probe.ts";

/** A toolkit's two halves of the interop matrix. */
export interface Toolkit {
  serve(): Promise<ProbeServer>;
  /** A client of the server at `host:port`. */
  connect(address: string): ProbeClient;
}

/** Runs the cases named, or all, and prints one JSON line for each. */
async function runCases(client: ProbeClient, names: readonly string[]): Promise<void> {
  for (const [name, run] of cases) {
    if (names.length > 0 && !names.includes(name)) continue;
    const detail = await run(client).then(
      () => "",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    console.log(JSON.stringify({ case: name, ok: detail === "", detail }));
  }
}

/** Serves until standard input ends or the process is told to stop. */
async function serveUntilStopped(toolkit: Toolkit): Promise<void> {
  const server = await toolkit.serve();
  const stop = (): void => {
    void server.close().then(() => process.exit(0));
  };
  process.on("SIGTERM", stop);
  process.stdin.on("end", stop).resume();
  console.log(`LISTENING ${server.port}`);
}

/** Obeys the command line. */
export async function runProgram(toolkit: Toolkit): Promise<void> {
  const [verb, address, ...names] = process.argv.slice(2);
  if (verb === "server") return serveUntilStopped(toolkit);
  if (verb !== "client" || address === undefined) {
    console.error("usage: server | client HOST:PORT [CASE...]");
    process.exit(2);
  }
  const client = toolkit.connect(address);
  await runCases(client, names);
  await client.close();
}
