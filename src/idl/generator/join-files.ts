// IDL layer, generator: the files of a contract that was written in TypeScript, where each type has a file of its own, joined to
// one a package, as one would write them. Descriptors come in and go out; nothing is lost but which words a file had for what.
import { withDependencies } from "../dependencies.ts";
import type { FileDescriptor } from "../descriptor.ts";
import { defaultFeatures } from "../features.ts";
import { rpcOptionsName } from "../rpc-options.ts";
import { describeFile } from "./describe.ts";
import type { FileOutline } from "./outline.ts";
import { Outliner } from "./outline-of.ts";
import { editionRules, featureRecord, joinOptions, Reworder } from "./reword.ts";

/**
 * The files and all that they import, each behind what it imports. Those that have no name of their own, a file a type, are
 * joined by package: `dirs.proto` for package `dirs`. Others, those of `kept`, and packages that hold each other, stay as they
 * are.
 */
export function joinFiles(
  files: readonly FileDescriptor[],
  kept: readonly FileDescriptor[] = [],
): readonly FileDescriptor[] {
  const all = withDependencies(files);
  const groups = new Map<string, FileDescriptor[]>();
  const nameless = new Set(all.filter((file) => isNameless(file) && !kept.includes(file)));
  const named = new Set(all.filter((file) => !nameless.has(file)).map(({ name }) => name));
  for (const file of all) {
    const joined = joinedName(file.package);
    // Where a file was given that name, what is not in it stays beside it.
    const name = nameless.has(file) && !named.has(joined) ? joined : file.name;
    groups.set(name, [...(groups.get(name) ?? []), file]);
  }
  return new Joiner(groups, nameless).join() ?? all;
}

/** Whether a file is one of protobuf's or Farcall's own, which everybody has. */
export function isStandard({ name }: FileDescriptor): boolean {
  return name.startsWith("google/protobuf/") || name === rpcOptionsName;
}

/**
 * Whether a file was named after the one thing that it was made for, `dirs/Entry.proto` for `dirs.Entry`, and says nothing
 * itself.
 */
function isNameless(file: FileDescriptor): boolean {
  const { name, messages, enums, services, extensions = [], options, comments } = file;
  const saysMore = Object.keys(options).some((option) => option !== "features") || Object.keys(comments).length > 0;
  if (saysMore || file.publicDependencies.length > 0 || file.weakDependencies !== undefined) return false;
  const declared = [...messages, ...enums, ...services, ...extensions];
  return declared.some(({ fullName }) => name === `${fullName.replaceAll(".", "/")}.proto`);
}

function joinedName(packageName: string): string {
  return packageName === "" ? "contract.proto" : `${packageName.replaceAll(".", "/")}.proto`;
}

class Joiner {
  readonly #groups: ReadonlyMap<string, readonly FileDescriptor[]>;
  readonly #nameless: ReadonlySet<FileDescriptor>;
  readonly #joined = new Map<string, FileDescriptor>();
  readonly #open = new Set<string>();

  constructor(groups: ReadonlyMap<string, readonly FileDescriptor[]>, nameless: ReadonlySet<FileDescriptor>) {
    this.#groups = groups;
    this.#nameless = nameless;
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
    const isJoined = this.#nameless.has(first) && name !== first.name;
    this.#joined.set(name, isJoined ? describeFile(outlineOf(name, files), this.#filesOf(others)) : this.#moved(first));
    return true;
  }

  #filesOf(names: readonly string[]): FileDescriptor[] {
    return names.map((name) => this.#joined.get(name) as FileDescriptor);
  }

  /** A file that stays, with the files that its imports are in now. */
  #moved(file: FileDescriptor): FileDescriptor {
    const dependencies = this.#filesOf(this.#namesOf(file.dependencies));
    if (file.dependencies.every((one) => dependencies.includes(one))) return file;
    const places = (some: readonly FileDescriptor[] = []) =>
      this.#namesOf(some).map((name) => dependencies.indexOf(this.#joined.get(name) as FileDescriptor));
    const { publicDependencies: _, weakDependencies: __, ...outline } = outliner.file(file);
    const weakDependencies = places(file.weakDependencies);
    return describeFile(
      {
        ...outline,
        publicDependencies: places(file.publicDependencies),
        ...(weakDependencies.length === 0 ? {} : { weakDependencies }),
      },
      dependencies,
    );
  }

  #namesOf(files: readonly FileDescriptor[]): string[] {
    const wanted = new Set(files);
    return [...this.#groups].filter(([, group]) => group.some((file) => wanted.has(file))).map(([name]) => name);
  }
}

const outliner = /* @__PURE__ */ new Outliner({ comments: true });

function outlineOf(name: string, files: readonly FileDescriptor[]): FileOutline {
  const packageName = files[0]?.package ?? "";
  const place = { name, ...(packageName === "" ? {} : { package: packageName }) };
  const others = files.map((file) => outliner.others(file));
  const services = others.flatMap((one) => one.services ?? []);
  if (files.every(({ syntax, options }) => syntax === "proto3" && Object.keys(options).length === 0)) {
    const extensions = others.flatMap((one) => one.extensions ?? []);
    return {
      ...place,
      messages: files.flatMap((file) => file.messages.map((one) => outliner.message(one))),
      enums: files.flatMap((file) => file.enums.map((one) => outliner.enum(one))),
      services,
      ...(extensions.length === 0 ? {} : { extensions }),
    };
  }
  const rules = editionRules(files);
  const reworder = new Reworder(outliner, rules);
  const extensions = files.flatMap((file) => reworder.extensions(file));
  return {
    ...place,
    syntax: "editions",
    options: joinOptions(featureRecord(rules.features, defaultFeatures.editions), {}),
    messages: files.flatMap((file) => file.messages.map((one) => reworder.message(one))),
    enums: files.flatMap((file) => file.enums.map((one) => reworder.enum(one))),
    services,
    ...(extensions.length === 0 ? {} : { extensions }),
  };
}
