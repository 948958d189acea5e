// gRPC's interoperability tests: the programs of both sides as child processes, on ports of a network that is ours alone.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export type Command = readonly [string, ...string[]];

export interface Outcome {
  readonly status: number | null;
  /** What it printed, both ways. */
  readonly text: string;
}

/** Runs a program to its end, or ends it by force after `maxMs`. */
export async function runToEnd(command: Command, words: readonly string[], maxMs: number, env = {}): Promise<Outcome> {
  const child = start(command, words, env);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (more: string) => {
      text += more;
    });
  }
  const force = setTimeout(() => child.kill("SIGKILL"), maxMs);
  const [status] = (await once(child, "close")) as [number | null];
  clearTimeout(force);
  return { status, text: status === null ? `${text}\nended by force after ${maxMs / 1000} s` : text };
}

/** Runs a server for as long as `task` does. */
export async function withServer(
  command: Command,
  words: readonly string[],
  port: number,
  task: () => Promise<void>,
): Promise<void> {
  const child = start(command, words, {});
  child.stdout?.resume();
  let text = "";
  child.stderr?.setEncoding("utf8").on("data", (more: string) => {
    text = (text + more).slice(-2000);
  });
  const gone = once(child, "close");
  try {
    if (!(await listens(port, child))) throw new Error(`${command.join(" ")} does not listen at ${port}:\n${text}`);
    await task();
  } finally {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), 3_000);
    await gone;
    clearTimeout(force);
  }
}

function start([program, ...first]: Command, words: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(program, [...first, ...words], { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
}

/** Whether somebody takes connections there, within half a minute. */
async function listens(port: number, child: ChildProcess): Promise<boolean> {
  for (let attempt = 0; attempt < 300 && child.exitCode === null; attempt++) {
    const socket = connect(port, "127.0.0.1");
    const connected = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return true;
    await sleep(100);
  }
  return false;
}
