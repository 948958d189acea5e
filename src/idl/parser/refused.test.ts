// Parsing: texts that cannot be read, each with the place where it is said (marked with ^) and what is said.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SourceErrorCode } from "../source-error.ts";
import { parseFile } from "./file.ts";

interface Refused {
  readonly code: SourceErrorCode;
  /** Follows the line `syntax = "proto3";`, unless it states a syntax of its own. */
  readonly text: string;
  readonly says: string;
}

const wrong: readonly Refused[] = [
  // the text
  { code: "unexpected-character", text: "message A { ^é string a = 1; }", says: 'unexpected character "é" (U+00E9)' },
  { code: "unexpected-character", text: "message A { ^\u0001 }", says: "unexpected character U+0001" },
  { code: "unterminated-comment", text: "message A {} ^/* and then", says: 'no closing "*/"' },
  { code: "unterminated-string", text: 'import ^"a.proto;', says: 'no closing " on its line' },
  { code: "unterminated-string", text: "import ^'a.proto;", says: "no closing ' on its line" },
  { code: "bad-escape", text: 'option java_package = "a^\\q";', says: '"\\q" is not an escape' },
  { code: "bad-escape", text: 'option java_package = "a^\\U00110000";', says: "is not an escape" },
  { code: "bad-escape", text: 'option java_package = "a^\\xg";', says: '"\\x" is not an escape' },
  { code: "bad-number", text: "message A { string a = ^08; }", says: "octal" },
  { code: "bad-number", text: "message A { string a = ^0x; }", says: "lacks digits" },
  { code: "bad-number", text: "message A { string a = 1^a; }", says: "expected a space after the number 1" },
  { code: "bad-number", text: "option (x) = ^1e+;", says: "lacks digits" },
  { code: "bad-number", text: "option (x) = 1.5^.2;", says: "expected a space after the number" },
  // the file
  { code: "unsupported-syntax", text: '^edition = "2023";', says: "editions are not supported yet" },
  { code: "unsupported-syntax", text: 'syntax = ^"proto4";', says: 'expected the syntax "proto3", found "proto4"' },
  { code: "unexpected-token", text: 'syntax ^"proto3";', says: 'expected "=" after "syntax"' },
  { code: "unexpected-token", text: "syntax = ^proto3;", says: 'expected "proto3", found "proto3"' },
  { code: "misplaced-statement", text: '^syntax = "proto3";', says: '"syntax" must be the first statement' },
  { code: "misplaced-statement", text: "package a;\n^package b;", says: "one package only" },
  { code: "unexpected-token", text: "package ^.a;", says: "expected the package's name" },
  { code: "unexpected-token", text: "package a.^;", says: "expected a name after the dot" },
  { code: "unexpected-token", text: 'package ^"a";', says: 'found the string "a"' },
  { code: "unexpected-token", text: "import ^a;", says: "expected the path of a file in quotes" },
  { code: "unexpected-token", text: 'import ^private "a.proto";', says: "expected the path" },
  { code: "unexpected-token", text: 'import "a.proto"^\nmessage A {}', says: 'expected ";" after the import' },
  { code: "unexpected-token", text: "^string a = 1;", says: "expected a message, enum, service" },
  { code: "unexpected-token", text: "message A {} ^}", says: 'this "}" closes nothing' },
  { code: "unexpected-token", text: "message A {^", says: 'expected "}" to end message A, found the end of the file' },
  // messages
  { code: "unexpected-token", text: "message ^{}", says: "expected the message's name" },
  { code: "unexpected-token", text: "message A^;", says: 'expected "{" after "message A"' },
  { code: "unexpected-token", text: "message A { string a = 1 ^}", says: 'expected ";" after the field, found "}"' },
  {
    code: "unexpected-token",
    text: "message A { string a = 1^\n  string b = 2; }",
    says: 'expected ";" after the field',
  },
  { code: "unexpected-token", text: "message A { string ^= 1; }", says: "expected the field's name" },
  { code: "unexpected-token", text: "message A { string a^; }", says: 'expected "=" and a number' },
  { code: "unexpected-token", text: "message A { string a = ^b; }", says: "expected the field's number" },
  { code: "unexpected-token", text: "message A { string a = ^1.0; }", says: "expected the field's number" },
  { code: "unexpected-token", text: 'message A { string a = ^"1"; }', says: "expected the field's number" },
  { code: "number-out-of-range", text: "message A { string a = ^99999999999; }", says: "does not fit in 32 bits" },
  { code: "unexpected-token", text: "message A { string a = 1 [^]; }", says: "expected the option's name" },
  {
    code: "unexpected-token",
    text: "message A { string a = 1 [deprecated^]; }",
    says: 'expected "=" after the option',
  },
  { code: "unexpected-token", text: "message A { string a = 1 [deprecated = true^; }", says: 'expected "]"' },
  { code: "unexpected-token", text: "message A { string a = 1 [deprecated = ^]; }", says: "expected a value" },
  { code: "bad-label", text: "message A { ^required string a = 1; }", says: 'proto3 has no "required" fields' },
  { code: "bad-label", text: "message A { oneof o { ^repeated string a = 1; } }", says: 'cannot be "repeated"' },
  { code: "bad-label", text: "message A { oneof o { ^optional string a = 1; } }", says: 'cannot be "optional"' },
  { code: "empty-oneof", text: "message A { oneof ^o { } }", says: 'oneof "o" has no fields' },
  {
    code: "bad-map",
    text: "message A { oneof o { ^map<string, string> a = 1; } }",
    says: "cannot be a member of a oneof",
  },
  { code: "bad-map", text: "message A { repeated ^map<string, string> a = 1; }", says: 'a map cannot be "repeated"' },
  { code: "unexpected-token", text: "message A { map<string^> a = 1; }", says: 'expected ","' },
  { code: "unsupported-syntax", text: "message A { repeated ^group B = 1 {} }", says: "groups are not supported" },
  { code: "bad-extension", text: "message A { ^extensions 5 to 9; }", says: "no extension ranges" },
  { code: "bad-range", text: "message A { reserved ^9 to 5; }", says: "the range 9 to 5 ends before it begins" },
  { code: "unexpected-token", text: "message A { reserved ^; }", says: "expected a field number" },
  { code: "unexpected-token", text: "message A { reserved ^a; }", says: "expected reserved names in quotes" },
  { code: "unexpected-token", text: 'message A { reserved 5, ^"a"; }', says: "expected a field number" },
  { code: "unexpected-token", text: 'message A { reserved "a", ^5; }', says: "expected a reserved name" },
  { code: "unexpected-token", text: "message A { reserved 5 to ^; }", says: 'the last number or "max"' },
  // enums
  { code: "empty-enum", text: "enum ^E { }", says: 'enum "E" has no values' },
  { code: "unexpected-token", text: "enum E { A^; }", says: 'expected "=" and a number' },
  { code: "unexpected-token", text: "enum E { A = ^B; }", says: "expected the enum value's number" },
  { code: "number-out-of-range", text: "enum E { A = 0; B = ^2147483648; }", says: "does not fit in 32 bits" },
  { code: "number-out-of-range", text: "enum E { A = 0; B = ^-2147483649; }", says: "does not fit in 32 bits" },
  // services
  { code: "unexpected-token", text: "service S { ^string a = 1; }", says: 'expected "rpc", "option" or "}"' },
  { code: "unexpected-token", text: "service S { rpc A^; }", says: 'expected "(" after the method\'s name' },
  {
    code: "unexpected-token",
    text: "service S { rpc A(^) returns (B); }",
    says: "expected a message type",
  },
  { code: "unexpected-token", text: "service S { rpc A(B)^; }", says: 'expected "returns"' },
  { code: "unexpected-token", text: "service S { rpc A(B) returns ^B; }", says: 'expected "(" after "returns"' },
  {
    code: "unexpected-token",
    text: "service S { rpc A(B) returns (stream B) ^}",
    says: 'expected ";" after the method',
  },
  {
    code: "unexpected-token",
    text: "service S { rpc A(B^, C) returns (B); }",
    says: 'expected ")"',
  },
  {
    code: "unexpected-token",
    text: "service S { rpc A(B) returns (B) { ^string a = 1; } }",
    says: 'expected "option" or "}"',
  },
  // option values
  { code: "unexpected-token", text: "option (a ^= 1;", says: 'expected ")"' },
  { code: "unexpected-token", text: "option (a) = ^[1, 2];", says: "expected a value" },
  { code: "unexpected-token", text: 'option (a) = -^"x";', says: 'expected a number after "-"' },
  { code: "unexpected-token", text: "option (a) = { b ^1 };", says: 'expected ":" after "b"' },
  { code: "unexpected-token", text: "option (a) = { b: [1 ^};", says: 'expected "]" after the list' },
  { code: "unexpected-token", text: "option (a) = { b: [^[1]] };", says: "expected a value" },
  { code: "unexpected-token", text: "option (a) = { b: 1 ^", says: 'expected "}" to end the option\'s value' },
];

