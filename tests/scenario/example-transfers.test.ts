// Transfers of the directories example that are large, slow or cut: a half-written file is never seen, nothing is left of one,
// and no transfer takes more of the server's memory than its share.
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { dial } from "farcall";
import { createFiles } from "../../examples/directories/files-service.ts";
import { Files } from "../../examples/directories/gen/files.ts";
import { partialFolderName } from "../../examples/directories/names.ts";
import type { Progress } from "../../examples/directories/progress.ts";
import { download, upload } from "../../examples/directories/transfers.ts";
import {
  collect,
  drain,
  failureOf,
  makeRoot,
  namesIn,
  partialNames,
  peakMemory,
  seededBytes,
  serveFiles,
  sha256,
  startServerProgram,
  until,
  writeOf,
} from "../support/example-files.ts";

const MB = 1_000_000;
const toMB = (bytes: number): string => (bytes / MB).toFixed(1);
const clientProgram = fileURLToPath(new URL("../../examples/directories/client.js", import.meta.url));

test("64 MB go up and down whole, with progress, in a server that keeps its memory", async (context) => {
  const root = makeRoot(context);
  const { files, child } = await startServerProgram(context, root);
  const piece = seededBytes(MB);
  const pieces = Array.from({ length: 64 }, () => piece);
  const seen: Progress[] = [];
  const onProgress = (progress: Progress): void => void seen.push(progress);
  const { size, sha256: hash } = await upload(files, pieces, { to: { path: "large", size: 64 * MB }, onProgress });
  assert.equal(size, BigInt(64 * MB));
  const whole = Buffer.concat(pieces);
  assert.equal(Buffer.from(hash).toString("hex"), sha256(whole));
  checkProgress(seen.splice(0), 64 * MB);
  const { data } = await download(files, { path: "large" }, { onProgress });
  let at = 0;
  for await (const bytes of data) {
    assert.ok(whole.subarray(at, at + bytes.length).equals(bytes), `the bytes from ${at} on`);
    at += bytes.length;
  }
  assert.equal(at, 64 * MB);
  checkProgress(seen, 64 * MB);

  // What is free to be collected is not collected at once; but three times as much costs no more.
  const before = peakMemory(child.pid as number);
  await upload(files, pieces, { to: { path: "large" } });
  for (let times = 0; times < 2; times++) await drain(files.read({ path: "large" }));
  const grewBy = peakMemory(child.pid as number) - before;
  context.diagnostic(`${toMB(before)} MB after the first 128 MB, ${toMB(grewBy)} MB more after another 192 MB`);
  assert.ok(grewBy < 64 * MB, `the server's memory grew by ${grewBy} bytes`);
});

function checkProgress(seen: readonly Progress[], totalBytes: number): void {
  assert.ok(seen.length > 60);
  assert.equal(seen.at(-1)?.bytes, totalBytes);
  for (const [at, { bytes, totalBytes: total, bytesPerSecond }] of seen.entries()) {
    assert.equal(total, totalBytes);
    assert.ok(bytes > (seen[at - 1]?.bytes ?? 0));
    assert.ok(bytesPerSecond >= 0);
  }
}

test("readers that do not read cost the server a few pieces each, not their files", async (context) => {
  const root = makeRoot(context);
  const { files, child } = await startServerProgram(context, root);
  writeFileSync(join(root, "large"), "");
  truncateSync(join(root, "large"), 1000 * MB);
  // What the first call costs is not a reader's.
  await drain(files.read({ path: "large", length: 20 * MB }));
  const before = peakMemory(child.pid as number);
  // Of more the connection's own window (16 MiB) is full, and the calls below wait as well.
  const readers = Array.from({ length: 12 }, () => files.read({ path: "large" })[Symbol.asyncIterator]());
  for (const reader of readers) for (let messages = 0; messages < 3; messages++) await reader.next();
  // When the server answers, it has done all that it can for them.
  for (let calls = 0; calls < 50; calls++) await files.stat({ path: "large" });
  const grewBy = peakMemory(child.pid as number) - before;
  context.diagnostic(`12 readers: ${toMB(grewBy)} MB`);
  assert.ok(grewBy < 60 * MB, `the server's memory grew by ${grewBy} bytes for 12 readers`);
  for (const reader of readers) await reader.return?.();
});

