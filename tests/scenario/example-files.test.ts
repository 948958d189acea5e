// The file service of the directories example: what each method does, and what its failures say.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { CallError } from "farcall";
import { Files } from "../../examples/directories/gen/files.ts";
import { download, upload } from "../../examples/directories/transfers.ts";
import {
  collect,
  drain,
  failureOf,
  namesIn,
  partialNames,
  seededBytes,
  serveFiles,
  sha256,
  until,
  writeOf,
} from "../support/example-files.ts";

test("R12: a file is written, listed, read, renamed and removed", async (context) => {
  const { root, files, directories } = await serveFiles(context);
  const { size, sha256: hash } = await files.write(writeOf({ path: "notes.txt" }, "Is anybody ", "there?"));
  assert.equal(size, 17n);
  assert.equal(Buffer.from(hash).toString("hex"), sha256(Buffer.from("Is anybody there?")));
  assert.equal(readFileSync(join(root, "notes.txt"), "utf8"), "Is anybody there?");
  assert.deepEqual((await directories.listDirectory({ path: "" })).entries, [
    { name: "notes.txt", isDirectory: false },
  ]);
  const { file, data } = await download(files, { path: "notes.txt" });
  assert.deepEqual([file.name, file.type, file.size, file.mode], ["notes.txt", "FILE", 17n, 0o644]);
  assert.equal((await collect(data)).toString(), "Is anybody there?");
  await files.rename({ path: "notes.txt", newPath: "/old.txt" });
  assert.deepEqual(namesIn(root), ["old.txt"]);
  await files.remove({ path: "old.txt" });
  assert.deepEqual(namesIn(root), []);
  assert.deepEqual(partialNames(root), []);
});

test("stat tells of files, directories, links and what is none of them, and of the served folder", async (context) => {
  const { root, files } = await serveFiles(context);
  writeFileSync(join(root, "file"), "12345");
  chmodSync(join(root, "file"), 0o750);
  utimesSync(join(root, "file"), new Date(0), new Date(-1250));
  mkdirSync(join(root, "folder"));
  symlinkSync("file", join(root, "link"));
  spawnSync("mkfifo", [join(root, "fifo")]);
  const { modified, ...file } = await files.stat({ path: "file" });
  assert.deepEqual(file, { name: "file", type: "FILE", size: 5n, mode: 0o750 });
  assert.deepEqual(modified, { seconds: -2n, nanos: 750_000_000 });
  for (const [path, name, type] of [
    ["folder", "folder", "DIRECTORY"],
    ["link", "link", "LINK"],
    ["fifo", "fifo", "OTHER"],
    ["", "", "DIRECTORY"],
    ["/", "", "DIRECTORY"],
  ] as const) {
    const entry = await files.stat({ path });
    assert.deepEqual([entry.name, entry.type, entry.size], [name, type, 0n], path);
  }
});

test("a part of a file is read by its offset and length", async (context) => {
  const { root, files } = await serveFiles(context);
  const bytes = seededBytes(700_001);
  writeFileSync(join(root, "file"), bytes);
  const rows: readonly (readonly [offset: number, length: number | undefined, from: number, to: number])[] = [
    [0, undefined, 0, 700_001],
    [0, 0, 0, 0],
    [0, 1, 0, 1],
    [700_000, undefined, 700_000, 700_001],
    [700_001, undefined, 0, 0],
    [700_001, 5, 0, 0],
    [262_143, 2, 262_143, 262_145],
    [1000, 10_000_000, 1000, 700_001],
  ];
  for (const [offset, length, from, to] of rows) {
    const { file, data } = await download(files, { path: "file", offset, ...(length !== undefined && { length }) });
    assert.equal(file.size, 700_001n);
    const got = await collect(data);
    assert.ok(got.equals(bytes.subarray(from, to)), `${offset}, ${length}: ${got.length} bytes`);
  }
  const behind = await failureOf(drain(files.read({ path: "file", offset: 700_002 })));
  assert.deepEqual(
    [behind.code, behind.message],
    ["OUT_OF_RANGE", "'file' has 700001 bytes; there is no byte 700002 to begin at"],
  );
});

