// IDL layer, compatibility: what a file says of itself - its package, its syntax, and the options that name what generators
// of other languages make of it.
import type { FileDescriptor } from "../descriptor.ts";
import { getOption } from "../option-record.ts";
import { codeOnly, everywhere, type Rule } from "./rule.ts";
import { formatOption, optionWord } from "./words.ts";

const packageChanged: Rule<FileDescriptor> = {
  code: "file-package-changed",
  about: "a file moves to another package",
  levels: everywhere("FILE_SAME_PACKAGE"),
  *find({ old, now }) {
    if (old.package === now.package) return;
    const name = (file: FileDescriptor) => (file.package === "" ? "none" : file.package);
    yield {
      subject: old.name,
      file: now.name,
      change: `the package of ${now.name} was ${name(old)} and is ${name(now)}`,
      advice:
        "every message, service and type URL of the file has another name: calls end with UNIMPLEMENTED, and an Any holds what nobody knows; make a new file for the new package and serve both for a while",
      old: { declaration: old },
      now: { declaration: now },
    };
  },
};

const syntaxChanged: Rule<FileDescriptor> = {
  code: "file-syntax-changed",
  about: "a file changes between proto2, proto3 and editions",
  levels: codeOnly("FILE_SAME_SYNTAX"),
  *find({ old, now }) {
    if (old.syntax === now.syntax) return;
    yield {
      subject: old.name,
      file: now.name,
      change: `the syntax of ${now.name} was ${old.syntax} and is ${now.syntax}`,
      advice:
        "presence, defaults and enums of generated code may differ: where they do, other findings say it; go over to an edition with features that keep each of them, and accept this one",
      old: { declaration: old },
      now: { declaration: now },
    };
  },
};

/** Options of files by name: what they are when they are not set, and whose code they name. */
const fileOptions: readonly (readonly [name: string, unset: string, whose: string])[] = [
  ["cc_enable_arenas", "true", "C++"],
  ["cc_generic_services", "false", "C++"],
  ["csharp_namespace", "", "C#"],
  ["go_package", "", "Go"],
  ["java_generic_services", "false", "Java"],
  ["java_multiple_files", "false", "Java"],
  ["java_outer_classname", "", "Java"],
  ["java_package", "", "Java"],
  ["objc_class_prefix", "", "Objective-C"],
  ["optimize_for", "SPEED", "C++ and Java"],
  ["php_class_prefix", "", "PHP"],
  ["php_metadata_namespace", "", "PHP"],
  ["php_namespace", "", "PHP"],
  ["py_generic_services", "false", "Python"],
  ["ruby_package", "", "Ruby"],
  ["swift_prefix", "", "Swift"],
];

const optionRules = fileOptions.map(
  ([option, unset, whose]): Rule<FileDescriptor> => ({
    code: `file-${option.replaceAll("_", "-")}-changed`,
    about: `option ${option}: ${whose} code of the file changes`,
    levels: codeOnly(`FILE_SAME_${option.toUpperCase()}`),
    *find({ old, now }) {
      const before = optionWord(getOption(old.options, option)) ?? unset;
      const after = optionWord(getOption(now.options, option)) ?? unset;
      if (before === after) return;
      yield {
        subject: old.name,
        file: now.name,
        change: `option ${option} of ${now.name} was ${formatOption(before)} and is ${formatOption(after)}`,
        advice: `${whose} programs no longer build against the generated code: leave it as it was, or accept this where nobody generates ${whose}`,
        old: { declaration: old, option },
        now: { declaration: now, option },
      };
    },
  }),
);

export const fileRules: readonly Rule<FileDescriptor>[] = [packageChanged, syntaxChanged, ...optionRules];
