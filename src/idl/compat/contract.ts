// IDL layer, compatibility: all that some files declare, by the names that the old and the new contract are matched by.
import type {
  EnumDescriptor,
  ExtensionDescriptor,
  FileDescriptor,
  MessageDescriptor,
  ServiceDescriptor,
} from "../descriptor.ts";

/** What can be removed from a file or a package. */
export type Declared = MessageDescriptor | EnumDescriptor | ServiceDescriptor | ExtensionDescriptor;

/** The files of one side. The entries of map fields are not declared: their field stands for them. */
export interface Contract {
  /** By the path that they are matched by. */
  readonly files: ReadonlyMap<string, FileDescriptor>;
  /** Each with its first file. */
  readonly packages: ReadonlyMap<string, FileDescriptor>;
  /** What each file declares, by `nestedKey`. */
  readonly names: ReadonlyMap<FileDescriptor, ReadonlySet<string>>;
  /** Everything by `keyOf`; the first where a name comes twice. */
  readonly declared: ReadonlyMap<string, Declared>;
}

/** Kind and full name: how a declaration is found in the other contract. */
export function keyOf({ kind, fullName }: Pick<Declared, "kind" | "fullName">): string {
  return `${kind} ${fullName}`;
}

/** Where an extension is on the wire: what it extends, and its number. */
export function extensionKey({ extendee, number }: ExtensionDescriptor): string {
  return `${extendee.fullName} ${number}`;
}

/** `renamed` has the paths to match files by that are not their own. */
export function indexContract(
  files: readonly FileDescriptor[],
  renamed: ReadonlyMap<string, string> = new Map(),
): Contract {
  const declared = new Map<string, Declared>();
  const packages = new Map<string, FileDescriptor>();
  const names = new Map<FileDescriptor, Set<string>>();
  for (const file of files) {
    if (!packages.has(file.package)) packages.set(file.package, file);
    const own = new Set<string>();
    for (const one of declarationsOf(file)) {
      own.add(nestedKey(one));
      if (!declared.has(keyOf(one))) declared.set(keyOf(one), one);
    }
    names.set(file, own);
  }
  const byPath = new Map(files.map((file) => [renamed.get(file.name) ?? file.name, file]));
  return { files: byPath, packages, names, declared };
}

/** All that stands in a file or a message, nested declarations behind those around them. */
export function* declarationsOf(scope: FileDescriptor | MessageDescriptor): Generator<Declared> {
  for (const message of scope.messages) {
    if (message.mapEntry) continue;
    yield message;
    yield* declarationsOf(message);
  }
  yield* scope.enums;
  yield* scope.extensions ?? [];
  if (scope.kind === "file") yield* scope.services;
}

/** Kind, and name within the package: what stays the same when a file's package changes. */
export function nestedKey({ kind, fullName, file }: Declared): string {
  return `${kind} ${file.package === "" ? fullName : fullName.slice(file.package.length + 1)}`;
}
