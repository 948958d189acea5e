// Fuzz target: descriptor sets, as a server's reflection or a file of protoc gives them. Bytes are refused with a `MarshalError`
// or link to files that are written and linked again to the same, printed, made types of, and found by what they declare.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type FileDescriptor, linkFiles, type MessageDescriptor, printFile } from "farcall/idl";
import {
  decodeFileDescriptorSet,
  decodeFileHead,
  encodeFileDescriptor,
  encodeFileDescriptorSet,
  linkFileDescriptors,
  MarshalError,
  TypeRegistry,
} from "farcall/marshal";
import { FileIndex } from "../../../src/services/file-index.ts";
import { delimitedProto, featuresProto } from "../../support/marshal/feature-protos.ts";
import { kindsProto } from "../../support/marshal/kinds.ts";
import { plainDescriptor } from "../../support/marshal/plain-descriptor.ts";

const prototypeNames = Reflect.ownKeys(Object.prototype).length;

/** Runs what may refuse; undefined when it does. Any other failure than a `MarshalError` is a finding. */
function attempt<Result>(task: () => Result): Result | undefined {
  try {
    return task();
  } catch (error) {
    if (error instanceof MarshalError) return undefined;
    throw error;
  }
}

export function fuzz(bytes: Uint8Array): void {
  const input = Uint8Array.from(bytes);
  const files = attempt(() => decodeFileDescriptorSet(input));
  attempt(() => decodeFileHead(input));
  if (files !== undefined) checkFiles(files);
  assert.equal(Reflect.ownKeys(Object.prototype).length, prototypeNames, "a prototype was changed");
}

function checkFiles(files: readonly FileDescriptor[]): void {
  const written = encodeFileDescriptorSet(files);
  const again = decodeFileDescriptorSet(written);
  assert.deepEqual(again.map(plainOf), files.map(plainOf));
  assert.deepEqual(encodeFileDescriptorSet(again), written);
  const apart = linkFileDescriptors(files.map(encodeFileDescriptor).reverse());
  assert.deepEqual(apart.reverse().map(plainOf), files.map(plainOf));
  assert.deepEqual(
    files.map((file) => decodeFileHead(encodeFileDescriptor(file)).dependencies),
    files.map(({ dependencies }) => dependencies.map(({ name }) => name)),
  );
  for (const file of files) assert.equal(typeof printFile(file), "string");
  checkTypes(files);
  checkIndex(files);
}

const plainOf = (file: FileDescriptor): unknown => plainDescriptor(file);

function allMessages(messages: readonly MessageDescriptor[]): MessageDescriptor[] {
  // A map's entry is a message to its descriptor alone, and no type is made of it.
  const own = messages.filter(({ mapEntry }) => !mapEntry);
  return own.flatMap((message) => [message, ...allMessages(message.messages)]);
}

function checkTypes(files: readonly FileDescriptor[]): void {
  const registry = new TypeRegistry().addFiles(files);
  for (const message of allMessages(files.flatMap(({ messages }) => messages))) {
    const type = registry.messageOf(message);
    const empty = type.create() as object;
    const encoded = attempt(() => type.encode(empty));
    if (encoded !== undefined) assert.deepEqual(type.decode(encoded), empty);
    attempt(() => type.fromJsonString(type.toJsonString(empty)));
  }
}

function checkIndex(files: readonly FileDescriptor[]): void {
  const index = new FileIndex(files);
  for (const file of files) {
    assert.equal(index.file(file.name), file);
    assert.ok(index.withDependencies(file).includes(file));
    assert.ok(index.encode(file).length > 0);
    for (const { fullName } of allMessages(file.messages)) {
      assert.ok(index.declaring(fullName) !== undefined);
      assert.ok(index.extensionNumbers(fullName) !== undefined);
    }
  }
}

const optionsProto = `syntax = "proto3";
package own;
import "google/protobuf/descriptor.proto";
message Level { string name = 1; repeated uint32 sizes = 2; map<string, int64> by_key = 3; Level inner = 4; }
extend google.protobuf.FieldOptions { Level level = 50001; repeated sint32 numbers = 50002; }
message Holder { string text = 1 [(level) = { name: "x" sizes: [1, 2] by_key: { key: "a" value: 5 } }, (numbers) = -1]; }
`;

export function seeds(): Uint8Array[] {
  const standard = fileURLToPath(new URL("../../../../third_party/protobuf/google/protobuf/", import.meta.url));
  const sets: Readonly<Record<string, string>>[] = [
    { "kinds.proto": kindsProto },
    { "old.proto": featuresProto },
    { "old.proto": featuresProto, "late.proto": delimitedProto },
    { "a.proto": 'syntax = "proto3"; message M { M m = 1; }' },
    { "a.proto": 'syntax = "proto3"; service S { rpc R(stream M) returns (M); } message M { map<string, M> m = 1; }' },
    {
      "a.proto":
        'syntax = "proto3"; enum E { A = 0; B = -1; reserved 5 to 9; } message M { oneof o { E e = 1; } optional E f = 2; }',
    },
    {
      "a.proto":
        'syntax = "proto2"; message M { extensions 5 to max; optional int32 i = 1 [default = 3]; extend M { optional M m = 5; } }',
    },
    { "a.proto": 'edition = "2023"; message M { M m = 1 [features.message_encoding = DELIMITED]; reserved a; }' },
    {
      "b.proto": 'syntax = "proto3"; package b; message N {}',
      "a.proto": 'syntax = "proto3"; import public "b.proto"; message M { b.N n = 1; }',
    },
    { "google/protobuf/any.proto": readFileSync(`${standard}any.proto`, "utf8") },
    { "google/protobuf/struct.proto": readFileSync(`${standard}struct.proto`, "utf8") },
    {
      "google/protobuf/descriptor.proto": readFileSync(`${standard}descriptor.proto`, "utf8"),
      "own.proto": optionsProto,
    },
  ];
  return sets.map((texts) => encodeFileDescriptorSet(linkFiles(Object.keys(texts), (path) => texts[path]).files));
}
