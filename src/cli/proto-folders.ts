// The command line: `.proto` files on the disk or in another tree. An import path is looked for in the folders of
// `--proto-path` in order, and then among the standard files that farcall carries.
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { CommandError } from "./command.ts";
import { describeReadFailure, disk, type FileTree } from "./file-tree.ts";
import { packageFolder } from "./package-folder.ts";

/** Where the package has files that are always found: its own, and other projects' as they are. */
const carriedFolders = ["proto", "third_party/protobuf", "third_party/grpc", "third_party/googleapis"];

/** Folders in which imports are found. */
export class ProtoFolders {
  readonly #folders: readonly string[];
  readonly #given: boolean;
  readonly #tree: FileTree;

  /** `folders` as written by the user; none: the current one. */
  constructor(folders: readonly string[], tree = disk) {
    this.#tree = tree;
    this.#given = folders.length > 0;
    this.#folders = this.#given ? folders : ["."];
    for (const folder of folders) {
      const kind = tree.kindOf(folder);
      if (kind === "folder") continue;
      const wrong = kind === "missing" ? "there is no such folder" : "it is not a folder";
      throw new CommandError(`--proto-path ${folder}: ${wrong}`);
    }
  }

  /** These folders and the folders of `files` that lie in none of them, where no `--proto-path` says what they lie in. */
  with(files: readonly string[]): ProtoFolders {
    if (this.#given) return this;
    const outside = files.filter((file) => this.#inside(file) === undefined).map((file) => dirname(file));
    return outside.length === 0 ? this : new ProtoFolders([".", ...new Set(outside)], this.#tree);
  }

  /** The path by which other files would import the file at `path`. Throws when it is not there or lies in no folder. */
  importPath(path: string): string {
    const kind = this.#tree.kindOf(path);
    if (kind === "missing") throw new CommandError(`${path}: there is no such file`);
    if (kind === "folder")
      throw new CommandError(`${path} is a folder: name the .proto files in it, as in ${join(path, "*.proto")}`);
    const name = this.#inside(path);
    if (name === undefined) {
      throw new CommandError(
        `${path} lies in none of the folders of --proto-path (${this.#folders.join(", ")}): add --proto-path ${dirname(path)}`,
      );
    }
    const { path: found } = this.#locate(name) as Located;
    if (resolve(found) !== resolve(path)) {
      throw new CommandError(
        `${path} cannot be imported, because ${found} comes first: change the order of --proto-path`,
      );
    }
    return name;
  }

  /** The file that an import path means, as messages name it, or undefined. */
  find(importPath: string): string | undefined {
    const located = this.#locate(importPath);
    return located?.tree.show(located.path);
  }

  /** Whether an import path means a file that farcall carries, and not one of the user's. */
  isCarried(importPath: string): boolean {
    return this.#locate(importPath)?.carried === true;
  }

  /** The text of the file that an import path means, or undefined. Throws when it cannot be read. */
  read(importPath: string): string | undefined {
    const located = this.#locate(importPath);
    if (located === undefined) return undefined;
    const bytes = located.tree.read(located.path);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (error) {
      throw new CommandError(describeReadFailure(located.tree.show(located.path), error as NodeJS.ErrnoException));
    }
  }

  /** A folder that would make `importPath`, missing in the file that `importer` means, be found; undefined when none is near. */
  suggestFor(importPath: string, importer: string): string | undefined {
    const from = this.#locate(importer);
    if (from === undefined) return undefined;
    for (let folder = dirname(resolve(from.path)); ; folder = dirname(folder)) {
      if (from.tree.kindOf(join(folder, importPath)) !== "missing") return relative(".", folder) || ".";
      if (folder === dirname(folder)) return undefined;
    }
  }

  #locate(importPath: string): Located | undefined {
    const places = [
      ...this.#folders.map((folder) => ({ folder, tree: this.#tree, carried: false })),
      ...carriedFolders.map((name) => ({ folder: join(packageFolder(), name), tree: disk, carried: true })),
    ];
    for (const { folder, tree, carried } of places) {
      const path = join(folder, importPath);
      if (tree.kindOf(path) === "file") return { path, tree, carried };
    }
    return undefined;
  }

  #inside(path: string): string | undefined {
    for (const folder of this.#folders) {
      const name = relative(folder, path);
      if (name !== "" && name !== ".." && !name.startsWith(`..${sep}`) && !isAbsolute(name))
        return name.split(sep).join("/");
    }
    return undefined;
  }
}

/** A file that was found. */
interface Located {
  readonly path: string;
  readonly tree: FileTree;
  readonly carried: boolean;
}
