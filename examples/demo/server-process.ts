// Example, demo: the server's process, seen from the demo: started, listened to, killed.
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ServerNote } from "./server.ts";
import { DemoFailure } from "./stage.ts";

const program = fileURLToPath(new URL("./server.js", import.meta.url));
/** Long enough for a busy machine; a note that is not there by then will not come. */
const noteTimeoutMs = 10_000;

type NoteOf<Kind extends ServerNote["kind"]> = Extract<ServerNote, { readonly kind: Kind }>;

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #notes: ServerNote[] = [];
  readonly #gone: Promise<void>;
  #wake: () => void = () => {};
  #said = "";
  #running = true;

  private constructor(args: readonly string[]) {
    const child = spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "pipe"] });
    this.#child = child;
    // It may be killed while we hold its input open.
    child.stdin.on("error", () => {});
    createInterface({ input: child.stdout }).on("line", (line) => {
      this.#notes.push(JSON.parse(line) as ServerNote);
      this.#wake();
    });
    child.stderr.on("data", (text: Buffer) => {
      this.#said += text.toString();
    });
    this.#gone = new Promise((resolve) => {
      child.on("exit", () => {
        this.#running = false;
        this.#wake();
        resolve();
      });
    });
  }

  /** Starts a server of `root` at `addresses`; resolves when it serves. */
  static async start(
    root: string,
    addresses: readonly string[],
  ): Promise<{ readonly process: ServerProcess; readonly serving: NoteOf<"serving"> }> {
    const process = new ServerProcess([root, ...addresses]);
    try {
      return { process, serving: await process.next("serving") };
    } catch (error) {
      await process.kill();
      throw error;
    }
  }

  get id(): number | undefined {
    return this.#child.pid;
  }

  /** The next note of a kind, of those that were not taken yet. */
  async next<Kind extends ServerNote["kind"]>(kind: Kind): Promise<NoteOf<Kind>> {
    const giveUpAt = performance.now() + noteTimeoutMs;
    for (;;) {
      const at = this.#notes.findIndex((note) => note.kind === kind);
      if (at >= 0) return this.#notes.splice(at, 1)[0] as NoteOf<Kind>;
      if (!this.#running) throw new DemoFailure(`the server ended before it said "${kind}": ${this.#said}`);
      if (performance.now() > giveUpAt) throw new DemoFailure(`the server did not say "${kind}" in time`);
      await this.#nextNote(giveUpAt - performance.now());
    }
  }

  /** kill -9: the process gets no chance to say goodbye. Resolves when it is gone. */
  kill(): Promise<void> {
    if (this.#running) this.#child.kill("SIGKILL");
    return this.#gone;
  }

  #nextNote(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
