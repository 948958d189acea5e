// The command line: `farcall gen`, from `.proto` files to TypeScript. It reads and writes files; parsing, linking and
// generating are src/idl's.
import { generateFiles } from "../idl/generator/index.ts";
import type { Int64Form } from "../idl/int64-form.ts";
import { linkFiles } from "../idl/linker/link.ts";
import type { ResolveImport } from "../idl/linker/load.ts";
import type { SourceError } from "../idl/source-error.ts";
import { type Command, CommandError, readArguments, UsageError } from "./command.ts";
import { formatProblem } from "./format-problem.ts";
import { type ProtoText, protosOf } from "./gen-from.ts";
import { Progress } from "./progress.ts";
import { ProtoFolders } from "./proto-folders.ts";
import type { Output, Terminal } from "./terminal.ts";
import { watchFiles } from "./watch-files.ts";
import { type WrittenFile, writeFiles } from "./write-files.ts";

const help = `farcall gen: generate TypeScript from .proto files

usage: farcall gen FILE... --out DIR [OPTION]...
       farcall gen --from MODULE --proto [--out DIR]

Writes one module for each FILE and for each file it imports. Modules that would not change are left alone.

options:
  -o, --out DIR             where to write; made when it is missing
  -I, --proto-path DIR      where imports are looked for; may be repeated, the first that has a file wins
                            (default: the current folder; protobuf's own files are always found)
  --import-extension EXT    how imports between modules end: js (default), or ts for Node's own TypeScript
  --int64 FORM              64-bit integers without a jstype: bigint (default), string, or number (up to 2^53 - 1)
  --from MODULE             a module that exports a contract written in TypeScript, instead of FILE
  --proto                   with --from: make .proto files of it, its own and one a package; printed without --out
  --check                   write nothing; fail when something would change
  -w, --watch               go on, and generate anew whenever one of the files or of their imports changes
  --json                    print the outcome as one JSON value; with --watch one a line
  -h, --help                print this

example:
  farcall gen protos/directories.proto --proto-path protos --out src/gen

Exit status: 0 done, 1 failed (or with --check: out of date), 2 misused.`;

/** `farcall gen`. */
export const genCommand: Command = {
  name: "gen",
  summary: "generate TypeScript from .proto files",
  help,
  run,
};

/** What to do, as the arguments say it. */
interface GenRequest {
  /** A module with a contract, of which `.proto` files are made. */
  readonly from: string | undefined;
  readonly files: readonly string[];
  /** Empty only with `from`: print. */
  readonly out: string;
  readonly protoPath: readonly string[];
  readonly importExtension: "js" | "ts";
  readonly int64: Int64Form;
  readonly check: boolean;
  readonly watch: boolean;
  readonly json: boolean;
}

function readRequest(args: readonly string[]): GenRequest {
  const { values, positionals } = readArguments(args, {
    out: { type: "string", short: "o" },
    "proto-path": { type: "string", short: "I", multiple: true, default: [] },
    from: { type: "string" },
    proto: { type: "boolean", default: false },
    "import-extension": { type: "string", default: "js" },
    int64: { type: "string", default: "bigint" },
    check: { type: "boolean", default: false },
    watch: { type: "boolean", short: "w", default: false },
    json: { type: "boolean", default: false },
  });
  const { from, proto, out = "" } = values;
  if (from === undefined) {
    if (proto) throw new UsageError("--proto makes .proto files of a module: name it with --from MODULE");
    if (positionals.length === 0) throw new UsageError("name at least one .proto file");
    if (out === "") throw new UsageError("say where to write: --out DIR");
  } else {
    if (!proto) throw new UsageError("say what to make of the module: --proto");
    if (positionals.length > 0) throw new UsageError("--from MODULE takes no FILE beside it");
    if (values.watch) throw new UsageError("--watch is for .proto files: a module is loaded once");
    if (values.check && out === "") throw new UsageError("say what to check: --out DIR");
  }
  const importExtension = values["import-extension"];
  if (importExtension !== "js" && importExtension !== "ts") {
    throw new UsageError(`--import-extension is js or ts, not ${importExtension}`);
  }
  const { check, watch, json, int64 } = values;
  if (int64 !== "bigint" && int64 !== "string" && int64 !== "number") {
    throw new UsageError(`--int64 is bigint, string or number, not ${int64}`);
  }
  if (check && watch) throw new UsageError("--check looks once: leave --watch out");
  return { from, files: positionals, out, protoPath: values["proto-path"], importExtension, int64, check, watch, json };
}