test("a write is held back by a disk that is slower: what the client has handed over stays near what is written", async (context) => {
  const { root, files } = await serveFiles(context, { address: "tcp://127.0.0.1:0" });
  const call = files.write();
  const piece = seededBytes(256 * 1024);
  let sent = 0;
  let farthestAhead = 0;
  for (const message of writeOf({ path: "file" }, ...Array.from({ length: 100 }, () => piece))) {
    await call.send(message);
    sent += message.part?.kind === "data" ? piece.length : 0;
    const [name] = partialNames(root);
    const written = name === undefined ? 0 : statSync(join(root, partialFolderName, name)).size;
    farthestAhead = Math.max(farthestAhead, sent - written);
  }
  call.end();
  await call.reply;
  assert.ok(farthestAhead < 8 * 1024 * 1024, `${farthestAhead} bytes were ahead of the disk`);
});

/** When a write is cut: before its first byte, among its bytes, behind its last. */
const phases: readonly (readonly [name: string, pieces: number])[] = [
  ["before the first byte", 0],
  ["among its bytes", 3],
  ["behind the last byte, before its end", 12],
];
const onePiece = seededBytes(100_000);

for (const [phase, pieces] of phases) {
  test(`a write that its client cancels ${phase} leaves the old file and nothing else`, async (context) => {
    const { root, server, files } = await serveFiles(context);
    writeFileSync(join(root, "file"), "old");
    const call = files.write();
    const failure = failureOf(call.reply);
    for (const message of writeOf({ path: "file" }, ...Array.from({ length: pieces }, () => onePiece))) {
      await call.send(message);
    }
    await until(() => partialNames(root).length === 1);
    call.cancel();
    assert.equal((await failure).code, "CANCELLED");
    await until(() => server.snapshot().openCalls === 0);
    assert.equal(readFileSync(join(root, "file"), "utf8"), "old");
    assert.deepEqual([namesIn(root), partialNames(root)], [["file"], []]);
  });
}

test("a write whose source fails is cut: the caller has the source's error, the server the old file", async (context) => {
  const { root, server, files } = await serveFiles(context);
  writeFileSync(join(root, "file"), "old");
  async function* source() {
    yield onePiece;
    throw new RangeError("the disk here is broken");
  }
  await assert.rejects(upload(files, source(), { to: { path: "file" } }), { message: "the disk here is broken" });
  await until(() => server.snapshot().openCalls === 0);
  assert.equal(readFileSync(join(root, "file"), "utf8"), "old");
  assert.deepEqual(partialNames(root), []);
});

test("a write whose deadline passes leaves the old file and nothing else", async (context) => {
  const { root, server, files } = await serveFiles(context, { address: "tcp://127.0.0.1:0" });
  writeFileSync(join(root, "file"), "old");
  const call = files.write(undefined, { timeoutMs: 100 });
  for (const message of writeOf({ path: "file" }, onePiece)) await call.send(message);
  assert.equal((await failureOf(call.reply)).code, "DEADLINE_EXCEEDED");
  await until(() => server.snapshot().openCalls === 0);
  assert.equal(readFileSync(join(root, "file"), "utf8"), "old");
  assert.deepEqual(partialNames(root), []);
});

