// What comes from outside is read in time that grows with its length: sixteen times the input may take sixteen times as long, and
// some more for noise, but not sixteen times sixteen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { HpackDecoder } from "farcall/http2";
import { linkFiles } from "farcall/idl";
import { MarshalError } from "farcall/marshal";
import { Known } from "../support/marshal/json-types.ts";
import { Everything } from "../support/marshal/kinds.ts";

const growth = 16;
/** A quadratic reader would take 256 times as long. */
const maxRatio = 100;

interface Row {
  readonly title: string;
  /** How many parts the short input has. */
  readonly parts: number;
  /** Makes an input of so many parts, and returns what reads it. */
  readonly prepare: (parts: number) => () => void;
}

function reading(input: string | Uint8Array, read: (input: never) => void): () => void {
  return () => {
    try {
      read(input as never);
    } catch (error) {
      assert.ok(error instanceof MarshalError, String(error));
    }
  };
}

const link = (text: string) => void linkFiles(["a.proto"], () => text);
const proto = (text: string) => reading(`syntax = "proto3"; ${text}`, link);
const bytes = (hex: string, parts: number) =>
  reading(Buffer.from(hex.repeat(parts), "hex"), (input) => Everything.decode(input));
const json = (text: string) => reading(text, (input) => Known.fromJsonString(input));

const rows: readonly Row[] = [
  {
    title: ".proto: messages",
    parts: 500,
    prepare: (n) =>
      proto(
        names(n)
          .map((name) => `message ${name} {}`)
          .join(" "),
      ),
  },
  {
    title: ".proto: fields",
    parts: 500,
    prepare: (n) =>
      proto(
        `message M { ${names(n)
          .map((name, at) => `int32 ${name} = ${at + 1};`)
          .join(" ")} }`,
      ),
  },
  { title: ".proto: lines with errors", parts: 2000, prepare: (n) => proto("?\n".repeat(n)) },
  { title: ".proto: open comments", parts: 5000, prepare: (n) => proto("/* ".repeat(n)) },
  {
    title: ".proto: enum values",
    parts: 500,
    prepare: (n) =>
      proto(
        `enum E { ${names(n)
          .map((name, at) => `${name} = ${at};`)
          .join(" ")} }`,
      ),
  },
  { title: ".proto: comments", parts: 3000, prepare: (n) => proto(`${"// a\n\n".repeat(n)} message M {}`) },
  { title: "protobuf: list elements", parts: 3000, prepare: (n) => bytes("a80101b20100c20100", n) },
  { title: "protobuf: a oneof again and again", parts: 3000, prepare: (n) => bytes("d20202100ac20200", n) },
  { title: "protobuf: unknown fields", parts: 3000, prepare: (n) => bytes("d83e01", n) },
  { title: "protobuf: map entries of one key", parts: 3000, prepare: (n) => bytes("f20103100a05", n) },
  { title: "JSON: an array", parts: 3000, prepare: (n) => json(`{"list":[${"1,".repeat(n)}1]}`) },
  {
    title: "JSON: an object",
    parts: 3000,
    prepare: (n) =>
      json(
        `{"struct":{${names(n)
          .map((name) => `"${name}":1`)
          .join(",\n")}}}`,
      ),
  },
  { title: "JSON: a string of backslashes", parts: 5000, prepare: (n) => json(`{"string":"${"\\\\".repeat(n)}"}`) },
  { title: "JSON: a string of escaped quotes", parts: 5000, prepare: (n) => json(`{"string":"${'\\"'.repeat(n)}"}`) },
  {
    title: "JSON: backslashes and quotes that do not end",
    parts: 5000,
    prepare: (n) => json(`{"string":"${"\\".repeat(2 * n + 1)}"`),
  },
  {
    title: "HPACK: fields",
    parts: 100,
    prepare: (n) => reading(Buffer.from("0001610162be".repeat(n), "hex"), decodeBlock),
  },
];

function decodeBlock(block: Uint8Array): void {
  new HpackDecoder({ limits: { maxListBytes: 1 << 24, maxFields: 1 << 20 } }).decode(block, 0, block.length, {
    onField() {},
  });
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `N${index}`);
}

/** The shortest of some runs, in milliseconds: what other programs take of the machine is not counted. */
function shortest(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 5; turn++) {
    const startedAt = performance.now();
    run();
    best = Math.min(best, performance.now() - startedAt);
  }
  return best;
}

for (const { title, parts, prepare } of rows) {
  test(`${title}: the time to read grows with the length`, () => {
    const short = shortest(prepare(parts));
    const long = shortest(prepare(parts * growth));
    assert.ok(
      long <= Math.max(0.2, short) * maxRatio,
      `${parts} parts took ${short} ms, ${growth} times as many ${long} ms`,
    );
  });
}
