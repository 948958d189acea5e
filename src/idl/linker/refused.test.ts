// Linking: files that can be read but mean nothing sound, each with the place where it is said (marked with ^) and what.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { SourceErrorCode } from "../source-error.ts";
import { linkFiles } from "./link.ts";

interface Refused {
  readonly code: SourceErrorCode;
  /** Follows the line `syntax = "proto3";`, unless it states a syntax of its own. */
  readonly text: string;
  readonly says: string;
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
}

const descriptor = 'import "google/protobuf/descriptor.proto";';
const proto2 = 'syntax = "proto2";';
const proto3 = 'syntax = "proto3";';
/** Declares options of many types to set wrongly. */
const options = {
  "options.proto": `${proto3} ${descriptor}
    message Rules {
      int32 number = 1;
      repeated Rules inner = 2;
      oneof one { string left = 3; string right = 4; }
      Rules single = 5;
      bool flag = 6;
      Size size = 7;
    }
    enum Size { SMALL = 0; LARGE = 1; }
    extend google.protobuf.FieldOptions {
      Rules rules = 50001;
      repeated string tags = 50002;
      Size size = 50003;
      uint32 count = 50004;
      sint64 offset = 50005;
      bool flag = 50006;
      double ratio = 50007;
      bytes raw = 50008;
      string text = 50009;
      repeated Rules many_rules = 50010;
      string for_methods = 50011 [targets = TARGET_TYPE_METHOD, targets = TARGET_TYPE_SERVICE];
    }
    extend google.protobuf.MethodOptions { string method_text = 50001; }`,
};
const field = (option: string) => `import "options.proto"; message A { string a = 1 [${option}]; }`;

