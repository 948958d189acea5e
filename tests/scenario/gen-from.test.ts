// A contract written in TypeScript, printed as a .proto, read by the parser, and generated again: it says the same throughout.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  bool,
  bytes,
  DefinitionError,
  type EnumDescriptor,
  enumeration,
  extend,
  type FieldDescriptor,
  type FileDescriptor,
  field,
  file,
  int32,
  int64,
  joinFiles,
  linkFiles,
  type MessageDescriptor,
  type MessageType,
  map,
  message,
  oneof,
  optional,
  printFile,
  repeated,
  required,
  serverStream,
  service,
  string,
  unary,
} from "farcall/idl";
import { makeFolder, runCli } from "../support/cli.ts";
import { generateAndCompile } from "../support/marshal/generate.ts";

const Colour = enumeration("paint.Colour", { RED: 3, BLUE: 5 }, { closed: true });
const Kind = enumeration(
  "paint.Kind",
  { NONE: 0, SOME: 1, ANY: 1 },
  { allowAlias: true, reserved: { numbers: [[7, 9]], names: ["OLD"] } },
);
const Tree: MessageType<{ leaves: unknown[] }, object> = message("paint.Tree", {
  leaves: repeated(field(() => Tree, 1)),
}) as never;
const Base = message("paint.Base", { id: string(1) }, { extensions: [[100, 199]] });
const Legacy = message(
  "paint.Legacy",
  {
    name: required(string(1, { default: "x" })),
    port: optional(int32(2, { default: -8080 })),
    large: optional(int64(3, { default: 2n ** 62n, as: "string" })),
    raw: optional(bytes(4, { default: Uint8Array.of(0, 255, 34) })),
    colour: optional(field(Colour, 5, { default: "BLUE" })),
    tree: field(Tree, 6, { delimited: true }),
    trees: repeated(field(Tree, 7, { delimited: true })),
    loose: repeated(int32(8), { packed: false }),
    secret: string(9, { options: { debug_redact: true } }),
    old: bool(10, { deprecated: true, jsonName: "veryOld" }),
    colours: repeated(field(Colour, 11)),
  },
  { options: { no_standard_descriptor_accessor: true } },
);
const Plain = message(
  "paint.Plain",
  {
    kind: field(Kind, 1),
    note: optional(string(2)),
    sizes: map(string, int64(3)),
    choice: oneof({ tree: field(Tree, 4), count: int64(5, { as: "number" }) }),
    loose: repeated(int32(6), { packed: false }),
  },
  { reserved: { numbers: [20, [30, 40]], names: ["gone"] }, deprecated: true },
);
const label = extend(Base, "paint.label", string(100, { deprecated: true }));
const Paint = service(
  "paint.Paint",
  {
    mix: unary(Plain, Plain, { idempotency: "no-side-effects" }),
    watch: serverStream(Base, Plain, { deprecated: true }),
  },
  { deprecated: true },
);
const roots = [Legacy, Plain, Base, Kind, Colour].map(({ descriptor }) => descriptor.file);
const contract: readonly FileDescriptor[] = [...roots, label.descriptor.file, Paint.descriptor?.file as FileDescriptor];

/** What a file says, by names: order of declaration and the words of a syntax apart. */
function said(files: readonly FileDescriptor[]): unknown {
  const field = ({
    message: _,
    file: _file,
    oneof: one,
    type,
    parent: _p,
    extendee,
    comments: _c,
    ...rest
  }: FieldDescriptor & { file?: unknown; parent?: unknown; extendee?: MessageDescriptor }) => ({
    ...rest,
    options: Object.fromEntries(
      Object.entries(rest.options).filter(([name]) => name !== "features" && name !== "packed"),
    ),
    optional: undefined,
    extendee: extendee?.fullName,
    oneof: one?.name,
    type: type.kind === "scalar" ? type.scalar : type.kind === "enum" ? type.enum.fullName : type.message.fullName,
  });
  const enumOf = ({ fullName, values, closed, reservedRanges, reservedNames }: EnumDescriptor) => ({
    fullName,
    closed,
    values: values.map(({ name, number }) => [name, number]),
    reservedRanges,
    reservedNames,
  });
  const messageOf = (one: MessageDescriptor) => ({
    fullName: one.fullName,
    fields: one.fields.map((inner) => field(inner)),
    reserved: [one.reservedRanges, one.reservedNames],
    extensionRanges: one.extensionRanges,
    options: one.options,
  });
  const byName = <One extends { readonly fullName: string }>(list: readonly One[]) =>
    [...list].sort((a, b) => (a.fullName < b.fullName ? -1 : 1));
  return JSON.parse(
    JSON.stringify(
      {
        messages: byName(files.flatMap((file) => file.messages)).map(messageOf),
        enums: byName(files.flatMap((file) => file.enums)).map(enumOf),
        services: byName(files.flatMap((file) => file.services)).map(({ fullName, methods, options }) => ({
          fullName,
          options,
          methods: methods.map(({ name, input, output, clientStreaming, serverStreaming, options: own }) => [
            name,
            input.fullName,
            output.fullName,
            clientStreaming,
            serverStreaming,
            own,
          ]),
        })),
        extensions: byName(files.flatMap((file) => file.extensions ?? [])).map((one) => field(one as never)),
      },
      (_, value) => (typeof value === "bigint" ? `${value}n` : value instanceof Uint8Array ? [...value] : value),
    ),
  );
}

