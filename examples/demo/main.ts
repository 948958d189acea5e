// Example, demo: `npm run demo`. Everything that it shows it also checks; it leaves nothing behind, also when it is stopped.
// `--short` measures less: for tests, not for figures.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { showCalls } from "./chapters/calls.ts";
import { showContract } from "./chapters/contract.ts";
import { showCancellation, showDeadlines, showServerError } from "./chapters/failures.ts";
import { showFiles } from "./chapters/files.ts";
import { showCommandLine, showForeignClient } from "./chapters/foreign.ts";
import { showRestart } from "./chapters/restart.ts";
import { showSpeed } from "./chapters/speed.ts";
import { showTransports } from "./chapters/transports.ts";
import { ServerProcess } from "./server-process.ts";
import { Stage } from "./stage.ts";
import type { World } from "./world.ts";

const maxSeconds = 60;
const roundMs = process.argv.includes("--short") ? 30 : 250;
const stage = new Stage(process.stdout);
const folder = mkdtempSync(join(tmpdir(), "farcall-demo-"));
const startedAt = performance.now();
let world: World | undefined;

async function cleanUp(): Promise<void> {
  await world?.server.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** Ends the demo before its time. */
async function stop(status: number, sentence: string): Promise<never> {
  process.stderr.write(`\n${stage.style("red", sentence)}\n`);
  await cleanUp();
  process.exit(status);
}

for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => void stop(status, "The demo was stopped; its server and its files are gone."));
}
process.once("uncaughtException", (error) => void stop(1, `The demo failed: ${error.stack}`));
setTimeout(() => void stop(1, `The demo did not end within ${maxSeconds} s.`), maxSeconds * 1000).unref();

async function startServer(): Promise<World> {
  stage.chapter("A server starts, in a process of its own");
  const root = join(folder, "root");
  mkdirSync(root);
  const addresses = ["tcp://127.0.0.1:0", `unix:${join(folder, "socket")}`];
  const { process: server, serving } = await ServerProcess.start(root, addresses);
  const [tcp, unix] = serving.addresses as [string, string];
  stage.facts([
    ["process", `${server.id}`],
    ["folder", root],
    ["addresses", tcp],
    ["", unix],
  ]);
  return { stage, folder, root, tcp, unix, rawPort: serving.rawPort, roundMs, server };
}

try {
  stage.line(stage.style("bold", "Farcall: calls to procedures on other machines"));
  stage.say("Each line below is checked as it is shown. All of it runs on this machine, and is removed at the end.");
  showContract(stage, folder);
  world = await startServer();
  await showCalls(world);
  await showServerError(world);
  await showDeadlines(world);
  await showCancellation(world);
  await showSpeed(world);
  await showFiles(world);
  await showForeignClient(world);
  await showCommandLine(world);
  // Serving in this process, too, switches on the context that follows a call: the speed is measured before it.
  await showTransports(world);
  await showRestart(world);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  stage.end(`All as it should be, in ${seconds} s.`, "The code: examples/demo and examples/directories.");
  await cleanUp();
} catch (error) {
  const sentence = error instanceof Error ? error.message : String(error);
  await stop(1, `The demo failed. This does not hold: ${sentence}`);
}
