// `farcall compat` as users run it: files, folders, descriptor sets and revisions of git, in a folder of its own.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { FileDescriptor } from "../idl/descriptor.ts";
import { linkFiles } from "../idl/linker/link.ts";
import { encodeFileDescriptor, encodeFileDescriptorSet } from "../marshal/descriptor-set/index.ts";

const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

type Texts = Readonly<Record<string, string | Uint8Array>>;

/** A folder with `files` in it, and a way to run `farcall compat` there. */
function prepare(context: TestContext, files: Texts) {
  const folder = mkdtempSync(join(tmpdir(), "farcall-compat-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (texts: Texts) => {
    for (const [name, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
  };
  write(files);
  const compatIn = (cwd: string, ...args: string[]) => {
    const run = spawnSync(process.execPath, [cli, "compat", ...args], { cwd: join(folder, cwd), encoding: "utf8" });
    return { status: run.status, out: run.stdout, err: run.stderr };
  };
  return { folder, write, compatIn, compat: (...args: string[]) => compatIn(".", ...args) };
}

/** A repository with one commit of what is in the folder. Nothing of the user's own configuration of git counts. */
function commitAll(folder: string): void {
  const env = { PATH: process.env["PATH"] ?? "", GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder, env, stdio: "pipe" });
  git("init", "--quiet");
  git("add", "--all");
  git("-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "--quiet", "--message", "A contract");
  git("tag", "v1");
}

const shop = `syntax = "proto3";
package shop;
message Item {
  string name = 1;
  int64 price = 2;
}
`;
const changed = shop.replace("string name = 1", "bytes name = 1").replace("  int64 price = 2;\n", "");

test("each finding has both places, what changed, and what to do instead", (context) => {
  const { compat } = prepare(context, { "old/shop.proto": shop, "new/shop.proto": changed });
  const { status, out, err } = compat("old", "new");
  assert.equal(status, 1);
  assert.equal(
    out,
    `new/shop.proto:3:9: field-removed: shop.Item.price (field 2) is gone
  before: old/shop.proto:5:9
  programs that read or set price no longer build: keep it, marked deprecated, until nobody does
new/shop.proto:4:9: field-type-changed: shop.Item.name (field 1) was string and is bytes
  before: old/shop.proto:4:10
  bytes still fit, but JSON of old programs is not read, and programs no longer build: leave the type, and add a new field for the new one
`,
  );
  assert.equal(err, "2 things break at level source\n");
});

test("a level asks for less, and 0 says that nothing breaks", (context) => {
  const { compat } = prepare(context, { "old/shop.proto": shop, "new/shop.proto": changed });
  const wire = compat("old", "new", "--level", "wire");
  assert.match(wire.out, /^new\/shop\.proto:3:9: field-number-not-reserved: .*\n.*\n.*write "reserved 2;"\n$/);
  assert.equal(wire.status, 1);
  assert.deepEqual(compat("old", "old", "--level", "wire"), {
    status: 0,
    out: "nothing breaks at level wire\n",
    err: "",
  });
});

test("--json prints one value with our rules and buf's", (context) => {
  const { compat } = prepare(context, { "old/shop.proto": shop, "new/shop.proto": changed });
  const { status, out, err } = compat("old", "new", "--json", "--ignore", "field-removed");
  assert.deepEqual([status, err], [1, ""]);
  assert.deepEqual(JSON.parse(out), {
    level: "source",
    findings: [
      {
        rule: "field-type-changed",
        bufRule: "FIELD_SAME_TYPE",
        file: "shop.proto",
        subject: "shop.Item.name",
        change: "shop.Item.name (field 1) was string and is bytes",
        advice:
          "bytes still fit, but JSON of old programs is not read, and programs no longer build: leave the type, and add a new field for the new one",
        old: { file: "old/shop.proto", line: 4, column: 10 },
        new: { file: "new/shop.proto", line: 4, column: 9 },
      },
    ],
    ignored: 1,
  });
});

test("--ignore accepts a rule or a declaration, and says when it accepts nothing", (context) => {
  const { compat } = prepare(context, { "old/shop.proto": shop, "new/shop.proto": changed });
  const all = compat("old", "new", "--ignore", "field-removed:shop.Item.price", "--ignore", "field-type-changed:shop");
  assert.deepEqual(all, { status: 0, out: "nothing breaks at level source, 2 ignored\n", err: "" });
  const stale = compat("old", "new", "--ignore", "field-removed:shop.Ite", "--ignore", "field-type-changed");
  assert.equal(stale.status, 1);
  assert.match(stale.err, /^--ignore field-removed:shop\.Ite accepts nothing that was found: leave it away$/m);
});

test("two files are one contract whatever they are called, with what they import", (context) => {
  const { compat } = prepare(context, {
    "v1.proto": 'syntax = "proto3"; import "common.proto"; message A { Common c = 1; }',
    "v2.proto": 'syntax = "proto3"; import "common.proto"; message A { Common c = 2; reserved 1; }',
    "common.proto": 'syntax = "proto3"; message Common { string id = 1; }',
    "next/v2.proto": 'syntax = "proto3"; import "common.proto"; message A { Common c = 1; }',
    "next/common.proto": 'syntax = "proto3"; message Common { int32 id = 1; }',
  });
  assert.match(compat("v1.proto", "v2.proto").out, /^v2\.proto:1:\d+: field-removed: A\.c/);
  assert.equal(compat("v1.proto", "v1.proto").status, 0);
  assert.match(
    compat("v1.proto", "next/v2.proto", "--level", "wire").out,
    /^next\/common\.proto:1:\d+: field-type-changed/,
  );
});

test("-I says what the paths of files are relative to, on both sides", (context) => {
  const { compat } = prepare(context, {
    "old/shop/a.proto": 'syntax = "proto3"; import "shop/b.proto"; message A { B b = 1; }',
    "old/shop/b.proto": 'syntax = "proto3"; message B { int32 n = 1; }',
    "new/shop/a.proto": 'syntax = "proto3"; import "shop/b.proto"; message A { B b = 1; }',
    "new/shop/b.proto": 'syntax = "proto3"; message B { string n = 1; }',
  });
  const without = compat("old/shop/a.proto", "new/shop/a.proto");
  assert.equal(without.status, 2);
  assert.match(without.err, /"shop\/b\.proto" was not found[\s\S]*it would be found with --proto-path old/);
  const { status, out } = compat("old/shop/a.proto", "new/shop/a.proto", "-I", "old", "-I", "new");
  assert.equal(status, 1);
  assert.match(out, /^new\/shop\/b\.proto:1:\d+: field-type-changed.*\n {2}before: old\/shop\/b\.proto:1/);
});

test("a descriptor set is a contract without lines", (context) => {
  const set = (text: string) => encodeFileDescriptorSet(linkFiles(["shop.proto"], () => text).files);
  const { compat } = prepare(context, {
    "old.binpb": set(shop),
    "new.pb": set(changed),
    "new/shop.proto": changed,
    "moved/api/shop.proto": shop,
  });
  assert.match(
    compat("old.binpb", "new.pb", "--level", "wire").out,
    /^new\.pb: field-number-not-reserved: shop\.Item\.price \(field 2\) is gone\n {2}before: old\.binpb\n/,
  );
  assert.match(compat("old.binpb", "new").out, /^new\/shop\.proto:3:9: field-removed: .*\n {2}before: old\.binpb\n/);
  const moved = compat("old.binpb", "moved");
  assert.equal(moved.status, 2);
  assert.match(
    moved.err,
    /no file has the same path in both: old\.binpb has shop\.proto, moved has api\/shop\.proto \(say with -I/,
  );
  assert.equal(compat("old.binpb", "moved", "-I", "moved/api").status, 2);
  assert.equal(compat("old.binpb", "moved/api").status, 0);
  assert.equal(compat("old.binpb", "moved", "--level", "package").status, 0);
});

test("a revision of git is a contract at the path of the other side, or at its own", (context) => {
  const { folder, write, compat, compatIn } = prepare(context, {
    "protos/shop.proto": shop,
    "protos/node_modules/x.proto": "no contract of ours",
    "other/shop.proto": shop,
  });
  commitAll(folder);
  write({ "protos/shop.proto": changed });
  const expected = /^protos\/shop\.proto:3:9: field-removed.*\n {2}before: git:v1:protos\/shop\.proto:5:9\n/;
  assert.match(compat("git:v1", "protos").out, expected);
  assert.match(compat("git:v1", "protos/shop.proto").out, expected);
  assert.match(compat("git:v1", "protos", "-I", "protos").out, expected);
  assert.match(compat("git:v1:protos", "protos").out, expected);
  assert.match(compat("git:HEAD:other", "protos").out, /before: git:HEAD:other\/shop\.proto:5:9\n/);
  assert.match(
    compat("protos", "git:HEAD", "--level", "wire-json").out,
    /^git:HEAD:protos\/shop\.proto:4:10: field-type/,
  );
  assert.match(compatIn("protos", "git:v1", ".").out, /^shop\.proto:3:9: .*\n {2}before: git:v1:shop\.proto:5:9\n/);
  assert.match(compatIn("protos", "git:v1:../other", ".").out, /before: git:v1:\.\.\/other\/shop\.proto:5:9\n/);
  assert.match(compat("git:v1", join(folder, "protos")).out, /field-removed/);
  assert.equal(compat("git:v1:protos", "git:HEAD").status, 0);
});

test("what cannot be compared is said with what to do, and exits with 2", (context) => {
  const texts: Record<string, string> = {
    "a.proto": 'syntax = "proto3"; import "b.proto"; message A { B b = 1; }',
    "b.proto": 'syntax = "proto3"; message B { }',
  };
  const importing = encodeFileDescriptor(linkFiles(["a.proto"], (path) => texts[path]).files[0] as FileDescriptor);
  const { folder, compat } = prepare(context, {
    "a.proto": shop,
    "bad.proto": 'syntax = "proto3";\nmessage A { B b = 1; }\n',
    "cut.binpb": Uint8Array.of(10, 200),
    "lacks.binpb": Uint8Array.of(10, importing.length, ...importing),
    "a.txt": "",
    "nested/protos/c.proto": 'syntax = "proto3"; import "d.proto"; message C { D d = 1; }',
    "nested/protos/d.proto": 'syntax = "proto3"; message D { }',
    "nested/d.proto": 'syntax = "proto3"; message D { }',
    "empty/a.txt": "",
  });
  const failures = (rows: readonly (readonly [args: readonly string[], says: string])[]) => {
    for (const [args, says] of rows) {
      const { status, out, err } = compat(...args);
      assert.deepEqual([status, out], [2, ""], args.join(" "));
      assert.ok(err.includes(says), `${args.join(" ")}: ${err}`);
      assert.equal(err.includes("    at "), false, err);
    }
  };
  failures([
    [["git:HEAD", "a.proto"], "git:HEAD cannot be read: the current folder is in no git repository"],
    [[], "name the old and the new contract: farcall compat git:main protos"],
    [["a.proto"], "name the old and the new contract"],
    [["a.proto", "a.proto", "b"], "two contracts at a time: b is too much"],
    [
      ["a.proto", "a.proto", "--level", "wier"],
      "--level is source, package, wire-json or wire, not wier; did you mean wire?",
    ],
    [["a.proto", "a.proto", "--ignore", "field-remove"], "there is no rule field-remove; did you mean field-removed?"],
    [["git:", "a.proto"], "git: names no revision: write git:main or git:main:protos"],
    [["main", "a.proto"], "main: there is no such file or folder (a revision is written git:main)"],
    [["b.proto", "a.proto"], "b.proto: there is no such file or folder\n"],
    [["a.txt", "a.proto"], "a.txt is neither a .proto file nor a descriptor set, which ends in .binpb"],
    [["empty", "a.proto"], "empty: there is no .proto file in the folder"],
    [["bad.proto", "a.proto"], 'bad.proto:2:13: error: "B" is not declared'],
    [["nested", "a.proto"], "nested could not be read: name the folder that import paths begin at, or say it with -I"],
    [["cut.binpb", "a.proto"], "cut.binpb is no descriptor set that can be used: "],
    [["lacks.binpb", "a.proto"], "the import b.proto is missing (protoc adds what is imported with --include_imports)"],
    [["a.proto", "a.proto", "-I", "nowhere"], "--proto-path nowhere: there is no such folder"],
  ]);
  commitAll(folder);
  failures([
    [["git:nope", "a.proto"], "git:nope: there is no such revision (git log --oneline shows those there are"],
    [["git:--all", "a.proto"], "git:--all: there is no such revision"],
    [["git:HEAD:nowhere", "a.proto"], "git:HEAD:nowhere: there is no such file or folder"],
    [["git:HEAD:bad.proto", "a.proto"], 'git:HEAD:bad.proto:2:13: error: "B" is not declared'],
  ]);
});