test("an empty file is written and read", async (context) => {
  const { root, files } = await serveFiles(context);
  assert.equal((await files.write(writeOf({ path: "empty", size: 0 }))).size, 0n);
  assert.equal(statSync(join(root, "empty")).size, 0);
  const { file, data } = await download(files, { path: "empty" });
  assert.deepEqual([file.size, await drain(data)], [0n, 0]);
});

test("a file has the mode that was asked for, else that of the file before it, else 0644", async (context) => {
  const { root, files } = await serveFiles(context);
  const modeOf = (name: string): number => statSync(join(root, name)).mode & 0o7777;
  await files.write(writeOf({ path: "plain" }));
  await files.write(writeOf({ path: "tool", mode: 0o777 }));
  await files.write(writeOf({ path: "secret", mode: 0 }));
  assert.deepEqual(["plain", "tool", "secret"].map(modeOf), [0o644, 0o777, 0]);
  await files.write(writeOf({ path: "tool" }, "again"));
  await files.write(writeOf({ path: "plain", mode: 0o600 }, "again"));
  assert.deepEqual(["plain", "tool"].map(modeOf), [0o600, 0o777]);
});

test("what cannot be done has the code that fits, and the client's path, not the server's", async (context) => {
  const { root, files } = await serveFiles(context);
  mkdirSync(join(root, "full", "inner"), { recursive: true });
  writeFileSync(join(root, "file"), "kept");
  spawnSync("mkfifo", [join(root, "fifo")]);
  symlinkSync("file", join(root, "link"));
  const os = "OS returned error: ";
  const fifo = "'fifo' is a FIFO, a socket or a device; this is for files";
  const link = "'link' is a symbolic link, which is never followed; this is for files";
  const itself = "the served folder itself stays as it is";
  const write = (path: string) => files.write(writeOf({ path }, "new"));
  const read = (path: string) => drain(files.read({ path }));
  const rename = (path: string, newPath: string) => files.rename({ path, newPath });
  const remove = (path: string) => files.remove({ path });
  const rows: readonly (readonly [call: () => Promise<unknown>, code: string, text: string])[] = [
    [() => files.stat({ path: "no" }), "NOT_FOUND", `${os}ENOENT: no such file or directory, lstat 'no'`],
    [() => files.stat({ path: "file/x" }), "FAILED_PRECONDITION", `${os}ENOTDIR: not a directory, open 'file/x'`],
    [() => read("no"), "NOT_FOUND", `${os}ENOENT: no such file or directory, lstat 'no'`],
    [() => read("full"), "FAILED_PRECONDITION", "'full' is a directory; this is for files"],
    [() => read(""), "INVALID_ARGUMENT", itself],
    [() => read("fifo"), "FAILED_PRECONDITION", fifo],
    [() => read("link"), "FAILED_PRECONDITION", link],
    [() => write("full"), "FAILED_PRECONDITION", "'full' is a directory; this is for files"],
    [() => write("fifo"), "FAILED_PRECONDITION", fifo],
    [() => write("link"), "FAILED_PRECONDITION", link],
    [() => write("no/x"), "NOT_FOUND", `${os}ENOENT: no such file or directory, open 'no/x'`],
    [() => write("file/x"), "FAILED_PRECONDITION", `${os}ENOTDIR: not a directory, open 'file/x'`],
    [() => write(""), "INVALID_ARGUMENT", itself],
    [() => rename("no", "x"), "NOT_FOUND", `${os}ENOENT: no such file or directory, lstat 'no'`],
    [() => rename("file", "no/x"), "NOT_FOUND", `${os}ENOENT: no such file or directory, open 'no/x'`],
    [() => rename("fifo", "x"), "FAILED_PRECONDITION", `${fifo} and directories`],
    [() => rename("link", "x"), "FAILED_PRECONDITION", `${link} and directories`],
    [() => rename("file", "fifo"), "FAILED_PRECONDITION", `${fifo} and directories`],
    [
      () => rename("file", "full"),
      "FAILED_PRECONDITION",
      `${os}EISDIR: illegal operation on a directory, rename 'full'`,
    ],
    [() => rename("full", "file"), "FAILED_PRECONDITION", `${os}ENOTDIR: not a directory, rename 'file'`],
    [() => rename("full", "full/x"), "INVALID_ARGUMENT", `${os}EINVAL: invalid argument, rename 'full/x'`],
    [() => rename("file", ""), "INVALID_ARGUMENT", itself],
    [() => remove("no"), "NOT_FOUND", `${os}ENOENT: no such file or directory, lstat 'no'`],
    [() => remove("full"), "FAILED_PRECONDITION", `${os}ENOTEMPTY: directory not empty, rmdir 'full'`],
    [() => remove("fifo"), "FAILED_PRECONDITION", `${fifo} and directories`],
    [() => remove("link"), "FAILED_PRECONDITION", `${link} and directories`],
    [() => remove("/"), "INVALID_ARGUMENT", itself],
    [() => drain(files.watch({ path: "no" })), "NOT_FOUND", `${os}ENOENT: no such file or directory, open 'no'`],
    [() => drain(files.watch({ path: "file" })), "FAILED_PRECONDITION", `${os}ENOTDIR: not a directory, open 'file'`],
    [
      () => files.write(writeOf({ path: "file", createOnly: true }, "new")),
      "ALREADY_EXISTS",
      "'file' is there already",
    ],
    [
      () => files.write(writeOf({ path: "x", mode: 0o4755 }, "new")),
      "INVALID_ARGUMENT",
      "the mode is 04755; permissions are at most 0777",
    ],
    [
      () => files.write(writeOf({ path: "file", size: 4 }, "new")),
      "INVALID_ARGUMENT",
      "3 bytes came, and 4 were announced: nothing is changed",
    ],
    [
      () => files.write(writeOf({ path: "file", size: 2 }, "new")),
      "INVALID_ARGUMENT",
      "more bytes came than the 2 that were announced: nothing is changed",
    ],
  ];
  const before = namesIn(root);
  for (const [call, code, text] of rows) {
    const failure = await failureOf(call());
    assert.deepEqual([failure.code, failure.message, failure.execution], [code, text, "executed"]);
  }
  assert.deepEqual(namesIn(root), before);
  assert.equal(readFileSync(join(root, "file"), "utf8"), "kept");
  assert.deepEqual(partialNames(root), []);
});

