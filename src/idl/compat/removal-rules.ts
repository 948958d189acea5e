// IDL layer, compatibility: files, packages and declarations that are gone. On the wire they are missed by nobody: who still
// sends what they describe is found out by the rules of fields and methods.
import type { FileDescriptor } from "../descriptor.ts";
import { type Contract, type Declared, declarationsOf, keyOf, nestedKey } from "./contract.ts";
import type { Breach, CompatRule, FindingSide, Pair, Rule } from "./rule.ts";

const fileRemoved: Rule<Contract> = {
  code: "file-removed",
  about: "a file is removed or renamed",
  levels: { source: "FILE_NO_DELETE" },
  *find({ old, now }) {
    for (const [path, file] of old.files) {
      if (now.files.has(path)) continue;
      yield {
        subject: file.name,
        file: file.name,
        change: `the file ${file.name} is gone`,
        advice: `programs that import ${file.name} or its generated module no longer build: keep the file, if only with an import public of where its declarations are now`,
        old: { declaration: file },
      };
    }
  },
};

const packageRemoved: Rule<Contract> = {
  code: "package-removed",
  about: "no file is left of a package",
  levels: { package: "PACKAGE_NO_DELETE" },
  *find({ old, now }) {
    for (const [name, file] of old.packages) {
      if (now.packages.has(name)) continue;
      const subject = name === "" ? file.name : name;
      yield {
        subject,
        file: file.name,
        change: name === "" ? "no file without a package is left" : `the package ${name} is gone`,
        advice: "programs that use it no longer build: keep it beside the new one until nobody does",
        old: { declaration: file },
      };
    }
  },
};

/** A rule about what is gone from its file, or at level "package" from its package. */
function removed(kind: Declared["kind"], levels: CompatRule["levels"]): Rule<Contract> {
  return {
    code: `${kind}-removed`,
    about: `${kind === "enum" || kind === "extension" ? "an" : "a"} ${kind} is removed from its file (source) or package (package)`,
    levels,
    *find(pair) {
      for (const [path, file] of pair.old.files) {
        for (const one of declarationsOf(file)) {
          if (one.kind === kind && isMissed(pair, path, one) && !isInsideMissed(pair, path, one))
            yield describeRemoval(pair, path, one);
        }
      }
    },
  };
}

function isMissed({ now, level }: Pair<Contract>, path: string, one: Declared): boolean {
  const { package: packageName } = one.file;
  if (level === "package") return now.packages.has(packageName) && !now.declared.has(keyOf(one));
  const file = now.files.get(path);
  // What moved to another package with its file is told once, as a change of the file.
  return file !== undefined && now.names.get(file)?.has(nestedKey(one)) !== true;
}

/** What went with the message around it is told by that. */
function isInsideMissed(pair: Pair<Contract>, path: string, one: Declared): boolean {
  return one.kind !== "service" && one.parent !== undefined && isMissed(pair, path, one.parent);
}

function describeRemoval({ now }: Pair<Contract>, path: string, one: Declared): Breach {
  const elsewhere = now.declared.get(keyOf(one));
  const file = now.files.get(path);
  const change =
    elsewhere === undefined
      ? `the ${one.kind} ${one.fullName} is gone`
      : `the ${one.kind} ${one.fullName} is in ${elsewhere.file.name} now`;
  return {
    subject: one.fullName,
    file: file?.name ?? one.file.name,
    change,
    advice: adviceFor(one, elsewhere),
    old: { declaration: one },
    now: elsewhere === undefined ? around(one, now, file) : { declaration: elsewhere },
  };
}

function adviceFor({ kind, file }: Declared, elsewhere: Declared | undefined): string {
  if (elsewhere !== undefined)
    return `programs that import it from ${file.name} no longer build: leave it there, or give ${file.name} an import public of ${elsewhere.file.name} and tell who imports the generated module`;
  if (kind === "service")
    return "calls of its methods end with UNIMPLEMENTED, and programs that use it no longer build: keep it, marked deprecated, until nobody calls it";
  return "programs that use it no longer build: keep it, marked deprecated, until nobody does";
}

/** The nearest that is left of what was around a declaration. */
function around(one: Declared, now: Contract, file: FileDescriptor | undefined): FindingSide | undefined {
  let parent = one.kind === "service" ? undefined : one.parent;
  for (; parent !== undefined; parent = parent.parent) {
    const left = now.declared.get(keyOf(parent));
    if (left !== undefined) return { declaration: left };
  }
  return file === undefined ? undefined : { declaration: file };
}

export const removalRules: readonly Rule<Contract>[] = [
  fileRemoved,
  packageRemoved,
  removed("message", { source: "MESSAGE_NO_DELETE", package: "PACKAGE_MESSAGE_NO_DELETE" }),
  removed("enum", { source: "ENUM_NO_DELETE", package: "PACKAGE_ENUM_NO_DELETE" }),
  removed("service", { source: "SERVICE_NO_DELETE", package: "PACKAGE_SERVICE_NO_DELETE" }),
  removed("extension", { source: "EXTENSION_NO_DELETE", package: "PACKAGE_EXTENSION_NO_DELETE" }),
];
