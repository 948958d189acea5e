import assert from "node:assert/strict";
import { test } from "node:test";
import { MarshalError } from "../errors.ts";
import type { MessageType } from "../types.ts";
import { bool, field, int32, int64, map, oneof, optional, repeated, string } from "./fields.ts";
import { enumeration, message } from "./message.ts";
import { service, unary } from "./service.ts";

const MakeDirArgs = message("dirs.MakeDirArgs", { path: string(1) });
const DirectoryEntry = message("dirs.DirectoryEntry", { name: string(1), isDirectory: bool(2) });
const DirectoryList = message("dirs.DirectoryList", { entries: repeated(field(DirectoryEntry, 1)) });
const Empty = message("dirs.Empty", {});

test("D5: a message defined in TypeScript has protobuf's bytes", () => {
  const bytes = DirectoryList.encode({ entries: [{ name: "a", isDirectory: true }, {}] });
  assert.equal(Buffer.from(bytes).toString("hex"), "0a050a01611001" + "0a00");
  assert.deepEqual(DirectoryList.decode(bytes), {
    entries: [
      { name: "a", isDirectory: true },
      { name: "", isDirectory: false },
    ],
  });
});

test("D3: field numbers, not names, are on the wire", () => {
  const Renamed = message("dirs.MakeDirArgs", { directory: string(1) });
  assert.deepEqual(Renamed.decode(MakeDirArgs.encode({ path: "x" })), { directory: "x" });
});

test("a message can hold itself, found by a function", () => {
  interface Node {
    name: string;
    next: Node | undefined;
  }
  interface NodeInit {
    readonly name?: string | undefined;
    readonly next?: NodeInit | undefined;
  }
  const Node: MessageType<Node, NodeInit> = message("t.Node", {
    name: string(1),
    next: field(() => Node, 2),
  });
  const chain = { name: "a", next: { name: "b", next: undefined } };
  assert.deepEqual(Node.decode(Node.encode(chain)), chain);
  assert.equal(Node.descriptor.fields[1]?.message, Node.descriptor);
});

test("types that hold each other share a file, others import it", () => {
  const Left: MessageType<object, object> = message("t.Left", { right: field(() => Right, 1) });
  const Right = message("t.Right", { left: field(() => Left, 1), leaf: field(Empty, 2) });
  assert.equal(Left.descriptor.file, Right.descriptor.file);
  assert.deepEqual(
    Right.descriptor.file.dependencies.map(({ name }) => name),
    ["dirs/Empty.proto"],
  );
});

test("a service names its methods as gRPC does, and they carry their options", () => {
  const Directories = service("dirs.Directories", {
    makeDirectory: unary(MakeDirArgs, Empty),
    list: unary(MakeDirArgs, DirectoryList, { name: "ListDirectory", idempotency: "no-side-effects" }),
  });
  const { makeDirectory, list } = Directories.methods;
  assert.equal(makeDirectory.path, "/dirs.Directories/MakeDirectory");
  assert.equal(list.path, "/dirs.Directories/ListDirectory");
  assert.equal(list.idempotency, "no-side-effects");
  assert.equal(list.descriptor?.service, Directories.descriptor);
  assert.equal(list.descriptor?.output, DirectoryList.descriptor);
  assert.deepEqual(list.options, { idempotency_level: { identifier: "NO_SIDE_EFFECTS" } });
});

