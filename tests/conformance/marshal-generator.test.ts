// What the generator makes of contracts that are hard on it: names that are taken, types across files, many methods.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { MessageType } from "farcall/idl";
import { generateFiles } from "farcall/idl";
import { rolldown } from "rolldown";
import { generateAndCompile, link } from "../support/marshal/generate.ts";

const hostileProto = `syntax = "proto3";
message Map { map<string, int32> map = 1; }
message Uint8Array { bytes bytes = 1; }
message Object { float float = 1; }
message Extract { E e = 1; }
enum E { string = 0; number = 1; }
message Reader { Writer writer = 1; }
message Writer { Reader reader = 1; int32 depth = 2; }
message MessageType { string encodeMessageType = 1; }
message class { string class = 1; string default = 2; string function = 3; }
message Foo { FooInit init = 1; }
message FooInit { Foo foo = 1; string tag = 2; string message = 3; string from = 4; string into = 5; string value = 6; }
message encodeFoo {}
message List { repeated List list = 1; }
message outline {}
message hostileFile {}
message Outer { message Inner { string a = 1; } Inner inner = 1; Outer_Inner other = 2; }
message Outer_Inner { string b = 1; }
message Entry { map<string, Entry> entries = 1; }
message Objects { string constructor = 1; string __proto__ = 2; string then = 3; string has_own_property = 4; oneof to_string { string value_of = 5; } }
service Foo_ { rpc constructor(Foo) returns (FooInit); rpc Then(Foo) returns (FooInit); }
service Empty {}
/* A comment that ends too early: *\\/ */
message Commented {
  // Kept.

  // @deprecated by hand
  string text = 1 [deprecated = true]; // Behind.
}
`;

const farProto = `syntax = "proto3";
package far.away;
import "hostile.proto";
message Map { .Map map = 1; map<int32, .Map> maps = 2; oneof one { .Entry entry = 3; } repeated .E es = 4; Foo foo = 5; .Foo near = 6; }
message Foo { int32 x = 1; }
service Far { rpc Go(stream .Foo) returns (stream Foo); }
`;

const program = `import { Map as Near, type Objects, Foo_, class$ } from "./hostile.js";
import { Map as Far } from "./far/away.js";
const far = Far.create({ map: { map: { a: 1 } }, maps: { 5: {} }, one: { kind: "entry", value: { entries: { x: {} } } } });
const near: Near | undefined = far.map;
export const result = Far.decode(Far.encode(far));
export const objects: Objects = { constructor$: "", Proto: "", then$: "", hasOwnProperty$: "", toString$: undefined };
export const names = [near === undefined, Near.typeName, class$.typeName, ...Object.keys(Foo_.methods)];
`;

const sources = { "hostile.proto": hostileProto, "far/away.proto": farProto };
const folder = generateAndCompile("hostile", sources, { "program.ts": program });

test("names that are taken do not collide, in one file and across files", async () => {
  assert.equal(folder.complaints, "");
  const { result, names } = await folder.load("program.proto");
  assert.deepEqual(names, [false, "Map", "class", "constructor$", "then$"]);
  const { map, maps, one, es } = result as { map: object; maps: object; one: object; es: object };
  assert.deepEqual(map, { map: new Map([["a", 1]]) });
  assert.deepEqual(maps, new Map([[5, { map: new Map() }]]));
  assert.deepEqual(one, { kind: "entry", value: { entries: new Map([["x", { entries: new Map() }]]) } });
  assert.deepEqual(es, []);
});

test("fields named like words of the generated functions are fields", async () => {
  const { FooInit } = (await folder.load("hostile.proto")) as {
    readonly FooInit: MessageType<{ readonly tag: string }>;
  };
  const value = { tag: "t", message: "m", from: "f", into: "i", value: "v" };
  assert.deepEqual(FooInit.decode(FooInit.encode(value)), { foo: undefined, ...value });
});

test("comments of the .proto become JSDoc, and cannot end it", () => {
  const [file] = generateFiles(link({ "hostile.proto": hostileProto.replace("*\\/", "* /") }));
  assert.match(
    file?.text ?? "",
    /\/\*\*\n {3}\* @deprecated by hand\n {3}\* Behind\.\n {3}\* @deprecated\n {3}\*\/\n {2}text: string;/,
  );
});

test("imports of other modules end as asked for", () => {
  const files = link(sources);
  const texts = (importExtension: "js" | "ts") =>
    generateFiles(files, { importExtension, runtime: "../runtime.ts" }).map(({ path, text }) => ({ path, text }));
  assert.deepEqual(
    texts("ts").map(({ path }) => path),
    ["hostile.ts", "far/away.ts"],
  );
  assert.match(texts("ts")[1]?.text ?? "", /from "\.\.\/hostile\.ts";/);
  assert.match(texts("js")[1]?.text ?? "", /from "\.\.\/hostile\.js";/);
  assert.match(texts("js")[1]?.text ?? "", /from "\.\.\/runtime\.ts";/);
});

test("generating twice gives the same texts", () => {
  assert.deepEqual(generateFiles(link(sources)), generateFiles(link(sources)));
});

/** What a bundler keeps of a generated module when one name of it is used, without the outline. */
async function bundleOf(path: string, name: string): Promise<string> {
  const input = fileURLToPath(new URL(`../../generated/${path}`, import.meta.url));
  const bundle = await rolldown({
    input: "entry",
    external: ["farcall/gen"],
    plugins: [
      {
        name: "entry",
        resolveId: (id) => (id === "entry" ? id : null),
        load: (id) => (id === "entry" ? `export { ${name} } from ${JSON.stringify(input)};` : null),
      },
    ],
  });
  const [chunk] = (await bundle.generate({ format: "esm" })).output;
  return chunk?.code.replace(/function outline\(\)[\s\S]*?\n}/, "") ?? "";
}

test("a bundle of one method keeps that method's types and no others", async () => {
  const methods = Array.from({ length: 20 }, (_, index) => ({
    message: `message Ask${index} { string only_in_${index} = 1; map<string, Ask${index}> more = 2; }`,
    method: `rpc Do${index}(Ask${index}) returns (Ask${index});`,
  }));
  const proto = `syntax = "proto3"; ${methods.map(({ message }) => message).join(" ")} service S { ${methods.map(({ method }) => method).join(" ")} }`;
  const shaken = generateAndCompile("shaken", { "many.proto": proto });
  assert.equal(shaken.complaints, "");
  const code = await bundleOf("shaken/out/many.js", "S_do3");
  assert.match(code, /encodeAsk3/);
  assert.doesNotMatch(code, /encodeAsk4|Ask5|S_do6/);
});

test("a bundle of one extension keeps that extension and no others", async () => {
  const proto = `syntax = "proto2"; message Base { extensions 1 to 9; } message Used { optional int32 x = 1; }
message Unused { optional int32 x = 1; } extend Base { optional Used one = 1; optional Unused other = 2; }`;
  const shaken = generateAndCompile("shaken-extension", { "extended.proto": proto });
  assert.equal(shaken.complaints, "");
  const code = await bundleOf("shaken-extension/out/extended.js", "one");
  assert.match(code, /encodeUsed/);
  assert.doesNotMatch(code, /encodeUnused|encodeBase|"other"/);
});

test("a module that was generated for another version of the runtime says so when it is imported", async () => {
  const { checkVersion } = await import("farcall/gen");
  assert.throws(() => checkVersion(999), /run farcall gen again/);
});
