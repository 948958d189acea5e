// protobuf's text format: what is written, what is read, and what is refused where. Its conformance suite judges the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MarshalError, type MessageType, setExtension } from "farcall/marshal";
import fc from "fast-check";
import { everything } from "../support/marshal/arbitrary.ts";
import { ways } from "../support/marshal/features.ts";
import { Everything, Known, types } from "../support/marshal/json-types.ts";

const utf8 = new TextEncoder();

const written: readonly { readonly type: MessageType; readonly init: object; readonly text: string }[] = [
  { type: Everything, init: {}, text: "" },
  { type: Everything, init: { int32Value: -5, doubleValue: 1e300 }, text: "double_value: 1e+300\nint32_value: -5\n" },
  { type: Everything, init: { floatValue: 0.1, doubleValue: -0 }, text: "double_value: -0\nfloat_value: 0.1\n" },
  { type: Everything, init: { floatValue: -0 }, text: "float_value: -0\n" },
  {
    type: Everything,
    init: { doubles: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] },
    text: "doubles: nan\ndoubles: inf\ndoubles: -inf\n",
  },
  { type: Everything, init: { uint64Value: 2n ** 64n - 1n }, text: "uint64_value: 18446744073709551615\n" },
  { type: Everything, init: { stringValue: "é\n\"\\'\x7f\0" }, text: `string_value: "é\\n\\"\\\\\\'\\177\\000"\n` },
  { type: Everything, init: { bytesValue: utf8.encode("aé") }, text: 'bytes_value: "a\\303\\251"\n' },
  { type: Everything, init: { colors: ["GREEN", -1, 7] }, text: "colors: GREEN\ncolors: MINUS\ncolors: 7\n" },
  {
    type: Everything,
    init: {
      counts: new Map([
        ["b", 1],
        ["a", 0],
      ]),
    },
    text: 'counts {\n  key: "a"\n  value: 0\n}\ncounts {\n  key: "b"\n  value: 1\n}\n',
  },
  { type: Everything, init: { choice: { kind: "leaf", value: { next: {} } } }, text: "leaf {\n  next {\n  }\n}\n" },
  { type: Everything, init: { maybeInt: 0, leafValue: {} }, text: "leaf_value {\n}\nmaybe_int: 0\n" },
  {
    type: Known,
    init: { any: { typeUrl: "x/none.Such", value: Uint8Array.of(1) } },
    text: 'any {\n  type_url: "x/none.Such"\n  value: "\\001"\n}\n',
  },
  {
    type: Known,
    init: { any: { typeUrl: "type.googleapis.com/kinds.Leaf", value: Uint8Array.of(16, 5) } },
    text: "any {\n  [type.googleapis.com/kinds.Leaf] {\n    count: 5\n  }\n}\n",
  },
];

test("messages are written in their one form, and read back", () => {
  for (const { type, init, text } of written) {
    assert.equal(type.toText(init, { types }), text);
    assert.deepEqual(type.encode(type.fromText(text, { types })), type.encode(init, { deterministic: true }), text);
  }
});

test("text can be on one line, and ASCII alone", () => {
  const init = { stringValue: "é", leaves: [{ name: "a" }, {}] };
  assert.equal(Everything.toText(init, { indent: 0 }), 'string_value: "é" leaves { name: "a" } leaves { }');
  assert.equal(Everything.toText({ stringValue: "é" }, { asciiOnly: true }), 'string_value: "\\303\\251"\n');
});

