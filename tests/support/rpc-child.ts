// Test support: a server in a process of its own, which a test may stop, kill and start again. Run as a program it serves
// the probe at the address given and writes that address, then a line for each handler that starts.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { serve } from "farcall";
import { implementProbe, Tally } from "./rpc-probe.ts";

/** A served process. */
export class ChildServer {
  static readonly #running = new Set<ChildServer>();
  readonly address: string;
  readonly process: ChildProcess;
  /** Tags of the handlers that started. */
  readonly started: string[];

  private constructor(process: ChildProcess, address: string, started: string[]) {
    this.process = process;
    this.address = address;
    this.started = started;
    ChildServer.#running.add(this);
    process.once("close", () => ChildServer.#running.delete(this));
  }

  /** Ends those that a failed test has left: they would keep its process open. */
  static async killAll(): Promise<void> {
    for (const child of [...ChildServer.#running]) await child.kill();
  }

  /** Starts one; at an address that an earlier one had, or any. */
  static async start(address = "tcp://127.0.0.1:0"): Promise<ChildServer> {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), address], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const started: string[] = [];
    let rest = "";
    const bound = await new Promise<string>((resolve, reject) => {
      child.once("exit", (code) => reject(new Error(`the server ended with ${code} before it listened`)));
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        const lines = (rest + text).split("\n");
        rest = lines.pop() as string;
        for (const line of lines) {
          if (line.startsWith("at ")) resolve(line.slice(3));
          else started.push(line);
        }
      });
    });
    return new ChildServer(child, bound, started);
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** Ends it at once, and waits until it has gone. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once("close", resolve));
    this.process.kill("SIGKILL");
    await gone;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const behave = async ({ tag }: { tag: string }) => {
    process.stdout.write(`${tag}\n`);
    if (tag.startsWith("slow")) await new Promise((resolve) => setTimeout(resolve, 300));
    return { tag };
  };
  const server = await serve(process.argv[2] as string, [implementProbe(new Tally(), behave)]);
  process.stdout.write(`at ${server.addresses[0]}\n`);
}
