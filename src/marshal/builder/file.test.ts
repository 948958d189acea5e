// Files, nested types and custom options of the builder: what goes where, and what is refused.
import assert from "node:assert/strict";
import { test } from "node:test";
import { printFile } from "../../idl/printer/print-file.ts";
import { DefinitionError, type DefinitionErrorCode } from "./definition-error.ts";
import { extend } from "./extend.ts";
import { bool, field, int32, int64, map, oneof, optional, repeated, required, string } from "./fields.ts";
import { type ContractFile, file } from "./file.ts";
import { enumeration, enumValue, message } from "./message.ts";
import { optionsOf } from "./option-targets.ts";
import { option } from "./options.ts";
import { service, unary } from "./service.ts";

test("a file takes in what it refers to of its package, and imports the rest", () => {
  const Id = message("a.ids.Id", { text: string(1) });
  const Line = message("a.Line", { id: field(Id, 1) });
  const Order = message("a.Order", { lines: repeated(field(Line, 1)) });
  const Orders = service("a.Orders", { find: unary(Id, Order) });
  const ids = file("a/ids.proto", [Id]);
  const orders = file("a/orders.proto", [Orders]);
  assert.deepEqual(
    orders.descriptor.messages.map(({ name }) => name),
    ["Order", "Line"],
  );
  assert.deepEqual(orders.descriptor.dependencies, [ids.descriptor]);
  assert.equal(Line.descriptor.file, orders.descriptor);
  assert.equal(Orders.descriptor?.file, orders.descriptor);
});

test("a nested type is described in the message around it, whoever is asked first", () => {
  const Kind = enumeration("a.Box.Lid.Kind", { FLAT: 0 });
  const Lid = message("a.Box.Lid", { kind: field(Kind, 1), size: int32(2) }, { nested: [Kind] });
  const Box = message("a.Box", { lid: field(Lid, 1) }, { nested: [Lid] });
  assert.equal(Kind.descriptor.parent, Lid.descriptor);
  assert.equal(Lid.descriptor.parent, Box.descriptor);
  assert.equal(
    Box.descriptor.fields[0]?.type.kind === "message" && Box.descriptor.fields[0].type.message,
    Lid.descriptor,
  );
  assert.equal(Box.descriptor.file.package, "a");
});

test("a custom option may be set in the file that declares it", () => {
  const rank = extend(optionsOf.field, "a.rank", int32(50_001));
  const Item = message("a.Item", { name: string(1, { options: option(rank, 5) }) });
  const one = file("a.proto", [Item]);
  assert.deepEqual(
    one.descriptor.extensions?.map(({ name }) => name),
    ["rank"],
  );
  assert.deepEqual(Item.descriptor.fields[0]?.options, { "(a.rank)": 5 });
  assert.match(printFile(one.descriptor), /string name = 1 \[\(rank\) = 5\];/);
});

test("a method's custom options are among its options", () => {
  const scope = extend(optionsOf.method, "a.scope", repeated(string(50_001)));
  const Empty = message("a.Empty", {});
  const Calls = service("a.Calls", { call: unary(Empty, Empty, { deprecated: true, options: option(scope, ["x"]) }) });
  assert.deepEqual(Calls.methods.call.options, { deprecated: true, "(a.scope)": ["x"] });
});

test("a repeated option that is set twice has the values of both", () => {
  const scope = extend(optionsOf.message, "a.scope", repeated(string(50_001)));
  const Empty = message("a.Empty", {}, { options: [option(scope, ["x"]), option(scope, ["y", "z"])] });
  assert.deepEqual(Empty.descriptor.options, { "(a.scope)": ["x", "y", "z"] });
});

