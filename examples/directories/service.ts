// Example, directories: the Directories service on the real file system. A handler gets a plain object and returns one, or
// throws a `CallError`; nothing here knows how calls travel.
import { mkdir, readdir, rename, rmdir } from "node:fs/promises";
import { type Handlers, type Implementation, implement } from "farcall";
import { checkDirectory } from "./folder.ts";
import { Directories, type DirectoryList, type Empty } from "./gen/directories.ts";
import { isShown, Root, type RootOptions } from "./root.ts";

/** The directories in the folder `root`, ready to be served. Rejects when `root` is no directory. */
export async function createDirectories(root: string, options: RootOptions = {}): Promise<Implementation> {
  return implement(Directories, new RootedDirectories(await Root.open(root, options)));
}

class RootedDirectories implements Handlers<typeof Directories.methods> {
  readonly #root: Root;

  constructor(root: Root) {
    this.#root = root;
  }

  async makeDirectory({ path }: { readonly path: string }): Promise<Empty> {
    await this.#root.at(path, (entry) => mkdir(entry));
    return {};
  }

  async listDirectory({ path }: { readonly path: string }): Promise<DirectoryList> {
    const found = await this.#root.inside(path, (folder) => readdir(folder.pathOf(), { withFileTypes: true }));
    const shown = found.filter(({ name }) => isShown(path, name));
    const entries = shown.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
    return { entries: entries.sort((one, other) => (one.name < other.name ? -1 : 1)) };
  }

  async removeDirectory({ path }: { readonly path: string }): Promise<Empty> {
    await this.#root.at(path, (entry) => rmdir(entry));
    return {};
  }

  async renameDirectory({ path, newPath }: { readonly path: string; readonly newPath: string }): Promise<Empty> {
    await this.#root.at(path, async (from) => {
      // rename(2) would move a file as well.
      await checkDirectory(from);
      await this.#root.at(newPath, (to) => rename(from, to));
    });
    return {};
  }
}
