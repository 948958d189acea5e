// The command line as users run it: dist/cli.js in a folder of its own.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { describeReadFailure } from "./file-tree.ts";
import { describeWriteFailure } from "./write-files.ts";

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

interface Run {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** A folder with `files` in it, and a way to run `farcall` there. */
function prepare(context: TestContext, files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "farcall-cli-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const farcall = (...args: string[]): Run => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd: folder, encoding: "utf8" });
    return { status, out: stdout, err: stderr };
  };
  return { folder, farcall };
}

const directories = `syntax = "proto3";
message MakeDirArgs { string path = 1; }
message ListDirArgs { string path = 1; }
message DirectoryEntry { string name = 1; bool is_directory = 2; }
message DirectoryList { repeated DirectoryEntry entries = 1; }
message Empty {}
service Directories {
  rpc MakeDirectory(MakeDirArgs) returns (Empty) {}
  rpc ListDirectory(ListDirArgs) returns (DirectoryList) {}
}
`;

test("--help and --version print and succeed", (context) => {
  const { farcall } = prepare(context);
  const help = farcall("--help");
  assert.deepEqual([help.status, help.err], [0, ""]);
  assert.match(help.out, /^ {2}gen +generate TypeScript/m);
  assert.deepEqual(farcall("help"), help);
  assert.match(farcall("gen", "--help").out, /usage: farcall gen FILE\.\.\. --out DIR/);
  assert.deepEqual(farcall("help", "gen"), farcall("gen", "-h"));
  const version = farcall("--version");
  const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  assert.deepEqual(version, { status: 0, out: `${manifest.version}\n`, err: "" });
});

test("a misused command says how and exits with 2", (context) => {
  const { farcall } = prepare(context);
  const misuses: readonly (readonly [args: readonly string[], says: string])[] = [
    [[], "usage: farcall COMMAND"],
    [["generate"], "farcall: unknown command generate"],
    [["gne"], "did you mean gen?"],
    [["--versoin"], "farcall: unknown option --versoin; did you mean --version?"],
    [["gen", "a.proto", "--uot", "x"], "farcall gen: unknown option --uot; did you mean --out?"],
    [["gen"], "farcall gen: name at least one .proto file"],
    [["gen", "a.proto"], "farcall gen: say where to write: --out DIR"],
    [["gen", "a.proto", "--out"], "farcall gen: --out needs a value"],
    [["gen", "a.proto", "--out", "x", "--check=yes"], "farcall gen: --check takes no value"],
    [["gen", "a.proto", "--out", "x", "--import-extension", "mjs"], "--import-extension is js or ts, not mjs"],
  ];
  for (const [args, says] of misuses) {
    const { status, out, err } = farcall(...args);
    assert.deepEqual([status, out], [2, ""], args.join(" "));
    assert.ok(err.includes(says), err);
  }
});

test("gen writes a module a file, and again only what changed", (context) => {
  const { folder, farcall } = prepare(context, { "directories.proto": directories });
  const first = farcall("gen", "directories.proto", "--out", "src/gen");
  assert.deepEqual(first, { status: 0, out: "src/gen/directories.ts written\n", err: "" });
  const module = join(folder, "src/gen/directories.ts");
  assert.match(readFileSync(module, "utf8"), /Directories_makeDirectory/);
  const writtenAt = statSync(module).mtimeMs;
  const second = farcall("gen", "directories.proto", "--out", "src/gen");
  assert.deepEqual(second, { status: 0, out: "src/gen/directories.ts unchanged\n", err: "" });
  assert.equal(statSync(module).mtimeMs, writtenAt);
});

test("gen finds imports in the folders of --proto-path and protobuf's own", (context) => {
  const { folder, farcall } = prepare(context, {
    "protos/a.proto":
      'syntax = "proto3"; import "shared/b.proto"; import "google/protobuf/timestamp.proto"; message A { B b = 1; google.protobuf.Timestamp t = 2; }',
    "common/shared/b.proto": 'syntax = "proto3"; message B {}',
  });
  const { status, out, err } = farcall("gen", "protos/a.proto", "-I", "protos", "--proto-path=common", "-o", "gen");
  assert.deepEqual([status, err], [0, ""]);
  assert.deepEqual(out.trim().split("\n").sort(), [
    "gen/a.ts written",
    "gen/google/protobuf/timestamp.ts written",
    "gen/shared/b.ts written",
  ]);
  assert.ok(existsSync(join(folder, "gen/shared/b.ts")));
});

