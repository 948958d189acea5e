// The command line: `farcall gen --from MODULE --proto`: the `.proto` of a contract that was written in TypeScript.
import type { FileDescriptor } from "../idl/descriptor.ts";
import { isStandard, joinFiles } from "../idl/generator/join-files.ts";
import { linkFiles } from "../idl/linker/link.ts";
import { printFile } from "../idl/printer/print-file.ts";
import { CommandError } from "./command.ts";
import { importModule } from "./load-module.ts";
import { ProtoFolders } from "./proto-folders.ts";

/** A `.proto` to be. */
export interface ProtoText {
  readonly path: string;
  readonly text: string;
}

/**
 * The `.proto` files of all files, types, services and extensions that a module exports: what is in no `file` is put in one a
 * package. Throws a `CommandError`.
 */
export async function protosOf(path: string): Promise<ProtoText[]> {
  const exported = await importModule(path);
  const files = new Set<FileDescriptor>();
  const named = new Set<FileDescriptor>();
  for (const value of Object.values(exported).flat()) {
    try {
      const file = fileOf(value);
      if (file !== undefined) files.add(file);
      if (file !== undefined && (value as { readonly kind: string }).kind === "file") named.add(file);
    } catch (error) {
      // Some rules are known to be broken only when all types are known.
      throw new CommandError(`${path}: ${(error as Error).message}`);
    }
  }
  if (files.size === 0) {
    throw new CommandError(
      `${path} exports no file, message, enum, service or extension: export const Shop = service(...)`,
    );
  }
  const protos = joinFiles([...files], [...named])
    .filter((file) => !isStandard(file))
    .map((file) => ({ path: file.name, text: printFile(file) }));
  assertLegal(path, protos);
  return protos;
}

/** Refuses what protoc would: rules over many types, such as names that two enums of a package share, show in the whole only. */
function assertLegal(path: string, protos: readonly ProtoText[]): void {
  const texts = new Map(protos.map((proto) => [proto.path, proto.text]));
  const carried = new ProtoFolders([]);
  const { errors } = linkFiles([...texts.keys()], (name) => texts.get(name) ?? carried.read(name));
  if (errors.length === 0) return;
  const found = errors.map((error) => error.format()).join("\n");
  throw new CommandError(`${path}: the .proto files of this contract break rules of protobuf:\n${found}`);
}

/** The file in which an exported value is described; undefined for values of other kinds. */
function fileOf(value: unknown): FileDescriptor | undefined {
  const { kind, descriptor } = (value ?? {}) as {
    readonly kind?: unknown;
    readonly descriptor?: FileDescriptor | { readonly kind: string; readonly file: FileDescriptor };
  };
  if (kind === "file" && descriptor?.kind === "file") return descriptor as FileDescriptor;
  return kind === "message" || kind === "enum" || kind === "service" || kind === "extension"
    ? (descriptor as { readonly file: FileDescriptor } | undefined)?.file
    : undefined;
}