/** The text without its mark, and where the mark was. */
function unmark(text: string): { readonly text: string; readonly line: number; readonly column: number } {
  const whole =
    /^\^?(syntax|edition) /.test(text) && !text.startsWith("^syntax") ? text : `syntax = "proto3";\n${text}`;
  const at = whole.indexOf("^");
  const lines = whole.slice(0, at).split("\n");
  return { text: whole.replace("^", ""), line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

for (const { code, text, says } of wrong) {
  test(`the parser refuses ${JSON.stringify(text)}`, () => {
    const { text: plain, line, column } = unmark(text);
    const [first] = parseFile("test.proto", plain).errors;
    assert.ok(first, "nothing was wrong");
    assert.deepEqual([first.code, first.line, first.column], [code, line, column], first.format());
    assert.ok(first.sentence.includes(says), first.sentence);
    assert.ok(first.message.startsWith(`test.proto:${line}:${column}: `));
  });
}

test("a file that states no syntax is said to be proto2", () => {
  const [error] = parseFile("test.proto", "message A {}").errors;
  assert.deepEqual([error?.code, error?.line, error?.column], ["unsupported-syntax", 1, 1]);
  assert.match(error?.hint ?? "", /syntax = "proto3";/);
});

test("a mistake is shown with its line, a caret and what to do", () => {
  const [error] = parseFile("dirs.proto", 'syntax = "proto3";\nmessage A {\n\tstring a = 1 }\n').errors;
  assert.equal(
    error?.format(),
    ['dirs.proto:3:15: expected ";" after the field, found "}"', " 3 | \tstring a = 1 }", "   | \t             ^"].join(
      "\n",
    ),
  );
  assert.equal(error?.found, '"}"');
  assert.equal(error?.expected, '";"');
  const [reserved] = parseFile("dirs.proto", 'syntax = "proto3";\nmessage A { reserved a; }').errors;
  assert.match(reserved?.format() ?? "", /\n {3}= write reserved "a";$/);
});

test("the parser goes on behind a mistake and finds the next ones", () => {
  const text = `syntax = "proto3";
message A {
  string a = ;
  message B { int32 = 5; string fine = 1; }
  string b 5;
}
enum E { A = ; B = 0; }
service S {
  rpc A(B) return (B);
  rpc B(B) returns (B) { string x; }
}
nonsense { { } ; }
message C { string fine = 1 }
`;
  assert.deepEqual(
    parseFile("test.proto", text).errors.map(({ line }) => line),
    [3, 4, 5, 7, 9, 10, 12, 13],
  );
});

test("nesting is bounded, and what is too deep is skipped in one piece", () => {
  const deep = (depth: number) => `syntax = "proto3"; ${"message A {".repeat(depth)}${"}".repeat(depth)} message B {}`;
  assert.deepEqual(parseFile("test.proto", deep(100)).errors, []);
  assert.deepEqual(
    parseFile("test.proto", deep(101)).errors.map(({ code }) => code),
    ["too-deep"],
  );
  assert.deepEqual(
    parseFile("test.proto", deep(100_000)).errors.map(({ code }) => code),
    ["too-deep"],
  );
  const value = `syntax = "proto3"; option (a) = ${"{a".repeat(100_000)}`;
  assert.deepEqual(
    parseFile("test.proto", value).errors.map(({ code }) => code),
    ["too-deep"],
  );
  const name = `syntax = "proto3"; package ${"a.".repeat(100_000)}a;`;
  assert.deepEqual(
    parseFile("test.proto", name).errors.map(({ code }) => code),
    ["too-deep"],
  );
});

test("size and the number of errors are bounded", () => {
  const [error] = parseFile("test.proto", "x".repeat(11), { maxFileChars: 10 }).errors;
  assert.equal(error?.code, "file-too-large");
  assert.equal(
    parseFile("test.proto", `syntax = "proto3";${"message {}".repeat(1000)}`, { maxErrors: 7 }).errors.length,
    7,
  );
});
