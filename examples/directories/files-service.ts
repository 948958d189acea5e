// Example, directories: the Files service on the real file system: reading, writing, moving and removing what Directories lists.
// A handler holds no more of a file in memory than one piece; the client's pace is the disk's.
import { constants } from "node:fs";
import { type FileHandle, open, rename, rmdir, unlink } from "node:fs/promises";
import { CallError, type Handlers, type Implementation, implement, type ServerCall } from "farcall";
import { checkType, lastName, lookAt, lookFor, type NamedEntry, permissionBits, toEntry } from "./entry.ts";
import {
  Files,
  type ReadReplyInit,
  type ReadRequest,
  type RemoveRequest,
  type RenameRequest,
  type StatRequest,
  type WatchEventInit,
  type WatchRequest,
  type WriteReplyInit,
  type WriteRequest,
  type WriteStart,
} from "./gen/files.ts";
import { readNames } from "./names.ts";
import { toCallError } from "./os-error.ts";
import { beginPartialFile, clearPartialFiles, type PartialFile } from "./partial-files.ts";
import { Root, type RootOptions } from "./root.ts";
import { Slots } from "./slots.ts";
import { DirectoryWatch, type WatchLimits, WatchQueue } from "./watch.ts";

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Few enough that many readers fit into memory, many enough that a trip to the disk is a small part of each. */
const pieceBytes = 256 * 1024;

export interface FilesOptions extends RootOptions {
  /** Reads and writes open at a time, at most; one more gets RESOURCE_EXHAUSTED. Default 64. */
  readonly maxTransfers?: number;
  /** Bytes of a file that is written, at most; one with more gets RESOURCE_EXHAUSTED. Default 16 GiB. */
  readonly maxFileBytes?: number;
  /** Watches open at a time, at most; one more gets RESOURCE_EXHAUSTED. Default 64. */
  readonly maxWatches?: number;
  /** Entries of a directory that is watched, at most; with more the watch gets RESOURCE_EXHAUSTED. Default 100,000. */
  readonly maxWatchedEntries?: number;
  /** Changed names kept for a watch whose client is slow, at most; with more it is told that it missed some. Default 1,024. */
  readonly maxPendingNames?: number;
}

/**
 * The files in the folder `root`, ready to be served. What a killed server left half written is removed. Rejects when `root` is
 * no directory.
 */
export async function createFiles(root: string, options: FilesOptions = {}): Promise<Implementation> {
  const opened = await Root.open(root, options);
  await clearPartialFiles(opened);
  return implement(Files, new RootedFiles(opened, options));
}

class RootedFiles implements Handlers<typeof Files.methods> {
  readonly #root: Root;
  readonly #transfers: Slots;
  readonly #watches: Slots;
  readonly #maxFileBytes: number;
  readonly #watchLimits: WatchLimits;
  readonly #queue = new WatchQueue();

