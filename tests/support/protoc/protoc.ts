// protoc as a judge of `.proto` files: one process of the Python peer compiles as many sets of files as a test has.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
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

/** A process that compiles as it is asked to, one set of files after the other. */
export class Protoc {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;
  readonly #out = mkdtempSync(join(tmpdir(), "farcall-protoc-"));

  private constructor(python: Peer) {
    const [command, ...words] = commandOf(python, "protoc");
    this.#child = spawn(command, words, { stdio: ["pipe", "pipe", "inherit"] });
    this.#ended = once(this.#child, "close");
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async compile({ roots, folders }: Compilation): Promise<Verdict> {
    const path = join(this.#out, "set.binpb");
    const includes = [...folders, protobufFolder].flatMap((folder) => ["-I", folder]);
    this.#child.stdin.write(`${JSON.stringify([...includes, "--include_imports", "-o", path, ...roots])}\n`);
    const { value, done } = (await this.#lines.next()) as IteratorResult<string, undefined>;
    if (done) throw new Error(`protoc died of ${roots.join(", ")} in ${folders.join(", ")}`);
    const { status, output } = JSON.parse(value as string) as { readonly status: number; readonly output: string };
    const accepted = status === 0;
    const plain = folders.reduce((text, folder) => text.replaceAll(`${folder}/`, ""), output);
    return { accepted, output: plain, descriptors: accepted ? readFileSync(path) : undefined };
  }

  /** Runs `use` with a process, which ends with it. */
  static async with<Result>(python: Peer, use: (protoc: Protoc) => Promise<Result>): Promise<Result> {
    const protoc = new Protoc(python);
    try {
      return await use(protoc);
    } finally {
      await protoc.#stop();
    }
  }

  async #stop(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
    rmSync(this.#out, { recursive: true });
  }
}

/** Compiles sets of files given as texts by path; the root of each is `test.proto`. */
export async function judgeTexts(
  python: Peer,
  sets: readonly Readonly<Record<string, string>>[],
): Promise<readonly Verdict[]> {
  const folder = mkdtempSync(join(tmpdir(), "farcall-protos-"));
  try {
    return await Protoc.with(python, async (protoc) => {
      const verdicts: Verdict[] = [];
      for (const [index, files] of sets.entries()) {
        const own = join(folder, String(index));
        for (const [path, text] of Object.entries(files)) {
          mkdirSync(dirname(join(own, path)), { recursive: true });
          writeFileSync(join(own, path), text);
        }
        verdicts.push(await protoc.compile({ roots: ["test.proto"], folders: [own] }));
      }
      return verdicts;
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
