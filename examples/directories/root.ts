// Example, directories: the served folder, as the services work in it: each path of a client leads from here, and never out.
import { realpath } from "node:fs/promises";
import { CallError } from "farcall";
import { canPinFolders, enterFolder, type Folder } from "./folder.ts";
import { partialFolderName, readNames } from "./names.ts";
import { toCallError } from "./os-error.ts";

export interface RootOptions {
  /** Whether directories are held by their descriptors while they are worked in. Default: where the system can. */
  readonly pinned?: boolean;
}

export class Root {
  readonly #path: string;
  readonly #pinned: boolean;

  private constructor(path: string, pinned: boolean) {
    this.#path = path;
    this.#pinned = pinned;
  }

  /** Rejects with the system's error when `path` is no directory. */
  static async open(path: string, { pinned = canPinFolders }: RootOptions = {}): Promise<Root> {
    const real = await realpath(path);
    await enterFolder(real, [], { use: async () => {}, pinned });
    return new Root(real, pinned);
  }

  /** Runs `use` in the directory at `path`; system errors are told of `path`. */
  async inside<Result>(path: string, use: (folder: Folder) => Promise<Result>): Promise<Result> {
    return await this.#enter(readNames(path), path, use);
  }

  /** Runs `use` with the path of the entry at `path`, whose parent is held open; system errors are told of `path`. */
  async at<Result>(path: string, use: (entry: string, parent: Folder) => Promise<Result>): Promise<Result> {
    const names = readNames(path);
    const name = names.at(-1);
    if (name === undefined) throw new CallError("INVALID_ARGUMENT", "the served folder itself stays as it is");
    return await this.#enter(names.slice(0, -1), path, (parent) => use(parent.pathOf(name), parent));
  }

  /** Runs `use` in the folder of what is being written. Rejects with the system's error when there is none. */
  insidePartials<Result>(use: (folder: Folder) => Promise<Result>): Promise<Result> {
    return enterFolder(this.#path, [partialFolderName], { use, pinned: this.#pinned });
  }

  /** Runs `use` in the served folder. Rejects with the system's error. */
  insideRoot<Result>(use: (folder: Folder) => Promise<Result>): Promise<Result> {
    return enterFolder(this.#path, [], { use, pinned: this.#pinned });
  }

  async #enter<Result>(
    names: readonly string[],
    path: string,
    use: (folder: Folder) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await enterFolder(this.#path, names, { use, pinned: this.#pinned });
    } catch (error) {
      throw toCallError(error, path);
    }
  }
}

/** Whether a name that stands in the directory at `path` is to be shown: the server's own is not. */
export function isShown(path: string, name: string): boolean {
  return name !== partialFolderName || readNames(path).length > 0;
}
