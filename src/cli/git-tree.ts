// The command line: the files of one revision of the git repository around the current folder. It asks the `git` on the PATH,
// and changes nothing.
import { spawnSync } from "node:child_process";
import { isAbsolute, posix, relative, sep } from "node:path";
import { CommandError } from "./command.ts";
import { type FileTree, isLeftOut } from "./file-tree.ts";

/** No file and no listing of a revision is longer: 256 MiB. */
const maxOutputBytes = 2 ** 28;

/** The tree of a revision, such as `main`, `v1.2` or `HEAD~3`. Throws a `CommandError` when there is none. */
export function openGitTree(revision: string): FileTree {
  const prefix = findPrefix(revision);
  const commit = runGit(["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`]);
  if (!commit.ok) {
    throw new CommandError(
      `git:${revision}: there is no such revision (git log --oneline shows those there are; one of a remote comes with git fetch)`,
    );
  }
  return new GitTree(revision, commit.text.trim(), prefix);
}

class GitTree implements FileTree {
  readonly #revision: string;
  readonly #commit: string;
  /** The current folder, seen from the top of the repository: `protos/` or nothing. */
  readonly #prefix: string;
  readonly #files: ReadonlySet<string>;
  readonly #folders: ReadonlySet<string>;

  constructor(revision: string, commit: string, prefix: string) {
    this.#revision = revision;
    this.#commit = commit;
    this.#prefix = prefix;
    const names = mustRunGit(["ls-tree", "-r", "-z", "--name-only", "--full-tree", commit]).text.split("\0");
    this.#files = new Set(names.filter((name) => name !== ""));
    const folders = new Set(["."]);
    for (const name of this.#files) {
      for (let at = posix.dirname(name); !folders.has(at); at = posix.dirname(at)) folders.add(at);
    }
    this.#folders = folders;
  }

  kindOf(path: string): "file" | "folder" | "missing" {
    const name = this.#fromTop(path);
    if (this.#files.has(name)) return "file";
    return this.#folders.has(name) ? "folder" : "missing";
  }

  read(path: string): Uint8Array {
    return mustRunGit(["cat-file", "blob", `${this.#commit}:${this.#fromTop(path)}`]).bytes;
  }

  listProtos(folder: string): readonly string[] {
    const top = this.#fromTop(folder);
    const found: string[] = [];
    for (const name of this.#files) {
      const inside = posix.relative(top, name);
      if (!name.endsWith(".proto") || inside.startsWith("../")) continue;
      if (!inside.split("/").some(isLeftOut)) found.push(posix.join(folder.split(sep).join("/"), inside));
    }
    return found.sort();
  }

  show(path: string): string {
    return `git:${this.#revision}:${path}`;
  }

  /** A path seen from the top of the repository. */
  #fromTop(path: string): string {
    const seen = isAbsolute(path) ? relative(".", path) : path;
    return posix.join(this.#prefix, seen.split(sep).join("/")).replace(/(?<=.)\/$/, "");
  }
}

function findPrefix(revision: string): string {
  const { ok, text, err } = runGit(["rev-parse", "--show-prefix"]);
  if (ok) return text.trim();
  const why = err.includes("not a git repository") ? "the current folder is in no git repository" : err.trim();
  throw new CommandError(`git:${revision} cannot be read: ${why}`);
}

interface GitOutput {
  readonly ok: boolean;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly err: string;
}

function runGit(args: readonly string[]): GitOutput {
  const { error, status, stdout, stderr } = spawnSync("git", args, { maxBuffer: maxOutputBytes });
  if (error !== undefined) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandError(
      code === "ENOENT" ? "there is no git: install it, or name folders" : `git ${args[0]}: ${error.message}`,
    );
  }
  return { ok: status === 0, bytes: stdout, text: stdout.toString("utf8"), err: stderr.toString("utf8") };
}

function mustRunGit(args: readonly string[]): GitOutput {
  const output = runGit(args);
  if (!output.ok) throw new CommandError(`git ${args[0]} failed: ${output.err.trim()}`);
  return output;
}