const read: readonly (readonly [text: string, init: object])[] = [
  ["# nothing but a comment", {}],
  ["int32_value: 0x1F, uint32_value: 017; int64_value: -0x10", { int32Value: 31, uint32Value: 15, int64Value: -16n }],
  ["int32_value: - 5", { int32Value: -5 }],
  ["int32_value: # why\n 5", { int32Value: 5 }],
  ["float_value: 1.5f double_value: 10F", { floatValue: 1.5, doubleValue: 10 }],
  [
    "float_value: 1e39 double_value: -1e999",
    { floatValue: Number.POSITIVE_INFINITY, doubleValue: Number.NEGATIVE_INFINITY },
  ],
  ["double_value: -iNfInItY float_value: NAN", { doubleValue: Number.NEGATIVE_INFINITY, floatValue: Number.NaN }],
  [
    "bools: [true, True, t, 1, 0x1, false, False, f, 0]",
    { bools: [true, true, true, true, true, false, false, false, false] },
  ],
  [`string_value: 'a"' "b'"\n# and\n'c'`, { stringValue: `a"b'c` }],
  ['string_value: "\\a\\101\\x41\\u00e9\\U0001F600\\?"', { stringValue: "\x07AAé😀?" }],
  ['bytes_value: "\\xff\\377"', { bytesValue: Uint8Array.of(255, 255) }],
  ["color_value: GREEN colors: 1 colors: -1 colors: 9", { colorValue: "GREEN", colors: ["GREEN", "MINUS", 9] }],
  ["packed_ints: [] packed_ints: [1, 2] packed_ints: 3", { packedInts: [1, 2, 3] }],
  ["leaves [{}, < count: 1 >] leaves: {} leaf_value <>", { leaves: [{}, { count: 1 }, {}], leafValue: {} }],
  [
    'counts { value: 1 } counts: [{ key: "a" }, { key: "a" value: 2 }]',
    {
      counts: new Map([
        ["", 1],
        ["a", 2],
      ]),
    },
  ],
  ["gone: 5 gone { a: [1 , 2] [b.c] < > } gone: -inf", {}],
  ["int32_value:5,string_value:''leaf_value{}", { int32Value: 5, leafValue: {} }],
];

test("every form that the grammar has is read", () => {
  for (const [text, init] of read) {
    assert.deepEqual(Everything.encode(Everything.fromText(text)), Everything.encode(init), text);
  }
});

const refused: readonly (readonly [text: string, place: string, code: string, path: string, says: string])[] = [
  ["int32_value: 5 }", "1:16", "bad-syntax", "", "expected the name of a field, found }"],
  ["leaf_value {\n  count: 5", "2:11", "bad-syntax", "leafValue", 'expected the name of a field or "}", found the end'],
  ["int32_value 5", "1:13", "bad-syntax", "int32Value", 'expected ":"'],
  ["int32_value: 5 int32_value: 5", "1:16", "duplicate-field", "int32Value", "set twice"],
  ["text: '' big: 1", "1:10", "duplicate-field", "choice.value", "another field of the oneof choice"],
  [
    "leaves {} leaves { next { nothing: 1 } }",
    "1:27",
    "unknown-field",
    "leaves[1].next",
    "kinds.Leaf has no field nothing",
  ],
  ["3: 5", "1:1", "bad-syntax", "", "numbers cannot be read back"],
  ["int32_value: 2147483648", "1:14", "out-of-range", "int32Value", "2147483648 is not int32"],
  ["int32_value: 1.0", "1:14", "bad-syntax", "int32Value", "expected a whole number, found 1.0"],
  ["uint32_value: -0", "1:15", "bad-syntax", "uint32Value", "without a sign"],
  ["float_value: 0x1", "1:14", "bad-syntax", "floatValue", "expected a decimal number"],
  ["float_value: '1'", "1:14", "bad-syntax", "floatValue", "expected a decimal number"],
  ["bool_value: TRUE", "1:13", "bad-syntax", "boolValue", "expected true or false"],
  ["color_value: BLUE", "1:14", "unknown-name", "colorValue", "kinds.Color has no value BLUE"],
  ["string_value: 'a\n'", "1:15", "bad-syntax", "", "no closing ' on its line"],
  ["string_value: 'a\\q'", "1:17", "bad-syntax", "stringValue", '"\\q" is not an escape'],
  ["string_value: '\\ud83d\\ude00'", "1:16", "bad-syntax", "stringValue", "is not an escape"],
  ["string_value: '\\xff'", "1:15", "bad-text", "stringValue", "not UTF-8"],
  ["leaf_value: 5", "1:13", "bad-syntax", "leafValue", 'expected "{", found 5'],
  ["leaf_value { > ", "1:14", "bad-syntax", "leafValue", 'or "}", found >'],
  ["packed_ints: [1,]", "1:17", "bad-syntax", "packedInts[1]", "expected a whole number"],
  ["packed_ints [1]", "1:13", "bad-syntax", "packedInts", 'expected ":"'],
  ["counts { name: 1 }", "1:10", "bad-syntax", "counts", "expected key, value"],
  ["[no.such]: 1", "1:1", "unknown-field", "", "has no field [no.such]"],
  ["[a.b/kinds.Leaf] {}", "1:1", "unknown-field", "", "only google.protobuf.Any takes"],
  ["int32_value: 5;;", "1:16", "bad-syntax", "", "found ;"],
  ["int32_value: 5 // no", "1:16", "bad-syntax", "", "found /"],
  ["é: 5", "1:1", "bad-syntax", "", "unexpected character"],
  ["int32_value: 1a", "1:15", "bad-syntax", "", "expected a space after the number 1"],
];

