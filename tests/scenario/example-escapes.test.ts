// The directories example against clients that want out of the served folder, and against links that lead out.
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { CallError, dial, serve } from "farcall";
import { createFiles } from "../../examples/directories/files-service.ts";
import { canPinFolders, enterFolder } from "../../examples/directories/folder.ts";
import { Directories } from "../../examples/directories/gen/directories.ts";
import { Files } from "../../examples/directories/gen/files.ts";
import { partialFolderName, readNames } from "../../examples/directories/names.ts";
import { createDirectories } from "../../examples/directories/service.ts";
import { drain, writeOf } from "../support/example-files.ts";

interface Ground {
  /** The served folder. */
  readonly root: string;
  /** A folder beside it that must stay as it is. */
  readonly outside: string;
}

function prepare(context: TestContext): Ground {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "farcall-escapes-")));
  context.after(() => rmSync(folder, { recursive: true }));
  const ground = { root: join(folder, "root"), outside: join(folder, "outside") };
  mkdirSync(join(ground.root, "inside"), { recursive: true });
  mkdirSync(join(ground.outside, "kept"), { recursive: true });
  writeFileSync(join(ground.root, "file"), "inside");
  writeFileSync(join(ground.outside, "secret"), "outside");
  symlinkSync(ground.outside, join(ground.root, "link"));
  symlinkSync("../outside", join(ground.root, "relative-link"));
  symlinkSync("..", join(ground.root, "inside", "up"));
  symlinkSync("nowhere", join(ground.root, "dangling"));
  symlinkSync("../outside/secret", join(ground.root, "file-link"));
  symlinkSync("/dev/zero", join(ground.root, "device-link"));
  return ground;
}

const refusedPaths: readonly (readonly [path: string, reason: string])[] = [
  ["..", '".." is no name'],
  ["../outside", '".." is no name'],
  ["inside/../../outside/x", '".." is no name'],
  ["inside/..", '".." is no name'],
  ["/..", '".." is no name'],
  [".", '"." is no name'],
  ["./inside", '"." is no name'],
  ["inside//x", "an empty name"],
  ["inside/", "an empty name"],
  ["//outside", "an empty name"],
  ["a\0b", "a zero character"],
  ["a".repeat(256), "a name in it has 256 bytes and may have 255"],
  ["é".repeat(128), "a name in it has 256 bytes and may have 255"],
  [`${"a/".repeat(2048)}b`, "it has 4097 bytes and may have 4096"],
  [partialFolderName, "is the server's own"],
  [`/${partialFolderName}`, "is the server's own"],
  [`${partialFolderName}/x`, "is the server's own"],
];

for (const [path, reason] of refusedPaths) {
  const shown = path.length > 30 ? `${path.slice(0, 12)}... (${path.length} letters)` : path;
  test(`the path ${JSON.stringify(shown)} is refused`, () => {
    assert.throws(
      () => readNames(path),
      (error: unknown) =>
        error instanceof CallError && error.code === "INVALID_ARGUMENT" && error.message.includes(reason),
    );
  });
}

test("a path is names from the served folder, with or without a slash before them", () => {
  assert.deepEqual(readNames(""), []);
  assert.deepEqual(readNames("/"), []);
  assert.deepEqual(readNames("/a/b"), ["a", "b"]);
  assert.deepEqual(readNames("a/b"), ["a", "b"]);
  assert.deepEqual(readNames(`a/${partialFolderName}`), ["a", partialFolderName]);
  assert.deepEqual(readNames("..."), ["..."]);
  assert.deepEqual(readNames("a".repeat(255)), ["a".repeat(255)]);
});

const waysOut = ["link", "link/x", "link/kept", "relative-link/kept", "inside/up", "inside/up/inside/x", "dangling/x"];
/** Links that are entries themselves: what is there may be told, where they lead may not. */
const links = ["link", "inside/up", "file-link", "device-link"];

