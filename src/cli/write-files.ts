// The command line: generated files on the disk. Only what changed is written, so that builds see no change where there is none.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CommandError } from "./command.ts";
import type { Progress } from "./progress.ts";

/** A file to be, relative to the output folder. */
interface WantedFile {
  readonly path: string;
  readonly text: string;
}

/** What became of a file; with `check`, "stale" stands for one that would have been written. */
export interface WrittenFile {
  readonly path: string;
  readonly status: "written" | "unchanged" | "stale";
}

/** Writes `files` under `folder`, which is made when it is missing. With `check`, only says what would be written. */
export function writeFiles(
  files: readonly WantedFile[],
  folder: string,
  { check, progress }: { readonly check: boolean; readonly progress: Progress },
): readonly WrittenFile[] {
  return files.map(({ path: name, text }) => {
    progress.step("writing");
    const path = join(folder, name);
    if (readText(path) === text) return { path, status: "unchanged" };
    if (check) return { path, status: "stale" };
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    } catch (error) {
      throw new CommandError(describeWriteFailure(path, folder, error as NodeJS.ErrnoException));
    }
    return { path, status: "written" };
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Whatever keeps it from being read will be said when it is written.
    return undefined;
  }
}

/** Why a file could not be written, and what to do. */
export function describeWriteFailure(path: string, folder: string, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case "EACCES":
    case "EPERM":
      return `${path} cannot be written: you lack the permission (make ${folder} writable, or choose another --out)`;
    case "EROFS":
      return `${path} cannot be written: the file system is read-only (choose another --out)`;
    case "ENOTDIR":
    case "EEXIST":
      return `${path} cannot be written: a part of its path is a file, not a folder (choose another --out)`;
    case "EISDIR":
      return `${path} cannot be written: it is a folder (remove it, or choose another --out)`;
    case "ENOSPC":
      return `${path} cannot be written: the disk is full`;
    default:
      return `${path} cannot be written: ${message}`;
  }
}