test("what is wrong is refused with its line, its column and its field", () => {
  for (const [text, place, code, path, says] of refused) {
    assert.throws(
      () => Everything.fromText(text),
      (error) => {
        assert.ok(error instanceof MarshalError, text);
        const { line, column } = error.position ?? {};
        assert.deepEqual(
          [`${line}:${column}`, error.code, error.path],
          [place, code, path],
          `${text}: ${error.message}`,
        );
        assert.ok(
          error.message.includes(says) && error.message.endsWith(`(at line ${line}, column ${column})`),
          error.message,
        );
        return true;
      },
    );
  }
});

test("fields that the schema lacks can be passed over, with all that they hold", () => {
  const text = "a: 1 b: [x, 'y' 'z', -inf] c { d < [e.f/g.h] { } > } [i.j]: 5 k [{}, {}] int32_value: 7 l: []";
  assert.deepEqual(Everything.fromText(text, { ignoreUnknown: true }), Everything.create({ int32Value: 7 }));
  assert.throws(() => Everything.fromText("a {", { ignoreUnknown: true }), /found the end of the text/);
});

test("what an Any holds is read when its type is known, and alone", () => {
  const read = (text: string) => Known.fromText(`any { ${text} }`, { types });
  const any = { typeUrl: "a.b-c/d/kinds.Leaf", value: Uint8Array.of(16, 1) };
  assert.deepEqual(read("[a.b-c/d/kinds.Leaf] { count: 1 }"), Known.create({ any }));
  assert.throws(
    () => read("[x/no.Type] {}"),
    /any: no.Type is not among the types that are known \(at line 1, column 7\)/,
  );
  assert.throws(() => read("[x/kinds.Leaf] {} [x/kinds.Leaf] {}"), /holds something already/);
  assert.throws(() => read("[x/kinds.Leaf] {} value: ''"), /any.value: the field is set twice/);
  assert.throws(() => read("[x/kinds.Leaf] { count: x }"), /any\[x\/kinds.Leaf\].count: expected a whole number/);
});

