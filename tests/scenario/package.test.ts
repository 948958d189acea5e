// The package as a stranger gets it: packed, installed without a network into an empty strict project, compiled against, run.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readPrograms, root } from "../support/documents.ts";

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

const folder = mkdtempSync(join(tmpdir(), "farcall-package-"));
const project = join(folder, "project");
let packed: Packed;

after(() => rmSync(folder, { recursive: true }));

function run(command: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: "utf8" });
  assert.equal(status, 0, `${command} ${args.join(" ")}: ${error?.message ?? ""}\n${stdout}\n${stderr}`);
  return stdout;
}

before(() => {
  // Without its scripts: the build has been done, and other tests run on it.
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const answer: unknown = JSON.parse(run("npm", args, root));
  // npm 12 answers with a record by package name, those before it with a list.
  packed = Object.values(answer as object)[0] as Packed;
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "stranger", private: true, type: "module" }));
  run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(folder, packed.filename)], project);
});

test("the package holds what users need, and nothing else", (context) => {
  const strangers = packed.files
    .map(({ path }) => path)
    .filter((path) => !/^(dist|proto|third_party)\/|^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(path));
  assert.deepEqual(strangers, []);
  for (const path of [
    "proto/farcall/rpc.proto",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
    "dist/index.js",
    "dist/types/index.d.ts",
  ]) {
    assert.ok(
      packed.files.some((file) => file.path === path),
      `${path} is missing`,
    );
  }
  // Test data is nobody's but ours.
  assert.ok(!packed.files.some(({ path }) => /\.test\.|\.map$|hpack-stories/.test(path)));
  const kilobytes = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`;
  context.diagnostic(
    `${packed.files.length} files, ${kilobytes(packed.size)} packed, ${kilobytes(packed.unpackedSize)} installed`,
  );
});

test("installing brings no other package along", () => {
  const lock = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8")) as { packages: object };
  assert.deepEqual(Object.keys(lock.packages), ["", "node_modules/farcall"]);
});

/** The one subpath that needs another package, which its user has anyway. */
const telemetry = "./otel";

test("every subpath but the one for OpenTelemetry is found by TypeScript and by Node, in a strict project", () => {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { exports: object };
  const all = Object.keys(manifest.exports).filter((path) => !path.endsWith(".json"));
  const subpaths = all.filter((path) => path !== telemetry);
  assert.equal(subpaths.length, all.length - 1);
  const imports = subpaths.map((path, index) => `import * as _${index} from "${path.replace(/^\./, "farcall")}";`);
  const uses = subpaths.map((_, index) => `if (Object.keys(_${index}).length === 0) throw new Error("${index}");`);
  writeFileSync(join(project, "subpaths.ts"), [...imports, ...uses, ""].join("\n"));
  const [first] = readPrograms("README.md");
  assert.ok(first !== undefined && first.prints.length > 0);
  writeFileSync(join(project, "readme.ts"), first.text);
  const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    verbatimModuleSyntax: true,
    skipLibCheck: false,
    types: [],
    outDir: "out",
    rootDir: ".",
  };
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], project);
  run(process.execPath, ["out/subpaths.js"], project);
  assert.deepEqual(run(process.execPath, ["out/readme.js"], project).trimEnd().split("\n"), first.prints);
});

test("the command line runs from the installed package, and what it generates compiles and imports", () => {
  const cli = join(project, "node_modules/.bin/farcall");
  assert.match(run(cli, ["--help"], project), /usage: farcall COMMAND/);
  writeFileSync(
    join(project, "events.proto"),
    'syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "farcall/rpc.proto";' +
      "message Event { google.protobuf.Timestamp at = 1; } service Log { rpc Put(Event) returns (Event) {" +
      "option (farcall.rpc.method).default_timeout_ms = 70; } }",
  );
  run(cli, ["gen", "events.proto", "--out", "gen"], project);
  writeFileSync(
    join(project, "events.ts"),
    'import { Event, Log } from "./gen/events.js";\nconsole.log(Event.decode(Event.encode({ at: { seconds: 7 } })).at?.seconds);\n' +
      "console.log(Log.methods.put.defaultTimeoutMs, Log.descriptor?.file.dependencies[1]?.extensions?.[0]?.fullName);\n",
  );
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], project);
  assert.equal(run(process.execPath, ["out/events.js"], project), "7n\n70 farcall.rpc.method\n");
  // What the runtime carries is not written again.
  assert.deepEqual(readdirSync(join(project, "gen"), { recursive: true }).sort(), [
    "events.ts",
    "google",
    "google/protobuf",
    "google/protobuf/timestamp.ts",
  ]);
});

test("the subpath for OpenTelemetry names the package it lacks, and works when that is installed", () => {
  const program = join(project, "telemetry.ts");
  writeFileSync(
    program,
    'import { clientTelemetry, serverTelemetry } from "farcall/otel";\nconsole.log(typeof clientTelemetry(), typeof serverTelemetry());\n',
  );
  const script = 'await import("farcall/otel");';
  const lacking = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    cwd: project,
    encoding: "utf8",
  });
  assert.match(lacking.stderr, /Cannot find package '@opentelemetry\/api' imported from/);
  cpSync(join(root, "node_modules/@opentelemetry/api"), join(project, "node_modules/@opentelemetry/api"), {
    recursive: true,
  });
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", project], project);
  assert.equal(run(process.execPath, ["out/telemetry.js"], project), "function function\n");
});
