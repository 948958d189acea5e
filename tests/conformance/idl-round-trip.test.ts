// Real .proto files there and back: read, made into the short form that the builder and generated modules describe themselves in,
// out of which descriptors are made again, printed, and read once more. Nothing may change on the way, comments and options
// included.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type FileDescriptor, joinFiles, linkFiles, printFile } from "farcall/idl";
import { describeFile } from "../../src/idl/generator/describe.ts";
import { Outliner } from "../../src/idl/generator/outline-of.ts";
import { plainDescriptor } from "../support/marshal/plain-descriptor.ts";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { type Corpus, fetchedCorpora, installedCorpora } from "../support/protoc/corpus.ts";
import { protobufFolder } from "../support/protoc/protoc.ts";
import { resolveFrom } from "./idl-refused.ts";

const outliner = new Outliner({ comments: true });

/** Takes a file there and back, and asserts that it is the same. `texts` gives the text of any path. */
function assertSame(file: FileDescriptor, texts: (path: string) => string | undefined): void {
  const before = plainDescriptor(file, []);
  assert.deepEqual(plainDescriptor(describeFile(outliner.file(file), file.dependencies), []), before, file.name);
  const printed = printFile(file);
  const { files, errors } = linkFiles([file.name], (path) => (path === file.name ? printed : texts(path)));
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
    printed,
  );
  assert.deepEqual(plainDescriptor(files[0], []), before, `${file.name}\n${printed}`);
  assert.equal(printFile(files[0] as FileDescriptor), printed);
}

/** The number of files that came back the same; those that are wrong for everybody are not counted. */
function roundTrip({ folders, files }: Corpus): number {
  const texts = (path: string): string | undefined => {
    const found = [...folders, protobufFolder].map((folder) => join(folder, path)).find((one) => existsSync(one));
    return found === undefined ? undefined : readFileSync(found, "utf8");
  };
  let count = 0;
  for (const path of files) {
    const linked = linkFiles([path], texts);
    if (linked.errors.length > 0) continue;
    assertSame(linked.files[0] as FileDescriptor, texts);
    count++;
  }
  return count;
}

/** Files that protoc refuses as well, or that are of a later edition: `npm run conformance:idl` names them. */
const wrongForAll: Readonly<Record<string, number>> = { protobufjs: 1, "@grpc/reflection": 3 };

for (const corpus of installedCorpora()) {
  test(`${corpus.title}: files come back the same`, () => {
    assert.equal(roundTrip(corpus), corpus.files.length - (wrongForAll[corpus.title] ?? 0));
  });
}

test("some of Google's public files come back the same", (t) => {
  const peer = findPeer("corpus");
  if (!needsPeer(peer, t)) return;
  const counts = fetchedCorpora(peer, 400).map(roundTrip);
  assert.ok(counts.reduce((sum, count) => sum + count, 0) >= 18, String(counts));
});

const accepted = new URL("../../../tests/conformance/accepted/", import.meta.url);

for (const name of readdirSync(accepted)) {
  test(`odd files come back the same: ${name}`, () => {
    const [, head = "", , ...lines] = readFileSync(new URL(name, accepted), "utf8").trimEnd().split("\n");
    for (const line of lines) {
      const texts = resolveFrom({ "test.proto": `${head}\n${line}` });
      assertSame(linkFiles(["test.proto"], texts).files[0] as FileDescriptor, texts);
    }
  });
}

test("files that have names of their own are not joined", () => {
  const paths = readdirSync(protobufFolder, { recursive: true, encoding: "utf8" }).filter((one) =>
    /\.proto$/.test(one),
  );
  const { files } = linkFiles(paths, resolveFrom({}));
  assert.deepEqual(new Set(joinFiles(files)), new Set(files));
});
