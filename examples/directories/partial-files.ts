// Example, directories: files that are being written. Until one is whole it lies in a folder of the server's own, where no
// client sees it; then it takes its place in one step (rename(2)), safe on the disk. What a killed server left is cleared by
// the next one.
import { createHash, randomUUID } from "node:crypto";
import { constants, readFileSync } from "node:fs";
import { type FileHandle, link, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { CallError } from "farcall";
import { checkType, lookFor, permissionBits } from "./entry.ts";
import { partialFolderName } from "./names.ts";
import { toCallError } from "./os-error.ts";
import type { Root } from "./root.ts";

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
const defaultMode = 0o644;

export interface Destination {
  readonly path: string;
  /** Permission bits; those of what is replaced, or 0644, when undefined. */
  readonly mode: number | undefined;
  /** Whether a file that is there already is an error. */
  readonly createOnly: boolean;
}

/** Begins a file that will be at `to.path`. Rejects at once with what would keep it from getting there. */
export async function beginPartialFile(root: Root, to: Destination): Promise<PartialFile> {
  const mode = await root.at(to.path, (entry) => checkPlace(entry, to));
  try {
    const name = `${ownerName(process.pid)}-${randomUUID()}`;
    const handle = await openIn(root, name);
    return new PartialFile(root, { name, handle, to: { ...to, mode } });
  } catch (error) {
    throw toCallError(error, to.path);
  }
}

async function openIn(root: Root, name: string): Promise<FileHandle> {
  const create = () =>
    root.insidePartials((folder) => open(folder.pathOf(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600));
  try {
    return await create();
  } catch (error) {
    unlessMissing(error);
  }
  await root.insideRoot((folder) =>
    mkdir(folder.pathOf(partialFolderName), 0o700).catch((error: { code?: unknown }) => {
      // Another write has just made it.
      if (error.code !== "EEXIST") throw error;
    }),
  );
  return await create();
}

/** Resolves with the mode for the file. */
async function checkPlace(entry: string, { path, mode, createOnly }: Destination): Promise<number> {
  const there = await lookFor(entry);
  if (there === undefined) return mode ?? defaultMode;
  if (createOnly) throw new CallError("ALREADY_EXISTS", `'${path}' is there already`);
  checkType(there, path, "files");
  return mode ?? Number(there.mode) & permissionBits;
}

export class PartialFile {
  readonly #root: Root;
  readonly #name: string;
  readonly #handle: FileHandle;
  readonly #to: Destination & { readonly mode: number };
  readonly #hash = createHash("sha256");
  #size = 0;
  #settled = false;

  constructor(
    root: Root,
    file: { readonly name: string; readonly handle: FileHandle; readonly to: Destination & { readonly mode: number } },
  ) {
    this.#root = root;
    this.#name = file.name;
    this.#handle = file.handle;
    this.#to = file.to;
  }

  /** Bytes written. */
  get size(): number {
    return this.#size;
  }

  /** Writes all of `data` behind what is there. */
  async write(data: Uint8Array): Promise<void> {
    this.#hash.update(data);
    try {
      for (let at = 0; at < data.length; ) {
        const { bytesWritten } = await this.#handle.write(data, at, data.length - at, this.#size);
        at += bytesWritten;
        this.#size += bytesWritten;
      }
    } catch (error) {
      throw toCallError(error, this.#to.path);
    }
  }

  /**
   * Puts the file in its place; resolves with its sha256 when file and place are safe on the disk. `checkWanted` throws when
   * nobody wants it any more: it is asked last before the file is seen.
   */
  async commit(checkWanted: () => void): Promise<Uint8Array> {
    const { path, createOnly } = this.#to;
    await this.#root.at(path, async (entry, parent) => {
      // Again: what is there may be another one than when the file was begun.
      await this.#handle.chmod(await checkPlace(entry, this.#to));
      await this.#handle.sync();
      checkWanted();
      await this.#root.insidePartials(async (folder) => {
        const from = folder.pathOf(this.#name);
        // Only link(2) leaves what is there.
        if (createOnly) await link(from, entry);
        else {
          await rename(from, entry);
          this.#settled = true;
        }
      });
      await parent.sync();
    });
    return this.#hash.digest();
  }

  /** Closes the file; what has not got to its place is removed. */
  async close(): Promise<void> {
    await this.#handle.close();
    if (this.#settled) return;
    await this.#root
      .insidePartials((folder) => rm(folder.pathOf(this.#name), { force: true }))
      // Without the folder there is nothing to remove.
      .catch(unlessMissing);
  }
}

/** Removes what servers left that live no more. */
export async function clearPartialFiles(root: Root): Promise<void> {
  try {
    await root.insidePartials(async (folder) => {
      for (const name of await readdir(folder.pathOf())) {
        const [, owner, id] = /^((\d+)\.\d+)-/.exec(name) ?? [];
        if (owner === undefined || ownerName(Number(id)) === owner) continue;
        await rm(folder.pathOf(name), { force: true });
      }
    });
  } catch (error) {
    unlessMissing(error);
  }
}

function unlessMissing(error: unknown): void {
  if ((error as { code?: unknown }).code !== "ENOENT") throw error;
}

/**
 * A process by its number and when it was started, in ticks since the machine was: a number is given again, in a container
 * often to the very next server (proc(5), /proc/PID/stat, field 22). For a process that is gone: 0. Systems without /proc tell
 * nobody when a process began; there each process seems to live, and nothing is cleared.
 */
function ownerName(processId: number): string {
  let startedAt = "0";
  try {
    const text = readFileSync(`/proc/${processId}/stat`, "latin1");
    // The second field is the program's name, in brackets, and may have any letter in it.
    startedAt = text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? startedAt;
  } catch {}
  return `${processId}.${startedAt}`;
}
