// The command line: where `.proto` files are read from: the disk here, a revision of git in git-tree.ts. Paths are as the user
// writes them, seen from the current folder.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { CommandError } from "./command.ts";

/** Files that can be looked for and read. */
export interface FileTree {
  /** What stands at a path. A name that leads through a file is as missing as any. */
  kindOf(path: string): "file" | "folder" | "missing";
  /** Throws a `CommandError` that says what to do when it cannot be read. */
  read(path: string): Uint8Array;
  /** The `.proto` files in a folder and in those inside it, sorted. Hidden folders and node_modules are left out. */
  listProtos(folder: string): readonly string[];
  /** A path as messages name it. */
  show(path: string): string;
}

export const disk: FileTree = {
  kindOf(path) {
    const stat = statSync(path, { throwIfNoEntry: false, bigint: false });
    if (stat === undefined) return "missing";
    return stat.isDirectory() ? "folder" : "file";
  },
  read(path) {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new CommandError(describeReadFailure(path, error as NodeJS.ErrnoException));
    }
  },
  listProtos(folder) {
    const found: string[] = [];
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (isLeftOut(entry.name)) continue;
      if (entry.isDirectory()) found.push(...this.listProtos(path));
      else if (entry.name.endsWith(".proto")) found.push(path);
    }
    return found.sort();
  },
  show: (path) => path,
};

/** Whether nobody's contracts lie in a folder of this name. */
export function isLeftOut(name: string): boolean {
  return name.startsWith(".") || name === "node_modules";
}

/** Why a file could not be read, and what to do. */
export function describeReadFailure(path: string, { code, message }: NodeJS.ErrnoException): string {
  if (code === "EACCES" || code === "EPERM") {
    return `${path} cannot be read: you lack the permission (make it readable: chmod +r ${path})`;
  }
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") return `${path} is not UTF-8 text: save it as UTF-8`;
  return `${path} cannot be read: ${message}`;
}