  constructor(root: Root, options: FilesOptions) {
    this.#root = root;
    this.#transfers = new Slots("transfers", options.maxTransfers ?? 64);
    this.#watches = new Slots("watches", options.maxWatches ?? 64);
    this.#maxFileBytes = options.maxFileBytes ?? 16 * 1024 ** 3;
    this.#watchLimits = {
      maxEntries: options.maxWatchedEntries ?? 100_000,
      maxPendingNames: options.maxPendingNames ?? 1024,
    };
  }

  async stat({ path }: StatRequest): Promise<NamedEntry> {
    if (readNames(path).length > 0)
      return this.#root.at(path, async (entry) => toEntry(lastName(path), await lookAt(entry)));
    return this.#root.inside(path, async (folder) => toEntry("", await lookAt(folder.pathOf())));
  }

  async *read({ path, offset, length }: ReadRequest): AsyncGenerator<ReadReplyInit> {
    const giveBack = this.#transfers.take();
    let handle: FileHandle | undefined;
    try {
      const opened = await this.#openFile(path);
      handle = opened.handle;
      const { entry, size } = opened;
      if (offset > size) {
        throw new CallError("OUT_OF_RANGE", `'${path}' has ${size} bytes; there is no byte ${offset} to begin at`);
      }
      yield { part: { kind: "file", value: entry } };
      const rest = size - offset;
      let left = Number(length === undefined || length > rest ? rest : length);
      for (let at = Number(offset); left > 0; ) {
        const value = await readPiece(handle, { path, at, maxBytes: Math.min(left, pieceBytes) });
        at += value.length;
        left -= value.length;
        yield { part: { kind: "data", value } };
      }
    } finally {
      await handle?.close();
      giveBack();
    }
  }

  async write(requests: AsyncIterable<WriteRequest>, call: ServerCall): Promise<WriteReplyInit> {
    const giveBack = this.#transfers.take();
    let file: PartialFile | undefined;
    try {
      let size: bigint | undefined;
      for await (const { part } of requests) {
        if (part?.kind !== (file === undefined ? "start" : "data")) throw badOrder(part?.kind);
        if (part.kind === "start") {
          size = part.value.size;
          file = await this.#beginWrite(part.value);
        } else if (file !== undefined) {
          this.#checkSize(BigInt(file.size + part.value.length), size);
          await file.write(part.value);
        }
      }
      if (file === undefined) throw badOrder(undefined);
      if (size !== undefined && BigInt(file.size) !== size) {
        throw new CallError(
          "INVALID_ARGUMENT",
          `${file.size} bytes came, and ${size} were announced: nothing is changed`,
        );
      }
      const sha256 = await file.commit(() => call.signal.throwIfAborted());
      return { size: file.size, sha256 };
    } finally {
      await file?.close();
      giveBack();
    }
  }

  async rename({ path, newPath }: RenameRequest): Promise<Record<string, never>> {
    await this.#root.at(path, async (from, parent) => {
      checkType(await lookAt(from), path, "files and directories");
      await this.#root.at(newPath, async (to, newParent) => {
        const there = await lookFor(to);
        if (there !== undefined) checkType(there, newPath, "files and directories");
        await rename(from, to);
        await newParent.sync();
      });
      await parent.sync();
    });
    return {};
  }

  async remove({ path }: RemoveRequest): Promise<Record<string, never>> {
    await this.#root.at(path, async (entry, parent) => {
      const stats = await lookAt(entry);
      checkType(stats, path, "files and directories");
      await (stats.isDirectory() ? rmdir(entry) : unlink(entry));
      await parent.sync();
    });
    return {};
  }

  async *watch({ path }: WatchRequest, call: ServerCall): AsyncGenerator<WatchEventInit> {
    const giveBack = this.#watches.take();
    const watch = new DirectoryWatch(this.#root, { path, limits: this.#watchLimits, queue: this.#queue });
    try {
      yield* watch.events(call);
    } finally {
      watch.close();
      giveBack();
    }
  }

  /** Opens a regular file, and nothing else: to open a device may already do something, and a FIFO waits for a writer. */
  #openFile(path: string): Promise<{ handle: FileHandle; entry: NamedEntry; size: bigint }> {
    return this.#root.at(path, async (place) => {
      checkType(await lookAt(place), path, "files");
      const handle = await open(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const stats = await handle.stat({ bigint: true });
        checkType(stats, path, "files");
        return { handle, entry: toEntry(lastName(path), stats), size: stats.size };
      } catch (error) {
        await handle.close();
        throw error;
      }
    });
  }

  #beginWrite({ path, mode, size, createOnly }: WriteStart): Promise<PartialFile> {
    if (mode !== undefined && (mode & ~permissionBits) !== 0) {
      throw new CallError("INVALID_ARGUMENT", `the mode is 0${mode.toString(8)}; permissions are at most 0777`);
    }
    if (size !== undefined) this.#checkSize(size, undefined);
    return beginPartialFile(this.#root, { path, mode, createOnly });
  }

  #checkSize(size: bigint, announced: bigint | undefined): void {
    if (size > this.#maxFileBytes) {
      throw new CallError(
        "RESOURCE_EXHAUSTED",
        `a file of ${size} bytes is more than the ${this.#maxFileBytes} of a file here`,
      );
    }
    if (announced !== undefined && size > announced) {
      throw new CallError(
        "INVALID_ARGUMENT",
        `more bytes came than the ${announced} that were announced: nothing is changed`,
      );
    }
  }
}

async function readPiece(
  handle: FileHandle,
  { path, at, maxBytes }: { readonly path: string; readonly at: number; readonly maxBytes: number },
): Promise<Uint8Array> {
  // Each piece is a buffer of its own: the connection sends from it when the handler is already at the next.
  const buffer = Buffer.allocUnsafeSlow(maxBytes);
  const { bytesRead } = await handle.read(buffer, 0, maxBytes, at).catch((error: unknown) => {
    throw toCallError(error, path);
  });
  if (bytesRead > 0) return buffer.subarray(0, bytesRead);
  throw new CallError("ABORTED", `'${path}' was cut to ${at} bytes while it was read: read it again`);
}

function badOrder(kind: string | undefined): CallError {
  const found = kind === undefined ? "neither" : `"${kind}"`;
  return new CallError(
    "INVALID_ARGUMENT",
    `a write is one "start", then "data" in each message; ${found} came instead`,
  );
}
