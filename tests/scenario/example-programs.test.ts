// The directories example as a person uses it: two programs on the command line.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateFiles, linkFiles } from "farcall/idl";

const programs = fileURLToPath(new URL("../../examples/directories", import.meta.url));
const sources = fileURLToPath(new URL("../../../examples/directories", import.meta.url));

function run(...args: readonly string[]): {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
} {
  const [program, ...rest] = args;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(programs, `${program}.js`), ...rest], {
    encoding: "utf8",
  });
  return { status, out: stdout, err: stderr };
}

/** A running server on a folder of its own; `address` is where it says that it serves. */
async function startServer(context: TestContext): Promise<{ root: string; address: string; process: ChildProcess }> {
  const root = mkdtempSync(join(tmpdir(), "farcall-programs-"));
  const server = spawn(process.execPath, [join(programs, "server.js"), root, "tcp://127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => {
    server.kill("SIGKILL");
    rmSync(root, { recursive: true });
  });
  const [line] = (await once(createInterface({ input: server.stdout }), "line")) as [string];
  assert.match(line, /^serving .+ at tcp:\/\/127\.0\.0\.1:\d+$/);
  return { root, address: line.slice(line.lastIndexOf(" ") + 1), process: server };
}

test("the client makes, lists, renames and removes what the server serves", async (context) => {
  const { root, address, process: server } = await startServer(context);
  const to = ["--address", address];
  assert.deepEqual(run("client", "list", ...to), { status: 0, out: "/ is empty\n", err: "" });
  assert.deepEqual(run("client", "make", "photos", ...to), { status: 0, out: "made photos\n", err: "" });
  writeFileSync(join(root, "notes"), "");
  assert.deepEqual(run("client", "list", ...to), { status: 0, out: "notes\nphotos/\n", err: "" });
  assert.deepEqual(run("client", "make", "photos", ...to), {
    status: 1,
    out: "",
    err:
      "ALREADY_EXISTS: OS returned error: EEXIST: file already exists, mkdir 'photos'\n" +
      "The call was executed: this is the server's answer.\n",
  });
  assert.equal(run("client", "rename", "photos", "pictures", ...to).status, 0);
  assert.deepEqual(readdirSync(root).sort(), ["notes", "pictures"]);
  assert.equal(run("client", "remove", "pictures", ...to).status, 0);
  server.kill("SIGTERM");
  assert.deepEqual(await once(server, "exit"), [0, null]);
  assert.deepEqual(run("client", "list", ...to), {
    status: 1,
    out: "",
    err:
      `UNAVAILABLE: nothing listens at ${address}; is the server running?\n` +
      'The call was not executed: nothing has changed. It ended in the phase "connecting".\n',
  });
});

test("both programs say what is wrong with their arguments", () => {
  const rows: readonly (readonly [args: readonly string[], status: number, says: string])[] = [
    [["client"], 2, "usage: client.js"],
    [["client", "make"], 2, "usage: client.js"],
    [["client", "toString", "x"], 2, "usage: client.js"],
    [["client", "list", "--adress", "x"], 2, "Unknown option '--adress'"],
    [["client", "list", "--timeout-ms", "soon"], 2, "--timeout-ms is soon; give milliseconds"],
    [["client", "list", "--address", "127.0.0.1:80"], 1, "write tcp://127.0.0.1:80"],
    [["client", "list", "--address", "tcp://192.0.2.1:80"], 1, "insecure: true"],
    [["server"], 2, "usage: server.js"],
    [["server", "/no/such/folder"], 1, "/no/such/folder: ENOENT"],
    [["server", sources, "localhost:80"], 1, "write tcp://localhost:80"],
    [["server", sources, "tcp://0.0.0.0:0"], 1, "insecure: true"],
    [
      ["server", sources, "unix:/no/such/folder/socket"],
      1,
      "the directory of unix:/no/such/folder/socket does not exist",
    ],
  ];
  for (const [args, status, says] of rows) {
    const { status: found, out, err } = run(...args);
    assert.deepEqual([found, out], [status, ""], `${args.join(" ")}: ${err}`);
    assert.ok(err.includes(says), err);
    assert.ok(!err.includes("    at "), err);
  }
});

test("D1, D2: the generated module is what farcall gen makes of the .proto", () => {
  const read = (name: string): string => readFileSync(join(sources, name), "utf8");
  const { files, errors } = linkFiles(["directories.proto"], (path) => read(path));
  assert.deepEqual(errors, []);
  assert.deepEqual(generateFiles(files), [{ path: "directories.ts", text: read("gen/directories.ts") }]);
});
