// Example, directories: a way down from the root that no symbolic link can bend. Each directory on the way is opened by one
// name below the one before, without following links, and is held open until the work in it is done (open(2), O_NOFOLLOW).
// For POSIX systems: Windows opens no directories.
import { existsSync } from "node:fs";
import { constants, type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;

/** Linux lets an open directory be named by its descriptor: no rename can then put another in its place (proc(5)). */
const descriptorFolder = "/proc/self/fd";
export const canPinFolders: boolean = existsSync(`${descriptorFolder}/0`);

/** An open directory. */
export interface Folder {
  /** The path by which this process reaches the directory, or an entry of it. */
  pathOf(name?: string): string;
  /** Resolves when the names in it are safe on the disk (fsync(2)). */
  sync(): Promise<void>;
}

/**
 * Goes down from `root` by `names` and runs `use` in the directory that they lead to. Rejects with the system's error where a
 * name is missing or is no directory. With `pinned`, the directory cannot be exchanged while `use` runs; without, which is all
 * that systems other than Linux offer, a local program that swaps a directory for a link in that time is not caught.
 */
export async function enterFolder<Result>(
  root: string,
  names: readonly string[],
  options: { readonly use: (folder: Folder) => Promise<Result>; readonly pinned: boolean },
): Promise<Result> {
  let folder = await openFolder(root, options.pinned);
  try {
    for (const name of names) {
      const below = await openFolder(folder.pathOf(name), options.pinned);
      await folder.handle.close();
      folder = below;
    }
    return await options.use(folder);
  } finally {
    await folder.handle.close();
  }
}

/** Rejects with the system's error when there is no directory at `path`; a link to one is none. */
export async function checkDirectory(path: string): Promise<void> {
  await (await openDirectory(path)).close();
}

function openDirectory(path: string): Promise<FileHandle> {
  return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

async function openFolder(path: string, pinned: boolean): Promise<Folder & { readonly handle: FileHandle }> {
  const handle = await openDirectory(path);
  const place = pinned ? `${descriptorFolder}/${handle.fd}` : path;
  return {
    handle,
    pathOf: (name) => (name === undefined ? `${place}/` : join(place, name)),
    sync: () => handle.sync(),
  };
}
