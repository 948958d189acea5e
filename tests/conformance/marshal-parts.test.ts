// Generated modules of which a bundler keeps a part: types must describe themselves as they do in the whole.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import type { FieldDescriptor, MessageDescriptor, MessageType, Method } from "farcall/idl";
import { generateAndCompile } from "../support/marshal/generate.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const sources = {
  "money.proto": `edition = "2023"; package money;
message Money { string currency = 1; int64 units = 2; Rounding rounding = 3; message Unused { Hidden hidden = 1; } }
message Hidden { string only_hidden = 1; }
enum Rounding { option features.enum_type = CLOSED; UP = 1; DOWN = 2; }`,
  "shop.proto": `syntax = "proto3"; package shop; option deprecated = true; import "money.proto";
message Ask { Tree tree = 1; map<string, Item> items = 2; Tree.Leaf leaf = 3; oneof price { money.Money fixed = 4; } }
message Tree { message Leaf { Tree up = 1; Season season = 2; } repeated Leaf leaves = 1; enum Season { SPRING = 0; } }
message Item { Kind kind = 1; Ask ask = 2; string last_name = 3 [json_name = "surname"]; }
enum Kind { NONE = 0; BOOK = 7; }
message Reply { money.Money total = 1; Item item = 2; }
message Stranger { string only_stranger = 1; }
service Shop { rpc Buy(Ask) returns (Reply); rpc Other(Stranger) returns (Stranger); }`,
};
const whole = generateAndCompile("parts", sources);

/** Bundles a program that uses the modules, and loads it. */
async function loadBundle(name: string, program: string) {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: join(root, "build/generated/parts/out") },
    bundle: true,
    write: false,
    format: "esm",
    external: ["farcall/*"],
  });
  const text = outputFiles[0]?.text ?? "";
  const folder = join(root, "build/generated/parts-bundles");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.mjs`), text);
  const loaded = (await import(pathToFileURL(join(folder, `${name}.mjs`)).href)) as Readonly<Record<string, unknown>>;
  return { text, loaded };
}

/** A message's description without what leads out of it. */
function plain(message: MessageDescriptor, seen = new Set<MessageDescriptor>()): unknown {
  if (seen.has(message)) return message.fullName;
  seen.add(message);
  const field = ({ message: _, oneof, type, ...rest }: FieldDescriptor): unknown => ({
    ...rest,
    oneof: oneof?.name,
    type: type.kind === "message" ? plain(type.message, seen) : type.kind === "enum" ? type.enum.values : type.scalar,
  });
  const { fullName, file, options, messages } = message;
  return {
    fullName,
    options,
    file: [file.name, file.package, file.syntax, file.options],
    fields: message.fields.map(field),
    messages: messages.map((one) => plain(one, seen)),
  };
}

test("types of a bundle that keeps one method describe themselves as in the whole module", async () => {
  assert.equal(whole.complaints, "");
  const all = await whole.load("shop.proto");
  const { text, loaded } = await loadBundle("method", 'export { Shop_buy } from "./shop.js";');
  assert.doesNotMatch(text, /only_stranger|Stranger/);
  const kept = loaded["Shop_buy"] as Method;
  const method = all["Shop_buy"] as Method;
  assert.deepEqual(plain(kept.output.descriptor), plain(method.output.descriptor));
  assert.deepEqual(plain(kept.input.descriptor), plain(method.input.descriptor));
  assert.equal(method.descriptor?.name, "Buy");
  assert.equal(kept.descriptor, undefined);
  const value = {
    tree: { leaves: [{ season: "SPRING" }] },
    items: { a: { kind: "BOOK", lastName: "Woolf" } },
    price: { kind: "fixed", value: { units: 5n, rounding: "UP" } },
  };
  const json = kept.input.toJson(value);
  assert.deepEqual(json, method.input.toJson(value));
  assert.ok(kept.input.equals(kept.input.fromJson(json), value));
});

test("in a bundle each type has one descriptor, whichever is asked first", async () => {
  const { loaded } = await loadBundle(
    "types",
    'export { Ask, Item, Reply, Tree } from "./shop.js"; export { Money } from "./money.js";',
  );
  const { Ask, Item, Reply, Tree, Money } = loaded as Readonly<Record<string, MessageType>>;
  const typeOf = (type: MessageType | undefined, name: string) => {
    const found = type?.descriptor.fields.find((one) => one.name === name)?.type;
    return found?.kind === "message" ? found.message : undefined;
  };
  const money = typeOf(Reply, "total");
  assert.equal(money, Money?.descriptor);
  assert.equal(typeOf(Ask, "fixed"), money);
  assert.equal(typeOf(Ask, "tree"), Tree?.descriptor);
  assert.equal(typeOf(Ask, "items"), Item?.descriptor);
  assert.equal(Ask?.descriptor.file, Item?.descriptor.file);
  assert.deepEqual(
    Ask?.descriptor.file.dependencies.map(({ name }) => name),
    ["money.proto"],
  );
});

test("a bundle that keeps the service keeps the whole file", async () => {
  const { loaded } = await loadBundle("service", 'export { Shop, Ask } from "./shop.js";');
  const { Shop, Ask } = loaded as { readonly Shop: { readonly descriptor: object }; readonly Ask: MessageType };
  assert.equal((Shop.descriptor as { file: unknown }).file, Ask.descriptor.file);
  assert.ok(Ask.descriptor.file.messages.some(({ name }) => name === "Stranger"));
});

test("nothing is described while a module is imported, nor when messages are written and read", async () => {
  // Every description throws: whoever asks for one is found out.
  const rigged = whole
    .text("shop.proto")
    .replace(/(function (?:describe\w+|outline)\(\) \{)/g, '$1 throw new Error("described");');
  assert.notEqual(rigged, whole.text("shop.proto"));
  writeFileSync(join(root, "build/generated/parts/out/rigged.js"), rigged);
  const { Ask } = (await whole.load("rigged.proto")) as Readonly<Record<string, MessageType>>;
  const value = { items: { a: { kind: "BOOK" } } };
  assert.deepEqual(Ask?.decode(Ask.encode(value)), Ask?.create(value));
  assert.throws(() => Ask?.descriptor, /described/);
});
