// Soak: the server's process as the client's process has it: it is asked one thing after the other.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ServeOptions } from "farcall";
import type { ProcessSample } from "./sample.ts";

export interface ServerSample extends ProcessSample {
  readonly connections: number;
  readonly openCalls: number;
  readonly runningCalls: number;
  readonly queuedCalls: number;
  readonly bufferedBytes: number;
  readonly deadlines: number;
  /** How many ports of clients calls have come from: each was a connection. */
  readonly clientPorts: number;
}

/** What is asked, and what is answered. */
export interface Answers {
  /** Closes the server at once, its calls with it, and serves at the same address again. */
  readonly close: "serves again";
  /** The same, but lets calls end for 100 ms. */
  readonly drain: "serves again";
  readonly sample: ServerSample;
  /** The pages of what its handlers did. */
  readonly record: readonly Uint8Array[];
  /** Closes the server for good: what the process held before it served, and holds now. */
  readonly end: { readonly before: ProcessSample; readonly after: ProcessSample };
}
export type Question = keyof Answers;

export class ServerProcess {
  readonly address: string;
  readonly #child: ChildProcess;
  #asked: Promise<unknown> = Promise.resolve();

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
  }

  static async start(options: ServeOptions): Promise<ServerProcess> {
    const program = fileURLToPath(new URL("./server.js", import.meta.url));
    const child = fork(program, [JSON.stringify(options)], { execArgv: ["--expose-gc"], serialization: "advanced" });
    const [address] = (await nextMessage(child)) as [string];
    return new ServerProcess(child, address);
  }

  ask<One extends Question>(question: One): Promise<Answers[One]> {
    const asking = this.#asked.then(async () => {
      const answer = nextMessage(this.#child);
      this.#child.send(question);
      return (await answer)[0] as Answers[One];
    });
    this.#asked = asking.catch(() => {});
    return asking;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "close");
    this.#child.kill("SIGKILL");
    await gone;
  }
}

/** The next message; an error when the process ends before. */
async function nextMessage(child: ChildProcess): Promise<unknown[]> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(child, "message", { signal }),
      once(child, "exit", { signal }).then(([code]) => {
        throw new Error(`the server's process ended with ${code}`);
      }),
    ]);
  } finally {
    waiting.abort();
  }
}
