// Example, directories: what each command of the client does.
import { createReadStream, createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Stub } from "farcall";
import type { Directories } from "./gen/directories.ts";
import type { Entry, WatchEvent } from "./gen/files.ts";
import { formatBytes, ProgressBar } from "./progress.ts";
import { download, type FilesStub, upload } from "./transfers.ts";

/** What commands work with. */
export interface Session {
  readonly directories: Stub<typeof Directories.methods>;
  readonly files: FilesStub;
  /** For calls that take as long as they take. */
  readonly streamTimeoutMs: number;
  readonly createOnly: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  print(line: string): void;
}

export interface Command {
  readonly usage: string;
  readonly does: string;
  readonly args: { readonly min: number; readonly max: number };
  run(args: readonly string[], session: Session): Promise<void>;
}

export const commands: { readonly [name: string]: Command } = {
  ls: {
    usage: "ls [PATH]",
    does: "list a directory; the served folder itself by default",
    args: { min: 0, max: 1 },
    async run([path = "/"], { directories, signal, print }) {
      const { entries } = await directories.listDirectory({ path }, { signal });
      if (entries.length === 0) print(`${path} is empty`);
      for (const { name, isDirectory } of entries) print(isDirectory ? `${name}/` : name);
    },
  },
  mkdir: {
    usage: "mkdir PATH",
    does: "make a directory",
    args: { min: 1, max: 1 },
    async run([path = ""], { directories, signal, print }) {
      await directories.makeDirectory({ path }, { signal });
      print(`made ${path}`);
    },
  },
  stat: {
    usage: "stat PATH",
    does: "show what is known of a file or directory",
    args: { min: 1, max: 1 },
    async run([path = ""], { files, signal, print }) {
      const entry = await files.stat({ path }, { signal });
      print(`type      ${entry.type.toString().toLowerCase()}`);
      if (entry.type === "FILE") print(`size      ${formatSize(entry)}`);
      print(`modified  ${formatTime(entry)}`);
      print(`mode      0${entry.mode.toString(8)}`);
    },
  },
  get: {
    usage: "get PATH [LOCAL]",
    does: "fetch a file; to its own name here by default, - is the standard output",
    args: { min: 1, max: 2 },
    run: ([path = "", local = basename(path)], session) => getFile(path, local, session),
  },
  put: {
    usage: "put LOCAL PATH",
    does: "send a file; - is the standard input",
    args: { min: 2, max: 2 },
    run: ([local = "", path = ""], session) => putFile(local, path, session),
  },
  mv: {
    usage: "mv PATH NEW_PATH",
    does: "move a file or directory",
    args: { min: 2, max: 2 },
    async run([path = "", newPath = ""], { files, signal, print }) {
      await files.rename({ path, newPath }, { signal });
      print(`moved ${path} to ${newPath}`);
    },
  },
  rm: {
    usage: "rm PATH",
    does: "remove a file or an empty directory",
    args: { min: 1, max: 1 },
    async run([path = ""], { files, signal, print }) {
      await files.remove({ path }, { signal });
      print(`removed ${path}`);
    },
  },
  watch: {
    usage: "watch [PATH]",
    does: "show what is in a directory and what changes in it, until Ctrl-C",
    args: { min: 0, max: 1 },
    async run([path = "/"], { files, signal, streamTimeoutMs, print }) {
      for await (const event of files.watch({ path }, { signal, timeoutMs: streamTimeoutMs })) {
        print(describeEvent(event));
      }
      print(`${path} is gone`);
    },
  },
};

/** The file is seen under its name when it is whole, here as on the server. */
async function getFile(path: string, local: string, session: Session): Promise<void> {
  const { files, signal, streamTimeoutMs, print } = session;
  const bar = new ProgressBar(process.stderr, basename(path));
  const options = { signal, timeoutMs: streamTimeoutMs, onProgress: bar.show };
  const startedAt = performance.now();
  const partial = `${local}.part-${process.pid}`;
  try {
    const { file, data } = await download(files, { path }, options);
    if (local === "-") return await pipeline(data, process.stdout, { end: false });
    await pipeline(data, createWriteStream(partial, { flags: "wx", mode: file.mode | 0o200 }));
    await rename(partial, local);
    bar.clear();
    print(`got ${local}: ${formatDone(Number(file.size), startedAt)}`);
  } finally {
    bar.clear();
    await rm(partial, { force: true });
  }
}

async function putFile(local: string, path: string, session: Session): Promise<void> {
  const { files, signal, streamTimeoutMs, createOnly, print } = session;
  const fromInput = local === "-";
  const stats = fromInput ? undefined : await stat(local);
  const bar = new ProgressBar(process.stderr, fromInput ? "standard input" : basename(local));
  const startedAt = performance.now();
  const source = fromInput ? process.stdin : createReadStream(local, { highWaterMark: 256 * 1024 });
  try {
    const { size } = await upload(files, source, {
      to: { path, createOnly, ...(stats?.isFile() && { size: stats.size, mode: stats.mode & 0o777 }) },
      signal,
      timeoutMs: streamTimeoutMs,
      onProgress: bar.show,
    });
    bar.clear();
    print(`put ${path}: ${formatDone(Number(size), startedAt)}`);
  } finally {
    bar.clear();
  }
}

function describeEvent({ kind, entry, previousName }: WatchEvent): string {
  if (kind === "LISTED") return "-- changes from here on --";
  if (kind === "MISSED") return "-- too much happened at once: the list again --";
  const word = kind.toString().toLowerCase().padEnd(8);
  const name = `${entry?.name}${entry?.type === "DIRECTORY" ? "/" : ""}`;
  if (kind === "RENAMED") return `${word} ${previousName} to ${name}`;
  return `${word} ${name}${entry?.type === "FILE" && kind !== "REMOVED" ? `  ${formatSize(entry)}` : ""}`;
}

function formatSize({ size }: Entry): string {
  return size < 1000n ? `${size} bytes` : `${size} bytes (${formatBytes(Number(size))})`;
}

function formatTime({ modified }: Entry): string {
  if (modified === undefined) return "unknown";
  return new Date(Number(modified.seconds) * 1000 + modified.nanos / 1e6).toISOString();
}

function formatDone(bytes: number, startedAt: number): string {
  const seconds = (performance.now() - startedAt) / 1000;
  return `${formatBytes(bytes)} in ${seconds.toFixed(1)} s, ${formatBytes(bytes / seconds)}/s`;
}
