// 64-bit integers as numbers and as text: of generated modules, of the builder, of types made at run time. The bytes are one.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  extend,
  fixed64,
  int64,
  type MessageOf,
  type MessageType,
  map,
  message,
  oneof,
  optional,
  printFile,
  repeated,
  sfixed64,
  sint64,
  string,
  uint64,
} from "farcall/idl";
import { getExtension, MarshalError, messageTypeOf, setExtension } from "farcall/marshal";
import { generateAndCompile, link } from "../support/marshal/generate.ts";

const fields = (jstype: string): string => `message Forms {
  int64 one = 1${jstype}; uint64 two = 2${jstype}; sint64 three = 3${jstype}; fixed64 four = 4${jstype}; sfixed64 five = 5${jstype};
  optional int64 maybe = 6${jstype}; repeated sint64 list = 7${jstype}; oneof choice { uint64 chosen = 8${jstype}; string other = 9; }
}`;
const protoOf = (jstype: string): string => `syntax = "proto3"; package forms;\n${fields(jstype)}`;
const program = `import { Forms } from "./forms.js";
const whole: Forms = Forms.create({ one: 5n, list: [1, 2n] });
const KIND: (typeof whole)["one"] = whole.one;
const list: readonly (KINDTYPE)[] = whole.list; const maybe: KINDTYPE | undefined = whole.maybe;
export const values = [KIND, list, maybe];`;

const Plain = message("forms.Forms", {
  one: int64(1),
  two: uint64(2),
  three: sint64(3),
  four: fixed64(4),
  five: sfixed64(5),
  maybe: optional(int64(6)),
  list: repeated(sint64(7)),
  choice: oneof({ chosen: uint64(8), other: string(9) }),
});
const Numbers = message("forms.Forms", {
  one: int64(1, { as: "number" }),
  two: uint64(2, { as: "number" }),
  three: sint64(3, { as: "number" }),
  four: fixed64(4, { as: "number" }),
  five: sfixed64(5, { as: "number" }),
  maybe: optional(int64(6, { as: "number" })),
  list: repeated(sint64(7, { as: "number" })),
  choice: oneof({ chosen: uint64(8, { as: "number" }), other: string(9) }),
});
const Texts = message("forms.Forms", {
  one: int64(1, { as: "string" }),
  two: uint64(2, { as: "string" }),
  three: sint64(3, { as: "string" }),
  four: fixed64(4, { as: "string" }),
  five: sfixed64(5, { as: "string" }),
  maybe: optional(int64(6, { as: "string" })),
  list: repeated(sint64(7, { as: "string" })),
  choice: oneof({ chosen: uint64(8, { as: "string" }), other: string(9) }),
});
// The types are checked by the compiler.
const number: MessageOf<typeof Numbers> = Numbers.create();
export const types: readonly [number, number | undefined, number[], string, bigint] = [
  number.one,
  number.maybe,
  number.list,
  Texts.create().two,
  Plain.create().two,
];

type Open = MessageType<{ readonly [name: string]: unknown }>;
const cases = [
  { form: "number", jstype: " [jstype = JS_NUMBER]", built: Numbers, of: Number },
  { form: "string", jstype: " [jstype = JS_STRING]", built: Texts, of: String },
] as const;
const plainBytes = Plain.encode({
  one: -5n,
  two: 2n ** 53n - 1n,
  three: -7,
  four: 9,
  five: -(2n ** 52n),
  maybe: 0,
  list: [1, -1],
  choice: { kind: "chosen", value: 0n },
});

