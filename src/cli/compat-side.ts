// The command line: one side of `farcall compat`, from what the user names - a file, a folder, a descriptor set, any of them
// in a revision of git - to descriptors and the places that findings are shown at.
import { dirname, extname, isAbsolute, relative, sep } from "node:path";
import type { AnyDescriptor, FileDescriptor } from "../idl/descriptor.ts";
import { linkFiles } from "../idl/linker/link.ts";
import { decodeFileDescriptorSet } from "../marshal/descriptor-set/index.ts";
import { MarshalError } from "../marshal/errors.ts";
import { CommandError, UsageError } from "./command.ts";
import { disk, type FileTree } from "./file-tree.ts";
import { formatProblem } from "./format-problem.ts";
import { openGitTree } from "./git-tree.ts";
import { packageFolder } from "./package-folder.ts";
import { ProtoFolders } from "./proto-folders.ts";
import type { Output } from "./terminal.ts";

/** A contract that was read. */
export interface ContractSide {
  /** As messages name it. */
  readonly name: string;
  /** The files named and all that they import, but for those that farcall carries. */
  readonly files: readonly FileDescriptor[];
  /** The import path of the one `.proto` file that was named; undefined for what holds several. */
  readonly single: string | undefined;
  placeOf(declaration: AnyDescriptor, option: string | undefined): Place | undefined;
}

/** Where something is declared; without a line where no text is. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** What a side is read from. */
export interface SideName {
  readonly tree: FileTree;
  readonly path: string;
}

const setEndings = [".binpb", ".pb", ".desc", ".protoset", ".bin"];

/**
 * What the two arguments mean: `git:REV` without a path is the other side's path in that revision, or the current folder.
 * Throws a `CommandError` for a revision that cannot be read.
 */
export function parseSides(old: string, now: string): { readonly old: SideName; readonly now: SideName } {
  const [oldParts, nowParts] = [splitArgument(old), splitArgument(now)];
  const open = ({ revision }: ArgumentParts) => (revision === undefined ? disk : openGitTree(revision));
  const pathOf = (own: ArgumentParts, other: ArgumentParts) => own.path ?? other.path ?? ".";
  return {
    old: { tree: open(oldParts), path: pathOf(oldParts, nowParts) },
    now: { tree: open(nowParts), path: pathOf(nowParts, oldParts) },
  };
}

interface ArgumentParts {
  readonly revision: string | undefined;
  readonly path: string | undefined;
}

function splitArgument(argument: string): ArgumentParts {
  if (!argument.startsWith("git:")) return { revision: undefined, path: argument };
  const [revision = "", ...path] = argument.slice("git:".length).split(":");
  if (revision === "") throw new UsageError(`${argument} names no revision: write git:main or git:main:protos`);
  return { revision, path: path.length === 0 || path.join(":") === "" ? undefined : path.join(":") };
}

/** Refuses a folder of `--proto-path` that neither side has: one alone may be older or newer than it. */
export function checkFolders(sides: readonly SideName[], protoPath: readonly string[]): void {
  for (const folder of protoPath) {
    if (sides.some(({ tree }) => tree.kindOf(folder) === "folder")) continue;
    throw new CommandError(`--proto-path ${folder}: there is no such folder`);
  }
}

/** Reads a side. Throws a `CommandError` with all that is wrong with it. */
export function readSide({ tree, path }: SideName, protoPath: readonly string[], err: Output): ContractSide {
  const name = tree.show(path);
  switch (tree.kindOf(path)) {
    case "missing":
      throw new CommandError(
        tree === disk && !/[./]/.test(path)
          ? `${name}: there is no such file or folder (a revision is written git:${path})`
          : `${name}: there is no such file or folder`,
      );
    case "folder": {
      const files = tree.listProtos(path);
      if (files.length === 0) throw new CommandError(`${name}: there is no .proto file in the folder`);
      return readProtos({ tree, files, isSingle: false, home: path, name, protoPath, err });
    }
    case "file":
      if (setEndings.includes(extname(path))) return readSet(name, tree.read(path));
      if (extname(path) === ".proto")
        return readProtos({ tree, files: [path], isSingle: true, home: dirname(path), name, protoPath, err });
      throw new CommandError(
        `${name} is neither a .proto file nor a descriptor set, which ends in ${setEndings.join(", ")}`,
      );
  }
}

interface ProtoRequest {
  readonly tree: FileTree;
  readonly files: readonly string[];
  /** The user named one file, not a folder of one. */
  readonly isSingle: boolean;
  /** Where import paths begin, when none of `protoPath` is around it. */
  readonly home: string;
  readonly name: string;
  readonly protoPath: readonly string[];
  readonly err: Output;
}

function readProtos({ tree, files, isSingle, home, name, protoPath, err }: ProtoRequest): ContractSide {
  const folders = new ProtoFolders(importFolders(tree, home, protoPath), tree);
  const roots = files.map((file) => folders.importPath(file));
  const { allFiles, errors, positionOf } = linkFiles(roots, (path) => folders.read(path));
  if (errors.length > 0) {
    const problems = errors.map((error) => formatProblem(error, folders, err));
    const twice = files.length > 1 && errors.some(({ code }) => code === "duplicate-name");
    const hint = twice ? ": name the folder that import paths begin at, or say it with -I" : "";
    throw new CommandError([...problems, `${name} could not be read${hint}`].join("\n"));
  }
  return {
    name,
    files: allFiles.filter((file) => !folders.isCarried(file.name)),
    single: isSingle ? roots[0] : undefined,
    placeOf(declaration, option) {
      const place = positionOf(declaration, option);
      return place && { ...place, file: folders.find(place.file) ?? place.file };
    },
  };
}

/** The folder that import paths begin at comes first: what a file of one side imports must not be found in the other's. */
function importFolders(tree: FileTree, home: string, protoPath: readonly string[]): readonly string[] {
  const given = protoPath.filter((folder) => tree.kindOf(folder) === "folder");
  const isAround = (folder: string) => {
    const inside = relative(folder, home);
    return inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  };
  const around = given.filter(isAround);
  return [...(around.length > 0 ? around : [home]), ...given.filter((folder) => !isAround(folder))];
}

function readSet(name: string, bytes: Uint8Array): ContractSide {
  // A set is whole but for what everybody has: nothing of the current folder belongs to it.
  const carried = new ProtoFolders([packageFolder()]);
  const find = (path: string) =>
    carried.isCarried(path) ? linkFiles([path], (one) => carried.read(one)).files[0] : undefined;
  try {
    const files = decodeFileDescriptorSet(bytes, { find }).filter((file) => !carried.isCarried(file.name));
    if (files.length === 0) throw new CommandError(`${name}: there is no file in the descriptor set`);
    return { name, files, single: undefined, placeOf: () => ({ file: name }) };
  } catch (error) {
    if (!(error instanceof MarshalError)) throw error;
    const hint = error.message.includes(" is missing") ? " (protoc adds what is imported with --include_imports)" : "";
    throw new CommandError(`${name} is no descriptor set that can be used: ${error.message}${hint}`);
  }
}
