// IDL layer, generator: the files of a contract that was written in TypeScript, where each type has a file of its own, joined to
// one a package, as one would write them. Descriptors come in and go out; nothing is lost but which words a file had for what.
import { withDependencies } from "../dependencies.ts";
import type { FileDescriptor, Options } from "../descriptor.ts";
import { rpcOptionsName } from "../rpc-options.ts";
import { describeFile } from "./describe.ts";
import type { FieldOutline, FileOutline, MessageOutline } from "./outline.ts";
import { outlineEnum, outlineHeader, outlineMessage, outlineOthers } from "./outline-of.ts";

/**
 * The files and all that they import, joined by package and each behind what it imports: `dirs.proto` for package `dirs`. Files
 * that protobuf has itself, and packages that hold each other, stay as they are.
 */
export function joinFiles(files: readonly FileDescriptor[]): readonly FileDescriptor[] {
  const all = withDependencies(files);
  const groups = new Map<string, FileDescriptor[]>();
  for (const file of all) {
    const name = isStandard(file) ? file.name : joinedName(file.package);
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  return new Joiner(groups).join() ?? all;
}

/** Whether a file is one of protobuf's or Farcall's own, which everybody has. */
export function isStandard({ name }: FileDescriptor): boolean {
  return name.startsWith("google/protobuf/") || name === rpcOptionsName;
}

function joinedName(packageName: string): string {
  return packageName === "" ? "contract.proto" : `${packageName.replaceAll(".", "/")}.proto`;
}

class Joiner {
  readonly #groups: ReadonlyMap<string, readonly FileDescriptor[]>;
  readonly #joined = new Map<string, FileDescriptor>();
  readonly #open = new Set<string>();

  constructor(groups: ReadonlyMap<string, readonly FileDescriptor[]>) {
    this.#groups = groups;
  }

  /** Undefined: they cannot be joined. */
  join(): FileDescriptor[] | undefined {
    for (const name of this.#groups.keys()) if (!this.#visit(name)) return undefined;
    return [...this.#joined.values()];
  }

  #visit(name: string): boolean {
    if (this.#joined.has(name)) return true;
    // Begun and not ended: the packages hold each other.
    if (this.#open.has(name)) return false;
    this.#open.add(name);
    const files = this.#groups.get(name) ?? [];
    const [first] = files;
    if (first === undefined) return false;
    const others = this.#namesOf(files.flatMap(({ dependencies }) => dependencies)).filter((other) => other !== name);
    if (!others.every((other) => this.#visit(other))) return false;
    const dependencies = others.map((other) => this.#joined.get(other) as FileDescriptor);
    this.#joined.set(name, isStandard(first) ? first : describeFile(outlineOf(name, files), dependencies));
    return true;
  }

  #namesOf(files: readonly FileDescriptor[]): string[] {
    const wanted = new Set(files);
    return [...this.#groups].filter(([, group]) => group.some((file) => wanted.has(file))).map(([name]) => name);
  }
}

function outlineOf(name: string, files: readonly FileDescriptor[]): FileOutline {
  const [first] = files as readonly [FileDescriptor];
  const inEdition = files.some(({ syntax }) => syntax === "editions");
  const header = outlineHeader(files.find(({ syntax }) => syntax === "editions") ?? first);
  const { publicDependencies: _, weakDependencies: __, ...own } = header;
  const presence = inEdition ? { features: { field_presence: { identifier: "IMPLICIT" } } } : {};
  const messages = files.flatMap((file) =>
    file.messages.map((message) => {
      const outline = outlineMessage(message);
      return inEdition && file.syntax === "proto3" ? inWordsOfEdition(outline) : outline;
    }),
  );
  const others = files.map(outlineOthers);
  const extensions = others.flatMap((one) => one.extensions ?? []);
  return {
    ...own,
    name,
    options: { ...own.options, ...presence },
    messages,
    enums: files.flatMap((file) => file.enums.map(outlineEnum)),
    services: others.flatMap((one) => one.services ?? []),
    ...(extensions.length === 0 ? {} : { extensions }),
  };
}

/** A message of proto3 in a file of an edition, which says by features what proto3 says by words. */
function inWordsOfEdition(message: MessageOutline): MessageOutline {
  const fields = message.fields ?? [];
  return {
    ...message,
    fields: fields.map(fieldOfEdition),
    ...(message.messages === undefined ? {} : { messages: message.messages.map(inWordsOfEdition) }),
  };
}

function fieldOfEdition({ optional, packed: _, options = {}, ...field }: FieldOutline): FieldOutline {
  const { packed, ...others } = options;
  const features: Options = {
    ...(optional === true ? { field_presence: { identifier: "EXPLICIT" } } : {}),
    ...(packed === false ? { repeated_field_encoding: { identifier: "EXPANDED" } } : {}),
  };
  return { ...field, options: Object.keys(features).length === 0 ? others : { features, ...others } };
}
