// The file service of the directories example by a client of another make: grpc-js, with the contract read by its own loader.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  type ClientReadableStream,
  type ClientWritableStream,
  credentials,
  loadPackageDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { partialNames, seededBytes, serveFiles, sha256, until } from "../support/example-files.ts";

const sources = fileURLToPath(new URL("../../../examples/directories", import.meta.url));

type Answer = (error: ServiceError | null, reply: { size: string; sha256: Buffer }) => void;

interface ForeignFiles {
  read(request: object): ClientReadableStream<{ file?: { name: string; size: string }; data?: Buffer; part: string }>;
  write(answer: Answer): ClientWritableStream<object>;
  watch(request: object): ClientReadableStream<{ kind: string; entry?: { name: string }; previous_name: string }>;
  rename(request: object, answer: (error: ServiceError | null) => void): void;
  stat(request: object, answer: (error: ServiceError | null, entry: { type: string; size: string }) => void): void;
  close(): void;
}

async function prepare(context: TestContext) {
  const world = await serveFiles(context, { address: "tcp://127.0.0.1:0" });
  const definition = loadSync("files.proto", {
    keepCase: true,
    longs: String,
    enums: String,
    defaults: true,
    oneofs: true,
    includeDirs: [sources],
  });
  const { files } = loadPackageDefinition(definition) as unknown as {
    files: { v1: { Files: new (target: string, creds: object) => ForeignFiles } };
  };
  const target = (world.server.addresses[0] as string).replace("tcp://", "");
  const foreign = new files.v1.Files(target, credentials.createInsecure());
  context.after(() => foreign.close());
  return { ...world, foreign };
}

test("R14: grpc-js writes a file in pieces and reads it back", async (context) => {
  const { root, foreign } = await prepare(context);
  const bytes = seededBytes(3_000_000);
  const written = await new Promise<{ size: string; sha256: Buffer }>((resolve, reject) => {
    const call = foreign.write((error, reply) => (error === null ? resolve(reply) : reject(error)));
    call.write({ start: { path: "file", mode: 0o640, size: bytes.length } });
    for (let at = 0; at < bytes.length; at += 64 * 1024) call.write({ data: bytes.subarray(at, at + 64 * 1024) });
    call.end();
  });
  assert.deepEqual([written.size, written.sha256.toString("hex")], ["3000000", sha256(bytes)]);
  assert.ok(readFileSync(join(root, "file")).equals(bytes));
  const pieces: Buffer[] = [];
  const parts = new Set<string>();
  for await (const { part, file, data } of foreign.read({ path: "file", offset: 1000, length: 2_000_000 })) {
    if (parts.size === 0) assert.deepEqual([part, file?.name, file?.size], ["file", "file", "3000000"]);
    parts.add(part);
    if (part === "data") pieces.push(data as Buffer);
  }
  assert.deepEqual([...parts], ["file", "data"]);
  assert.ok(Buffer.concat(pieces).equals(bytes.subarray(1000, 2_001_000)));
});

test("R14: a write that grpc-js cancels leaves nothing, and its failures are statuses that it knows", async (context) => {
  const { root, foreign } = await prepare(context);
  const cancelled = await new Promise<ServiceError | null>((resolve) => {
    const call = foreign.write((error) => resolve(error));
    call.write({ start: { path: "file" } });
    call.write({ data: seededBytes(100_000) });
    void until(() => partialNames(root).length === 1).then(() => call.cancel());
  });
  assert.equal(cancelled?.code, 1);
  await until(() => partialNames(root).length === 0);
  const missing = await new Promise<ServiceError | null>((resolve) => foreign.stat({ path: "file" }, resolve));
  assert.deepEqual(
    [missing?.code, missing?.details],
    [5, "OS returned error: ENOENT: no such file or directory, lstat 'file'"],
  );
});

test("R14: grpc-js watches what our client does, and our client what grpc-js does", async (context) => {
  const { root, files, directories, foreign } = await prepare(context);
  mkdirSync(join(root, "box"));
  writeFileSync(join(root, "box", "old"), "");
  const call = foreign.watch({ path: "box" });
  call.on("error", () => {});
  const theirs = call[Symbol.asyncIterator]();
  const ours = files.watch({ path: "box" })[Symbol.asyncIterator]();
  const both = async () => {
    const [{ value: ourEvent }, { value: theirEvent }] = await Promise.all([ours.next(), theirs.next()]);
    assert.equal(ourEvent?.kind, theirEvent.kind);
    assert.equal(ourEvent?.entry?.name, theirEvent.entry?.name);
    return [theirEvent.kind, theirEvent.entry?.name, theirEvent.previous_name];
  };
  assert.deepEqual(await both(), ["EXISTS", "old", ""]);
  assert.equal((await both())[0], "LISTED");
  await directories.makeDirectory({ path: "box/ours" });
  assert.deepEqual(await both(), ["CREATED", "ours", ""]);
  await new Promise<void>((resolve, reject) => {
    foreign.rename({ path: "box/old", new_path: "box/new" }, (error) => (error === null ? resolve() : reject(error)));
  });
  assert.deepEqual(await both(), ["RENAMED", "new", "old"]);
  call.cancel();
  await ours.return?.();
});