test("imports end in .ts on demand", (context) => {
  const { folder, farcall } = prepare(context, {
    "a.proto": 'syntax = "proto3"; import "b.proto"; message A { B b = 1; }',
    "b.proto": 'syntax = "proto3"; message B {}',
  });
  assert.equal(farcall("gen", "a.proto", "--out", "gen", "--import-extension", "ts").status, 0);
  assert.match(readFileSync(join(folder, "gen/a.ts"), "utf8"), /from "\.\/b\.ts"/);
});

test("a wrong file is shown with its place on the disk, and nothing is written", (context) => {
  const { folder, farcall } = prepare(context, {
    "protos/a.proto": 'syntax = "proto3";\nmessage A {\n  Nothing a = 1;\n  string b = 1\n}\n',
    "protos/c.proto": 'syntax = "proto3";\nmessage C { D d = 1; }\n',
  });
  const syntax = farcall("gen", "protos/a.proto", "--proto-path", "protos", "--out", "gen");
  assert.deepEqual([syntax.status, syntax.out], [1, ""]);
  assert.equal(
    syntax.err,
    [
      'protos/a.proto:4:15: error: expected ";" after the field, found "}"',
      " 4 |   string b = 1",
      "   |               ^",
      "1 error: nothing was written\n",
    ].join("\n"),
  );
  assert.match(
    farcall("gen", "protos/c.proto", "--out", "gen").err,
    /^protos\/c\.proto:2:13: error: "D" is not declared$/m,
  );
  assert.equal(existsSync(join(folder, "gen")), false);
});

test("an import that is missing is looked for nearby", (context) => {
  const { farcall } = prepare(context, {
    "protos/a.proto": 'syntax = "proto3";\nimport "b.proto";\n',
    "protos/b.proto": 'syntax = "proto3";\n',
  });
  const { status, err } = farcall("gen", "protos/a.proto", "--out", "gen");
  assert.equal(status, 1);
  assert.match(err, /^protos\/a\.proto:2:8: error: "b\.proto" was not found$/m);
  assert.match(err, /^it would be found with --proto-path protos$/m);
});

test("a warning is printed and does not fail", (context) => {
  const { farcall } = prepare(context, {
    "a.proto": 'syntax = "proto3";\nimport "b.proto";\n',
    "b.proto": 'syntax = "proto3";\n',
  });
  const { status, err } = farcall("gen", "a.proto", "--out", "gen");
  assert.equal(status, 0);
  assert.match(err, /^a\.proto:2:8: warning: import "b\.proto" is not used$/m);
});

test("paths that cannot be used are named with what to do", (context) => {
  const { folder, farcall } = prepare(context, {
    "good/a.proto": 'syntax = "proto3";',
    "bad/a.proto": 'syntax = "proto3";',
    file: "",
  });
  writeFileSync(join(folder, "latin.proto"), Uint8Array.of(0x2f, 0x2f, 0xe9));
  mkdirSync(join(folder, "taken/good/a.ts"), { recursive: true });
  const failures: readonly (readonly [args: readonly string[], says: string])[] = [
    [["no.proto", "--out", "gen"], "no.proto: there is no such file"],
    [["good", "--out", "gen"], "good is a folder: name the .proto files in it"],
    [["latin.proto", "--out", "gen"], "latin.proto is not UTF-8 text"],
    [["good/a.proto", "--out", "gen", "-I", "nowhere"], "--proto-path nowhere: there is no such folder"],
    [["good/a.proto", "--out", "gen", "-I", "file"], "--proto-path file: it is not a folder"],
    [["good/a.proto", "--out", "gen", "-I", "bad"], "good/a.proto lies in none of the folders of --proto-path (bad)"],
    [["good/a.proto", "--out", "gen", "-I", "bad", "-I", "good"], "bad/a.proto comes first"],
    [["good/a.proto", "--out", "file"], "a part of its path is a file, not a folder"],
    [["good/a.proto", "--out", "taken"], "taken/good/a.ts cannot be written: it is a folder"],
  ];
  for (const [args, says] of failures) {
    const { status, out, err } = farcall("gen", ...args);
    assert.deepEqual([status, out], [1, ""], args.join(" "));
    assert.ok(err.includes(says), err);
    assert.equal(err.includes("    at "), false, err);
  }
});

