// The command line: `farcall gen --from MODULE --proto`: the `.proto` of a contract that was written in TypeScript.
import type { FileDescriptor } from "../idl/descriptor.ts";
import { isStandard, joinFiles } from "../idl/generator/join-files.ts";
import { printFile } from "../idl/printer/print-file.ts";
import { CommandError } from "./command.ts";
import { importModule } from "./load-module.ts";

/** A `.proto` to be. */
export interface ProtoText {
  readonly path: string;
  readonly text: string;
}

/** The `.proto` files of all types, services and extensions that a module exports, one a package. Throws a `CommandError`. */
export async function protosOf(path: string): Promise<ProtoText[]> {
  const exported = await importModule(path);
  const files = new Set<FileDescriptor>();
  for (const value of Object.values(exported).flat()) {
    try {
      const file = fileOf(value);
      if (file !== undefined) files.add(file);
    } catch (error) {
      // Some rules are known to be broken only when all types are known.
      throw new CommandError(`${path}: ${(error as Error).message}`);
    }
  }
  if (files.size === 0) {
    throw new CommandError(`${path} exports no message, enum, service or extension: export const Shop = service(...)`);
  }
  return joinFiles([...files])
    .filter((file) => !isStandard(file))
    .map((file) => ({ path: file.name, text: printFile(file) }));
}

/** The file in which an exported value is described; undefined for values of other kinds. */
function fileOf(value: unknown): FileDescriptor | undefined {
  const { kind, descriptor } = (value ?? {}) as { kind?: unknown; descriptor?: { readonly file: FileDescriptor } };
  return kind === "message" || kind === "enum" || kind === "service" || kind === "extension"
    ? descriptor?.file
    : undefined;
}