const wrong: readonly Refused[] = [
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
  // syntax
  { code: "unsupported-syntax", text: `^${proto2} message A {}`, says: "proto2 is not supported yet" },
  {
    code: "unsupported-syntax",
    text: 'import "old.proto"; message A { ^Old a = 1; }',
    says: "comes from the proto2 file old.proto",
    files: { "old.proto": `${proto2} message Old {}` },
  },
  {
    code: "unsupported-syntax",
    text: 'import "old.proto"; service S { rpc A(^Old) returns (Old); }',
    says: "comes from the proto2 file old.proto",
    files: { "old.proto": `${proto2} message Old {}` },
  },
  {
    code: "wrong-kind",
    text: `${descriptor} message A { ^google.protobuf.FieldDescriptorProto.Type a = 1; }`,
    says: "it is closed",
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
  // extensions
  {
    code: "bad-extension",
    text: "message A {} extend A { string ^b = 1; }",
    says: "extend only google.protobuf.*Options",
  },
  { code: "unknown-type", text: "extend ^Nothing { string a = 1; }", says: '"Nothing" is not declared' },
  { code: "unknown-type", text: "extend ^google.protobuf.FileOptions { string a = 50000; }", says: "is not declared" },
  {
    code: "wrong-kind",
    text: "enum E { X = 0; } extend ^E { string a = 1; }",
    says: "what is extended must be a message",
  },
  {
    code: "bad-extension",
    text: `${descriptor} extend google.protobuf.FileOptions { string a = ^7; }`,
    says: "has no room for an extension with the number 7",
  },
  {
    code: "duplicate-number",
    text: `${descriptor} extend google.protobuf.FileOptions { string a = 50000; string b = ^50000; }`,
    says: `which is "a"'s already`,
  },
  {
    code: "option-misused",
    text: `${descriptor} extend google.protobuf.FileOptions { string a = 50000 [^json_name = "b"]; }`,
    says: 'an extension has no "json_name"',
  },
  // options
  { code: "unknown-option", text: "option ^nothing = 1;", says: 'google.protobuf.FileOptions has no field "nothing"' },
  {
    code: "unknown-option",
    text: "message A { string a = 1 [^features.field_presence = IMPLICIT]; }",
    says: 'no field "features"',
  },
  { code: "unknown-option", text: 'option ^uninterpreted_option = { string_value: "a" };', says: "no field" },
  { code: "unknown-type", text: "option ^(nothing) = 1;", says: '"nothing" is not declared' },
  { code: "unknown-option", text: "message A {} option ^(A) = 1;", says: '"A" is a message, not an extension' },
  {
    code: "unknown-option",
    text: 'option ^(text) = "a"; import "options.proto";',
    says: "extends google.protobuf.FieldOptions",
    files: options,
  },
  {
    code: "bad-option-value",
    text: "option java_package = ^5;",
    says: 'expected a string in quotes for "java_package", found 5',
  },
  { code: "bad-option-value", text: "option java_multiple_files = ^1;", says: "expected true or false" },
  { code: "bad-option-value", text: 'option java_multiple_files = ^"true";', says: "expected true or false" },
  {
    code: "bad-option-value",
    text: "option optimize_for = ^FAST;",
    says: "expected one of SPEED, CODE_SIZE, LITE_RUNTIME",
  },
  { code: "bad-option-value", text: "option optimize_for = ^1;", says: "expected the name of a value" },
  { code: "bad-option-value", text: 'option java_package = ^"\\xff";', says: "valid UTF-8" },
  { code: "option-set-twice", text: 'option java_package = "a"; option ^java_package = "b";', says: "was set before" },
  { code: "bad-option-value", text: "option ^java_package.inner = 1;", says: "is not a single message" },
  { code: "bad-option-value", text: field("(count) = ^-1"), says: "from 0 to 4294967295", files: options },
  { code: "bad-option-value", text: field("(count) = ^4294967296"), says: "from 0 to 4294967295", files: options },
  { code: "bad-option-value", text: field("(count) = ^1.0"), says: "expected a whole number", files: options },
  {
    code: "bad-option-value",
    text: field("(offset) = ^9223372036854775808"),
    says: "9223372036854775807",
    files: options,
  },
  { code: "bad-option-value", text: field("(size) = ^HUGE"), says: "expected one of SMALL, LARGE", files: options },
  { code: "bad-option-value", text: field('(ratio) = ^"1"'), says: "expected a number, inf or nan", files: options },
  { code: "bad-option-value", text: field("(raw) = ^text"), says: "expected a string in quotes", files: options },
  {
    code: "bad-option-value",
    text: field("(rules) = ^5"),
    says: "a message value in braces of type Rules",
    files: options,
  },
  { code: "bad-option-value", text: field("(text) = ^{}"), says: "found a message value", files: options },
  { code: "unknown-option", text: field("(rules).^none = 5"), says: 'Rules has no field "none"', files: options },
  { code: "unknown-option", text: field("(rules) = { ^none: 5 }"), says: 'Rules has no field "none"', files: options },
  {
    code: "bad-option-value",
    text: field("(rules) = { number: ^x }"),
    says: "expected a whole number",
    files: options,
  },
  { code: "bad-option-value", text: field("(rules) = { number: ^[1, 2] }"), says: "found a list", files: options },
  { code: "bad-option-value", text: field("(rules) = { flag: ^2 }"), says: "expected true or false", files: options },
  {
    code: "bad-option-value",
    text: field("(rules) = { size: ^2147483648 }"),
    says: "from -2147483648",
    files: options,
  },
  {
    code: "option-set-twice",
    text: field("(rules) = { number: 1 ^number: 2 }"),
    says: '"number" is set twice',
    files: options,
  },
  {
    code: "option-set-twice",
    text: field('(rules) = { left: "" ^right: "" }'),
    says: "members of one oneof",
    files: options,
  },
  {
    code: "option-set-twice",
    text: field("(rules).number = 1, ^(rules).number = 2"),
    says: '"(rules).number" was set before',
    files: options,
  },
  {
    code: "bad-option-value",
    text: field("(rules).^inner.number = 1"),
    says: '"inner" is not a single message',
    files: options,
  },
  {
    code: "bad-option-value",
    text: field("^(many_rules).number = 1"),
    says: "is not a single message",
    files: options,
  },
  {
    code: "bad-option-value",
    text: field("(rules) = { ^[type.googleapis.com/Rules] {} }"),
    says: "only google.protobuf.Any takes",
    files: options,
  },
  {
    code: "option-misused",
    text: field('^(for_methods) = "a"'),
    says: '"(for_methods)" cannot be set on a field',
    files: options,
  },
  {
    code: "option-misused",
    text: 'message A { string a = 1 [^default = "x"]; }',
    says: "proto3 has no default values",
  },
  { code: "option-misused", text: "message A { int32 a = 1 [^packed = true]; }", says: "only repeated numbers" },
  {
    code: "option-misused",
    text: "message A { repeated string a = 1 [^packed = true]; }",
    says: "only repeated numbers",
  },
  { code: "option-misused", text: "message A { string a = 1 [^jstype = JS_STRING]; }", says: "only 64-bit integers" },
  { code: "option-misused", text: "message A { string a = 1 [^lazy = true]; }", says: "only message fields" },
  { code: "option-misused", text: "message A { option ^map_entry = true; }", says: "map_entry is not for writing" },
  { code: "option-misused", text: "message A { option ^message_set_wire_format = true; }", says: "no message sets" },
  {
    code: "bad-option-value",
    text: "message A { string a = 1 [json_name = ^5]; }",
    says: 'expected a string in quotes for "json_name"',
  },
  {
    code: "bad-option-value",
    text: 'message A { string a = 1 [json_name = ^"[a]"]; }',
    says: "cannot stand in brackets",
  },
  {
    code: "bad-option-value",
    text: 'message A { string a = 1 [json_name = ^"a\\0"]; }',
    says: "cannot hold a zero character",
  },
  {
    code: "option-set-twice",
    text: 'message A { string a = 1 [json_name = "a", ^json_name = "b"]; }',
    says: "was set before",
  },
];

/** The text without its mark, and where the mark was. */
function unmark(text: string): { readonly text: string; readonly line: number; readonly column: number } {
  const whole = /^\^?syntax /.test(text) ? text : `${proto3}\n${text}`;
  const at = whole.indexOf("^");
  const lines = whole.slice(0, at).split("\n");
  return { text: whole.replace("^", ""), line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

function resolveFrom(texts: Readonly<Record<string, string>>): (path: string) => string | undefined {
  return (path) => {
    if (Object.hasOwn(texts, path)) return texts[path];
    if (!path.startsWith("google/")) return undefined;
    return readFileSync(new URL(`../../../../third_party/protobuf/${path}`, import.meta.url), "utf8");
  };
}

for (const { code, text, says, files = {} } of wrong) {
  test(`the linker refuses ${JSON.stringify(text)}`, () => {
    const { text: plain, line, column } = unmark(text);
    const { errors, files: linked } = linkFiles(["test.proto"], resolveFrom({ "test.proto": plain, ...files }));
    const [first] = errors;
    assert.ok(first, "nothing was wrong");
    assert.deepEqual(
      [first.code, first.file, first.line, first.column],
      [code, "test.proto", line, column],
      first.format(),
    );
    assert.ok(first.sentence.includes(says), first.sentence);
    assert.deepEqual(linked, []);
  });
}

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
