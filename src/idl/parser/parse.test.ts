// Parsing: how mistakes are shown, how the parser goes on behind them, and what bounds it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFile } from "./file.ts";

test("a file that states no syntax is proto2, with a warning", () => {
  const { syntax, errors, warnings } = parseFile("test.proto", "message A { required string a = 1; }");
  assert.deepEqual([syntax, errors.length], ["proto2", 0]);
  const [warning] = warnings;
  assert.deepEqual([warning?.code, warning?.line, warning?.column], ["unstated-syntax", 1, 1]);
  assert.match(warning?.hint ?? "", /syntax = "proto3";/);
});

test("of an edition that is not known the newest known one is named", () => {
  const [error] = parseFile("test.proto", 'edition = "2024";\nmessage A {}').errors;
  assert.deepEqual([error?.code, error?.line, error?.column], ["unsupported-syntax", 1, 11]);
  assert.match(error?.message ?? "", /the newest is "2023"/);
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
