// The command line: `farcall compat`, which tells what a new contract breaks. It reads both sides and prints; the rules are
// src/idl/compat's.
import { compareFiles, compatRules } from "../idl/compat/compare.ts";
import { type CompatLevel, compatLevels, type Finding } from "../idl/compat/rule.ts";
import { type Command, CommandError, readArguments, suggest, UsageError } from "./command.ts";
import { printFindingsJson, printFindingsText } from "./compat-report.ts";
import { type ContractSide, checkFolders, parseSides, readSide } from "./compat-side.ts";
import type { Terminal } from "./terminal.ts";

const help = `farcall compat: tell what a changed contract breaks, before it is released

usage: farcall compat OLD NEW [OPTION]...

OLD and NEW are each one of:
  FILE.proto        a file, with what it imports
  DIR               all .proto files in a folder
  FILE.binpb        a descriptor set, as protoc --descriptor_set_out --include_imports writes it (also .pb, .desc)
  git:REV[:PATH]    one of these in a revision; without PATH, at the path of the other side
Paths are as seen from the current folder.

options:
  --level LEVEL         what must go on working (default: source)
                          source     programs, file by file
                          package    programs; declarations may move between the files of their package
                          wire-json  bytes and JSON
                          wire       bytes
  --ignore RULE[:NAME]  accept what a rule finds, everywhere or in the declaration NAME; may be repeated
  -I, --proto-path DIR  where imports are looked for, and what the paths of files are relative to; may be repeated
                        (default: DIR, or the folder of FILE.proto)
  --json                print the findings as one JSON value
  -h, --help            print this

examples:
  farcall compat git:main protos
  farcall compat released.binpb protos --level wire
  farcall compat git:v1.2 protos/shop.proto -I protos --ignore field-removed:shop.Item.note

Exit status: 0 nothing breaks, 1 something does, 2 misused, or a side could not be read.`;

/** `farcall compat`. */
export const compatCommand: Command = {
  name: "compat",
  summary: "tell what a changed contract breaks",
  help,
  run,
};

interface CompatRequest {
  readonly old: string;
  readonly now: string;
  readonly level: CompatLevel;
  readonly ignored: readonly Ignored[];
  readonly protoPath: readonly string[];
  readonly json: boolean;
}

/** One `--ignore`. */
interface Ignored {
  readonly written: string;
  readonly rule: string;
  /** Full name of a declaration, with what is inside of it; undefined: all. */
  readonly subject: string | undefined;
}

function readRequest(args: readonly string[]): CompatRequest {
  const { values, positionals } = readArguments(args, {
    level: { type: "string", default: "source" },
    ignore: { type: "string", multiple: true, default: [] },
    "proto-path": { type: "string", short: "I", multiple: true, default: [] },
    json: { type: "boolean", default: false },
  });
  const [old, now, ...more] = positionals;
  if (old === undefined || now === undefined)
    throw new UsageError("name the old and the new contract: farcall compat git:main protos");
  if (more.length > 0) throw new UsageError(`two contracts at a time: ${more.join(" ")} is too much`);
  const level = compatLevels.find((one) => one === values.level);
  if (level === undefined) {
    throw new UsageError(
      `--level is source, package, wire-json or wire, not ${values.level}${suggest(values.level, compatLevels)}`,
    );
  }
  return {
    old,
    now,
    level,
    ignored: values.ignore.map(parseIgnored),
    protoPath: values["proto-path"],
    json: values.json,
  };
}

function parseIgnored(written: string): Ignored {
  const at = written.indexOf(":");
  const rule = at < 0 ? written : written.slice(0, at);
  const codes = compatRules.map(({ code }) => code);
  if (!codes.includes(rule))
    throw new UsageError(`--ignore ${written}: there is no rule ${rule}${suggest(rule, codes)}`);
  return { written, rule, subject: at < 0 ? undefined : written.slice(at + 1) };
}

function run(args: readonly string[], terminal: Terminal): void {
  const request = readRequest(args);
  const { old, now } = readSides(request, terminal);
  const { level, ignored, json } = request;
  const all = compareFiles(old.files, now.files, { level, renamed: pairSingles(old, now) });
  const findings = all.filter((finding) => !ignored.some((one) => accepts(one, finding)));
  const report = { old, now, level, findings, ignoredCount: all.length - findings.length };
  if (json) printFindingsJson(report, terminal.out);
  else printFindingsText(report, terminal);
  for (const one of ignored) {
    if (!all.some((finding) => accepts(one, finding)))
      terminal.err.line(`--ignore ${one.written} accepts nothing that was found: leave it away`);
  }
  if (findings.length > 0) throw new CommandError("");
}

function accepts({ rule, subject }: Ignored, finding: Finding): boolean {
  if (finding.rule !== rule) return false;
  return subject === undefined || finding.subject === subject || finding.subject.startsWith(`${subject}.`);
}

function readSides(request: CompatRequest, { err }: Terminal): { old: ContractSide; now: ContractSide } {
  try {
    const names = parseSides(request.old, request.now);
    checkFolders([names.old, names.now], request.protoPath);
    const old = readSide(names.old, request.protoPath, err);
    const now = readSide(names.now, request.protoPath, err);
    if (request.level === "source") assertSamePaths(old, now);
    return { old, now };
  } catch (error) {
    // 1 is kept for "something breaks": a side that cannot be read tells nothing about that.
    throw error instanceof CommandError ? new CommandError(error.message, 2) : error;
  }
}

/** Two files are one contract whatever they are called. */
function pairSingles(old: ContractSide, now: ContractSide): ReadonlyMap<string, string> {
  const single = old.single !== undefined && now.single !== undefined;
  return new Map(single ? [[old.single, now.single]] : []);
}

/** Files that are all removed are more often files whose paths begin elsewhere. */
function assertSamePaths(old: ContractSide, now: ContractSide): void {
  if (pairSingles(old, now).size > 0) return;
  const paths = new Set(now.files.map(({ name }) => name));
  if (old.files.some(({ name }) => paths.has(name))) return;
  throw new CommandError(
    `no file has the same path in both: ${old.name} has ${old.files[0]?.name}, ${now.name} has ${now.files[0]?.name} ` +
      "(say with -I what paths are relative to; --level package compares whatever the files are called)",
  );
}