test("what the system refuses is said with what to do", () => {
  const failed = (code: string) => Object.assign(new Error(`${code}: no`), { code });
  const read = (code: string) => describeReadFailure("a.proto", failed(code));
  assert.match(read("EACCES"), /^a\.proto cannot be read: you lack the permission .*chmod \+r a\.proto/);
  assert.equal(read("EIO"), "a.proto cannot be read: EIO: no");
  const write = (code: string) => describeWriteFailure("gen/a.ts", "gen", failed(code));
  assert.match(write("EACCES"), /^gen\/a\.ts cannot be written: you lack the permission \(make gen writable/);
  assert.match(write("EROFS"), /the file system is read-only/);
  assert.match(write("ENOSPC"), /the disk is full/);
  assert.equal(write("EIO"), "gen/a.ts cannot be written: EIO: no");
});

test("--check writes nothing and fails until all is up to date", (context) => {
  const { folder, farcall } = prepare(context, { "a.proto": 'syntax = "proto3"; message A {}' });
  const stale = farcall("gen", "a.proto", "--out", "gen", "--check");
  assert.deepEqual([stale.status, stale.out], [1, ""]);
  assert.equal(stale.err, "gen/a.ts is out of date: run farcall gen without --check\n");
  assert.equal(existsSync(join(folder, "gen")), false);
  farcall("gen", "a.proto", "--out", "gen");
  assert.equal(farcall("gen", "a.proto", "--out", "gen", "--check").status, 0);
  writeFileSync(join(folder, "a.proto"), 'syntax = "proto3"; message B {}');
  assert.equal(farcall("gen", "a.proto", "--out", "gen", "--check").status, 1);
});

test("--json prints one value with files, errors and warnings", (context) => {
  const { farcall } = prepare(context, {
    "a.proto": 'syntax = "proto3"; message A {}',
    "b.proto": 'syntax = "proto3";\nmessage B { C c = 1; }',
  });
  const good = farcall("gen", "a.proto", "--out", "gen", "--json");
  assert.equal(good.status, 0);
  assert.deepEqual(JSON.parse(good.out), {
    files: [{ path: "gen/a.ts", status: "written" }],
    errors: [],
    warnings: [],
  });
  const bad = farcall("gen", "b.proto", "--out", "gen", "--json");
  assert.deepEqual([bad.status, bad.err], [1, ""]);
  const { files, errors } = JSON.parse(bad.out) as { files: unknown[]; errors: Record<string, unknown>[] };
  assert.deepEqual(files, []);
  assert.deepEqual(
    errors.map(({ code, file, line, column }) => [code, file, line, column]),
    [["unknown-type", "b.proto", 2, 13]],
  );
});

test("a file outside of the current folder is its own folder's", (context) => {
  const { folder } = prepare(context, {
    "a.proto": 'syntax = "proto3"; import "b.proto"; message A { B b = 1; }',
    "b.proto": 'syntax = "proto3"; message B {}',
  });
  mkdirSync(join(folder, "elsewhere"));
  const { status, stdout } = spawnSync(process.execPath, [cli, "gen", "../a.proto", "--out", "gen"], {
    cwd: join(folder, "elsewhere"),
    encoding: "utf8",
  });
  assert.equal(status, 0);
  assert.deepEqual(stdout.trim().split("\n"), ["gen/b.ts written", "gen/a.ts written"]);
});

test("nothing is coloured where no terminal is", (context) => {
  const { farcall } = prepare(context, { "a.proto": "x" });
  assert.equal(farcall("gen", "a.proto", "--out", "gen").err.includes("\u001b"), false);
});

test("--int64 says how 64-bit integers are seen, and what it does not know is misuse", (context) => {
  const { folder, farcall } = prepare(context, { "a.proto": 'syntax = "proto3"; message A { int64 n = 1; }' });
  assert.equal(farcall("gen", "a.proto", "--out", "gen", "--int64", "number").status, 0);
  assert.match(readFileSync(join(folder, "gen/a.ts"), "utf8"), /^ {2}n: number;$/m);
  const misused = farcall("gen", "a.proto", "--out", "gen", "--int64", "float");
  assert.deepEqual([misused.status, /--int64 is bigint, string or number, not float/.test(misused.err)], [2, true]);
});
