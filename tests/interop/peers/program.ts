// A TypeScript peer as a program, with the words that every peer understands: `server`, `client HOST:PORT [CASE...]`. With a
// folder of certificates in INTEROP_TLS both speak TLS.
import { groups } from "../cases/groups.ts";
import type { ProbeClient } from "../probe.ts";
import { type ProbeServer, readTlsFolder, type ServeOptions, serveAgain } from "../serving.ts";

/** A toolkit's two halves of the interop matrix. */
export interface Toolkit {
  serve(options: ServeOptions): Promise<ProbeServer>;
  /** A client of the server at `host:port`; with an authority to trust it speaks TLS. */
  connect(address: string, authority: string | undefined): ProbeClient;
}

/** Runs the cases named, or all, and prints one JSON line for each. */
async function runCases(client: ProbeClient, names: readonly string[]): Promise<void> {
  for (const [name, run] of groups.flatMap(({ cases }) => [...cases])) {
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
  const server = await serveAgain((options) => toolkit.serve(options), readTlsFolder()?.identity);
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
  const client = toolkit.connect(address, readTlsFolder()?.authority);
  await runCases(client, names);
  await client.close();
}
