// `farcall gen --watch` as users run it, and what is shown of long work.
import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Progress } from "./progress.ts";
import { createOutput } from "./terminal.ts";

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

function prepare(context: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "farcall-watch-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "protos"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** A command that runs, and a way to wait for what it prints. */
class Watcher {
  readonly child: ChildProcessWithoutNullStreams;
  text = "";
  #from = 0;
  #woken: () => void = () => {};

  constructor(context: TestContext, folder: string, args: readonly string[]) {
    this.child = spawn(process.execPath, [cli, "gen", ...args], {
      cwd: folder,
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    context.after(() => void this.child.kill("SIGKILL"));
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding("utf8").on("data", (part: string) => {
        this.text += part;
        this.#woken();
      });
    }
    this.child.on("close", () => this.#woken());
  }

  /** Waits until it prints what matches behind what was waited for before. */
  async prints(pattern: RegExp): Promise<void> {
    for (;;) {
      const found = pattern.exec(this.text.slice(this.#from));
      if (found !== null) {
        this.#from += found.index + found[0].length;
        return;
      }
      assert.equal(this.child.exitCode, null, this.text);
      await new Promise<void>((resolve) => {
        this.#woken = resolve;
      });
    }
  }
}

const whole = 'syntax = "proto3"; import "b.proto"; message A { B b = 1; }';
const args = ["protos/a.proto", "-I", "protos", "--out", "gen"];

test("--watch generates anew when a file or an import changes, and ends on SIGINT", async (context) => {
  const folder = prepare(context, {
    "protos/a.proto": whole,
    "protos/b.proto": 'syntax = "proto3"; message B {}',
  });
  const watcher = new Watcher(context, folder, [...args, "--watch"]);
  await watcher.prints(/watching: Ctrl\+C ends it\n(?:.*\n)*?gen\/a\.ts written\n/);
  // As editors do it: another file takes its place.
  writeFileSync(join(folder, "protos/b.new"), 'syntax = "proto3"; message B { string added = 1; }');
  renameSync(join(folder, "protos/b.new"), join(folder, "protos/b.proto"));
  await watcher.prints(/\d\d:\d\d:\d\d protos\/b\.proto changed\ngen\/b\.ts written\n/);
  assert.match(readFileSync(join(folder, "gen/b.ts"), "utf8"), /added: string;/);
  watcher.child.kill("SIGINT");
  assert.deepEqual(await once(watcher.child, "close"), [0, null]);
});

test("--watch survives a broken file and says when all is whole again", async (context) => {
  const folder = prepare(context, { "protos/a.proto": whole });
  const watcher = new Watcher(context, folder, [...args, "--watch"]);
  await watcher.prints(/"b\.proto" was not found(?:.*\n)*?1 error: nothing was written\n/);
  // An import that was missing appears.
  writeFileSync(join(folder, "protos/b.proto"), 'syntax = "proto3"; message B {}');
  await watcher.prints(/gen\/a\.ts written\n/);
  await watcher.prints(/all files are whole again\n/);
  writeFileSync(join(folder, "protos/a.proto"), Uint8Array.of(0xff));
  await watcher.prints(/protos\/a\.proto is not UTF-8 text/);
  rmSync(join(folder, "protos/a.proto"));
  await watcher.prints(/there is no such file/);
  writeFileSync(join(folder, "protos/a.proto"), whole);
  await watcher.prints(/all files are whole again\n/);
  watcher.child.kill("SIGTERM");
  assert.deepEqual(await once(watcher.child, "close"), [0, null]);
});

test("--watch --json prints a value a line, and --watch does not go with --check", async (context) => {
  const folder = prepare(context, { "protos/a.proto": 'syntax = "proto3"; message A {}' });
  const watcher = new Watcher(context, folder, [...args, "--watch", "--json"]);
  await watcher.prints(/\n/);
  assert.deepEqual((JSON.parse(watcher.text) as { files: unknown }).files, [{ path: "gen/a.ts", status: "written" }]);
  watcher.child.kill("SIGINT");
  await once(watcher.child, "close");
  const misused = spawnSync(process.execPath, [cli, "gen", ...args, "--watch", "--check"], { cwd: folder });
  assert.equal(misused.status, 2);
});

/** What an output shows of `steps` steps that take a millisecond each. */
function shown(isTTY: boolean, steps: number, stepMs = 1): string {
  const written: string[] = [];
  const output = createOutput({
    isTTY,
    columns: 80,
    on: () => {},
    write: (text: string) => written.push(text) > 0,
  } as never);
  let now = 0;
  const progress = new Progress(output, "files", () => now);
  for (let step = 0; step < steps; step++) {
    now += stepMs;
    progress.step("reading");
  }
  progress.begin("writing", steps);
  progress.end();
  output.line("done");
  return written.join("");
}

test("progress is shown on a terminal only, for many steps or long ones, and leaves no trace", () => {
  assert.equal(shown(true, 10), "done\n");
  assert.equal(shown(false, 200), "done\n");
  const erase = "\r\u001b[2K";
  assert.equal(
    shown(true, 110),
    `${erase}reading 51 files${erase}reading 101 files${erase}writing 0 of 110 files${erase}done\n`,
  );
  assert.match(shown(true, 3, 600), /reading 2 files/);
});
