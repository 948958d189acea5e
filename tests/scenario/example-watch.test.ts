// Watching a directory of the example: what is told, what is told as one, and what a watch costs when its client is slow.
import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { FilesOptions } from "../../examples/directories/files-service.ts";
import type { WatchEvent } from "../../examples/directories/gen/files.ts";
import { partialFolderName } from "../../examples/directories/names.ts";
import { type FilesWorld, failureOf, serveFiles, until, writeOf } from "../support/example-files.ts";

interface Watching extends FilesWorld {
  /** The next event, in short: "CREATED a". Undefined at the end of the watch. */
  next(): Promise<string | undefined>;
  /** The events before and with the one that is looked for. */
  upTo(event: string): Promise<string[]>;
}

function shorten({ kind, entry, previousName }: WatchEvent): string {
  if (kind === "LISTED" || kind === "MISSED") return kind;
  return kind === "RENAMED" ? `RENAMED ${previousName} ${entry?.name}` : `${kind} ${entry?.name}`;
}

async function startWatch(
  context: TestContext,
  options: FilesOptions & { readonly path?: string; readonly before?: (root: string) => void } = {},
): Promise<Watching> {
  const world = await serveFiles(context, { ...options, address: "tcp://127.0.0.1:0" });
  options.before?.(world.root);
  const events = world.files.watch({ path: options.path ?? "" }, { timeoutMs: 60_000 })[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => {
    const { done, value } = await events.next();
    return done === true ? undefined : shorten(value);
  };
  const upTo = async (event: string): Promise<string[]> => {
    const seen: string[] = [];
    while (seen.at(-1) !== event) {
      const one = await next();
      assert.ok(one !== undefined, `the watch ended before ${event}: ${seen.join(", ")}`);
      seen.push(one);
    }
    return seen;
  };
  return { ...world, next, upTo };
}

for (const pinned of [true, false]) {
  test(`a watch lists the directory, then tells of each change, ${pinned ? "with" : "without"} held descriptors`, async (context) => {
    const { root, files, directories, next, upTo } = await startWatch(context, {
      pinned,
      before: (root) => {
        writeFileSync(join(root, "b"), "");
        mkdirSync(join(root, "a"));
        symlinkSync("b", join(root, "c"));
      },
    });
    assert.deepEqual(await upTo("LISTED"), ["EXISTS a", "EXISTS b", "EXISTS c", "LISTED"]);
    writeFileSync(join(root, "new"), "");
    assert.equal(await next(), "CREATED new");
    appendFileSync(join(root, "new"), "more");
    assert.equal(await next(), "CHANGED new");
    renameSync(join(root, "new"), join(root, "newer"));
    assert.equal(await next(), "RENAMED new newer");
    unlinkSync(join(root, "newer"));
    assert.equal(await next(), "REMOVED newer");
    await directories.makeDirectory({ path: "folder" });
    assert.equal(await next(), "CREATED folder");
    await files.write(writeOf({ path: "b" }, "written"));
    assert.equal(await next(), "CHANGED b");
    await files.write(writeOf({ path: "d" }, "written"));
    assert.equal(await next(), "CREATED d");
    await files.rename({ path: "d", newPath: "b" });
    assert.equal(await next(), "RENAMED d b");
    await files.rename({ path: "b", newPath: "folder/b" });
    assert.equal(await next(), "REMOVED b");
  });
}

test("an event carries what the entry is now, a removal what it was", async (context) => {
  const { root, files } = await serveFiles(context, { address: "tcp://127.0.0.1:0" });
  writeFileSync(join(root, "file"), "123");
  const seen: (readonly [string | number, bigint | undefined])[] = [];
  for await (const { kind, entry } of files.watch({ path: "/" })) {
    seen.push([kind, entry?.size]);
    if (kind === "LISTED") appendFileSync(join(root, "file"), "456");
    else if (kind === "CHANGED") unlinkSync(join(root, "file"));
    else if (kind === "REMOVED") break;
  }
  assert.deepEqual(seen, [
    ["EXISTS", 3n],
    ["LISTED", undefined],
    ["CHANGED", 6n],
    ["REMOVED", 6n],
  ]);
});

test("changes of one entry that are close together are told as one, and what came and went as none", async (context) => {
  const { root, upTo } = await startWatch(context);
  await upTo("LISTED");
  writeFileSync(join(root, "file"), "");
  for (let times = 0; times < 1000; times++) appendFileSync(join(root, "file"), "x");
  writeFileSync(join(root, "brief"), "");
  unlinkSync(join(root, "brief"));
  writeFileSync(join(root, "last"), "");
  assert.deepEqual(await upTo("CREATED last"), ["CREATED file", "CREATED last"]);
});

test("what the server itself keeps in the served folder is not told of", async (context) => {
  const { root, files, upTo } = await startWatch(context);
  await upTo("LISTED");
  await files.write(writeOf({ path: "one" }, "1"));
  assert.ok(readdirSync(root).includes(partialFolderName));
  await files.write(writeOf({ path: "two" }, "2"));
  assert.deepEqual(await upTo("CREATED two"), ["CREATED one", "CREATED two"]);
});

const endings: readonly (readonly [how: string, end: (root: string) => void])[] = [
  ["removed", (root) => rmdirSync(join(root, "above", "watched"))],
  ["moved away", (root) => renameSync(join(root, "above", "watched"), join(root, "elsewhere"))],
  ["removed with a folder above it", (root) => rmSync(join(root, "above"), { recursive: true })],
  ["moved with a folder above it", (root) => renameSync(join(root, "above"), join(root, "elsewhere"))],
  [
    "replaced by another",
    (root) => {
      renameSync(join(root, "above", "watched"), join(root, "elsewhere"));
      mkdirSync(join(root, "above", "watched"));
    },
  ],
];

for (const [how, end] of endings) {
  test(`a watch ends when its directory is ${how}`, async (context) => {
    const { root, next, upTo } = await startWatch(context, {
      path: "above/watched",
      before: (root) => mkdirSync(join(root, "above", "watched"), { recursive: true }),
    });
    assert.deepEqual(await upTo("LISTED"), ["LISTED"]);
    end(root);
    assert.equal(await next(), undefined);
  });
}

test("a watch ends with the server's drain, at once", async (context) => {
  const { server, upTo, next } = await startWatch(context);
  await upTo("LISTED");
  const ended = failureOf(next());
  await server.drain({ withinMs: 60_000 });
  const { code, message } = await ended;
  assert.deepEqual([code, message], ["UNAVAILABLE", "the server is shutting down"]);
});

test("a storm of more names than are kept is told as missed, and the list follows again", async (context) => {
  const { root, upTo } = await startWatch(context, { maxPendingNames: 100 });
  await upTo("LISTED");
  for (let at = 0; at < 500; at++) writeFileSync(join(root, `file-${String(at).padStart(3, "0")}`), "");
  const seen = await upTo("LISTED");
  assert.deepEqual([seen[0], seen.length], ["MISSED", 502]);
  assert.deepEqual([seen[1], seen.at(-2)], ["EXISTS file-000", "EXISTS file-499"]);
  writeFileSync(join(root, "after"), "");
  assert.deepEqual(await upTo("CREATED after"), ["CREATED after"]);
});

test("more events than the kernel keeps are told as missed: what it dropped comes with the list", async (context) => {
  const { root, upTo } = await startWatch(context);
  await upTo("LISTED");
  writeFileSync(join(root, "a"), "");
  writeFileSync(join(root, "b"), "");
  await upTo("CREATED b");
  // This process is busy, so the kernel has to keep them all: two names in turns, as equal neighbours are one event to it.
  for (let times = 0; times < 20_000; times++) utimesSync(join(root, times % 2 === 0 ? "a" : "b"), times, times);
  writeFileSync(join(root, "dropped"), "");
  const seen = await upTo("LISTED");
  assert.deepEqual(seen, ["MISSED", "EXISTS a", "EXISTS b", "EXISTS dropped", "LISTED"]);
});

test("a client that does not read gets the newest state, and costs its server no queue", async (context) => {
  const { root, server, upTo, next } = await startWatch(context, { maxPendingNames: 1000 });
  await upTo("LISTED");
  const names = Array.from({ length: 500 }, (_, at) => join(root, `${"n".repeat(200)}-${at}`));
  for (const name of names) writeFileSync(name, "");
  // A round is told before the next one comes, until the stream is full: from then on the server keeps names only.
  const rounds = 25;
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) utimesSync(name, round, round);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  writeFileSync(join(root, "last"), "");
  const seen = await upTo("CREATED last");
  context.diagnostic(`${seen.length} events for ${rounds * names.length} changes`);
  assert.ok(seen.length < 9000, `${seen.length} events came of ${rounds * names.length} changes`);
  const newest = new Map(seen.map((event) => event.split(" ")).map(([kind, name]) => [name, kind]));
  assert.equal(newest.size, 501);
  assert.equal(server.snapshot().openCalls, 1);
  unlinkSync(join(root, "last"));
  assert.equal(await next(), "REMOVED last");
});

