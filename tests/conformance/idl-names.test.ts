// Files that can be read but whose imports, names, types or numbers mean nothing sound.
import assert from "node:assert/strict";
import { test } from "node:test";
import { linkFiles } from "farcall/idl";
import { resolveFrom, testRefused } from "./idl-refused.ts";

const descriptor = 'import "google/protobuf/descriptor.proto";';
const proto3 = 'syntax = "proto3";';

testRefused([
  // imports
  { code: "import-not-found", text: 'import ^"no.proto";', says: '"no.proto" was not found' },
  {
    code: "import-twice",
    text: 'import "a.proto"; import ^"a.proto"; message A { B b = 1; }',
    says: '"a.proto" is imported twice',
    files: { "a.proto": `${proto3} message B {}` },
  },
  { code: "import-not-found", text: 'import ^"./a.proto";', says: "cannot be the path of an import" },
  { code: "import-not-found", text: 'import ^"a/../b.proto";', says: "cannot be the path of an import" },
  { code: "import-not-found", text: 'import ^"a//b.proto";', says: "cannot be the path of an import" },
  { code: "import-not-found", text: 'import ^"/a.proto";', says: "cannot be the path of an import" },
  { code: "import-cycle", text: 'import ^"test.proto";', says: "test.proto -> test.proto" },
  {
    code: "not-imported",
    text: 'import "through.proto"; message A { ^Hidden a = 1; Shown b = 2; }',
    says: '"Hidden" is declared in hidden.proto, which this file does not import',
    files: {
      "through.proto": `${proto3} import "hidden.proto"; message Shown { Hidden a = 1; }`,
      "hidden.proto": `${proto3} message Hidden {}`,
    },
  },
  {
    code: "not-imported",
    text: 'import "weak.proto"; message A { ^Hidden a = 1; }',
    says: "which this file does not import",
    files: {
      "weak.proto": `syntax = "proto2"; import weak "hidden.proto";`,
      "hidden.proto": `${proto3} message Hidden {}`,
    },
  },
  {
    code: "wrong-kind",
    text: 'import "a.proto"; message A { ^E a = 1; }',
    says: "is closed, as enums of proto2 are",
    files: { "a.proto": 'edition = "2023"; enum E { option features.enum_type = CLOSED; X = 0; }' },
  },
  {
    code: "bad-extension",
    text: 'import "a.proto"; extend A { optional int32 ^a = 1; }',
    says: "proto3 files extend only",
    files: { "a.proto": 'syntax = "proto2"; message A { extensions 1; }' },
  },
  {
    code: "unknown-type",
    text: 'import "a.proto"; package p.q; message A { ^q.B a = 1; }',
    says: '"q.B" means "p.q.B" here',
    files: { "a.proto": `${proto3} package q; message B {}` },
  },
  {
    code: "duplicate-name",
    text: 'import "a.proto"; package p; message ^q {}',
    says: '"p.q" is already declared as a package',
    files: { "a.proto": `${proto3} package p.q; message B {}` },
  },
  // syntax
  {
    code: "wrong-kind",
    text: `${descriptor} message A { ^google.protobuf.FieldDescriptorProto.Type a = 1; }`,
    says: "is closed, as enums of proto2 are",
  },
  // names
  {
    code: "duplicate-name",
    text: "message A {} message ^A {}",
    says: '"A" is already declared as a message on line 2',
  },
  { code: "duplicate-name", text: "message A {} enum ^A { Z = 0; }", says: "already declared as a message" },
  { code: "duplicate-name", text: "message A {} service ^A {}", says: '"A" is already declared' },
  {
    code: "duplicate-name",
    text: "message A { string a = 1; string ^a = 2; }",
    says: '"A.a" is already declared as a field',
  },
  { code: "duplicate-name", text: "message A { message B {} enum ^B { Z = 0; } }", says: '"A.B" is already declared' },
  {
    code: "duplicate-name",
    text: "message A { string b = 1; oneof ^b { string c = 2; } }",
    says: '"A.b" is already declared',
  },
  { code: "duplicate-name", text: "message A { string ^B = 1; message B {} }", says: '"A.B" is already declared' },
  {
    code: "duplicate-name",
    text: "message A { map<string, string> ^ab = 1; message AbEntry {} }",
    says: '"A.AbEntry" is already',
  },
  {
    code: "duplicate-name",
    text: "service S { rpc A(M) returns (M); rpc ^A(M) returns (M); } message M {}",
    says: '"S.A" is already',
  },
  { code: "duplicate-name", text: "enum E { A = 0; ^A = 1; }", says: '"A" is already declared as an enum value' },
  { code: "duplicate-name", text: "enum E { NONE = 0; } enum F { ^NONE = 0; }", says: '"NONE" is already declared' },
  { code: "duplicate-name", text: "package a.b; message M {} enum E { ^M = 0; }", says: '"a.b.M" is already declared' },
  {
    code: "duplicate-name",
    text: 'import "a.proto"; message ^A {}',
    says: '"A" is already declared as a message in a.proto:1',
    files: { "a.proto": `${proto3} message A {}` },
  },
  {
    code: "duplicate-name",
    text: 'import "a.proto"; package ^a.b;',
    says: '"a" is already declared as a message in a.proto:1',
    files: { "a.proto": `${proto3} message a {}` },
  },
  {
    code: "json-name-conflict",
    text: "message A { int32 foo_bar = 1; int32 ^fooBar = 2; }",
    says: 'same default JSON name "fooBar"',
  },
  {
    code: "json-name-conflict",
    text: 'message A { int32 a = 1 [json_name = "b"]; int32 ^b = 2; }',
    says: 'same JSON name "b"',
  },
  {
    code: "json-name-conflict",
    text: 'message A { int32 a = 1 [json_name = "x"]; int32 ^c = 2 [json_name = "x"]; }',
    says: 'same JSON name "x"',
  },
  {
    code: "json-name-conflict",
    text: "enum Color { COLOR_RED = 0; ^RED = 1; }",
    says: '"COLOR_RED" and "RED" are the same',
  },
  { code: "json-name-conflict", text: "enum E { FOO_BAR = 0; ^Foo_Bar = 1; }", says: "are the same without" },
  // types
  { code: "unknown-type", text: "message A { ^Nothing a = 1; }", says: '"Nothing" is not declared' },
  { code: "unknown-type", text: "package p; message A { ^.A a = 1; }", says: '".A" is not declared' },
  { code: "unknown-type", text: "message A { map<string, ^Nothing> a = 1; }", says: '"Nothing" is not declared' },
  {
    code: "unknown-type",
    text: "service S { rpc A(^Nothing) returns (M); } message M {}",
    says: '"Nothing" is not declared',
  },
  {
    code: "unknown-type",
    text: "service S { rpc A(M) returns (stream ^Nothing); } message M {}",
    says: '"Nothing" is not',
  },
  {
    code: "unknown-type",
    text: "message B { message C {} } message A { message B {} ^B.C a = 1; }",
    says: '"B.C" means "A.B.C" here, which is not declared',
  },
  { code: "wrong-kind", text: "service S {} message A { ^S a = 1; }", says: '"S" is a service, not a type' },
  { code: "wrong-kind", text: "enum E { X = 0; } message A { ^X a = 1; }", says: '"X" is an enum value, not a type' },
  {
    code: "wrong-kind",
    text: "enum E { X = 0; } service S { rpc A(^E) returns (E); }",
    says: "a method's input must be a message",
  },
  {
    code: "wrong-kind",
    text: "enum E { X = 0; } message M {} service S { rpc A(M) returns (^E); }",
    says: "a method's output must be",
  },
  {
    code: "unknown-type",
    text: "service S { rpc A(^int32) returns (M); } message M {}",
    says: '"int32" is not declared',
  },
  {
    code: "wrong-kind",
    text: "message A { map<string, string> b = 1; ^BEntry c = 2; }",
    says: "the entry of a map field",
  },
  { code: "bad-map", text: "message A { map<^double, string> a = 1; }", says: 'keys cannot be of type "double"' },
  { code: "bad-map", text: "message A { map<^bytes, string> a = 1; }", says: 'keys cannot be of type "bytes"' },
  { code: "bad-map", text: "message A { map<^A, string> a = 1; }", says: 'keys cannot be of type "A"' },
  {
    code: "bad-map",
    text: "message A { map<^E, string> a = 1; } enum E { X = 0; }",
    says: 'keys cannot be of type "E"',
  },
  // numbers
  { code: "number-out-of-range", text: "message A { string a = ^0; }", says: "0 cannot be a field's number" },
  { code: "number-out-of-range", text: "message A { string a = ^-1; }", says: "-1 cannot be a field's number" },
  { code: "number-out-of-range", text: "message A { string a = ^536870912; }", says: "536870912 cannot be" },
  { code: "number-out-of-range", text: "message A { string a = ^19000; }", says: "keeps 19000 to 19999 for itself" },
  { code: "number-out-of-range", text: "message A { string a = ^19999; }", says: "keeps 19000 to 19999 for itself" },
  { code: "duplicate-number", text: "message A { string a = 1; string b = ^1; }", says: `which is "a"'s already` },
  {
    code: "duplicate-number",
    text: "message A { string a = 1; oneof o { string b = ^1; } }",
    says: `which is "a"'s already`,
  },
  { code: "reserved-number", text: "message A { reserved 5; string a = ^5; }", says: "has the reserved number 5" },
  {
    code: "reserved-number",
    text: "message A { string a = ^7; reserved 1, 5 to max; }",
    says: "has the reserved number 7",
  },
  { code: "reserved-name", text: 'message A { reserved "b", "a"; string ^a = 1; }', says: "has a reserved name" },
  { code: "reserved-name", text: 'message A { reserved "a", "b", ^"a"; }', says: '"a" is reserved already' },
  { code: "bad-range", text: "message A { reserved 1 to 5, ^4; }", says: "these numbers are reserved already" },
  { code: "bad-range", text: "message A { reserved 7 to max; reserved ^1 to 9; }", says: "reserved already" },
  { code: "number-out-of-range", text: "message A { reserved ^0; }", says: "0 cannot be a field's number" },
  { code: "first-enum-value", text: "enum E { A = ^1; }", says: "must be 0, found 1" },
  { code: "enum-alias", text: "enum E { A = 0; B = ^0; }", says: `which is "A"'s already` },
  {
    code: "enum-alias",
    text: "enum E { option ^allow_alias = true; A = 0; }",
    says: "allows aliases, but",
  },
  { code: "reserved-number", text: "enum E { reserved 2 to max; A = 0; B = ^3; }", says: "has the reserved number 3" },
  {
    code: "reserved-number",
    text: "enum E { reserved -5 to -1; A = 0; B = ^-1; }",
    says: "has the reserved number -1",
  },
  { code: "reserved-name", text: 'enum E { reserved "B"; A = 0; ^B = 1; }', says: "has a reserved name" },
  { code: "bad-range", text: "enum E { reserved 1 to 5; reserved ^5; A = 0; }", says: "reserved already" },
  {
    code: "wrong-kind",
    text: "service S { rpc A(M) returns (^A); } message A {} message M {}",
    says: "a method, not a type",
  },
  {
    code: "enum-alias",
    text: "enum E { option ^allow_alias = false; A = 0; }",
    says: "allow_alias = false says nothing",
  },
]);

