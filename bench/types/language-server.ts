// Benchmark, types: the compiler as an editor has it: `tsc --lsp` (Language Server Protocol 3.17, messages behind a
// `Content-Length` header). It asks one thing at a time; every wait is bounded.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { pathToFileURL } from "node:url";
import { compilerPath, Workshop } from "./compiler.ts";
import { type Form, writeContract, writeUnfinished } from "./contract.ts";

const maxAnswerMs = 60_000;

export interface CompletionCosts {
  readonly form: Form;
  readonly methods: number;
  /** Methods of the contract among what the editor is offered. */
  readonly offered: number;
  /** From the first question, which checks the program, and from the same one again after a key was pressed. */
  readonly firstMs: number;
  readonly againMs: number;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: unknown;
}

class LanguageServer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (message: Message) => void>();
  #nextId = 1;
  #held: Buffer = Buffer.alloc(0);

  constructor(folder: string) {
    const words = [compilerPath, "--lsp", "-stdio"];
    this.#child = spawn(process.execPath, words, { cwd: folder, stdio: ["pipe", "pipe", "ignore"] });
    this.#child.stdout.on("data", (bytes: Buffer) => this.#receive(bytes));
  }

  ask(method: string, params: unknown): Promise<unknown> {
    const id = this.#nextId++;
    this.#send({ id, method, params });
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${method}`)), maxAnswerMs);
      this.#waiting.set(id, ({ result, error }) => {
        clearTimeout(timer);
        if (error === undefined) resolve(result);
        else reject(new Error(`${method}: ${JSON.stringify(error)}`));
      });
    });
  }

  tell(method: string, params: unknown): void {
    this.#send({ method, params });
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("close", resolve));
    const force = setTimeout(() => this.#child.kill("SIGKILL"), 3_000);
    await this.ask("shutdown", null).catch(() => {});
    this.tell("exit", null);
    this.#child.stdin.end();
    await gone;
    clearTimeout(force);
  }

  #send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message });
    this.#child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  }

  #receive(bytes: Buffer): void {
    this.#held = Buffer.concat([this.#held, bytes]);
    for (;;) {
      const bodyAt = this.#held.indexOf("\r\n\r\n") + 4;
      const length = Number(/Content-Length: (\d+)/i.exec(this.#held.toString("latin1", 0, bodyAt))?.[1]);
      if (bodyAt < 4 || this.#held.length < bodyAt + length) return;
      const message = JSON.parse(this.#held.toString("utf8", bodyAt, bodyAt + length)) as Message;
      this.#held = this.#held.subarray(bodyAt + length);
      if (message.id === undefined) continue;
      // The server's own questions (about settings, for example) are answered with nothing.
      if (message.method !== undefined) this.#send({ id: message.id, result: null });
      else this.#waiting.get(message.id)?.(message);
    }
  }
}

/** Asks what may follow `stub.` in a program of a contract with so many methods. */
export async function measureCompletion(form: Form, methods: number): Promise<CompletionCosts> {
  const workshop = new Workshop(`${form}-${methods}-completion`);
  const text = writeUnfinished("contract.js");
  workshop.write("contract.ts", writeContract(form, methods));
  const uri = pathToFileURL(workshop.write("program.ts", text)).href;
  const server = new LanguageServer(workshop.folder);
  try {
    await server.ask("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(workshop.folder).href,
      capabilities: { textDocument: { completion: {} } },
    });
    server.tell("initialized", {});
    server.tell("textDocument/didOpen", { textDocument: { uri, languageId: "typescript", version: 1, text } });
    const lines = text.split("\n");
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    const complete = async (): Promise<{ ms: number; offered: number }> => {
      const startedAt = performance.now();
      const result = await server.ask("textDocument/completion", { textDocument: { uri }, position });
      const items = (Array.isArray(result) ? result : (result as { items: unknown[] }).items) as { label: string }[];
      const offered = items.filter(({ label }) => /^m\d+$/.test(label)).length;
      return { ms: performance.now() - startedAt, offered };
    };
    const first = await complete();
    server.tell("textDocument/didChange", {
      textDocument: { uri, version: 2 },
      contentChanges: [{ text: `${text.slice(0, text.lastIndexOf("\n") + 1)}${lines.at(-1)}` }],
    });
    const again = await complete();
    return { form, methods, offered: first.offered, firstMs: first.ms, againMs: again.ms };
  } finally {
    await server.stop();
    workshop.remove();
  }
}