const Color = enumeration("t.Color", { RED: 0, GREEN: 1 });
const wrong: readonly { readonly name: string; readonly define: () => unknown; readonly says: RegExp }[] = [
  {
    name: "two fields of one number",
    define: () => message("t.M", { a: string(1), b: string(1) }),
    says: /t\.M\.b: a has/,
  },
  {
    name: "a number in a oneof twice",
    define: () => message("t.M", { a: string(1), c: oneof({ b: bool(1) }) }),
    says: /t\.M\.b/,
  },
  {
    name: "names alike in a .proto",
    define: () => message("t.M", { aB: string(1), a_b: string(2) }),
    says: /lowerCamelCase/,
  },
  {
    name: "a field that every object has",
    define: () => message("t.M", { toString: string(1) }),
    says: /write toString\$/,
  },
  {
    name: "a $ that nothing asks for",
    define: () => message("t.M", { plain$: string(1) }),
    says: /no other/,
  },
  { name: "field number 0", define: () => message("t.M", { a: string(0) }), says: /0 is no field number/ },
  { name: "a field number that protobuf keeps", define: () => message("t.M", { a: string(19_500) }), says: /19500/ },
  { name: "a fraction as number", define: () => message("t.M", { a: string(1.5) }), says: /1\.5/ },
  {
    name: "a reserved number",
    define: () => message("t.M", { a: string(7) }, { reserved: { numbers: [[5, 9]] } }),
    says: /reserved/,
  },
  {
    name: "a reserved name",
    define: () => message("t.M", { aB: string(7) }, { reserved: { names: ["a_b"] } }),
    says: /reserved/,
  },
  { name: "a bad full name", define: () => message("t..M", {}), says: /dots/ },
  { name: "an empty oneof", define: () => message("t.M", { a: oneof({}) }), says: /needs a field/ },
  { name: "an enum without zero", define: () => enumeration("t.E", { A: 1 }), says: /must be 0/ },
  { name: "an enum without values", define: () => enumeration("t.E", {}), says: /needs a value/ },
  { name: "an enum number given twice", define: () => enumeration("t.E", { A: 0, B: 0 }), says: /A has/ },
  {
    name: "two methods of one name",
    define: () => service("t.S", { a: unary(Empty, Empty), b: unary(Empty, Empty, { name: "A" }) }),
    says: /another method is called A/,
  },
  ...[0, -1, 1.5, 86_400_001, Number.POSITIVE_INFINITY, Number.NaN, "500"].flatMap((value) => {
    const defaultTimeoutMs = value as number;
    const says = /t\.S(?:\.a)?: defaultTimeoutMs is .*: expected whole milliseconds from 1 to 86400000 \(a day\)/;
    return [
      {
        name: `a default deadline of ${value} for a method`,
        define: () => service("t.S", { a: unary(Empty, Empty, { defaultTimeoutMs }) }),
        says,
      },
      {
        name: `a default deadline of ${value} for a service`,
        define: () => service("t.S", { a: unary(Empty, Empty) }, { defaultTimeoutMs }),
        says,
      },
    ];
  }),
  {
    name: "an idempotency that is none",
    define: () => service("t.S", { a: unary(Empty, Empty, { idempotency: "IDEMPOTENT" as "idempotent" }) }),
    says: /t\.S\.a: idempotency is IDEMPOTENT: expected unknown, no-side-effects, idempotent/,
  },
];

for (const { name, define, says } of wrong) {
  test(`defining ${name} is refused at once`, () => {
    assert.throws(
      define,
      (error) => error instanceof Error && error.name === "DefinitionError" && says.test(error.message),
    );
  });
}

const Everything = message("t.Everything", {
  count: int32(1),
  size: int64(2),
  color: field(Color, 3),
  note: optional(string(4)),
  labels: map(string, field(Empty, 5)),
  choice: oneof({ text: string(6), entry: field(DirectoryEntry, 7) }),
  inner: field(() => DirectoryList, 8),
});

test("D9: what cannot be sent is refused with the path to it", () => {
  const refuse = (value: unknown, code: string, path: string): void =>
    assert.throws(
      () => Everything.encode(value as never),
      (error) => error instanceof MarshalError && error.code === code && error.path === path,
    );
  refuse({ inner: { entries: [{}, { name: 4 }] } }, "wrong-type", "inner.entries[1].name");
  refuse({ inner: { entries: [() => 1] } }, "live-object", "inner.entries[0]");
  refuse({ labels: { a: new Date(0) } }, "live-object", 'labels["a"]');
  refuse({ choice: { kind: "no" } }, "unknown-kind", "choice.kind");
  refuse({ choice: { kind: "text", value: "\ud800" } }, "lone-surrogate", "choice.value");
  refuse({ color: "BLUE" }, "unknown-name", "color");
  refuse({ size: 2 ** 53 }, "out-of-range", "size");
  refuse({ count: 2 ** 31 }, "out-of-range", "count");
  refuse(new Map(), "live-object", "");
});

test("create fills in what is missing and brings values into their one form", () => {
  assert.deepEqual(Everything.create({ size: 5, labels: { a: {} }, inner: { entries: [{}] } }), {
    count: 0,
    size: 5n,
    color: "RED",
    note: undefined,
    labels: new Map([["a", {}]]),
    choice: undefined,
    inner: { entries: [{ name: "", isDirectory: false }] },
  });
});