test("a directory with more entries than are watched is refused, also when it grows to it", async (context) => {
  const { root, files, upTo, next } = await startWatch(context, {
    maxWatchedEntries: 3,
    before: (root) => {
      for (const name of ["a", "b", "c"]) writeFileSync(join(root, name), "");
    },
  });
  await upTo("LISTED");
  writeFileSync(join(root, "d"), "");
  const full = /^'' has 4 entries; at most 3 are watched$/;
  const grown = await failureOf(next());
  assert.equal(grown.code, "RESOURCE_EXHAUSTED");
  assert.match(grown.message, full);
  const begun = await failureOf(files.watch({ path: "" })[Symbol.asyncIterator]().next());
  assert.match(begun.message, full);
});

test("watches that their clients leave give back what they hold of the system", {
  skip: process.platform !== "linux" && "no /proc here",
}, async (context) => {
  const { server, files } = await serveFiles(context);
  const held = (): number => {
    // The last is the listed folder's own, which is closed by then.
    const all = readdirSync("/proc/self/fdinfo").map((fd) => `/proc/self/fdinfo/${fd}`);
    const infos = all.filter((path) => existsSync(path)).map((path) => readFileSync(path, "latin1"));
    return infos.join("").split("inotify wd").length - 1;
  };
  const open = (): number => readdirSync("/proc/self/fd").length;
  const leave = async (): Promise<void> => {
    for await (const { kind } of files.watch({ path: "" })) if (kind === "LISTED") break;
    await until(() => server.snapshot().openCalls === 0);
  };
  await leave();
  const before = open();
  for (let times = 0; times < 20; times++) await leave();
  assert.equal(open(), before);
  assert.equal(held(), 0);
  const watch = files.watch({ path: "" })[Symbol.asyncIterator]();
  await watch.next();
  assert.equal(held(), 1);
  await watch.return?.();
});
