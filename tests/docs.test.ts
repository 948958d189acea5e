// Every piece of TypeScript in the documents compiles and does what it says, and everything they point to is there.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { certs } from "./support/certs/certs.ts";
import {
  type DocumentProgram,
  listDocuments,
  readDocument,
  readPrograms,
  readReferences,
  root,
} from "./support/documents.ts";

const run = promisify(execFile);
const folder = join(root, "build/documents");
const programs = listDocuments().flatMap((document) => readPrograms(document));

function fileOf({ document, number }: DocumentProgram): string {
  return `${document.replaceAll("/", "-").replace(".md", "").toLowerCase()}-${number}`;
}

/** The files that docs/tls.md reads. */
function writeCertificates(): void {
  const certificates = join(root, "build/certs");
  mkdirSync(certificates, { recursive: true });
  const { authority: ca, server, renewed, client } = certs;
  for (const [name, { cert, key }] of Object.entries({ ca, server, renewed, client })) {
    writeFileSync(join(certificates, `${name}.crt`), cert);
    writeFileSync(join(certificates, `${name}.key`), key);
  }
}

test("the TypeScript in the documents compiles under the strictest settings", () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeCertificates();
  for (const program of programs) writeFileSync(join(folder, `${fileOf(program)}.ts`), `${program.text}\nexport {};\n`);
  const compilerOptions = { rootDir: ".", outDir: "out", declaration: false, noUnusedLocals: false };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: "../../tsconfig.json", compilerOptions, include: ["*.ts"] }),
  );
  const tsc = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { encoding: "utf8" });
  assert.equal(stdout, "");
});

for (const program of programs.filter(({ isRun }) => isRun)) {
  test(`${program.document}, program ${program.number} prints what its comments say`, async () => {
    const { stdout, stderr } = await run(process.execPath, [join(folder, "out", `${fileOf(program)}.js`)], {
      cwd: root,
      timeout: 20_000,
    });
    assert.equal(stderr, "");
    assert.deepEqual(stdout.split("\n").slice(0, -1), program.prints);
  });
}

test("what the documents point to exists", () => {
  for (const document of listDocuments()) {
    for (const path of readReferences(document)) {
      assert.ok(existsSync(join(root, path)), `${document} points to ${path}`);
    }
  }
});

for (const picture of ["one-call", "layers", "guide"]) {
  test(`what scripts/draw-${picture}.mjs draws is what is so today`, () => {
    const script = join(root, `scripts/draw-${picture}.mjs`);
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
}

for (const page of ["errors", "limits"]) {
  test(`docs/${page}.md is what the code says today`, () => {
    const script = join(root, `scripts/${page}.mjs`);
    const { status, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  });
}

test("every page of docs/ is reached from the README or from another page", () => {
  const reached = new Set(listDocuments().flatMap((document) => readReferences(document)));
  for (const document of listDocuments()) {
    if (document.startsWith("docs/")) assert.ok(reached.has(document), `nothing leads to ${document}`);
  }
});

test("the npm scripts that the documents name exist", async () => {
  const { scripts } = JSON.parse(readDocument("package.json")) as { scripts: Record<string, string> };
  for (const document of listDocuments()) {
    for (const [, name] of readDocument(document).matchAll(/npm run ([a-z0-9:-]+)/g)) {
      assert.ok(name !== undefined && Object.hasOwn(scripts, name), `${document}: npm run ${name}`);
    }
  }
});
