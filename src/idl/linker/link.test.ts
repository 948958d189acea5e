// Linking: good files and the descriptors that come of them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { FileDescriptor, MessageDescriptor } from "../descriptor.ts";
import { linkFiles } from "./link.ts";

const standard = new URL("../../../../third_party/protobuf/", import.meta.url);

/** Texts by path; what is not there is looked for among protobuf's own files. */
function resolveFrom(texts: Readonly<Record<string, string>>): (path: string) => string | undefined {
  return (path) => {
    if (Object.hasOwn(texts, path)) return texts[path];
    try {
      return readFileSync(new URL(path, standard), "utf8");
    } catch {
      return undefined;
    }
  };
}

/** Links `texts` with the first as root; fails the test when there is an error. */
function link(texts: Readonly<Record<string, string>>): FileDescriptor {
  const result = linkFiles([Object.keys(texts)[0] as string], resolveFrom(texts));
  assert.deepEqual(
    result.errors.map((error) => error.format()),
    [],
  );
  return result.files[0] as FileDescriptor;
}

function linkProto3(body: string, others: Readonly<Record<string, string>> = {}): FileDescriptor {
  return link({ "test.proto": `syntax = "proto3";\n${body}`, ...others });
}

function message(file: FileDescriptor, name: string): MessageDescriptor {
  const found = file.messages.find((candidate) => candidate.name === name);
  assert.ok(found, `no message ${name}`);
  return found;
}

const directories = `syntax = "proto3";

message MakeDirArgs { string path = 1; }
message ListDirArgs { string path = 1; }
message DirectoryEntry { string name = 1; bool is_directory = 2; }
message DirectoryList { repeated DirectoryEntry entries = 1; }
message Empty {}

service Directories {
  rpc MakeDirectory(MakeDirArgs) returns (Empty) {}
  rpc ListDirectory(ListDirArgs) returns (DirectoryList) {}
}
`;

test("the Directories file compiles as it is (D2)", () => {
  const file = link({ "directories.proto": directories });
  assert.equal(file.package, "");
  assert.deepEqual(
    file.messages.map(({ fullName }) => fullName),
    ["MakeDirArgs", "ListDirArgs", "DirectoryEntry", "DirectoryList", "Empty"],
  );
  const [entries] = message(file, "DirectoryList").fields;
  assert.equal(entries?.cardinality, "repeated");
  assert.ok(entries?.type.kind === "message" && entries.type.message === message(file, "DirectoryEntry"));
  const [make, list] = file.services[0]?.methods ?? [];
  assert.equal(make?.localName, "makeDirectory");
  assert.equal(make?.input, message(file, "MakeDirArgs"));
  assert.equal(list?.output, message(file, "DirectoryList"));
  assert.equal(message(file, "DirectoryEntry").fields[1]?.localName, "isDirectory");
});

test("protobuf's own files link without an error or a warning", () => {
  const names = ["any", "api", "descriptor", "duration", "empty", "field_mask", "source_context", "struct"];
  const paths = [...names, "timestamp", "type", "wrappers"].map((name) => `google/protobuf/${name}.proto`);
  const { files, errors, warnings } = linkFiles(paths, resolveFrom({}));
  assert.deepEqual([...errors, ...warnings].map(String), []);
  assert.equal(files.length, 11);
});

test("fields know their cardinality, presence and packing", () => {
  const file = linkProto3(`
    message Many {
      int32 plain = 1;
      optional int32 maybe = 2;
      Many inner = 3;
      repeated int32 packed = 4;
      repeated int32 loose = 5 [packed = false];
      repeated string texts = 6;
      repeated Color colors = 7;
      map<string, Color> named = 8;
      oneof choice { string left = 9; Many right = 10; }
    }
    enum Color { RED = 0; }`);
  assert.deepEqual(
    message(file, "Many").fields.map((field) => [field.name, field.cardinality, field.presence, field.packed]),
    [
      ["plain", "singular", "implicit", false],
      ["maybe", "singular", "explicit", false],
      ["inner", "singular", "explicit", false],
      ["packed", "repeated", "implicit", true],
      ["loose", "repeated", "implicit", false],
      ["texts", "repeated", "implicit", false],
      ["colors", "repeated", "implicit", true],
      ["named", "map", "implicit", false],
      ["left", "singular", "explicit", false],
      ["right", "singular", "explicit", false],
    ],
  );
  const [choice] = message(file, "Many").oneofs;
  assert.deepEqual(
    choice?.fields.map(({ name }) => name),
    ["left", "right"],
  );
  assert.equal(message(file, "Many").fields[8]?.oneof, choice);
  assert.equal(message(file, "Many").oneofs.length, 1);
});

test("a map field has a synthetic entry message with key and value", () => {
  const file = linkProto3("message A { map<sfixed64, A> by_long_name = 3; }");
  const [entry] = message(file, "A").messages;
  assert.equal(entry?.fullName, "A.ByLongNameEntry");
  assert.equal(entry?.mapEntry, true);
  assert.deepEqual(
    entry?.fields.map(({ name, number }) => [name, number]),
    [
      ["key", 1],
      ["value", 2],
    ],
  );
  const [field] = message(file, "A").fields;
  assert.equal(field?.mapKey, "sfixed64");
  assert.ok(field?.type.kind === "message" && field.type.message === message(file, "A"));
});

