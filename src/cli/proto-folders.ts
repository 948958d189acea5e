// The command line: `.proto` files on the disk. An import path is looked for in the folders of `--proto-path` in order, and
// then among the standard files that farcall carries.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { CommandError } from "./command.ts";
import { packageFolder } from "./package-folder.ts";

/** Where the package has files that are always found: its own, and other projects' as they are. */
const carriedFolders = ["proto", "third_party/protobuf", "third_party/grpc", "third_party/googleapis"];

/** Folders in which imports are found. */
export class ProtoFolders {
  readonly #folders: readonly string[];
  readonly #given: boolean;

  /** `folders` as written by the user; none: the current one. */
  constructor(folders: readonly string[]) {
    this.#given = folders.length > 0;
    this.#folders = this.#given ? folders : ["."];
    for (const folder of folders) {
      const kind = kindOf(folder);
      if (kind === "folder") continue;
      const wrong = kind === "missing" ? "there is no such folder" : "it is not a folder";
      throw new CommandError(`--proto-path ${folder}: ${wrong}`);
    }
  }

  /** These folders and the folders of `files` that lie in none of them, where no `--proto-path` says what they lie in. */
  with(files: readonly string[]): ProtoFolders {
    if (this.#given) return this;
    const outside = files.filter((file) => this.#inside(file) === undefined).map((file) => dirname(file));
    return outside.length === 0 ? this : new ProtoFolders([".", ...new Set(outside)]);
  }

  /** The path by which other files would import the file at `path`. Throws when it is not there or lies in no folder. */
  importPath(path: string): string {
    const kind = kindOf(path);
    if (kind === "missing") throw new CommandError(`${path}: there is no such file`);
    if (kind === "folder")
      throw new CommandError(`${path} is a folder: name the .proto files in it, as in ${join(path, "*.proto")}`);
    const name = this.#inside(path);
    if (name === undefined) {
      throw new CommandError(
        `${path} lies in none of the folders of --proto-path (${this.#folders.join(", ")}): add --proto-path ${dirname(path)}`,
      );
    }
    const found = this.find(name) as string;
    if (resolve(found) !== resolve(path)) {
      throw new CommandError(
        `${path} cannot be imported, because ${found} comes first: change the order of --proto-path`,
      );
    }
    return name;
  }

  /** The file that an import path means, or undefined. */
  find(importPath: string): string | undefined {
    const carried = carriedFolders.map((name) => join(packageFolder(), name));
    for (const folder of [...this.#folders, ...carried]) {
      const path = join(folder, importPath);
      if (kindOf(path) === "file") return path;
    }
    return undefined;
  }

  /** The text of the file that an import path means, or undefined. Throws when it cannot be read. */
  read(importPath: string): string | undefined {
    const path = this.find(importPath);
    if (path === undefined) return undefined;
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
    } catch (error) {
      throw new CommandError(describeReadFailure(path, error as NodeJS.ErrnoException));
    }
  }

  /** A folder that would make `importPath`, missing in the file that `importer` means, be found; undefined when none is near. */
  suggestFor(importPath: string, importer: string): string | undefined {
    const from = this.find(importer);
    if (from === undefined) return undefined;
    for (let folder = dirname(resolve(from)); ; folder = dirname(folder)) {
      if (existsSync(join(folder, importPath))) return relative(".", folder) || ".";
      if (folder === dirname(folder)) return undefined;
    }
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

/** What stands at a path. A name that leads through a file is as missing as any. */
export function kindOf(path: string): "file" | "folder" | "missing" {
  const stat = statSync(path, { throwIfNoEntry: false, bigint: false });
  if (stat === undefined) return "missing";
  return stat.isDirectory() ? "folder" : "file";
}

/** Why a file could not be read, and what to do. */
export function describeReadFailure(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === "EACCES" || code === "EPERM") {
    return `${path} cannot be read: you lack the permission (make it readable: chmod +r ${path})`;
  }
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return `${path} is not UTF-8 text: save it as UTF-8`;
  return `${path} cannot be read: ${message}`;
}