/** The client program in the middle of sending its standard input to "file". */
async function startPut(context: TestContext, root: string, address: string): Promise<ChildProcess> {
  const client = spawn(process.execPath, [clientProgram, "put", "-", "file", "--address", address], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  context.after(() => void client.kill("SIGKILL"));
  client.stdin?.on("error", () => {});
  client.stdin?.write(onePiece);
  await until(() => partialNames(root).some((name) => statSync(join(root, partialFolderName, name)).size > 0));
  return client;
}

test("a client that is killed while it writes leaves the old file and nothing else", async (context) => {
  const root = makeRoot(context);
  writeFileSync(join(root, "file"), "old");
  const { address } = await startServerProgram(context, root);
  const client = await startPut(context, root, address);
  client.kill("SIGKILL");
  await until(() => partialNames(root).length === 0);
  assert.equal(readFileSync(join(root, "file"), "utf8"), "old");
});

test("Ctrl-C ends the client, and the server removes what came", async (context) => {
  const root = makeRoot(context);
  const { address } = await startServerProgram(context, root);
  const client = await startPut(context, root, address);
  client.kill("SIGINT");
  assert.deepEqual(await once(client, "exit"), [130, null]);
  await until(() => partialNames(root).length === 0);
  assert.deepEqual(namesIn(root), []);
});

test("a server that is killed leaves the old file; the next one clears what the first had begun", async (context) => {
  const root = makeRoot(context);
  writeFileSync(join(root, "file"), "old");
  const first = await startServerProgram(context, root);
  const client = await startPut(context, root, first.address);
  let said = "";
  client.stderr?.on("data", (text: Buffer) => {
    said += text.toString();
  });
  await first.kill();
  assert.deepEqual(await once(client, "close"), [1, null]);
  assert.match(said, /^UNAVAILABLE: .+\nWhether the call was executed is unknown/);
  assert.equal(readFileSync(join(root, "file"), "utf8"), "old");
  assert.equal(partialNames(root).length, 1);

  const second = await startServerProgram(context, root, first.address);
  assert.deepEqual(partialNames(root), []);
  assert.equal((await upload(second.files, [onePiece], { to: { path: "file" } })).size, BigInt(onePiece.length));
  assert.ok(readFileSync(join(root, "file")).equals(onePiece));
});

test("a server that starts beside one that writes leaves its files alone", async (context) => {
  const { root, files } = await serveFiles(context);
  const call = files.write();
  for (const message of writeOf({ path: "file" }, "half ")) await call.send(message);
  await until(() => partialNames(root).length === 1);
  await startServerProgram(context, root);
  await createFiles(root);
  assert.equal(partialNames(root).length, 1);
  call.end();
  await call.reply;
  assert.equal(readFileSync(join(root, "file"), "utf8"), "half ");
});

test("a process that has the number of one that is gone does not keep what that one left", async (context) => {
  const root = makeRoot(context);
  mkdirSync(join(root, partialFolderName));
  writeFileSync(join(root, partialFolderName, `${process.pid}.1-left`), "half");
  writeFileSync(join(root, partialFolderName, "4194304.1-left"), "half");
  writeFileSync(join(root, partialFolderName, "a name of somebody else"), "kept");
  await createFiles(root);
  assert.deepEqual(partialNames(root), ["a name of somebody else"]);
});

test("a read that its client leaves, or whose server is killed, ends", async (context) => {
  const root = makeRoot(context);
  writeFileSync(join(root, "large"), "");
  truncateSync(join(root, "large"), 1000 * MB);
  const { files, child, kill } = await startServerProgram(context, root);
  const openFiles = (): number =>
    readdirSync(`/proc/${child.pid}/fd`).filter((fd) => {
      const { stdout } = spawnSync("readlink", [`/proc/${child.pid}/fd/${fd}`], { encoding: "utf8" });
      return stdout.includes("/large");
    }).length;
  const left = await download(files, { path: "large" });
  for await (const _ of left.data) break;
  await until(() => openFiles() === 0);
  const cut = await download(files, { path: "large" });
  assert.equal(openFiles(), 1);
  await kill();
  const error = await failureOf(drain(cut.data));
  assert.deepEqual([error.code, error.execution], ["UNAVAILABLE", "unknown"]);
});

const canMount = spawnSync("unshare", ["-rm", "mount", "-t", "tmpfs", "none", "/mnt"]).status === 0;

test("a disk that is full ends the write with RESOURCE_EXHAUSTED; the old file and room are kept", {
  skip: !canMount && "no disk of its own can be mounted here",
}, async (context) => {
  const root = makeRoot(context);
  // In a namespace of its own; the test sees the disk through the server only.
  const script = `mount -t tmpfs -o size=1m none "$1" && printf old > "$1/file" && exec "$2" "$3" "$1" tcp://127.0.0.1:0`;
  const program = fileURLToPath(new URL("../../examples/directories/server.js", import.meta.url));
  const server = spawn("unshare", ["-rm", "sh", "-c", script, "sh", root, process.execPath, program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  context.after(() => void server.kill("SIGKILL"));
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  const channel = dial(line.toString().trim().split(" at ")[1] as string);
  context.after(() => channel.close());
  const files = channel.stub(Files);
  for (let attempt = 0; attempt < 2; attempt++) {
    const full = await failureOf(upload(files, [seededBytes(2 * MB)], { to: { path: "file" } }));
    assert.deepEqual(
      [full.code, full.message],
      ["RESOURCE_EXHAUSTED", "OS returned error: ENOSPC: no space left on device, write 'file'"],
    );
  }
  const { data } = await download(files, { path: "file" });
  assert.equal((await collect(data)).toString(), "old");
  assert.equal((await upload(files, [seededBytes(900_000)], { to: { path: "file" } })).size, 900_000n);
});