test("names that JavaScript objects have already get a safe local name", () => {
  const file = linkProto3(`
    message A {
      string constructor = 1;
      string to_string = 2;
      string value_of = 3;
      string has_own_property = 4;
      string then = 5;
      string _ = 6;
    }
    service S { rpc Then(A) returns (A); rpc Constructor(A) returns (A); rpc Get(A) returns (A); rpc get(A) returns (A); }`);
  assert.deepEqual(
    message(file, "A").fields.map(({ localName }) => localName),
    ["constructor$", "toString$", "valueOf$", "hasOwnProperty$", "then$", "_"],
  );
  assert.deepEqual(
    file.services[0]?.methods.map(({ localName }) => localName),
    ["then$", "constructor$", "get", "get$"],
  );
});

test("JSON names follow protobuf's rule unless they are given", () => {
  const file = linkProto3(
    'message A { int32 foo_bar = 1; int32 FooBaz = 2; int32 _x_1y = 3; int32 given = 4 [json_name = "@g"]; }',
  );
  assert.deepEqual(
    message(file, "A").fields.map(({ jsonName }) => jsonName),
    ["fooBar", "FooBaz", "X1y", "@g"],
  );
  assert.deepEqual(message(file, "A").fields[3]?.options, {});
});

test("names are looked for in the innermost scope first, and a leading dot means the outermost", () => {
  const file = linkProto3(`
    package a.b;
    message Name {}
    message Outer {
      message Name {}
      message Inner { Name near = 1; .a.b.Name far = 2; b.Name by_package = 3; Outer.Name by_outer = 4; }
    }`);
  const fields = message(file, "Outer").messages[1]?.fields ?? [];
  assert.deepEqual(
    fields.map(({ type }) => type.kind === "message" && type.message.fullName),
    ["a.b.Outer.Name", "a.b.Name", "a.b.Name", "a.b.Outer.Name"],
  );
});

test("a field that is named like a type does not hide the type", () => {
  const file = linkProto3("message Name {} message A { message B { Name Name = 1; } }");
  const [field] = message(file, "A").messages[0]?.fields ?? [];
  assert.ok(field?.type.kind === "message" && field.type.message.fullName === "Name");
});

test("what an import imports publicly can be used, what it imports plainly cannot", () => {
  const others = {
    "through.proto":
      'syntax = "proto3"; import public "public.proto"; import "plain.proto"; message T { Plain p = 1; }',
    "public.proto": 'syntax = "proto3"; message Public {}',
    "plain.proto": 'syntax = "proto3"; message Plain {}',
  };
  const file = linkProto3('import "through.proto"; message A { Public p = 1; }', others);
  assert.deepEqual(
    file.dependencies.map(({ name, publicDependencies }) => [name, publicDependencies.map((inner) => inner.name)]),
    [["through.proto", ["public.proto"]]],
  );
  const { errors } = linkFiles(
    ["test.proto"],
    resolveFrom({ ...others, "test.proto": 'syntax = "proto3"; import "through.proto"; message A { Plain p = 1; }' }),
  );
  assert.deepEqual(
    errors.map(({ code, line, column }) => [code, line, column]),
    [["not-imported", 1, 56]],
  );
});

test("an import that nothing is used from is a warning, a public one is not", () => {
  const others = {
    "a.proto": 'syntax = "proto3";',
    "b.proto": 'syntax = "proto3"; message B {}',
    "c.proto": 'syntax = "proto3";',
  };
  const text = 'syntax = "proto3"; import "a.proto"; import "b.proto"; import public "c.proto"; message A { B b = 1; }';
  const { errors, warnings } = linkFiles(["test.proto"], resolveFrom({ "test.proto": text, ...others }));
  assert.equal(errors.length, 0);
  assert.deepEqual(
    warnings.map(({ code, message: text }) => [code, text]),
    [["unused-import", 'test.proto:1:27: import "a.proto" is not used']],
  );
});

test("services know all four kinds of call and their options", () => {
  const file = linkProto3(`
    message A {}
    service S {
      rpc Unary(A) returns (A);
      rpc Down(A) returns (stream A) { option idempotency_level = NO_SIDE_EFFECTS; }
      rpc Up(stream A) returns (A) { option deprecated = true; }
      rpc Both(stream A) returns (stream A) {}
    }`);
  assert.deepEqual(
    file.services[0]?.methods.map(({ clientStreaming, serverStreaming, options }) => [
      clientStreaming,
      serverStreaming,
      options,
    ]),
    [
      [false, false, {}],
      [false, true, { idempotency_level: { identifier: "NO_SIDE_EFFECTS" } }],
      [true, false, { deprecated: true }],
      [true, true, {}],
    ],
  );
});

test("files come behind what they import", () => {
  const texts = {
    "a.proto": 'syntax = "proto3"; import public "b.proto"; import public "c.proto";',
    "b.proto": 'syntax = "proto3"; import public "d.proto";',
    "c.proto": 'syntax = "proto3"; import public "d.proto";',
    "d.proto": 'syntax = "proto3";',
  };
  assert.deepEqual(
    linkFiles(["a.proto"], resolveFrom(texts)).allFiles.map(({ name }) => name),
    ["d.proto", "b.proto", "c.proto", "a.proto"],
  );
});

test("a chain of a thousand imports does not end the stack", () => {
  const resolve = (path: string): string => {
    const number = Number.parseInt(path, 10);
    return `syntax = "proto3"; ${number < 1000 ? `import "${number + 1}.proto";` : ""}`;
  };
  assert.equal(linkFiles(["0.proto"], resolve).allFiles.length, 1001);
});
