// Attacks: the server that is attacked, as a process of its own. Run as a program (with --expose-gc) it serves until its
// parent says "exit", and tells what it holds when asked.
import { type ChildProcess, fork } from "node:child_process";
import { setImmediate as turn } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { implement, type ServeOptions, type ServerSnapshot, serve } from "farcall";
import { Target } from "./contract.ts";

/** What the process holds, after a collection of garbage. */
export interface Holding {
  /** heapUsed + external. */
  readonly bytes: number;
  /** Of the whole process, garbage and all. */
  readonly residentBytes: number;
  /** The kinds of handles that keep it open, with their numbers. */
  readonly handles: Readonly<Record<string, number>>;
  readonly snapshot: ServerSnapshot;
}

type Question = "holding" | "release" | "exit";

export class TargetProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  static async start(options: ServeOptions = {}): Promise<TargetProcess> {
    const child = fork(fileURLToPath(import.meta.url), [JSON.stringify(options)], { execArgv: ["--expose-gc"] });
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => resolve(message as number));
      child.once("exit", (code) => reject(new Error(`the target ended with ${code} before it listened`)));
    });
    return new TargetProcess(child, port);
  }

  get address(): string {
    return `tcp://127.0.0.1:${this.port}`;
  }

  /** Whether it has not fallen over. */
  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  holding(): Promise<Holding> {
    return this.#ask("holding") as Promise<Holding>;
  }

  /** Lets the handlers that hold end. */
  async release(): Promise<void> {
    await this.#ask("release");
  }

  async close(): Promise<void> {
    if (!this.isAlive) return;
    const gone = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.send("exit");
    await gone;
  }

  #ask(question: Question): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (code: number | null): void => reject(new Error(`the target ended with ${code}`));
      this.#child.once("exit", fail);
      this.#child.once("message", (answer) => {
        this.#child.removeListener("exit", fail);
        resolve(answer);
      });
      this.#child.send(question);
    });
  }
}

async function run(options: ServeOptions): Promise<void> {
  let release = (): void => {};
  let gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const target = implement(Target, {
    echo: (packet) => packet,
    hold: () => gate.then(() => ({})),
    large: ({ size }) => ({ payload: new Uint8Array(size) }),
    upload: async (packets) => {
      await gate;
      let size = 0;
      for await (const _packet of packets) size++;
      return { size };
    },
  });
  const server = await serve("tcp://127.0.0.1:0", [target], options);
  const collect = (globalThis as { gc?: () => void }).gc;
  if (collect === undefined) throw new Error("run it with --expose-gc");

  const holding = async (): Promise<Holding> => {
    for (let count = 0; count < 3; count++) {
      collect();
      await turn();
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    const handles: Record<string, number> = {};
    // Pipes are this process's own: to its parent, and its output.
    const kinds = process.getActiveResourcesInfo().filter((kind) => kind !== "PipeWrap");
    for (const kind of kinds) handles[kind] = (handles[kind] ?? 0) + 1;
    return { bytes: heapUsed + external, residentBytes: rss, handles, snapshot: server.snapshot() };
  };

  process.on("message", async (question: Question): Promise<void> => {
    if (question === "exit") process.exit(0);
    if (question === "holding") return void process.send?.(await holding());
    release();
    gate = new Promise((resolve) => {
      release = resolve;
    });
    process.send?.("released");
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.(Number(new URL(server.addresses[0] as string).port));
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await run(JSON.parse(process.argv[2] as string) as ServeOptions);