/** The contract as its files' texts, linked again. */
function reread(files: readonly FileDescriptor[]): readonly FileDescriptor[] {
  const texts = new Map(files.map((file) => [file.name, printFile(file)]));
  const { allFiles, errors } = linkFiles([...texts.keys()], (path) => texts.get(path));
  assert.deepEqual(
    errors.map((error) => error.format()),
    [],
  );
  return allFiles;
}

test("each file of the builder, printed and parsed, gives equal descriptors", () => {
  const all = new Set<FileDescriptor>();
  const add = (file: FileDescriptor): void => {
    file.dependencies.forEach(add);
    all.add(file);
  };
  contract.forEach(add);
  assert.deepEqual(said(reread([...all])), said([...all]));
});

test("joined to one file a package, the contract says the same", () => {
  const joined = joinFiles(contract);
  assert.deepEqual(
    joined.map(({ name }) => name),
    ["paint.proto"],
  );
  const again = reread(joined);
  assert.deepEqual(said(again), said(joined));
  const all = new Set<FileDescriptor>();
  const add = (file: FileDescriptor): void => {
    file.dependencies.forEach(add);
    all.add(file);
  };
  contract.forEach(add);
  assert.deepEqual(said(joined), said([...all]));
});

test("modules generated of the printed contract write what the builder's types write", async () => {
  const [joined] = joinFiles(contract);
  const folder = generateAndCompile("gen-from", { "paint.proto": printFile(joined as FileDescriptor) });
  assert.equal(folder.complaints, "");
  const generated = (await folder.load("paint.proto")) as Readonly<Record<string, MessageType>>;
  const legacy = {
    name: "a",
    colour: "RED",
    tree: { leaves: [{}] },
    trees: [{}],
    loose: [1, 2],
    large: "5",
    colours: ["BLUE"],
  } as const;
  assert.deepEqual(generated["Legacy"]?.encode(legacy), Legacy.encode(legacy));
  assert.deepEqual(generated["Legacy"]?.defaults, Legacy.defaults);
  assert.deepEqual(Legacy.defaults, {
    name: "x",
    port: -8080,
    large: String(2n ** 62n),
    raw: Uint8Array.of(0, 255, 34),
    colour: "BLUE",
    secret: "",
    old: false,
  });
  assert.throws(() => Legacy.encode({}), { code: "missing-field", path: "name" });
  const plain = { kind: "SOME", sizes: { a: 1 }, choice: { kind: "count", value: 5 }, loose: [3] } as const;
  assert.deepEqual(generated["Plain"]?.encode(plain), Plain.encode(plain));
});

test("packages that hold each other keep a file a type", () => {
  const Inner = message("one.Inner", { a: int32(1) });
  const Middle = message("two.Middle", { inner: field(Inner, 1) });
  const Outer = message("one.Outer", { middle: field(Middle, 1) });
  const files = joinFiles([Outer.descriptor.file]);
  assert.deepEqual(
    files.map(({ name }) => name),
    ["one/Inner.proto", "two/Middle.proto", "one/Outer.proto"],
  );
  assert.equal(joinFiles([Middle.descriptor.file]).length, 2);
});

test("what the builder cannot mean is refused where it is written", () => {
  const refused: readonly (readonly [task: () => unknown, says: RegExp])[] = [
    [() => message("a.B", { x: int32(1, { default: 5 }) }), /a\.B\.x: a default is for what knows its absence/],
    [
      () => message("a.B", { x: optional(int32(1, { default: 2 ** 31 })) }),
      /its default cannot be its value: .* 32-bit/,
    ],
    [() => message("a.B", { x: field(Colour, 1) }).create(), /a field of a closed enum must know its presence/],
    [
      () => message("a.B", { x: optional(field(Colour, 1, { default: "PINK" as never })) }).descriptor,
      /has no value "PINK"/,
    ],
    [() => message("a.B", { x: oneof({ y: required(int32(1)) as never }) }), /neither repeated, map nor optional/],
  ];
  for (const [task, says] of refused) {
    assert.throws(task, (error) => error instanceof DefinitionError && says.test(error.message));
  }
});

const shop = `import { field, int64, message, service, string, unary } from "farcall/idl";
export const Item = message("shop.Item", { name: string(1), priceCents: int64(2) });
export const Query = message("shop.Query", { text: string(1), like: field(Item, 2) });
export const Shop = service("shop.Shop", { find: unary(Query, Item) }, { defaultTimeoutMs: 2000 });
export const unrelated = 5;
`;
const printed = `syntax = "proto3";

package shop;

import "farcall/rpc.proto";
`;