async function run(args: readonly string[], terminal: Terminal): Promise<void> {
  const request = readRequest(args);
  if (request.from !== undefined) {
    await printProtos(request.from, request, terminal);
    return;
  }
  const folders = new ProtoFolders(request.protoPath).with(request.files);
  const roots = [...new Set(request.files.map((file) => folders.importPath(file)))];
  if (request.watch) {
    await watchFiles(folders, terminal, (read, note) => {
      const outcome = generate(request, roots, read, terminal.err);
      print({ ...outcome, note }, request, folders, terminal);
      return outcome.errors.length === 0;
    });
    return;
  }
  const outcome = generate(request, roots, (path) => folders.read(path), terminal.err);
  print(outcome, request, folders, terminal);
  if (outcome.errors.length > 0 || outcome.files.some(({ status }) => status === "stale")) throw new CommandError("");
}

/** From a module to `.proto` files, written or printed. */
async function printProtos(from: string, request: GenRequest, terminal: Terminal): Promise<void> {
  const protos = await protosOf(from);
  if (request.out === "") {
    const named = ({ path, text }: ProtoText): string => (protos.length > 1 ? `// ${path}\n\n${text}` : text);
    if (request.json) terminal.out.line(JSON.stringify(protos, null, 2));
    else terminal.out.line(protos.map(named).join("\n").trimEnd());
    return;
  }
  const files = writeFiles(protos, request.out, { ...request, progress: new Progress(terminal.err, "files") });
  print({ files, errors: [], warnings: [] }, request, new ProtoFolders([]), terminal);
  if (files.some(({ status }) => status === "stale")) throw new CommandError("");
}

/** From texts to modules, once. */
function generate(request: GenRequest, roots: readonly string[], read: ResolveImport, err: Output): Outcome {
  const progress = new Progress(err, "files");
  const { allFiles, errors, warnings } = linkFiles(roots, (path) => {
    progress.step("reading");
    return read(path);
  });
  progress.begin("generating", allFiles.length);
  const generated = generateFiles(allFiles, request);
  progress.begin("writing", generated.length);
  const files = errors.length > 0 ? [] : writeFiles(generated, request.out, { ...request, progress });
  progress.end();
  return { files, errors, warnings };
}

interface Outcome {
  readonly files: readonly WrittenFile[];
  readonly errors: readonly SourceError[];
  readonly warnings: readonly SourceError[];
  /** With --watch: what has happened, above the rest. */
  readonly note?: string;
}

function print(outcome: Outcome, { json, watch }: GenRequest, folders: ProtoFolders, terminal: Terminal): void {
  if (json) printJson(outcome, folders, { out: terminal.out, indent: watch ? 0 : 2 });
  else printText(outcome, folders, terminal);
}

function printJson(
  { files, errors, warnings }: Outcome,
  folders: ProtoFolders,
  { out, indent }: { readonly out: Output; readonly indent: number },
): void {
  const plain = (error: SourceError) => {
    const { code, line, column, sentence: message, hint, found, expected } = error;
    return { code, file: folders.find(error.file) ?? error.file, line, column, message, found, expected, hint };
  };
  out.line(JSON.stringify({ files, errors: errors.map(plain), warnings: warnings.map(plain) }, null, indent));
}

function printText({ files, errors, warnings, note }: Outcome, folders: ProtoFolders, { out, err }: Terminal): void {
  if (note !== undefined) out.line(note);
  for (const warning of warnings) err.line(formatProblem(warning, folders, err));
  for (const error of errors) err.line(formatProblem(error, folders, err));
  if (errors.length > 0)
    err.line(errors.length === 1 ? "1 error: nothing was written" : `${errors.length} errors: nothing was written`);
  for (const { path, status } of files) {
    // Who watches asks what has changed.
    if (status === "unchanged" && note !== undefined) continue;
    if (status === "stale")
      err.line(`${path} ${err.style("yellow", "is out of date")}: run farcall gen without --check`);
    else out.line(`${path} ${out.style(status === "written" ? "green" : "dim", status)}`);
  }
}
