// Descriptor sets: our descriptors as google/protobuf/descriptor.proto and back, with protobuf-es as the judge of the bytes.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createFileRegistry, type DescFile, fromBinary, getOption, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema, FileOptionsSchema } from "@bufbuild/protobuf/wkt";
import { type FileDescriptor, linkFiles } from "farcall/idl";
import {
  decodeFileDescriptorSet,
  decodeFileHead,
  encodeFileDescriptor,
  encodeFileDescriptorSet,
  linkFileDescriptors,
} from "farcall/marshal";
import { Everything, Kinds, kindsProto } from "../support/marshal/kinds.ts";
import { plainDescriptor } from "../support/marshal/plain-descriptor.ts";

const standard = fileURLToPath(new URL("../../../third_party/protobuf/", import.meta.url));

const optionsProto = `syntax = "proto3";
package custom;
import "google/protobuf/descriptor.proto";
import "google/protobuf/any.proto";

option (level) = { name: "file" sizes: [1, 2, 3] mode: LOUD by_key: { key: "a" value: 5 } by_key: { key: "b" } };
option (packed_numbers) = 1;
option (packed_numbers) = -1;
option (any) = { [type.googleapis.com/custom.Level] { name: "in any" } };
option java_package = "com.example";

enum Mode { QUIET = 0; LOUD = 1; }
message Level {
  string name = 1;
  repeated uint32 sizes = 2;
  Mode mode = 3;
  map<string, int64> by_key = 5;
  Level inner = 6;
  optional bytes raw = 7;
}
extend google.protobuf.FileOptions {
  Level level = 50001;
  repeated sint32 packed_numbers = 50002;
  google.protobuf.Any any = 50003;
}
extend google.protobuf.FieldOptions { string note = 50001; }
message Scope {
  extend google.protobuf.MethodOptions { double ratio = 50001; }
  extend google.protobuf.EnumValueOptions { optional fixed64 big = 50001; }
  extend google.protobuf.OneofOptions { bool odd = 50001; }
}
message Holder {
  option deprecated = true;
  string text = 1 [(note) = "a note", json_name = "TEXT", deprecated = true];
  repeated Mode modes = 2 [packed = false];
  oneof _maybe { option (Scope.odd) = true; string left = 3; Level right = 4; }
  optional int32 maybe = 5;
  optional int32 _ = 6;
  reserved 100 to 200, 1000 to max;
  reserved "gone";
}
enum Value { NONE = 0; ONE = 1 [(Scope.big) = 18446744073709551615]; reserved 5, 10 to max; reserved "OLD"; }
service Things {
  rpc Watch(Holder) returns (stream Level) { option (Scope.ratio) = -0.5; option idempotency_level = IDEMPOTENT; }
  rpc Send(stream Holder) returns (.google.protobuf.Any);
}
`;

const mainProto = `syntax = "proto3";
package main;
import public "custom/options.proto";
import "kinds.proto";
message Use { custom.Holder holder = 1 [(custom.note) = "far"]; kinds.Leaf leaf = 2; message In { .main.Use use = 1; } }
`;

const texts: Readonly<Record<string, string>> = {
  "kinds.proto": kindsProto,
  "custom/options.proto": optionsProto,
  "main.proto": mainProto,
};

function link(root: string): FileDescriptor {
  const { files, errors } = linkFiles([root], (path) =>
    path.startsWith("google/") ? readFileSync(standard + path, "utf8") : texts[path],
  );
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  return files[0] as FileDescriptor;
}

/** Small, since all of it is broken in every place. */
const smallProto = `syntax = "proto3";
package a;
message Box {
  optional string label = 1 [deprecated = true];
  map<int32, Kind> kinds = 2;
  oneof one { Box left = 3; }
  enum Kind { NONE = 0; }
}
service Boxes { rpc Open(Box) returns (stream Box) { option idempotency_level = IDEMPOTENT; } }
`;

function linkText(text: string): FileDescriptor {
  return linkFiles(["small.proto"], () => text).files[0] as FileDescriptor;
}

const roots = [
  ...Object.keys(texts),
  ...["any", "api", "descriptor", "duration", "empty", "field_mask", "struct", "type", "wrappers"].map(
    (name) => `google/protobuf/${name}.proto`,
  ),
];

/** What a set keeps of a file: of descriptor.proto's ranges not who declared them, which is for its readers alone. */
function withoutSourceOptions(file: FileDescriptor): unknown {
  const plain = plainDescriptor(file) as { readonly messages: readonly { extensionRanges?: { options: object }[] }[] };
  for (const { extensionRanges = [] } of plain.messages) for (const range of extensionRanges) range.options = {};
  return plain;
}