test("a write whose messages come in another order is refused and changes nothing", async (context) => {
  const { root, files } = await serveFiles(context);
  const [start, data] = writeOf({ path: "file" }, "x") as [object, object];
  for (const messages of [[], [data], [start, start], [start, data, start], [start, {}], [{}]]) {
    const failure = await failureOf(files.write(messages));
    assert.equal(failure.code, "INVALID_ARGUMENT");
    assert.match(failure.message, /^a write is one "start", then "data" in each message; .+ came instead$/);
  }
  assert.deepEqual([namesIn(root), partialNames(root)], [[], []]);
});

test("more transfers, watches or bytes than the server allows are refused with RESOURCE_EXHAUSTED", async (context) => {
  const { root, server, files } = await serveFiles(context, { maxTransfers: 2, maxWatches: 1, maxFileBytes: 1000 });
  writeFileSync(join(root, "large"), "");
  truncateSync(join(root, "large"), 50_000_000);
  const opened = [await download(files, { path: "large" }), await download(files, { path: "large" })];
  const refusals = [drain(files.read({ path: "large" })), files.write(writeOf({ path: "x" }, "y"))];
  for (const refusal of refusals) {
    const { code, message } = await failureOf(refusal);
    assert.deepEqual([code, message], ["RESOURCE_EXHAUSTED", "2 transfers are open already; try again when one ends"]);
  }
  for (const { data } of opened) for await (const _ of data) break;
  await until(() => server.snapshot().openCalls === 0);
  for (const write of [
    writeOf({ path: "x", size: 1001 }),
    writeOf({ path: "x" }, new Uint8Array(1000), new Uint8Array(1)),
  ]) {
    const { code, message } = await failureOf(files.write(write));
    assert.deepEqual(
      [code, message],
      ["RESOURCE_EXHAUSTED", "a file of 1001 bytes is more than the 1000 of a file here"],
    );
  }
  await files.write(writeOf({ path: "x", size: 1000 }, new Uint8Array(1000)));

  const watch = files.watch({ path: "" })[Symbol.asyncIterator]();
  await watch.next();
  const second = await failureOf(drain(files.watch({ path: "" })));
  assert.deepEqual(
    [second.code, second.message],
    ["RESOURCE_EXHAUSTED", "1 watches are open already; try again when one ends"],
  );
  await watch.return?.();
  await until(() => server.snapshot().openCalls === 0);
  const again = files.watch({ path: "" })[Symbol.asyncIterator]();
  assert.equal((await again.next()).done, false);
  await again.return?.();
});