test("one type's file is printed in proto3 where it can, else in an edition that says least", () => {
  const Closed = enumeration("a.Closed", { A: 0, B: 1 }, { closed: true });
  const texts = [
    message("a.Plain", { a: int32(1), b: optional(int32(2)) }),
    message("a.Old", { a: int32(1), b: optional(int32(2, { default: 5 })), c: required(int32(3)) }),
    message("a.Known", { b: optional(int32(2, { default: 5 })) }),
    message("a.Maps", { a: int32(1), b: map(string, field(Closed, 2)) }),
  ].map(({ descriptor }) =>
    printFile(descriptor.file)
      .split("\n")
      .filter((line) => /= |^edition/.test(line)),
  );
  assert.deepEqual(texts, [
    ['syntax = "proto3";', "  int32 a = 1;", "  optional int32 b = 2;"],
    [
      'edition = "2023";',
      "option features.field_presence = IMPLICIT;",
      "  int32 a = 1;",
      "  int32 b = 2 [default = 5, features.field_presence = EXPLICIT];",
      "  int32 c = 3 [features.field_presence = LEGACY_REQUIRED];",
    ],
    ['edition = "2023";', "  int32 b = 2 [default = 5];"],
    ['edition = "2023";', "  int32 a = 1 [features.field_presence = IMPLICIT];", "  map<string, Closed> b = 2;"],
  ]);
});

const Colour = enumeration("p.Colour", { RED: 1, BLUE: 5 }, { closed: true });
const Open = enumeration("p.Open", { NONE: 0 });
const Base = message("p.Base", { id: string(1) }, { extensions: [[100, 199]] });
const onField = extend(optionsOf.field, "p.on_field", int32(50_001));

