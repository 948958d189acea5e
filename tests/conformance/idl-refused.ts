// Wrong `.proto` files in tables: each row has its text with a mark (^) where the mistake is to be said, and what is to be said.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { linkFiles, type SourceErrorCode } from "farcall/idl";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { judgeTexts } from "../support/protoc/protoc.ts";

const python = findPeer("python");

/** One wrong file. */
export interface Refused {
  readonly code: SourceErrorCode;
  /** Follows the line `syntax = "proto3";`, unless it states a syntax of its own. */
  readonly text: string;
  /** A part of the sentence. */
  readonly says: string;
  /** Other files by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What protoc is laxer about. */
  readonly protoc?: "accepts";
}

/** Texts by path, and protobuf's own files. */
export function resolveFrom(texts: Readonly<Record<string, string>>): (path: string) => string | undefined {
  return (path) => {
    if (Object.hasOwn(texts, path)) return texts[path];
    if (!path.startsWith("google/")) return undefined;
    return readFileSync(new URL(`../../../third_party/protobuf/${path}`, import.meta.url), "utf8");
  };
}

/** The text without its mark, and where the mark was. */
export function unmark(
  text: string,
  head: string,
): { readonly text: string; readonly line: number; readonly column: number } {
  const whole = /^\^?syntax = "proto2"|^\^?edition|^syntax/.test(text) ? text : `${head}\n${text}`;
  const at = whole.indexOf("^");
  const lines = whole.slice(0, at).split("\n");
  return { text: whole.replace("^", ""), line: lines.length, column: (lines.at(-1) as string).length + 1 };
}

/** A test a row: the first mistake found is the row's. And one more for all: protoc refuses them too. */
export function testRefused(rows: readonly Refused[], head = 'syntax = "proto3";'): void {
  for (const row of rows) {
    const { code, text, says, files = {} } = row;
    test(`${JSON.stringify(text)} is refused`, () => {
      const { text: plain, line, column } = unmark(text, head);
      const { errors, files: linked } = linkFiles(["test.proto"], resolveFrom({ "test.proto": plain, ...files }));
      const [first] = errors;
      assert.ok(first, "nothing was wrong");
      assert.deepEqual(
        [first.code, first.file, first.line, first.column],
        [code, "test.proto", line, column],
        first.format(),
      );
      assert.ok(first.sentence.includes(says), first.sentence);
      assert.equal(first.message, `test.proto:${line}:${column}: ${first.sentence}`);
      assert.deepEqual(linked, []);
    });
  }

  test("protoc refuses these files too", async (t) => {
    if (!needsPeer(python, t)) return;
    const judged = rows.filter(({ protoc }) => protoc !== "accepts");
    const sets = judged.map(({ text, files = {} }) => ({ "test.proto": unmark(text, head).text, ...files }));
    const verdicts = await judgeTexts(python, sets);
    const accepted = judged.filter((_, index) => verdicts[index]?.accepted === true).map(({ text }) => text);
    assert.deepEqual(accepted, []);
  });
}