for (const { form, jstype, built, of } of cases) {
  const typed = program.replaceAll("KINDTYPE", form);
  const byOption = generateAndCompile(`int64-${form}`, { "forms.proto": protoOf(jstype) }, { "program.ts": typed });
  const byFlag = generateAndCompile(
    `int64-${form}-all`,
    { "forms.proto": protoOf("") },
    { "program.ts": typed },
    { int64: form },
  );
  assert.equal(byOption.complaints + byFlag.complaints, "");
  const [file] = link({ "forms.proto": protoOf(jstype) });
  const made: readonly (readonly [by: string, type: Open])[] = [
    ["builder", built as unknown as Open],
    ["jstype", (await byOption.load("forms.proto"))["Forms"] as Open],
    ["--int64", (await byFlag.load("forms.proto"))["Forms"] as Open],
    ["run time", messageTypeOf(file?.messages[0] as never) as Open],
  ];
  for (const [by, type] of made) {
    const inForm = (value: bigint | number): unknown => of(value);
    const whole = {
      one: inForm(-5),
      two: inForm(2n ** 53n - 1n),
      three: inForm(-7),
      four: inForm(9),
      five: inForm(-(2n ** 52n)),
      maybe: inForm(0),
      list: [inForm(1), inForm(-1)],
      choice: { kind: "chosen", value: inForm(0) },
    };

    test(`as ${form}, by ${by}: the same bytes and the same JSON as bigint, both ways`, () => {
      assert.deepEqual(type.decode(plainBytes), whole);
      assert.deepEqual(type.encode(whole), plainBytes);
      assert.deepEqual(type.create(Plain.decode(plainBytes)), whole);
      assert.deepEqual(type.toJson(whole), Plain.toJson(Plain.decode(plainBytes)));
      assert.deepEqual(type.fromJson(type.toJson(whole)), whole);
      assert.deepEqual(type.fromText(type.toText(whole)), whole);
      assert.equal(type.toText(whole), Plain.toText(Plain.decode(plainBytes)));
      assert.deepEqual(type.clone(whole), whole);
      assert.ok(type.equals(whole, type.decode(plainBytes)));
    });

    test(`as ${form}, by ${by}: what is zero is not written, and what is unset is zero`, () => {
      const zero = inForm(0);
      const empty = {
        one: zero,
        two: zero,
        three: zero,
        four: zero,
        five: zero,
        maybe: undefined,
        list: [],
        choice: undefined,
      };
      assert.deepEqual(type.create({}), empty);
      assert.deepEqual(type.decode(new Uint8Array(0)), empty);
      assert.equal(type.encode(empty).length, 0);
      assert.deepEqual(type.defaults, { one: zero, two: zero, three: zero, four: zero, five: zero, maybe: zero });
      assert.deepEqual(type.merge(type.create({ one: inForm(4) }), {}), { ...empty, one: inForm(4) });
      assert.deepEqual(type.toJson(empty), {});
    });
  }

  if (form === "number") {
    for (const [by, type] of made) {
      test(`as number, by ${by}: beyond 2^53 - 1 is refused both ways with the field's path`, () => {
        const tooLarge = 2n ** 53n;
        const says = /is not a safe integer, which this field has for a 64-bit one \(up to 2\^53 - 1\)/;
        const at = (path: string) => (error: unknown) =>
          error instanceof MarshalError &&
          error.path === path &&
          says.test(error.message) &&
          error.code === "out-of-range";
        assert.throws(() => type.decode(Plain.encode({ one: tooLarge })), at("one"));
        assert.throws(() => type.decode(Plain.encode({ list: [1, tooLarge] })), at("list"));
        assert.throws(
          () => type.decode(Plain.encode({ choice: { kind: "chosen", value: tooLarge } })),
          at("choice.value"),
        );
        assert.throws(() => type.encode({ two: tooLarge }), at("two"));
        assert.throws(() => type.encode({ list: [1, Number(tooLarge)] }), at("list[1]"));
        assert.throws(() => type.fromJson({ one: String(tooLarge) }), at("one"));
        assert.throws(() => type.fromText(`one: ${tooLarge}`), says);
        assert.throws(() => type.encode({ one: 1.5 }), at("one"));
        assert.throws(() => type.encode({ one: "5" }), { code: "wrong-type", path: "one" });
      });
    }
  } else {
    for (const [by, type] of made) {
      test(`as string, by ${by}: all 64 bits, and other text is refused with the field's path`, () => {
        const large = { two: String(2n ** 64n - 1n), one: String(-(2n ** 63n)) };
        assert.deepEqual(type.decode(type.encode(large)), type.create(large));
        assert.throws(() => type.encode({ two: String(2n ** 64n) }), { code: "out-of-range", path: "two" });
        assert.throws(() => type.encode({ two: "0x5" }), { code: "wrong-type", path: "two" });
        assert.throws(() => type.encode({ one: "" }), { code: "wrong-type", path: "one" });
        assert.equal(type.encode({ one: "-00" }).length, 0);
      });
    }
  }

  test(`as ${form}: the builder's fields print as jstype`, () => {
    assert.match(printFile(built.descriptor.file), new RegExp(`int64 one = 1 \\[jstype = JS_${form.toUpperCase()}\\]`));
  });
}

test("--int64 holds for maps too, keys included, while a field's own jstype goes before it", async () => {
  const proto = `syntax = "proto3"; message Maps { map<int64, uint64> all = 1; int64 own = 2 [jstype = JS_STRING]; }`;
  const folder = generateAndCompile("int64-maps", { "maps.proto": proto }, {}, { int64: "number" });
  assert.equal(folder.complaints, "");
  const { Maps } = (await folder.load("maps.proto")) as { readonly Maps: Open };
  const whole = { all: new Map([[-3, 5]]), own: "7" };
  assert.deepEqual(Maps.decode(Maps.encode(whole)), whole);
  assert.deepEqual(Maps.create({ all: { "-3": 5n }, own: 7 }), whole);
  assert.deepEqual(Maps.fromJson(Maps.toJson(whole)), whole);
  assert.deepEqual(Maps.toJson(whole), { all: { "-3": "5" }, own: "7" });
});

test("extensions have the form of their jstype; keys of the builder's maps are bigint", () => {
  const Base = message("forms.Base", { sizes: map(int64, string(1)) }, { extensions: [10] });
  const key: bigint | undefined = [...Base.create({ sizes: { 5: "a" } }).sizes.keys()][0];
  assert.equal(key, 5n);
  const count = extend(Base, "forms.count", int64(10, { as: "number" }));
  const base = Base.create();
  setExtension(base, count, 5);
  const value: number | undefined = getExtension(base, count);
  assert.equal(value, 5);
  assert.equal(count.default, 0);
});
