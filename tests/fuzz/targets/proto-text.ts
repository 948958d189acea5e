// Fuzz target: .proto texts, one or more that may import each other. Nothing throws; errors point at a place that exists; what
// links is printed to a text that links to equal descriptors, and comes back from a descriptor set.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FileDescriptor, generateFiles, linkFiles, printFile, type SourceError } from "farcall/idl";
import { encodeFileDescriptor, encodeFileDescriptorSet, linkFileDescriptors, messageTypeOf } from "farcall/marshal";
import { delimitedProto, featuresProto } from "../../support/marshal/feature-protos.ts";
import { kindsProto } from "../../support/marshal/kinds.ts";
import { plainDescriptor } from "../../support/marshal/plain-descriptor.ts";

const standard = fileURLToPath(new URL("../../../../third_party/protobuf/", import.meta.url));
const standardTexts = Object.fromEntries(
  ["any", "descriptor", "empty", "timestamp"].map((name) => {
    const path = `google/protobuf/${name}.proto`;
    return [path, readFileSync(`${standard}${path}`, "utf8")];
  }),
);

type Texts = Readonly<Record<string, string>>;

/** Files stand behind each other with a NUL between them: a.proto, b.proto, c.proto. */
function textsOf(bytes: Uint8Array): Texts {
  const parts = Buffer.from(bytes).toString("utf8").split("\0").slice(0, 3);
  return Object.fromEntries(parts.map((text, index) => [`${"abc"[index]}.proto`, text]));
}

function link(texts: Texts) {
  return linkFiles(Object.keys(texts), (path) => texts[path] ?? standardTexts[path]);
}

export function fuzz(bytes: Uint8Array): void {
  const texts = textsOf(bytes);
  const { files, allFiles, errors, warnings } = link(texts);
  for (const error of [...errors, ...warnings]) checkPlace(error, texts);
  if (errors.length > 0) {
    assert.deepEqual(files, []);
    return;
  }
  for (const file of files) checkPrinted(file, texts);
  checkDescriptors(files, allFiles);
  generateFiles(files);
}

function checkPlace(error: SourceError, texts: Texts): void {
  const text = texts[error.file];
  // An import may name a file of the standard, which is whole.
  assert.ok(text !== undefined, `an error in ${error.file}`);
  const lines = text.split("\n");
  const line = lines[error.line - 1];
  assert.ok(line !== undefined, `line ${error.line} of ${lines.length}`);
  assert.ok(error.column >= 1 && error.column <= line.length + 1, `column ${error.column} of ${line.length}`);
  assert.equal(error.sourceLine, line.replace(/\r$/, ""));
  assert.ok(error.format().startsWith(`${error.file}:${error.line}:${error.column}: `));
}

function checkPrinted(file: FileDescriptor, texts: Texts): void {
  const printed = printFile(file);
  const { files, errors } = link({ ...texts, [file.name]: printed });
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
    printed,
  );
  const again = files.find(({ name }) => name === file.name) as FileDescriptor;
  assert.deepEqual(sorted(plainDescriptor(again)), sorted(plainDescriptor(file)), printed);
  assert.equal(printFile(again), printed);
}

/** Messages of one place by name: where groups stand among them is not printed. */
function sorted(tree: unknown): unknown {
  if (typeof tree !== "object" || tree === null) return tree;
  if (!Array.isArray(tree))
    return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, sorted(value)]));
  const items = tree.map(sorted) as { readonly kind?: string; readonly name?: string }[];
  return items.every((item) => item?.kind === "message")
    ? items.sort((a, b) => ((a.name ?? "") < (b.name ?? "") ? -1 : 1))
    : items;
}

function checkDescriptors(files: readonly FileDescriptor[], allFiles: readonly FileDescriptor[]): void {
  const again = linkFileDescriptors(allFiles.map(encodeFileDescriptor));
  for (const file of files) {
    const one = again.find(({ name }) => name === file.name);
    assert.deepEqual(plainDescriptor(one), plainDescriptor(file));
  }
  assert.deepEqual(encodeFileDescriptorSet(again), encodeFileDescriptorSet(allFiles));
  for (const { messages } of files) for (const message of messages) assert.ok(messageTypeOf(message).create());
}

export function seeds(): Uint8Array[] {
  const small = [
    "",
    'syntax = "proto3";',
    'syntax = "proto3"; package a.b; message M { string s = 1; repeated int32 n = 2 [packed = false]; }',
    'syntax = "proto3"; enum E { A = 0; B = 1; option allow_alias = true; C = 1; } message M { E e = 1; map<string, E> m = 2; }',
    'syntax = "proto2"; message M { required int32 a = 1 [default = -5]; optional group G = 2 { optional M m = 1; } }',
    'syntax = "proto2"; message M { extensions 100 to max; } extend M { repeated string s = 100; }',
    'edition = "2023"; option features.field_presence = IMPLICIT; message M { int32 a = 1; M m = 2 [features.message_encoding = DELIMITED]; }',
    'syntax = "proto3"; message M { oneof o { string a = 1; M b = 2; } reserved 5 to 9, 12; reserved "x"; message N { N n = 1; } N n = 3; }',
    'syntax = "proto3"; service S { rpc A(M) returns (stream M) { option deprecated = true; } rpc B(stream M) returns (M); } message M {}',
    '/* lead */ syntax = "proto3"; // trail\n// detached\n\n// of M\nmessage M { /* in */ }\n// end',
    'syntax = "proto3"; import "google/protobuf/descriptor.proto"; extend google.protobuf.FieldOptions { O o = 50000; } message O { string s = 1; repeated O l = 2; } message M { int32 a = 1 [(o) = { s: "x" l { s: \'y\\n\' } }, (o).l = {}]; }',
    'syntax = "proto3"; import public "b.proto"; message M { b.N n = 1; }\0syntax = "proto3"; package b; message N { float f = 1; }',
    'syntax = "proto3"; import "b.proto";\0syntax = "proto3"; import "a.proto";',
    'syntax = "proto3"; import "google/protobuf/any.proto"; message M { google.protobuf.Any a = 1; .M m = 0x2; bytes b = 03; }',
    'syntax = "proto3"; option java_package = "a" \'b\\x41\\u00e9\'; message M { option deprecated = true; int32 a = 1 [json_name = "A", deprecated = false]; }',
    "message M { int32 a = 1 } /* not",
  ];
  return [
    ...small,
    kindsProto,
    featuresProto,
    `${delimitedProto.replace("old.proto", "b.proto")}\0${featuresProto}`,
  ].map((text) => Buffer.from(text));
}