for (const { by, registry, message, extension } of ways) {
  test(`groups, extensions and message sets have their names (${by})`, () => {
    const Order = message("old.Order");
    const options = { types: registry };
    const text =
      'Place {\n  city: "Bonn"\n}\nLine {\n  count: 2\n}\ngrade: TOP\n[old.weight]: 3\n[old.marks]: 1\n[old.marks]: -2\n' +
      '[old.bag] {\n  color: "red"\n}\n[old.Holder.note]: "n"\n';
    const order = Order.fromText(text, options);
    assert.equal(Order.toText(order, options), text.replace("TOP", "HIGH"));
    assert.deepEqual(Order.fromText('place { city: "Bonn" }'), Order.fromText('Place { city: "Bonn" }'));
    const Members = message("old.Set");
    const set = Members.fromText('[old.Member.member] { text: "in" }', options);
    for (const unknownFields of [false, true]) {
      const shown = Members.toText(set, { ...options, indent: 0, unknownFields });
      assert.equal(shown, '[old.Member.member] { text: "in" }');
    }
    assert.throws(() => Order.fromText("Line { }"), /line\[0\]: the required field count is not set/);
    assert.throws(() => Order.fromText("[old.note]: ''", options), /has no field \[old.note\]/);
    assert.throws(() => Order.fromText("grade: 3"), /old.Grade is closed and has no value 3/);
  });

  test(`unknown fields are shown by number when that is asked for (${by})`, () => {
    const Order = message("old.Order");
    const bytes = Uint8Array.of(
      0xc0,
      12,
      5,
      0xcd,
      12,
      1,
      0,
      0,
      0,
      0xd2,
      12,
      2,
      8,
      1,
      0xd2,
      12,
      1,
      255,
      0xdb,
      12,
      8,
      1,
      0xdc,
      12,
    );
    const order = Order.decode(bytes);
    assert.equal(Order.toText(order), "");
    const shown = '200: 5 201: 0x00000001 202 { 1: 1 } 202: "\\377" 203 { 1: 1 }';
    assert.equal(Order.toText(order, { unknownFields: true, indent: 0 }), shown);
    setExtension(order, extension("old.weight"), 4);
    const options = { unknownFields: true, indent: 0, types: registry };
    assert.equal(Order.toText(order, options), `[old.weight]: 4 ${shown}`);
  });
}

test("messages come back from text, whatever they hold", () => {
  const isWellFormed = (init: unknown) => {
    try {
      return Everything.encode(init) !== undefined;
    } catch {
      return false;
    }
  };
  fc.assert(
    fc.property(everything.filter(isWellFormed), fc.constantFrom(0, 1, 4), fc.boolean(), (init, indent, asciiOnly) => {
      const text = Everything.toText(init, { indent, asciiOnly });
      assert.deepEqual(Everything.fromText(text), Everything.decode(Everything.encode(init)));
    }),
    { seed: 41, numRuns: 150 },
  );
});

test("text of any kind is read or refused with a MarshalError", () => {
  const words = [
    "int32_value",
    "leaves",
    "{",
    "}",
    "<",
    ">",
    "[",
    "]",
    ":",
    ",",
    "5",
    "-",
    "'a'",
    "nan",
    "# c\n",
    "[a/kinds.Leaf]",
    "counts",
    "key",
    "\\",
    "é",
  ];
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), fc.boolean(), (parts, ignoreUnknown) => {
      try {
        Everything.fromText(parts.join(" "), { ignoreUnknown, types });
      } catch (error) {
        assert.ok(error instanceof MarshalError, String(error));
      }
    }),
    { seed: 42, numRuns: 2_000 },
  );
});

test("reading and writing take linear time", () => {
  const millisOf = (count: number): number => {
    const init = {
      leaves: Array(count).fill({ name: "n" }),
      counts: new Map(Array.from({ length: count }, (_, i) => [`${i}`, i])),
    };
    const runs = Array.from({ length: 3 }, () => {
      const startedAt = performance.now();
      Everything.fromText(Everything.toText(init));
      return performance.now() - startedAt;
    });
    return Math.min(...runs);
  };
  const small = millisOf(1_000);
  const large = millisOf(8_000);
  assert.ok(large < 40 * small, `${small} ms, and ${large} ms for eight times as much`);
});

test("depth has a limit, for known fields and for others", () => {
  const deep = (name: string, levels: number) => `${`${name} { `.repeat(levels)}${"}".repeat(levels)}`;
  assert.ok(Everything.fromText(`leaf_value { ${deep("next", 98)} }`));
  assert.throws(() => Everything.fromText(`leaf_value { ${deep("next", 100)} }`), { code: "too-deep" });
  assert.throws(() => Everything.fromText(deep("x", 101), { ignoreUnknown: true }), { code: "too-deep" });
  assert.throws(() => Everything.fromText(deep("leaf_value", 3), { maxDepth: 0 }), { code: "too-deep" });
  assert.throws(() => Everything.fromText(deep("x", 100_000), { ignoreUnknown: true }), { code: "too-deep" });
});
