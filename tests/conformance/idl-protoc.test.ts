// Files of one line each against protoc: what it refuses is refused, at the mark and with the words that stand below the
// line in refused/*.txt; what it takes is taken, and means the same, in accepted/*.txt.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { linkFiles, type SourceErrorCode } from "farcall/idl";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { compareDescriptors, readDescriptors } from "../support/protoc/compare-descriptors.ts";
import { judgeTexts } from "../support/protoc/protoc.ts";
import { resolveFrom, testRefused } from "./idl-refused.ts";

const python = findPeer("python");
const folder = new URL("../../../tests/conformance/", import.meta.url);

/** The files of a folder: a comment, the head that stands before each row, an empty line, the rows. */
function readTables(kind: "refused" | "accepted") {
  return readdirSync(new URL(kind, folder)).map((name) => {
    const [, head = "", , ...lines] = readFileSync(new URL(`${kind}/${name}`, folder), "utf8")
      .trimEnd()
      .split("\n");
    return { name: name.replace(".txt", ""), head, lines };
  });
}

/** A row of two lines: the file, and below it what is wrong with it. */
function refusedRow(text: string, below: string) {
  const [, code, says] = /^ {4}([a-z-]+): (.*)$/.exec(below) as unknown as [string, SourceErrorCode, string];
  return { text, code, says };
}

for (const { head, lines } of readTables("refused")) {
  const texts = lines.filter((_, index) => index % 2 === 0);
  testRefused(
    texts.map((text, index) => refusedRow(text, lines[2 * index + 1] as string)),
    head,
  );
}

for (const { name, head, lines } of readTables("accepted")) {
  const sets = lines.map((line) => ({ "test.proto": `${head}\n${line}` }));

  test(`${lines.length} odd files are right: ${name}`, () => {
    for (const files of sets) {
      const [error] = linkFiles(["test.proto"], resolveFrom(files)).errors;
      assert.equal(error, undefined, error?.format());
    }
  });

  test(`protoc takes them, and makes the same descriptors of them: ${name}`, async (t) => {
    if (!needsPeer(python, t)) return;
    const verdicts = await judgeTexts(python, sets);
    for (const [index, { accepted, output, descriptors }] of verdicts.entries()) {
      assert.ok(accepted && descriptors !== undefined, `${lines[index]}\n${output}`);
      const { allFiles } = linkFiles(["test.proto"], resolveFrom(sets[index] as Record<string, string>));
      const theirs = readDescriptors(descriptors);
      assert.deepEqual(compareDescriptors(theirs, allFiles), [], lines[index]);
    }
  });
}

const descriptor = 'import "google/protobuf/descriptor.proto";';

/** What protoc takes and we do not, because nothing sound can come of it. */
const laxer = [
  // Text that is no text: a JavaScript string cannot hold it, and other languages fail where they use it.
  {
    code: "bad-option-value",
    text: String.raw`syntax = "proto2"; message A { optional string a = 1 [default = ^"\377"]; }`,
  },
  {
    code: "bad-option-value",
    text: String.raw`syntax = "proto2"; message A { optional int32 a = 1 [json_name = ^"\xff"]; }`,
  },
  // Escapes of bytes and characters that do not exist.
  { code: "bad-escape", text: String.raw`syntax = "proto2"; message A { optional bytes a = 1 [default = "^\400"]; }` },
  {
    code: "bad-escape",
    text: String.raw`syntax = "proto2"; message A { optional bytes a = 1 [default = "^\ud800"]; }`,
  },
  // A feature whose defaults are not known where it is set.
  {
    code: "option-misused",
    text: `edition = "2023"; ${descriptor} extend google.protobuf.FeatureSet { F a = 9990; } message F { bool x = 1; } option features = { ^[a] { x: true } };`,
  },
  // One number for two extensions, only because they are declared in two files: a reader cannot tell which is meant.
  {
    code: "duplicate-number",
    text: 'syntax = "proto2"; import "a.proto"; extend A { optional int32 x = ^1; }',
    files: { "a.proto": 'syntax = "proto2"; message A { extensions 1; } extend A { optional int32 y = 1; }' },
  },
] as const;
testRefused(laxer.map((row) => ({ ...row, says: "", protoc: "accepts" as const })));