/** What is refused, with the code and a part of what is said. */
const refused: readonly (readonly [task: () => unknown, code: DefinitionErrorCode, says: RegExp])[] = [
  // Files.
  [() => file("/a.proto", []), "bad-name", /expected a path/],
  [() => file("a/../b.proto", []), "bad-name", /expected a path/],
  [() => file("", []), "bad-name", /expected a path/],
  [() => file("a.proto", [message("a.b.C", {}), message("a.D", {})]), "bad-name", /a\.D is not of the package a\.b/],
  [
    () => file("a.proto", [], { syntax: "proto3", features: { enumType: "CLOSED" } }),
    "bad-option",
    /features belong to editions/,
  ],
  [
    () => {
      const A = message("a.A", {});
      file("a.proto", [A]);
      file("b.proto", [A]);
    },
    "duplicate",
    /a\.A is in a\.proto already/,
  ],
  [
    () => {
      const A = message("a.A", {});
      assert.ok(A.descriptor);
      file("a.proto", [A]);
    },
    "duplicate",
    /was described before/,
  ],
  [
    () => {
      const Inner = message("a.A.B", {});
      message("a.A", {}, { nested: [Inner] });
      file("a.proto", [Inner]);
    },
    "bad-type",
    /is in the file of a\.A/,
  ],
  [() => file("a.proto", [optionsOf.field]), "bad-type", /was not written with the builder/],
  [
    () => {
      const A: ReturnType<typeof message> = message("a.A", { b: field(() => B, 1) });
      const B: ReturnType<typeof message> = message("b.B", { a: field(() => A, 1) });
      file("b.proto", [B]);
      return file("a.proto", [A]).descriptor;
    },
    "bad-type",
    /import each other/,
  ],
  // Syntaxes.
  ...(
    [
      [message("a.A", { a: int32(1) }), "proto2", /fields of proto2 know whether they are set/],
      [message("b.A", { a: required(int32(1)) }), "proto3", /proto3 has no required fields/],
      [message("c.A", { a: optional(int32(1, { default: 1 })) }), "proto3", /proto3 has no defaults/],
      [message("d.A", { a: field(Base, 1, { delimited: true }) }), "proto3", /proto3 has no delimited/],
      [message("e.A", { a: repeated(field(Colour, 1)) }), "proto3", /do not hold closed enums/],
      [message("f.A", {}, { extensions: [1] }), "proto3", /no room for extensions/],
      [message("g.A", { a: field(Base, 1, { delimited: true }) }), "proto2", /proto2 has groups only/],
      [enumeration("h.E", { A: 0 }), "proto2", /enums of proto2 are closed/],
      [enumeration("i.E", { A: 1 }, { closed: true }), "proto3", /enums of proto3 are open/],
      [extend(Base, "j.x", string(101)), "proto3", /extends options only/],
    ] as const
  ).map(
    ([declared, syntax, says]) =>
      [
        () => file("a.proto", [declared], { syntax }).descriptor,
        declared.kind === "enum" || /room/.test(String(says)) ? "bad-option" : "bad-type",
        says,
      ] as const,
  ),
  [
    () => {
      const Kind = enumeration("a.Kind", { A: 0 }, { closed: true });
      const A = message("a.A", { kinds: map(string, field(Kind, 1)) });
      return file("a.proto", [A], { features: { fieldPresence: "IMPLICIT" } }).descriptor;
    },
    "bad-type",
    /a map in a file of implicit presence cannot hold a closed enum/,
  ],
  // Nesting.
  [() => message("a.A", {}, { nested: [message("a.B", {})] }), "bad-name", /called a\.A\.B/],
  [() => message("a.A", {}, { nested: [optionsOf.field] }), "bad-type", /not written with the builder/],
  [
    () => {
      const B = message("a.A.B", {});
      assert.ok(B.descriptor);
      message("a.A", {}, { nested: [B] });
    },
    "bad-type",
    /described before it was nested/,
  ],
  // Closed enums.
  [() => message("a.A", { a: field(Colour, 1) }), "bad-type", /must know its presence/],
  [() => message("a.A", { a: field(() => Colour, 1) }).descriptor, "bad-type", /must know its presence/],
  [() => message("a.A", { a: map(string, field(Colour, 1)) }), "bad-type", /must begin with 0/],
  [
    () =>
      message("a.A", {
        a: map(
          string,
          field(() => Colour, 1),
        ),
      }).descriptor,
    "bad-type",
    /must begin with 0/,
  ],
  // Extensions.
  [() => extend(Base, "a.x", int32(101, { default: 2 ** 40 })), "bad-type", /its default cannot be its value/],
  [() => extend(Base, "a.x", field(Colour, 101, { default: "PINK" as never })), "bad-type", /no value "PINK"/],
  [() => extend(Base, "a.x", field(Base, 101, { default: {} as never })), "bad-type", /a message has no default/],
  [() => extend(Base, "a.x", string(101, { jsonName: "y" })), "bad-option", /no jsonName/],
  [() => extend(optionsOf.field, "a.x", string(5)).descriptor, "bad-number", /has not set the number 5 aside/],
  // Options.
  [
    () => message("a.A", {}, { options: option(onField, 5) }).descriptor,
    "bad-option",
    /extends google\.protobuf\.FieldOptions/,
  ],
  [
    () => message("a.A", { a: int32(1, { options: option(onField, 2 ** 40) }) }).descriptor,
    "bad-option",
    /cannot hold its value/,
  ],
  [
    () => message("a.A", { a: int32(1, { options: option(onField, "x" as never) }) }).descriptor,
    "bad-option",
    /expected a number/,
  ],
  [
    () => message("a.A", { a: int32(1, { options: [option(onField, 1), option(onField, 2)] }) }).descriptor,
    "bad-option",
    /is set twice/,
  ],
  [
    () => message("a.A", { a: int32(1, { options: { features: { field_presence: "EXPLICIT" } } }) }).descriptor,
    "bad-option",
    /features\.field_presence follows from/,
  ],
  [() => enumeration("a.E", { A: enumValue(0), B: enumValue(0.5) }), "bad-number", /no 32-bit integer/],
  [() => message("a.A", { o: oneof({ a: required(bool(1)) as never }) }), "bad-type", /neither repeated/],
  [() => message("a.A", { a: optional(int64(1, { default: 2n ** 64n })) }), "bad-type", /its default cannot/],
  [() => message("a.A", { a: field(Open, 1, { default: "NONE" }) }), "bad-type", /write optional/],
];

for (const [index, [task, code, says]] of refused.entries()) {
  test(`refused, ${index + 1}: ${String(says)}`, () => {
    assert.throws(task, (error) => {
      assert.ok(error instanceof DefinitionError, String((error as Error).stack));
      assert.match(error.message, says);
      assert.equal(error.code, code);
      return true;
    });
  });
}

test("a file that was refused says the same when it is asked again", () => {
  const A = message("a.A", { a: int32(1) });
  const one: ContractFile = file("a.proto", [A], { syntax: "proto2" });
  for (const ask of [() => one.descriptor, () => A.descriptor, () => one.descriptor]) {
    assert.throws(ask, /fields of proto2 know/);
  }
});
