// The directories example as a person uses it: two programs on the command line.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateFiles, linkFiles } from "farcall/idl";
import { namesIn, seededBytes } from "../support/example-files.ts";

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

test("R12: the client lists, makes, sends, fetches, moves and removes what the server serves", async (context) => {
  const { root, address, process: server } = await startServer(context);
  const to = ["--address", address];
  const here = mkdtempSync(join(tmpdir(), "farcall-client-"));
  context.after(() => rmSync(here, { recursive: true }));
  const local = join(here, "local");
  const bytes = seededBytes(1_500_000);
  writeFileSync(local, bytes);
  assert.deepEqual(run("client", "ls", ...to), { status: 0, out: "/ is empty\n", err: "" });
  assert.deepEqual(run("client", "mkdir", "photos", ...to), { status: 0, out: "made photos\n", err: "" });
  const put = run("client", "put", local, "photos/one", ...to);
  assert.deepEqual([put.status, put.err], [0, ""]);
  assert.match(put.out, /^put photos\/one: 1\.5 MB in \d+\.\d s, [\d.]+ [kMG]B\/s\n$/);
  assert.ok(readFileSync(join(root, "photos", "one")).equals(bytes));
  const stat = run("client", "stat", "photos/one", ...to);
  assert.match(stat.out, /^type {6}file\nsize {6}1500000 bytes \(1\.5 MB\)\nmodified {2}\d{4}-.+Z\nmode {6}0644\n$/);
  assert.deepEqual(run("client", "mv", "photos/one", "two", ...to), {
    status: 0,
    out: "moved photos/one to two\n",
    err: "",
  });
  assert.deepEqual(run("client", "ls", ...to), { status: 0, out: "photos/\ntwo\n", err: "" });
  assert.match(run("client", "get", "two", join(here, "back"), ...to).out, /^got .+back: 1\.5 MB in /);
  assert.ok(readFileSync(join(here, "back")).equals(bytes));
  assert.equal(run("client", "get", "two", "-", ...to).out.length > 0, true);
  assert.deepEqual(run("client", "mkdir", "photos", ...to), {
    status: 1,
    out: "",
    err:
      "ALREADY_EXISTS: OS returned error: EEXIST: file already exists, mkdir 'photos'\n" +
      "The call was executed: this is the server's answer.\n",
  });
  assert.equal(run("client", "put", local, "two", "--new", ...to).status, 1);
  assert.match(run("client", "get", "no", join(here, "no"), ...to).err, /^NOT_FOUND: OS returned error: ENOENT/);
  assert.match(run("client", "get", "photos", join(here, "no"), ...to).err, /^FAILED_PRECONDITION: 'photos' is a dir/);
  assert.match(run("client", "put", join(here, "no"), "x", ...to).err, /^ENOENT: no such file or directory, stat/);
  assert.deepEqual(readdirSync(here).sort(), ["back", "local"]);
  assert.deepEqual(run("client", "rm", "two", ...to), { status: 0, out: "removed two\n", err: "" });
  assert.equal(run("client", "rm", "photos", ...to).status, 0);
  assert.deepEqual(namesIn(root), []);
  server.kill("SIGTERM");
  assert.deepEqual(await once(server, "exit"), [0, null]);
  assert.deepEqual(run("client", "ls", ...to), {
    status: 1,
    out: "",
    err:
      `UNAVAILABLE: nothing listens at ${address}; is the server running?\n` +
      'The call was not executed: nothing has changed. It ended in the phase "connecting".\n',
  });
});

