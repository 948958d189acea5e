// Node 24 runs TypeScript as it is, types stripped: generated modules and contracts need no compiler there, and no flag.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateFiles, linkFiles } from "farcall/idl";
import { makeFolder } from "../support/cli.ts";
import { featuresProto } from "../support/marshal/feature-protos.ts";
import { kindsProto } from "../support/marshal/kinds.ts";
import { commandOf, findPeer, needsPeer } from "../support/peer-programs.ts";

const node = findPeer("node-24");
const cli = fileURLToPath(new URL("../../../dist/cli.js", import.meta.url));

/** Runs that Node with words, and gives what it printed. */
function runNode(folder: string, words: readonly string[]): string {
  const [command, ...before] = commandOf(node, "node");
  const env = { ...process.env, NODE_OPTIONS: "" };
  const { status, stdout, stderr } = spawnSync(command, [...before, ...words], { cwd: folder, encoding: "utf8", env });
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout;
}

const program = `import { implement } from "farcall";
import { getExtension, setExtension } from "farcall/marshal";
import { Everything, Kinds, type EverythingInit } from "./kinds.ts";
import { Order, weight } from "./old.ts";

const init: EverythingInit = { colorValue: "GREEN", names: { 5: "five" }, choice: { kind: "big", value: 7n } };
const read = Everything.decode(Everything.encode(init));
console.log(read.colorValue, read.names, read.choice, Everything.descriptor.fields.length > 40);
const order = Order.create({ id: 5 } as object);
setExtension(order, weight, 3);
console.log(getExtension(order, weight), Kinds.methods.echo.path, typeof implement);
`;

test("generated modules run as they are, beside the program that uses them", (context) => {
  if (!needsPeer(node, context)) return;
  const folder = makeFolder(context, {});
  const texts: Readonly<Record<string, string>> = { "kinds.proto": kindsProto, "old.proto": featuresProto };
  const { files, errors } = linkFiles(Object.keys(texts), (path) => texts[path]);
  assert.deepEqual(errors, []);
  for (const { path, text } of generateFiles(files, { importExtension: "ts" })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  writeFileSync(join(folder, "program.ts"), program);
  assert.equal(
    runNode(folder, ["program.ts"]),
    "GREEN Map(1) { 5n => 'five' } { kind: 'big', value: 7n } true\n3 /kinds.Kinds/Echo function\n",
  );
});

test("farcall gen --from takes a contract in TypeScript", (context) => {
  if (!needsPeer(node, context)) return;
  const folder = makeFolder(context, {
    "contract.ts": `import { file, message, string, unary, service, type MessageType } from "farcall/idl";
interface Asked { readonly text?: string | undefined }
const Query: MessageType<{ text: string }, Asked> = message("shop.Query", { text: string(1) });
const Shop = service("shop.Shop", { find: unary(Query, Query) });
export const shop = file("shop.proto", [Shop], { doc: "Where to buy." });
`,
  });
  const printed = runNode(folder, [cli, "gen", "--from", "contract.ts", "--proto"]);
  assert.match(
    printed,
    /^\/\/ Where to buy\.\nsyntax = "proto3";\n\npackage shop;\n\nmessage Query \{\n {2}string text = 1;/,
  );
});