for (const pinned of canPinFolders ? [true, false] : [false]) {
  test(`no call leads out of the folder, ${pinned ? "with" : "without"} held descriptors`, async (context) => {
    const { root, outside } = prepare(context);
    const services = [await createDirectories(root, { pinned }), await createFiles(root, { pinned })];
    const server = await serve("memory:escapes", services);
    const channel = dial("memory:escapes");
    context.after(async () => {
      await channel.close();
      await server.close();
    });
    const stub = channel.stub(Directories);
    const files = channel.stub(Files);
    const before = readdirSync(root, { recursive: true }).sort();
    const refused = refusedPaths.map(([path]) => path);
    const paths = [...waysOut, "link/secret", "file-link", "device-link", ...refused, outside, `${outside}/secret`];
    for (const path of paths) {
      const calls = {
        make: () => stub.makeDirectory({ path }),
        list: () => stub.listDirectory({ path }),
        remove: () => stub.removeDirectory({ path }),
        renameFrom: () => stub.renameDirectory({ path, newPath: "taken" }),
        renameTo: () => stub.renameDirectory({ path: "inside", newPath: path }),
        stat: () => files.stat({ path }),
        read: () => drain(files.read({ path })),
        write: () => files.write(writeOf({ path }, "new")),
        create: () => files.write(writeOf({ path, createOnly: true }, "new")),
        moveFrom: () => files.rename({ path, newPath: "taken" }),
        moveTo: () => files.rename({ path: "file", newPath: path }),
        removeFile: () => files.remove({ path }),
        watch: () => drain(files.watch({ path })),
      };
      for (const [name, call] of Object.entries(calls)) {
        if (name === "stat" && links.includes(path)) {
          assert.equal((await files.stat({ path })).type, "LINK");
          continue;
        }
        await assert.rejects(
          call(),
          (error: unknown) => {
            assert.ok(error instanceof CallError, String(error));
            // What the client wrote may stand in the text, where it lies on this machine may not.
            return path.startsWith("/") || !error.message.includes(root);
          },
          `${name} ${JSON.stringify(path)}`,
        );
      }
    }
    assert.deepEqual(readdirSync(root, { recursive: true }).sort(), before);
    assert.deepEqual(readdirSync(outside).sort(), ["kept", "secret"]);
    assert.equal(readFileSync(join(outside, "secret"), "utf8"), "outside");
  });
}

test("links are listed as what they are: no directories", async (context) => {
  const { root } = prepare(context);
  const server = await serve("memory:links", [await createDirectories(root)]);
  const channel = dial("memory:links");
  context.after(async () => {
    await channel.close();
    await server.close();
  });
  const { entries } = await channel.stub(Directories).listDirectory({ path: "" });
  assert.deepEqual(
    entries.filter(({ isDirectory }) => isDirectory).map(({ name }) => name),
    ["inside"],
  );
  assert.equal(entries.length, 7);
});

test("a link put in a directory's place after the check catches nothing", {
  skip: !canPinFolders && "this system cannot name an open directory",
}, async (context) => {
  const { root, outside } = prepare(context);
  await enterFolder(root, ["inside"], {
    pinned: true,
    use: async (folder) => {
      renameSync(join(root, "inside"), join(root, "moved"));
      symlinkSync(outside, join(root, "inside"));
      await mkdir(folder.pathOf("made"));
    },
  });
  assert.deepEqual(readdirSync(outside).sort(), ["kept", "secret"]);
  assert.deepEqual(readdirSync(join(root, "moved")).sort(), ["made", "up"]);
});

test("a link put in the place of the server's own folder catches nothing that is written", async (context) => {
  const { root, outside } = prepare(context);
  const server = await serve("memory:own", [await createFiles(root)]);
  const channel = dial("memory:own");
  context.after(async () => {
    await channel.close();
    await server.close();
  });
  symlinkSync(outside, join(root, partialFolderName));
  const files = channel.stub(Files);
  await assert.rejects(files.write(writeOf({ path: "new" }, "new")), { code: "FAILED_PRECONDITION" });
  assert.deepEqual(readdirSync(outside).sort(), ["kept", "secret"]);
});
