// The program that moved: written for three toolkits, it does the same, and the pages that compare them count right.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { generateFiles, linkFiles } from "farcall/idl";
import { readDocument, root } from "../support/documents.ts";

const programs = fileURLToPath(new URL("../../examples/moving", import.meta.url));
const sources = join(root, "examples/moving");

const transcript = `receipt 1
INVALID_ARGUMENT: 99 degrees is no weather
UNAUTHENTICATED: who are you?
1000 readings, 9.5 degrees on average
SKY_CLEAR 10, SKY_CLOUDS 11, SKY_RAIN 12
stopped
`;

for (const toolkit of ["grpc-js", "connect", "farcall"]) {
  test(`the weather program written for ${toolkit} does what the others do`, async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [join(programs, `with-${toolkit}.js`)]);
    assert.equal(stderr, "");
    assert.equal(stdout, transcript);
  });
}

/** Lines that are neither empty nor comments. */
function countLines(toolkit: string): number {
  const lines = readFileSync(join(sources, `with-${toolkit}.ts`), "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "" && !line.trim().startsWith("//")).length;
}

for (const [page, toolkit] of [
  ["docs/guide/from-grpc-js.md", "grpc-js"],
  ["docs/guide/from-connect.md", "connect"],
] as const) {
  test(`${page} counts the lines of both programs right`, () => {
    const text = readDocument(page);
    assert.ok(text.includes(`${countLines(toolkit)} lines`), `${toolkit} has ${countLines(toolkit)} lines`);
    assert.ok(text.includes(`${countLines("farcall")} lines`), `farcall has ${countLines("farcall")} lines`);
  });
}

test("the generated module of the weather contract is what the generator makes of it today", () => {
  const { files } = linkFiles(["weather.proto"], () => readFileSync(join(sources, "weather.proto"), "utf8"));
  const [module] = generateFiles(files, { importExtension: "ts" });
  assert.equal(readFileSync(join(sources, "gen/weather.ts"), "utf8"), module?.text);
});
