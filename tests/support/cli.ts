// Test support: the `farcall` command as users run it, as a child process that a test talks to.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export interface CliResult {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command that runs. */
export interface CliProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** The next line of the standard output; undefined at its end. */
  nextLine(): Promise<string | undefined>;
  readonly finished: Promise<CliResult>;
}

/** Starts `farcall ...args`. It is ended with the test. */
export function startCli(context: TestContext, args: readonly string[], cwd = root): CliProcess {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const child = spawn(process.execPath, [join(root, "dist/cli.js"), ...args], { cwd, env });
  context.after(() => void child.kill("SIGKILL"));
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text.out += part;
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    text.err += part;
  });
  // It may end without having read all that is sent.
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const finished = once(child, "close").then(([status]) => ({ status: status as number | null, ...text }));
  return {
    child,
    finished,
    nextLine: async () => {
      const { done, value } = await lines.next();
      return done === true ? undefined : value;
    },
  };
}

/** Runs `farcall ...args` to its end. */
export function runCli(context: TestContext, args: readonly string[], input = ""): Promise<CliResult> {
  const { child, finished } = startCli(context, args);
  child.stdin.end(input);
  return finished;
}

/** A folder with files in it, from which modules can import farcall. */
export function makeFolder(context: TestContext, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(root, "build/cli"), { recursive: true });
  const folder = mkdtempSync(join(root, "build/cli/case-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
