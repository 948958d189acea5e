// Example, directories: the service on the real file system. A handler gets a plain object and returns one, or throws a
// `CallError`; nothing here knows how calls travel.
import { mkdir, readdir, realpath, rename, rmdir } from "node:fs/promises";
import { CallError, type Handlers, type Implementation, implement } from "farcall";
import { canPinFolders, checkDirectory, enterFolder, type Folder } from "./folder.ts";
import { Directories, type DirectoryList, type Empty } from "./gen/directories.ts";
import { readNames } from "./names.ts";
import { toCallError } from "./os-error.ts";

export interface DirectoriesOptions {
  /** Whether directories are held by their descriptors while they are worked in. Default: where the system can. */
  readonly pinned?: boolean;
}

/** The directories in the folder `root`, ready to be served. Rejects when `root` is no directory. */
export async function createDirectories(root: string, options: DirectoriesOptions = {}): Promise<Implementation> {
  const real = await realpath(root);
  const directories = new RootedDirectories(real, options.pinned ?? canPinFolders);
  await directories.listDirectory({ path: "" });
  return implement(Directories, directories);
}

class RootedDirectories implements Handlers<typeof Directories.methods> {
  readonly #root: string;
  readonly #pinned: boolean;

  constructor(root: string, pinned: boolean) {
    this.#root = root;
    this.#pinned = pinned;
  }

  async makeDirectory({ path }: { readonly path: string }): Promise<Empty> {
    await this.#at(path, (entry) => mkdir(entry));
    return {};
  }

  async listDirectory({ path }: { readonly path: string }): Promise<DirectoryList> {
    const found = await this.#in(readNames(path), path, (folder) => readdir(folder.pathOf(), { withFileTypes: true }));
    const entries = found.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
    return { entries: entries.sort((one, other) => (one.name < other.name ? -1 : 1)) };
  }

  async removeDirectory({ path }: { readonly path: string }): Promise<Empty> {
    await this.#at(path, (entry) => rmdir(entry));
    return {};
  }

  async renameDirectory({ path, newPath }: { readonly path: string; readonly newPath: string }): Promise<Empty> {
    await this.#at(path, async (from) => {
      // rename(2) would move a file as well.
      await checkDirectory(from);
      await this.#at(newPath, (to) => rename(from, to));
    });
    return {};
  }

  /** Runs `use` with the path of an entry, whose parent directory is held open; system errors are told of `path`. */
  async #at(path: string, use: (entry: string) => Promise<void>): Promise<void> {
    const names = readNames(path);
    const name = names.at(-1);
    if (name === undefined) throw new CallError("INVALID_ARGUMENT", "the served folder itself stays as it is");
    await this.#in(names.slice(0, -1), path, (parent) => use(parent.pathOf(name)));
  }

  async #in<Result>(names: readonly string[], path: string, use: (folder: Folder) => Promise<Result>): Promise<Result> {
    try {
      return await enterFolder(this.#root, names, { use, pinned: this.#pinned });
    } catch (error) {
      throw toCallError(error, path);
    }
  }
}