for (const root of roots) {
  test(`${root} comes back from a descriptor set as it was`, () => {
    const before = link(root);
    const set = encodeFileDescriptorSet([before]);
    const after = decodeFileDescriptorSet(set);
    assert.equal(after.at(-1)?.name, root);
    for (const file of after) assert.deepEqual(plainDescriptor(file), withoutSourceOptions(link(file.name)));
    assert.deepEqual(encodeFileDescriptorSet(after), set);
  });

  test(`protobuf-es writes ${root} to the same bytes and links it`, () => {
    const bytes = encodeFileDescriptor(link(root));
    assert.deepEqual(toBinary(FileDescriptorProtoSchema, fromBinary(FileDescriptorProtoSchema, bytes)), bytes);
    const set = fromBinary(FileDescriptorSetSchema, encodeFileDescriptorSet([link(root)]));
    const registry = createFileRegistry(set);
    const file = registry.getFile(root) as DescFile;
    assert.equal(file.services.length, link(root).services.length);
  });
}

test("protobuf-es reads custom options as they were written", () => {
  const set = fromBinary(FileDescriptorSetSchema, encodeFileDescriptorSet([link("custom/options.proto")]));
  const registry = createFileRegistry(set);
  const file = registry.getFile("custom/options.proto") as DescFile;
  assert.equal(file.proto.options?.javaPackage, "com.example");
  const level = registry.getExtension("custom.level");
  assert.ok(level !== undefined);
  assert.ok(file.proto.options?.$typeName === FileOptionsSchema.typeName);
  const value = getOption(file, level as never) as unknown as Record<string, unknown>;
  assert.equal(value["name"], "file");
  assert.deepEqual(value["sizes"], [1, 2, 3]);
  assert.deepEqual(value["byKey"], { a: 5n, b: 0n });
});

test("files may come one by one and in any order, as reflection gives them", () => {
  const set = fromBinary(FileDescriptorSetSchema, encodeFileDescriptorSet([link("main.proto")]));
  const protos = set.file.map((file) => toBinary(FileDescriptorProtoSchema, file)).reverse();
  const linked = linkFileDescriptors([...protos, ...protos]);
  assert.deepEqual(
    linked.map(({ name }) => name),
    set.file.map(({ name }) => name).reverse(),
  );
  assert.deepEqual(plainDescriptor(linked[0]), plainDescriptor(link("main.proto")));
  assert.deepEqual(decodeFileHead(protos[0] as Uint8Array), {
    name: "main.proto",
    dependencies: ["custom/options.proto", "kinds.proto"],
    declares: ["main.Use", "main.Use.In"],
    uses: [["custom.Holder"], ["kinds.Leaf"], ["main.Use"]],
  });
});

test("an import that is not there is looked for, and named when it is nowhere", () => {
  const bytes = encodeFileDescriptor(link("main.proto"));
  const asked: string[] = [];
  const find = (path: string): FileDescriptor => {
    asked.push(path);
    return link(path);
  };
  const [file] = linkFileDescriptors([bytes], { find });
  assert.deepEqual(asked, ["custom/options.proto", "kinds.proto"]);
  assert.deepEqual(plainDescriptor(file), plainDescriptor(link("main.proto")));
  assert.throws(() => linkFileDescriptors([bytes]), {
    code: "bad-descriptor",
    message: "main.proto: the import custom/options.proto is missing",
  });
});

test("types written in TypeScript describe themselves to peers", () => {
  const set = encodeFileDescriptorSet([
    Everything.descriptor.file,
    (Kinds.descriptor as { file: FileDescriptor }).file,
  ]);
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, set));
  assert.equal(registry.getService("kinds.Kinds")?.methods.length, 2);
  const linked = decodeFileDescriptorSet(set);
  const everything = linked.flatMap(({ messages }) => messages).find(({ name }) => name === "Everything");
  const leaveOut = ["comments", "file", "parent"];
  assert.deepEqual(plainDescriptor(everything, leaveOut), plainDescriptor(Everything.descriptor, leaveOut));
});

test("bytes that are cut or wrong anywhere are refused with a MarshalError, or are other descriptors", () => {
  const bytes = encodeFileDescriptorSet([linkText(smallProto)]);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] as number) ^ (1 << (at % 8));
    for (const bad of [bytes.subarray(0, at), changed]) {
      try {
        encodeFileDescriptorSet(decodeFileDescriptorSet(bad));
      } catch (error) {
        assert.equal((error as Error).name, "MarshalError", String((error as Error).stack));
      }
    }
  }
});
