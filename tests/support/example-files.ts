// Test support: the directories example, in this process or in one of its own, with a folder for the test.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { CallError, type Channel, dial, type Server, type Stub, serve } from "farcall";
import { createFiles, type FilesOptions } from "../../examples/directories/files-service.ts";
import { Directories } from "../../examples/directories/gen/directories.ts";
import { Files, type WriteRequestInit } from "../../examples/directories/gen/files.ts";
import { partialFolderName } from "../../examples/directories/names.ts";
import { createDirectories } from "../../examples/directories/service.ts";
import type { FilesStub } from "../../examples/directories/transfers.ts";

const programs = fileURLToPath(new URL("../../examples/directories", import.meta.url));

/** A folder that goes with the test; its name has no link in it. */
export function makeRoot(context: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "farcall-files-")));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, "root");
  mkdirSync(root);
  return root;
}

export interface FilesWorld {
  readonly root: string;
  readonly server: Server;
  readonly channel: Channel;
  readonly files: FilesStub;
  readonly directories: Stub<typeof Directories.methods>;
}

/** Both services in this process. */
export async function serveFiles(
  context: TestContext,
  options: FilesOptions & { readonly root?: string; readonly address?: string } = {},
): Promise<FilesWorld> {
  const root = options.root ?? makeRoot(context);
  const services = [await createDirectories(root, options), await createFiles(root, options)];
  const server = await serve(options.address ?? "memory:files", services);
  const channel = dial(server.addresses);
  context.after(async () => {
    await channel.close();
    await server.close();
  });
  return { root, server, channel, files: channel.stub(Files), directories: channel.stub(Directories) };
}

export interface ServerProgram {
  readonly address: string;
  readonly child: ChildProcess;
  readonly channel: Channel;
  readonly files: FilesStub;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/** The example's server program on `root`; killed with the test. */
export async function startServerProgram(
  context: TestContext,
  root: string,
  address = "tcp://127.0.0.1:0",
): Promise<ServerProgram> {
  const child = spawn(process.execPath, [join(programs, "server.js"), root, address], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await gone;
  };
  context.after(kill);
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const bound = line.slice(line.lastIndexOf(" ") + 1);
  const channel = dial(bound);
  context.after(() => channel.close());
  return { address: bound, child, channel, files: channel.stub(Files), kill };
}

/** The error that a call fails with. */
export async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const error = await call.then(
    () => assert.fail("the call succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CallError, String(error));
  return error;
}

/** Reads a stream to its end. */
export async function drain(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of stream) count++;
  return count;
}

/** All bytes of a stream of them. */
export async function collect(data: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of data) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The messages of a write. */
export function writeOf(
  start: { readonly path: string; readonly mode?: number; readonly size?: number; readonly createOnly?: boolean },
  ...pieces: readonly (string | Uint8Array)[]
): WriteRequestInit[] {
  const data = pieces.map(
    (piece): WriteRequestInit => ({
      part: { kind: "data", value: typeof piece === "string" ? new TextEncoder().encode(piece) : piece },
    }),
  );
  return [{ part: { kind: "start", value: start } }, ...data];
}

/** The names in the folder of what is being written; none when there is no folder. */
export function partialNames(root: string): string[] {
  try {
    return readdirSync(join(root, partialFolderName));
  } catch {
    return [];
  }
}

/** What is in the served folder, the server's own left out. */
export function namesIn(root: string): string[] {
  return readdirSync(root)
    .filter((name) => name !== partialFolderName)
    .sort();
}

/** Waits until something holds that no event tells of, a turn at a time. A test that waits for too long fails by its time. */
export async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!holds()) {
    assert.ok(performance.now() < giveUpAt, "it did not come about in 20 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Bytes that look like chance and are the same in each run. */
export function seededBytes(length: number, seed = 1): Uint8Array {
  const words = new Uint32Array(Math.ceil(length / 4));
  let state = seed >>> 0 || 1;
  for (let at = 0; at < words.length; at++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[at] = state;
  }
  return new Uint8Array(words.buffer, 0, length);
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The most memory that a process has had, in bytes (proc(5), VmHWM). */
export function peakMemory(processId: number): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, "latin1")) ?? [];
  return Number(kilobytes) * 1024;
}
