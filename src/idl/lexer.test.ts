// The lexer: its tokens, and that no text makes it throw or lose its place.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tokenize } from "./lexer.ts";
import { parseFile } from "./parser/file.ts";
import { Source } from "./source.ts";
import { Problems } from "./source-error.ts";

function lex(text: string) {
  const problems = new Problems(100);
  return { tokens: tokenize(new Source("test.proto", text), problems), problems: problems.errors };
}

test("a text becomes names, numbers, strings and symbols", () => {
  const { tokens, problems } = lex(`_a9 0 12 0x1F 017 1.5 .5 1. 1e9 1.5E-3 "a\\"b" 'c"' {};<>`);
  assert.deepEqual(problems, []);
  assert.deepEqual(
    tokens.map(({ kind, text }) => `${kind} ${text}`),
    [
      ..."name _a9,integer 0,integer 12,integer 0x1F,integer 017,float 1.5,float .5,float 1.,float 1e9".split(","),
      ...`float 1.5E-3,string "a\\"b",string 'c"',symbol {,symbol },symbol ;,symbol <,symbol >,end `.split(","),
    ],
  );
});

test("tokens know where they stand and whether a comment stands before them", () => {
  const { tokens } = lex("\ufeffa // one\n b/* two */ c");
  assert.deepEqual(
    tokens.map(({ start, end, commented }) => [start, end, commented]),
    [
      [1, 2, false],
      [11, 12, true],
      [22, 23, true],
      [23, 23, false],
    ],
  );
});

test("a run of strange characters is one mistake", () => {
  assert.equal(lex("a ééé b").problems.length, 1);
  assert.equal(lex("\u0000\u0001\u0002").problems.length, 1);
});

const pieces = fc.array(
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("/*", "*/", "//", "\n", '"', "'", "\\", "0x", "1e", ".", "message A {", "}", "option (a) = {", "["),
    fc.constantFrom(
      "syntax = 'proto3';",
      "oneof o {",
      "rpc",
      "map<",
      "reserved 1 to",
      "extend A {",
      ";",
      "enum",
      "\ud800",
    ),
  ),
  { maxLength: 30 },
);

test("no text makes the lexer throw, and its tokens cover the text in order", () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join("");
      const { tokens, problems } = lex(text);
      let end = 0;
      for (const token of tokens) {
        assert.ok(token.start >= end && token.end >= token.start);
        assert.equal(token.text, text.slice(token.start, token.end));
        end = token.end;
      }
      assert.equal(end, text.length);
      for (const problem of problems) assert.equal(problem.file, "test.proto");
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("no text makes the parser throw, and each mistake has a place in the text", () => {
  fc.assert(
    fc.property(pieces, (parts) => {
      const text = parts.join("");
      const lines = text.split("\n");
      for (const { line, column, sourceLine } of parseFile("test.proto", text).errors) {
        assert.ok(line >= 1 && line <= lines.length);
        assert.equal(sourceLine, lines[line - 1]?.replace(/\r$/, ""));
        assert.ok(column >= 1 && column <= (lines[line - 1] as string).length + 1);
      }
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("a file cut at any character is refused, but between its statements", () => {
  const statements = [
    'syntax = "proto3";',
    " package a;",
    ' message A { string a = 1 [(b) = { c: "d" }]; }',
    " enum E { Z = 0; }",
  ];
  const text = statements.join("");
  const whole = new Set<string>();
  for (let index = 1; index <= statements.length; index++) whole.add(statements.slice(0, index).join("").trim());
  for (let end = 1; end <= text.length; end++) {
    const cut = text.slice(0, end);
    assert.equal(parseFile("test.proto", cut).errors.length === 0, whole.has(cut.trim()), cut);
  }
});