test("the client shows what changes in a directory until Ctrl-C, or until the directory is gone", async (context) => {
  const { root, address } = await startServer(context);
  mkdirSync(join(root, "box"));
  writeFileSync(join(root, "box", "old"), "12345");
  const args = [join(programs, "client.js"), "watch", "box", "--address", address];
  const watches = [0, 1].map(() => spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] }));
  context.after(() => watches.forEach((one) => void one.kill("SIGKILL")));
  const [stopped, ended] = watches as [(typeof watches)[0], (typeof watches)[0]];
  const lines = [stopped, ended].map(({ stdout }) => createInterface({ input: stdout })[Symbol.asyncIterator]());
  const next = async () => Promise.all(lines.map(async (line) => (await line.next()).value as string));
  const both = (line: string): [string, string] => [line, line];
  assert.deepEqual(await next(), both("exists   old  5 bytes"));
  assert.deepEqual(await next(), both("-- changes from here on --"));
  mkdirSync(join(root, "box", "new"));
  assert.deepEqual(await next(), both("created  new/"));
  renameSync(join(root, "box", "old"), join(root, "box", "older"));
  assert.deepEqual(await next(), both("renamed  old to older"));
  stopped.kill("SIGINT");
  assert.deepEqual(await once(stopped, "exit"), [130, null]);
  rmSync(join(root, "box"), { recursive: true });
  const rest: string[] = [];
  for (let one = await lines[1]?.next(); one?.done === false; one = await lines[1]?.next()) rest.push(one.value);
  assert.equal(rest.at(-1), "box is gone");
});

test("progress is for terminals: nothing of it goes into a file", async (context) => {
  const { address } = await startServer(context);
  const here = mkdtempSync(join(tmpdir(), "farcall-client-"));
  context.after(() => rmSync(here, { recursive: true }));
  writeFileSync(join(here, "large"), "");
  truncateSync(join(here, "large"), 40_000_000);
  const client = `${process.execPath} ${join(programs, "client.js")} put ${join(here, "large")} large --address ${address}`;
  const plain = spawnSync("sh", ["-c", client], { encoding: "utf8" });
  assert.equal(plain.stderr, "");
  const terminal = spawnSync("script", ["-qec", client, join(here, "typescript")], { encoding: "utf8" });
  const clear = "\r\u001b[K";
  assert.match(terminal.stdout, /large {2}\[=*> *\] +\d+ % {2}[\d.]+ [kM]B of 40\.0 MB {2}/);
  assert.ok(terminal.stdout.includes(`${clear}put large: 40.0 MB`), JSON.stringify(terminal.stdout));
  assert.ok(terminal.stdout.endsWith("MB/s\r\n"));
});

test("both programs say what is wrong with their arguments", () => {
  const rows: readonly (readonly [args: readonly string[], status: number, says: string])[] = [
    [["client"], 2, "usage: client.js"],
    [["client", "mkdir"], 2, "usage: client.js mkdir PATH"],
    [["client", "ls", "a", "b"], 2, "usage: client.js ls [PATH]"],
    [["client", "sl"], 2, "there is no command sl"],
    [["client", "toString", "x"], 2, "usage: client.js"],
    [["client", "ls", "--adress", "x"], 2, "Unknown option '--adress'"],
    [["client", "ls", "--timeout-ms", "soon"], 2, "--timeout-ms is soon; give milliseconds"],
    [["client", "ls", "--address", "127.0.0.1:80"], 1, "write tcp://127.0.0.1:80"],
    [["client", "ls", "--address", "tcp://192.0.2.1:80"], 1, "insecure: true"],
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

test("the client explains itself on --help", () => {
  const { status, out, err } = run("client", "--help");
  assert.deepEqual([status, err], [0, ""]);
  for (const word of ["ls [PATH]", "put LOCAL PATH", "watch [PATH]", "--address", "Exit status"]) {
    assert.ok(out.includes(word), word);
  }
  assert.ok(Math.max(...out.split("\n").map((line) => line.length)) <= 100);
});

test("D1, D2: the generated modules are what farcall gen makes of the .proto files", () => {
  const read = (name: string): string => readFileSync(join(sources, name), "utf8");
  const readStandard = (name: string): string =>
    readFileSync(join(sources, "../../third_party/protobuf", name), "utf8");
  const resolve = (path: string): string => (path.startsWith("google/") ? readStandard(path) : read(path));
  const { files, errors } = linkFiles(["directories.proto", "files.proto", "google/protobuf/timestamp.proto"], resolve);
  assert.deepEqual(errors, []);
  const generated = generateFiles(files, { importExtension: "ts" });
  assert.deepEqual(generated.map(({ path }) => path).sort(), [
    "directories.ts",
    "files.ts",
    "google/protobuf/timestamp.ts",
  ]);
  for (const { path, text } of generated) assert.equal(text, read(`gen/${path}`), path);
});
