// protoc as a judge of `.proto` files: one process of the Python peer compiles as many sets of files as a test has.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { commandOf, type Peer } from "../peer-programs.ts";

/** protobuf's own files, beside which every set of files is compiled. */
export const protobufFolder = fileURLToPath(new URL("../../../../third_party/protobuf", import.meta.url));

/** What protoc said of one set of files. */
export interface Verdict {
  readonly accepted: boolean;
  /** What it printed, warnings included, without the path of its folder. */
  readonly output: string;
  /** A FileDescriptorSet of the roots and all that they import; undefined when it refused. */
  readonly descriptors: Uint8Array | undefined;
}

/** What protoc is to compile: `roots`, which lie in one of `folders`. */
export interface Compilation {
  readonly roots: readonly string[];
  readonly folders: readonly string[];
}

/** Compiles each; the answers are in the order of the questions. */
export async function compileAll(python: Peer, compilations: readonly Compilation[]): Promise<readonly Verdict[]> {
  const out = mkdtempSync(join(tmpdir(), "farcall-protoc-"));
  const [command, ...words] = commandOf(python, "protoc");
  const child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const verdicts: Verdict[] = [];
    const path = join(out, "set.binpb");
    for (const { roots, folders } of compilations) {
      const includes = [...folders, protobufFolder].flatMap((folder) => ["-I", folder]);
      child.stdin.write(`${JSON.stringify([...includes, "--include_imports", "-o", path, ...roots])}\n`);
      const { value, done } = (await lines.next()) as IteratorResult<string, undefined>;
      if (done) throw new Error(`protoc died of ${roots.join(", ")} in ${folders.join(", ")}`);
      const { status, output } = JSON.parse(value as string) as { readonly status: number; readonly output: string };
      const accepted = status === 0;
      const plain = folders.reduce((text, folder) => text.replaceAll(`${folder}/`, ""), output);
      verdicts.push({ accepted, output: plain, descriptors: accepted ? readFileSync(path) : undefined });
    }
    return verdicts;
  } finally {
    child.stdin.end();
    await ended;
    rmSync(out, { recursive: true });
  }
}

/** Compiles sets of files given as texts by path; the root of each is `test.proto`. */
export async function judgeTexts(
  python: Peer,
  sets: readonly Readonly<Record<string, string>>[],
): Promise<readonly Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), "farcall-protos-"));
  try {
    const compilations = sets.map((files, index): Compilation => {
      const own = join(folder, String(index));
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(own, path)), { recursive: true });
        writeFileSync(join(own, path), text);
      }
      return { roots: ["test.proto"], folders: [own] };
    });
    return await compileAll(python, compilations);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