test("of two that write one path, each is whole, and the last to end stays", async (context) => {
  const { root, files } = await serveFiles(context);
  const [first, second] = [files.write(), files.write()];
  for (const [call, text] of [
    [first, "first "],
    [second, "second "],
  ] as const) {
    for (const message of writeOf({ path: "file" }, text, text)) await call.send(message);
  }
  await until(() => partialNames(root).length === 2);
  assert.ok(!existsSync(join(root, "file")));
  second.end();
  await second.reply;
  assert.equal(readFileSync(join(root, "file"), "utf8"), "second second ");
  first.end();
  await first.reply;
  assert.equal(readFileSync(join(root, "file"), "utf8"), "first first ");
  assert.deepEqual(partialNames(root), []);
});

test("of many that make one new file at the same time, exactly one succeeds", async (context) => {
  const { root, files } = await serveFiles(context);
  const texts = Array.from({ length: 16 }, (_, at) => `writer ${at}`);
  const settled = await Promise.allSettled(
    texts.map((text) => files.write(writeOf({ path: "wanted", createOnly: true }, text))),
  );
  const won = texts.filter((_, at) => settled[at]?.status === "fulfilled");
  assert.deepEqual(won, [readFileSync(join(root, "wanted"), "utf8")]);
  for (const one of settled) {
    if (one.status === "rejected") assert.equal((one.reason as CallError).code, "ALREADY_EXISTS");
  }
  assert.deepEqual(partialNames(root), []);
});

test("a reader has the file that it opened, when another takes its place and when it is removed", async (context) => {
  const { files } = await serveFiles(context);
  const [before, after] = [seededBytes(3_000_000, 1), seededBytes(3_000_000, 2)];
  await upload(files, [before], { to: { path: "file" } });
  const { data } = await download(files, { path: "file" });
  await upload(files, [after], { to: { path: "file" } });
  await files.remove({ path: "file" });
  assert.equal(sha256(await collect(data)), sha256(before));
});

test("a file that is cut while it is read fails the call: what came is not taken for all", async (context) => {
  const { root, files } = await serveFiles(context);
  writeFileSync(join(root, "file"), seededBytes(20_000_000));
  const { data } = await download(files, { path: "file" });
  truncateSync(join(root, "file"), 1000);
  const failure = await failureOf(drain(data));
  assert.equal(failure.code, "ABORTED");
  assert.match(failure.message, /^'file' was cut to \d+ bytes while it was read: read it again$/);
});

test("what only looks is marked so for whoever asks the contract", () => {
  const { methods } = Files;
  const safe = Object.entries(methods).filter(([, { idempotency }]) => idempotency === "no-side-effects");
  assert.deepEqual(safe.map(([name]) => name).sort(), ["read", "stat", "watch"]);
});