test("a circle of imports is said where it closes", () => {
  const texts = {
    "a.proto": `${proto3} import "b.proto";`,
    "b.proto": `${proto3} import "c.proto";`,
    "c.proto": `${proto3} import "b.proto";`,
  };
  const { errors } = linkFiles(["a.proto"], resolveFrom(texts));
  assert.deepEqual(
    errors.map(({ message }) => message),
    ["c.proto:1:27: this import closes a circle: b.proto -> c.proto -> b.proto"],
  );
});

test("a root that is not there and too many files are errors", () => {
  assert.equal(linkFiles(["no.proto"], () => undefined).errors[0]?.code, "import-not-found");
  const endless = (path: string) => `${proto3} import "a${path}";`;
  assert.deepEqual(
    linkFiles(["a.proto"], endless, { maxFiles: 50 }).errors.map(({ code }) => code),
    ["too-many-files"],
  );
});

test("one link reports the mistakes of all its files", () => {
  const texts = {
    "a.proto": `${proto3} import "b.proto"; message A { Nothing a = 1; string b = 0; B c = 3; }`,
    "b.proto": `${proto3} message B { Nowhere a = 1; } enum E { X = 5; }`,
  };
  assert.deepEqual(
    linkFiles(["a.proto"], resolveFrom(texts)).errors.map(({ code, file }) => `${file} ${code}`),
    ["b.proto unknown-type", "b.proto first-enum-value", "a.proto unknown-type", "a.proto number-out-of-range"],
  );
});
