// A contract with all that the builder has: its .proto is what one would write, says the same when it is read again, and protoc
// makes the same descriptors of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  extend,
  type FileDescriptor,
  field,
  file,
  int32,
  joinFiles,
  linkFiles,
  type MessageType,
  message,
  option,
  optionsOf,
  printFile,
} from "farcall/idl";
import { Timestamp } from "farcall/well-known";
import * as contract from "../support/builder/contract.ts";
import { generateAndCompile } from "../support/marshal/generate.ts";
import { plainDescriptor } from "../support/marshal/plain-descriptor.ts";
import { findPeer, needsPeer } from "../support/peer-programs.ts";
import { compareDescriptors, readDescriptors } from "../support/protoc/compare-descriptors.ts";
import { judgeTexts } from "../support/protoc/protoc.ts";

const python = findPeer("python");
const golden = new URL("../../../tests/support/builder/", import.meta.url);
const third = new URL("../../../third_party/protobuf/", import.meta.url);
const own = new URL("../../../proto/", import.meta.url);

const { optionsProto, shopProto, oldProto, legacyProto, Stray } = contract;
const files = joinFiles([optionsProto, shopProto, oldProto, legacyProto, Stray].map(fileOf));
const written = files.filter(({ name }) => name.startsWith("shop/"));
const texts = Object.fromEntries(written.map((file) => [file.name, printFile(file)]));

function fileOf({ descriptor }: { readonly descriptor: FileDescriptor | { readonly file: FileDescriptor } }) {
  return "file" in descriptor ? descriptor.file : descriptor;
}

function resolve(path: string): string | undefined {
  if (Object.hasOwn(texts, path)) return texts[path];
  return readFileSync(new URL(path, path.startsWith("farcall/") ? own : third), "utf8");
}

test("the files are those that were named, and one for what is in none", () => {
  assert.deepEqual(Object.keys(texts).sort(), [
    "shop/legacy.proto",
    "shop/old.proto",
    "shop/options.proto",
    "shop/shop.proto",
    "shop/stray.proto",
  ]);
});

for (const [path, text] of Object.entries(texts)) {
  test(`${path} is printed as a person would write it`, () => {
    assert.equal(text, readFileSync(new URL(path, golden), "utf8"));
  });
}

test("what is printed is read as equal descriptors, options, comments and all", () => {
  const { allFiles, errors } = linkFiles(Object.keys(texts), resolve);
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  for (const file of written) {
    const again = allFiles.find(({ name }) => name === file.name);
    assert.deepEqual(plainDescriptor(again, []), plainDescriptor(file, []), file.name);
  }
});

test("protoc takes it, and makes the same descriptors of it", async (t) => {
  if (!needsPeer(python, t)) return;
  const rpc = { "farcall/rpc.proto": readFileSync(new URL("farcall/rpc.proto", own), "utf8") };
  const imports = Object.keys(texts).map((path) => `import "${path}";`);
  const root = { "test.proto": ['syntax = "proto3";', ...imports].join("\n") };
  const [verdict] = await judgeTexts(python, [{ ...texts, ...rpc, ...root }]);
  assert.ok(verdict?.accepted && verdict.descriptors !== undefined, verdict?.output);
  const theirs = readDescriptors(verdict.descriptors).filter(({ name }) => name.startsWith("shop/"));
  assert.equal(theirs.length, written.length);
  assert.deepEqual(compareDescriptors(theirs, written), []);
});

const { allFiles } = linkFiles(Object.keys(texts), resolve);
const sources = Object.fromEntries(allFiles.map(({ name }) => [name, resolve(name) ?? ""]));
const folder = generateAndCompile("builder-contract", sources);

test("types and custom options of generated modules go into a contract like those of the builder", async () => {
  const { rule, table } = (await folder.load("shop/options.proto")) as unknown as typeof contract;
  const { Item } = (await folder.load("shop/shop.proto")) as unknown as typeof contract;
  const Box = message(
    "boxes.Box",
    {
      item: field(Item, 1, { options: option(rule, { pattern: "x", limits: new Map([["a", 1n]]) }) }),
      at: field(Timestamp, 2),
    },
    { options: option(table, "boxes") },
  );
  const own = extend(optionsOf.field, "boxes.size", int32(50_005));
  const Lid = message("boxes.Lid", { box: field(Box, 1, { options: [option(own, 3), option(rule, {})] }) });
  const boxes = file("boxes.proto", [Lid]);
  const text = printFile(boxes.descriptor);
  const { files: again, errors } = linkFiles(["boxes.proto"], (path) =>
    path === "boxes.proto" ? text : resolve(path),
  );
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  assert.deepEqual(plainDescriptor(again[0], []), plainDescriptor(boxes.descriptor, []));
  const at = { seconds: 5n, nanos: 0 };
  assert.deepEqual(Box.decode(Box.encode({ item: { name: "a" }, at })).at, Timestamp.create(at));
});

test("modules that are generated of it write the same bytes, with its comments", async () => {
  assert.equal(folder.complaints, "");
  const item: object = {
    name: "a",
    kind: "KIND_TAPE",
    price: { cents: 5, currency: "EUR" },
    stock: { here: 7 },
    state: { kind: "reservedFor", value: "Ada" },
    loose: [1, 2],
    id: "12",
    prices: new Map([[-1, { cents: 1 }]]),
  };
  const shop = (await folder.load("shop/shop.proto")) as Readonly<Record<string, MessageType>>;
  assert.deepEqual(shop["Item"]?.encode(item), contract.Item.encode(item));
  const order: object = {
    id: "x",
    shade: "DARK",
    colours: { a: "BLUE" },
    tree: { leaves: [{}] },
    numbers: [1n],
    bare: 0,
  };
  const old = (await folder.load("shop/old.proto")) as Readonly<Record<string, MessageType>>;
  assert.deepEqual(old["Order"]?.encode(order), contract.Order.encode(order));
  assert.deepEqual(old["Order"]?.defaults, contract.Order.defaults);
  const reply: object = {
    result: [{ url: "u", ranks: [1, 2] }],
    packed: [1],
    loose: [1],
    pick: { kind: "extra", value: {} },
  };
  const legacy = (await folder.load("shop/legacy.proto")) as Readonly<Record<string, MessageType>>;
  assert.deepEqual(legacy["Reply"]?.encode(reply), contract.Reply.encode(reply));
  const text = readFileSync(new URL("../../generated/builder-contract/shop/shop.ts", import.meta.url), "utf8");
  for (const part of ["/** What is sold. */\nexport interface Item ", "   * Never empty.\n", "/** One item. */"]) {
    assert.ok(text.includes(part), part);
  }
});