test("a file is not joined with others for being called like what it declares", () => {
  const Order = message("shop.Order", { id: string(1) });
  const order = file("shop/Order.proto", [Order], { options: { go_package: "example.com/order" } });
  const Line = message("shop.Line", { order: field(Order, 1) });
  const Bare = message("shop.Bare", { line: field(Line, 1) });
  const bare = file("shop/Bare.proto", [Bare]);
  const names = (kept: readonly FileDescriptor[]) => joinFiles([bare.descriptor], kept).map(({ name }) => name);
  assert.deepEqual(names([]), ["shop/Order.proto", "shop.proto"]);
  assert.deepEqual(names([bare.descriptor]), ["shop/Order.proto", "shop/Bare.proto"]);
  const [first] = joinFiles([Order.descriptor.file]);
  assert.equal(first, order.descriptor);
});

test("a file that the module exports keeps its name, and what breaks a rule of protobuf is told", async (context) => {
  const imports = `import { enumeration, file, message, service, string, unary } from "farcall/idl";\n`;
  const folder = makeFolder(context, {
    "named.mjs": `${imports}const Query = message("shop.Query", { text: string(1, { doc: "What to look for." }) });
const Shop = service("shop.Shop", { find: unary(Query, Query) }, { doc: "Where to buy." });
export const shop = file("shop/v1.proto", [Shop], { options: { go_package: "example.com/shop" } });
`,
    "clash.mjs": `${imports}export const A = enumeration("shop.A", { NONE: 0 });
export const B = enumeration("shop.B", { NONE: 0 });
`,
  });
  const named = await runCli(context, ["gen", "--from", join(folder, "named.mjs"), "--proto", "--json"]);
  assert.deepEqual([named.status, named.err], [0, ""]);
  const [proto, ...others] = JSON.parse(named.out) as readonly { readonly path: string; readonly text: string }[];
  assert.deepEqual([proto?.path, others], ["shop/v1.proto", []]);
  for (const part of [
    'option go_package = "example.com/shop";',
    "// Where to buy.\nservice Shop {",
    "  // What to look for.",
  ]) {
    assert.ok(proto?.text.includes(part), proto?.text);
  }
  const clash = await runCli(context, ["gen", "--from", join(folder, "clash.mjs"), "--proto"]);
  assert.equal(clash.status, 1);
  assert.match(clash.err, /break rules of protobuf:\nshop\.proto:\d+:\d+: .*NONE/);
});

test("farcall gen --from prints the .proto of a module's contract, or writes and checks it", async (context) => {
  const folder = makeFolder(context, {
    "contract.mjs": shop,
    "empty.mjs": "export const a = 1;\n",
    "wrong.mjs": "throw new Error('no');\n",
  });
  const at = (name: string) => join(folder, name);
  const { status, out, err } = await runCli(context, ["gen", "--from", at("contract.mjs"), "--proto"]);
  assert.deepEqual([status, err, out.startsWith(printed)], [0, "", true], out);
  for (const part of [
    "message Item {\n  string name = 1;\n  int64 price_cents = 2;\n}",
    "rpc Find(Query) returns (Item);",
  ]) {
    assert.ok(out.includes(part), out);
  }
  const args = ["gen", "--from", at("contract.mjs"), "--proto", "--out", at("protos")];
  assert.equal((await runCli(context, [...args, "--check"])).status, 1);
  assert.equal((await runCli(context, args)).status, 0);
  assert.equal(readFileSync(at("protos/shop.proto"), "utf8").trimEnd(), out.trimEnd());
  assert.equal((await runCli(context, [...args, "--check"])).status, 0);
  const failures: readonly (readonly [args: readonly string[], status: number, says: RegExp])[] = [
    [["--from", at("empty.mjs"), "--proto"], 1, /exports no file, message, enum, service or extension/],
    [["--from", at("wrong.mjs"), "--proto"], 1, /failed while it was loaded: Error: no/],
    [["--from", at("none.mjs"), "--proto"], 1, /there is no such module/],
    [["--from", at("contract.mjs")], 2, /say what to make of the module: --proto/],
    [["a.proto", "--proto"], 2, /name it with --from MODULE/],
    [["--from", at("contract.mjs"), "--proto", "--watch"], 2, /--watch is for \.proto files/],
  ];
  for (const [rest, code, says] of failures) {
    const failed = await runCli(context, ["gen", ...rest]);
    assert.deepEqual([failed.status, says.test(failed.err)], [code, true], failed.err);
  }
});

test("a contract in a .ts file is loaded where Node runs TypeScript, and else the fix is named", async (context) => {
  const folder = makeFolder(context, { "contract.ts": shop });
  const { status, out, err } = await runCli(context, ["gen", "--from", join(folder, "contract.ts"), "--proto"]);
  if ("typescript" in process.features && process.features.typescript) assert.match(out, /package shop;/);
  else assert.deepEqual([status, /does not run .*compile it and name the \.js file/.test(err)], [1, true], err);
});
