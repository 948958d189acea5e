// What the package exports is what is committed under tests/surface: a change of the surface must show in review.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { describeModule, diffLines, readSurface } from "./support/surface.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const committed = join(root, "tests/surface");
const surface = readSurface(root);

for (const { name, fileName, text } of surface) {
  test(`${name} exports what is committed`, () => {
    const file = join(committed, fileName);
    const before = existsSync(file) ? readFileSync(file, "utf8") : "";
    const advice = "if the change is meant, run: node scripts/surface.mjs --update";
    assert.ok(before === text, `tests/surface/${fileName}\n${diffLines(before, text)}\n${advice}`);
  });
}

test("every committed surface belongs to a subpath", () => {
  const known = surface.map(({ fileName }) => fileName);
  assert.deepEqual(
    readdirSync(committed).filter((file) => !known.includes(file)),
    [],
  );
});

test("the surface follows exports to their declarations and leaves out comments and private members", () => {
  const folder = mkdtempSync(join(tmpdir(), "farcall-surface-"));
  try {
    writeFileSync(
      join(folder, "index.d.ts"),
      'import { Kept } from "./a.ts";\nexport { type Shape, make as create } from "./a.js";\nexport { Kept };\n',
    );
    writeFileSync(
      join(folder, "a.d.ts"),
      [
        "/** A shape. */",
        "export interface Shape {",
        "    /** Millimetres. */",
        "    readonly side: number;",
        "}",
        "export declare function make(): Shape;",
        "export declare function make(side: number): Shape;",
        "export declare class Kept {",
        "    #private;",
        "    area(): number;",
        "}",
      ].join("\n"),
    );
    assert.equal(
      describeModule(join(folder, "index.d.ts")),
      [
        "class Kept {",
        "    area(): number;",
        "}",
        "",
        "interface Shape {",
        "    readonly side: number;",
        "}",
        "",
        "create is function make(): Shape;",
        "create is function make(side: number): Shape;",
        "",
      ].join("\n"),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a difference names only the lines that changed", () => {
  assert.equal(diffLines("a\nb\nc\n", "a\nx\nc\nd\n"), "- b\n+ x\n+ d");
});
