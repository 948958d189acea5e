// The directories example over every transport: what it does, what its failures say, and who wins a race.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Duplex, duplexPair } from "node:stream";
import { type TestContext, test } from "node:test";
import { CallError, type Channel, type DialOptions, dial, type ServeOptions, type Stub, serve } from "farcall";
import { Directories } from "../../examples/directories/gen/directories.ts";
import { createDirectories } from "../../examples/directories/service.ts";
import { certs } from "../support/certs/certs.ts";

interface World {
  readonly root: string;
  readonly channel: Channel;
  readonly stub: Stub<typeof Directories.methods>;
}

interface Place {
  readonly name: string;
  readonly at: (folder: string) => string | object;
  /** Where to dial, when that is not the address that was bound. */
  readonly dialAt?: (served: object) => object;
  readonly serve?: ServeOptions;
  readonly dial?: DialOptions;
  readonly skip?: boolean;
}

const pairs = new WeakMap<object, Duplex>();
const places: readonly Place[] = [
  { name: "tcp", at: () => "tcp://127.0.0.1:0" },
  { name: "unix path", at: (folder) => `unix:${join(folder, "socket")}` },
  { name: "unix abstract name", at: () => `unix:@farcall-test-${process.pid}`, skip: process.platform !== "linux" },
  { name: "memory", at: () => "memory:directories" },
  {
    name: "a pair of streams",
    at: () => {
      const [ours, theirs] = duplexPair();
      pairs.set(ours, theirs);
      return ours;
    },
    dialAt: (served) => pairs.get(served) as Duplex,
  },
  {
    name: "tls",
    at: () => "tls://127.0.0.1:0",
    serve: { tls: { cert: certs.server.cert, key: certs.server.key } },
    dial: { tls: { ca: certs.authority.cert } },
  },
];

async function prepare(context: TestContext, place: Place = places[0] as Place): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "farcall-directories-"));
  const root = join(folder, "root");
  mkdirSync(root);
  const where = place.at(folder);
  const server = await serve(where, [await createDirectories(root)], place.serve);
  const target = typeof where === "string" ? (server.addresses[0] as string) : (place.dialAt?.(where) as object);
  const channel = dial(target, place.dial);
  context.after(async () => {
    await channel.close();
    await server.close();
    rmSync(folder, { recursive: true });
  });
  return { root, channel, stub: channel.stub(Directories) };
}

/** The error that a call fails with. */
async function failureOf(call: Promise<unknown>): Promise<CallError> {
  const error = await call.then(
    () => assert.fail("the call succeeded"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof CallError, String(error));
  return error;
}

for (const place of places) {
  test(`R5, X2: directories are made, listed, renamed and removed over ${place.name}`, {
    skip: place.skip ?? false,
  }, async (context) => {
    const { root, stub } = await prepare(context, place);
    assert.deepEqual(await stub.listDirectory({ path: "/" }), { entries: [] });
    assert.deepEqual(await stub.makeDirectory({ path: "photos" }), {});
    await stub.makeDirectory({ path: "/photos/2026" });
    writeFileSync(join(root, "photos", "notes.txt"), "");
    assert.deepEqual(await stub.listDirectory({ path: "photos" }), {
      entries: [
        { name: "2026", isDirectory: true },
        { name: "notes.txt", isDirectory: false },
      ],
    });
    await stub.renameDirectory({ path: "photos/2026", newPath: "old" });
    await stub.removeDirectory({ path: "old" });
    assert.deepEqual(readdirSync(root), ["photos"]);
    const failure = await failureOf(stub.makeDirectory({ path: "photos" }));
    assert.equal(failure.code, "ALREADY_EXISTS");
    assert.equal(failure.execution, "executed");
  });
}

test("R5: what the operating system refuses has the code that fits and its text, without the root's path", async (context) => {
  const { root, stub } = await prepare(context);
  mkdirSync(join(root, "full", "inner"), { recursive: true });
  writeFileSync(join(root, "file"), "");
  const rows: readonly (readonly [call: () => Promise<unknown>, code: string, text: string])[] = [
    [() => stub.makeDirectory({ path: "full" }), "ALREADY_EXISTS", "EEXIST: file already exists, mkdir 'full'"],
    [() => stub.makeDirectory({ path: "/full" }), "ALREADY_EXISTS", "EEXIST: file already exists, mkdir '/full'"],
    [() => stub.makeDirectory({ path: "no/x" }), "NOT_FOUND", "ENOENT: no such file or directory, open 'no/x'"],
    [() => stub.listDirectory({ path: "no" }), "NOT_FOUND", "ENOENT: no such file or directory, open 'no'"],
    [() => stub.listDirectory({ path: "file" }), "FAILED_PRECONDITION", "ENOTDIR: not a directory, open 'file'"],
    [
      () => stub.removeDirectory({ path: "full" }),
      "FAILED_PRECONDITION",
      "ENOTEMPTY: directory not empty, rmdir 'full'",
    ],
    [() => stub.removeDirectory({ path: "file" }), "FAILED_PRECONDITION", "ENOTDIR: not a directory, rmdir 'file'"],
    [
      () => stub.renameDirectory({ path: "file", newPath: "other" }),
      "FAILED_PRECONDITION",
      "ENOTDIR: not a directory, open 'file'",
    ],
    [
      () => stub.renameDirectory({ path: "full", newPath: "full/inner/x" }),
      "INVALID_ARGUMENT",
      "EINVAL: invalid argument, rename 'full/inner/x'",
    ],
  ];
  for (const [call, code, text] of rows) {
    const failure = await failureOf(call());
    assert.deepEqual([failure.code, failure.message], [code, `OS returned error: ${text}`]);
    assert.equal(failure.execution, "executed");
  }
});

test("of calls that make one directory at the same time, exactly one succeeds", async (context) => {
  const { root, stub } = await prepare(context);
  const calls = Array.from({ length: 32 }, () => stub.makeDirectory({ path: "wanted" }));
  const settled = await Promise.allSettled(calls);
  assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
  for (const one of settled) {
    if (one.status === "rejected") assert.equal((one.reason as CallError).code, "ALREADY_EXISTS");
  }
  assert.ok(existsSync(join(root, "wanted")));
});

test("a folder that is missing, or is no folder, cannot be served", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "farcall-directories-"));
  context.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), "");
  await assert.rejects(createDirectories(join(folder, "no")), /ENOENT/);
  await assert.rejects(createDirectories(join(folder, "file")), /ENOTDIR/);
});

test("a call to a server that is not there says so: connecting, not executed", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "farcall-directories-"));
  const channel = dial(`unix:${join(folder, "nobody")}`);
  context.after(async () => {
    await channel.close();
    rmSync(folder, { recursive: true });
  });
  const failure = await failureOf(channel.stub(Directories).makeDirectory({ path: "photos" }));
  assert.deepEqual([failure.code, failure.phase, failure.execution], ["UNAVAILABLE", "connecting", "not-executed"]);
  assert.equal(failure.message, `there is no socket at unix:${join(folder, "nobody")}; is the server running?`);
});
