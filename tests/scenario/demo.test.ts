// The demo as `npm run demo` starts it, after the build: what it prints, how it ends, and that it leaves nothing behind.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const program = fileURLToPath(new URL("../../examples/demo/main.js", import.meta.url));

/** The demo with a folder for temporary files of its own. */
function startDemo(context: TestContext, options: { readonly inside?: string; readonly env?: NodeJS.ProcessEnv } = {}) {
  const base = mkdtempSync(join(tmpdir(), "farcall-demo-test-"));
  const folder = join(base, options.inside ?? "");
  mkdirSync(folder, { recursive: true });
  const child = spawn(process.execPath, [program, "--short"], {
    env: { ...process.env, TMPDIR: folder, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text: Buffer) => {
    said.out += text.toString();
  });
  child.stderr.on("data", (text: Buffer) => {
    said.err += text.toString();
  });
  context.after(() => {
    child.kill("SIGKILL");
    rmSync(base, { recursive: true });
  });
  return { child, said, leftovers: () => readdirSync(folder) };
}

async function statusOf(child: ChildProcess): Promise<number | null> {
  const [status] = (await once(child, "close")) as [number | null];
  return status;
}

test("the demo shows all of its chapters, checks them, and leaves nothing behind", async (context) => {
  const { child, said, leftovers } = startDemo(context);
  assert.equal(await statusOf(child), 0, said.err);
  assert.equal(said.err, "");
  const chapters = [...said.out.matchAll(/^ ?(\d+) {2}\S/gm)].map((match) => Number(match[1]));
  assert.deepEqual(chapters, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  for (const words of [
    "gen/directories.ts written",
    "OS returned error: EEXIST: file already exists, mkdir 'photos'",
    "31 messages, cut by the server",
    "RENAMED first.txt hello.txt",
    "files.v1.Files/Read",
    "DEADLINE_EXCEEDED  connecting  not-executed",
    "UNAVAILABLE, unknown",
    "memory:demo",
    "the bare echo",
    "All as it should be",
  ]) {
    assert.ok(said.out.includes(words), `${words} is missing in:\n${said.out}`);
  }
  assert.ok(!said.out.includes("\u001b"), "no colours where no terminal is");
  assert.ok(!/[ \t]$/m.test(said.out), "no spaces at the ends of lines");
  assert.deepEqual(leftovers(), []);
});

test("on a terminal of 80 columns the demo breaks its lines itself, and has colours", (context) => {
  const base = mkdtempSync(join(tmpdir(), "farcall-demo-test-"));
  context.after(() => rmSync(base, { recursive: true }));
  const command = `stty cols 80; exec ${process.execPath} ${program} --short`;
  const env = { ...process.env, TMPDIR: base, TERM: "xterm", NO_COLOR: "" };
  const run = spawnSync("script", ["-qec", command, "/dev/null"], { encoding: "utf8", env });
  assert.equal(run.status, 0, run.stdout);
  assert.ok(run.stdout.includes("\u001b["), "colours on a terminal");
  for (const line of stripVTControlCharacters(run.stdout).split(/\r?\n/)) {
    assert.ok(line.length <= 80, `${line.length} columns: ${line}`);
  }
});

test("Ctrl-C ends the demo, its server and its files", async (context) => {
  const { child, said, leftovers } = startDemo(context);
  let server = 0;
  for await (const line of createInterface({ input: child.stdout as NodeJS.ReadableStream })) {
    server ||= Number(/^ {4}process {4}(\d+)$/.exec(line)?.[1] ?? 0);
    if (line.startsWith(" 3  ")) break;
  }
  child.kill("SIGINT");
  assert.equal(await statusOf(child), 130);
  assert.match(said.err, /The demo was stopped; its server and its files are gone\./);
  assert.deepEqual(leftovers(), []);
  assert.ok(server > 0);
  assert.throws(() => process.kill(server, 0), { code: "ESRCH" });
});

test("what does not hold ends the demo with a sentence", async (context) => {
  const { child, said, leftovers } = startDemo(context, { inside: "long".repeat(30) });
  assert.equal(await statusOf(child), 1);
  assert.match(said.err, /^\nThe demo failed\. .*the path has \d+ bytes and may have 107/s);
  assert.deepEqual(leftovers(), []);
});
