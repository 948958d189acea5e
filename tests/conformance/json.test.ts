// ProtoJSON: values and their JSON, both ways, and the other forms of JSON that are accepted.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageType } from "farcall/idl";
import type { JsonValue } from "farcall/marshal";
import { Everything, Known, types } from "../support/marshal/json-types.ts";

interface Row {
  readonly title: string;
  readonly type?: MessageType;
  /** In a form that the type accepts. */
  readonly value: object;
  readonly json: JsonValue;
}

const rows: readonly Row[] = [
  { title: "a message of which nothing is set", value: {}, json: {} },
  {
    title: "names in lowerCamelCase",
    value: { int32Value: 5, stringValue: "x" },
    json: { int32Value: 5, stringValue: "x" },
  },
  { title: "a json_name", value: { default: "x" }, json: { Default: "x" } },
  { title: "a property with a $", value: { constructor$: "a" }, json: JSON.parse('{"constructor":"a"}') },
  {
    title: "64-bit integers as strings",
    value: { int64Value: -(2n ** 63n), uint64Value: 2n ** 64n - 1n, fixed64Value: 1n, zigzags: [1n, 0n] },
    json: {
      int64Value: "-9223372036854775808",
      uint64Value: "18446744073709551615",
      fixed64Value: "1",
      zigzags: ["1", "0"],
    },
  },
  {
    title: "bytes as base64",
    value: { bytesValue: Uint8Array.of(255, 254, 253, 252) },
    json: { bytesValue: "//79/A==" },
  },
  {
    title: "what is not finite",
    value: { doubles: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5] },
    json: { doubles: ["NaN", "Infinity", "-Infinity", 1.5] },
  },
  { title: "the shortest text of a float", value: { floatValue: Math.fround(0.1) }, json: { floatValue: 0.1 } },
  { title: "-0, which is not unset", value: { doubleValue: -0 }, json: { doubleValue: -0 } },
  {
    title: "enum values by name, or by number",
    value: { colorValue: "GREEN", colors: ["RED", 77] },
    json: { colorValue: "GREEN", colors: ["RED", 77] },
  },
  {
    title: "zeros of which it is known that they were set",
    value: { maybeInt: 0, maybeBig: 0n },
    json: { maybeInt: 0, maybeBig: "0" },
  },
  { title: "an empty message that is set", value: { leafValue: {} }, json: { leafValue: {} } },
  { title: "a oneof", value: { choice: { kind: "big", value: 0n } }, json: { big: "0" } },
  {
    title: "a oneof's message",
    value: { choice: { kind: "leaf", value: { name: "a" } } },
    json: { leaf: { name: "a" } },
  },
  {
    title: "maps of every kind of key",
    value: {
      counts: new Map([["__proto__", 1]]),
      names: new Map([[-5n, "x"]]),
      byFlag: new Map([[true, { count: 1 }]]),
      paints: new Map([[7, "GREEN"]]),
    },
    json: {
      counts: JSON.parse('{"__proto__":1}') as JsonValue,
      names: { "-5": "x" },
      byFlag: { true: { count: 1 } },
      paints: { 7: "GREEN" },
    },
  },
  { title: "the epoch", type: Known, value: { at: {} }, json: { at: "1970-01-01T00:00:00Z" } },
  {
    title: "half a second before the epoch",
    type: Known,
    value: { at: { seconds: -1n, nanos: 500_000_000 } },
    json: { at: "1969-12-31T23:59:59.500Z" },
  },
  {
    title: "the first time there is",
    type: Known,
    value: { at: { seconds: -62_135_596_800n } },
    json: { at: "0001-01-01T00:00:00Z" },
  },
  {
    title: "the last time there is",
    type: Known,
    value: { at: { seconds: 253_402_300_799n, nanos: 999_999_999 } },
    json: { at: "9999-12-31T23:59:59.999999999Z" },
  },
  {
    title: "a leap day",
    type: Known,
    value: { at: { seconds: 951_782_400n, nanos: 10_000 } },
    json: { at: "2000-02-29T00:00:00.000010Z" },
  },
  {
    title: "a duration",
    type: Known,
    value: { took: { seconds: 1n, nanos: 340_012 } },
    json: { took: "1.000340012s" },
  },
  {
    title: "a negative duration under a second",
    type: Known,
    value: { took: { nanos: -500_000_000 } },
    json: { took: "-0.500s" },
  },
  {
    title: "a field mask",
    type: Known,
    value: { mask: { paths: ["user.display_name", "photo"] } },
    json: { mask: "user.displayName,photo" },
  },
  { title: "an empty field mask", type: Known, value: { mask: {} }, json: { mask: "" } },
  {
    title: "wrappers",
    type: Known,
    value: { bool: {}, int64: { value: 5n }, string: { value: "a" }, double: { value: Number.NaN } },
    json: { double: "NaN", int64: "5", string: "a", bool: false },
  },
  { title: "a list of wrappers", type: Known, value: { longs: [{ value: 1n }, {}] }, json: { longs: ["1", "0"] } },
  {
    title: "a Struct of all kinds of values",
    type: Known,
    value: {
      struct: {
        fields: new Map<string, unknown>([
          ["n", { kind: { kind: "nullValue", value: "NULL_VALUE" } }],
          ["d", { kind: { kind: "numberValue", value: 1.5 } }],
          ["s", { kind: { kind: "stringValue", value: "NaN" } }],
          ["b", { kind: { kind: "boolValue", value: false } }],
          ["l", { kind: { kind: "listValue", value: { values: [{ kind: { kind: "numberValue", value: 0 } }] } } }],
          ["o", { kind: { kind: "structValue", value: { fields: new Map() } } }],
        ]),
      },
    },
    json: { struct: { n: null, d: 1.5, s: "NaN", b: false, l: [0], o: {} } },
  },
  {
    title: "null as a Value",
    type: Known,
    value: { value: { kind: { kind: "nullValue", value: "NULL_VALUE" } } },
    json: { value: null },
  },
  {
    title: "an empty Struct and ListValue",
    type: Known,
    value: { struct: {}, list: {}, empty: {} },
    json: { struct: {}, list: [], empty: {} },
  },
  {
    title: "a null that is a oneof's",
    type: Known,
    value: { one: { kind: "nullOne", value: "NULL_VALUE" } },
    json: { nullOne: null },
  },
  { title: "an Any of nothing", type: Known, value: { any: {} }, json: { any: {} } },
  {
    title: "an Any of a message",
    type: Known,
    value: { any: { typeUrl: "type.googleapis.com/kinds.Leaf", value: Uint8Array.of(16, 5) } },
    json: { any: { "@type": "type.googleapis.com/kinds.Leaf", count: 5 } },
  },
  {
    title: "an Any of a duration",
    type: Known,
    value: { any: { typeUrl: "x/google.protobuf.Duration", value: Uint8Array.of(8, 5) } },
    json: { any: { "@type": "x/google.protobuf.Duration", value: "5s" } },
  },
];

for (const { title, type = Everything, value, json } of rows) {
  test(`both ways: ${title}`, () => {
    const message = type.create(value);
    const formatted = type.toJson(value, { types });
    assert.deepEqual(formatted, json);
    assert.deepEqual(type.toJson(message, { types }), json);
    assert.deepEqual(type.fromJson(json, { types }), message);
    for (const indent of [0, 2]) {
      const text = type.toJsonString(value, { types, indent });
      assert.deepEqual(type.fromJsonString(text, { types }), message, text);
      if (!text.includes("-0")) assert.equal(text, JSON.stringify(formatted, undefined, indent));
    }
  });
}

const accepted: readonly {
  readonly title: string;
  readonly type?: MessageType;
  readonly text: string;
  readonly value: object;
}[] = [
  { title: "names as in the .proto", text: '{"int32_value":5}', value: { int32Value: 5 } },
  {
    title: "null for what is not set",
    text: '{"int32Value":null,"leaves":null,"counts":null,"leafValue":null}',
    value: {},
  },
  {
    title: "null beside a oneof's other field",
    text: '{"text":null,"big":"1"}',
    value: { choice: { kind: "big", value: 1n } },
  },
  {
    title: "numbers in quotes",
    text: '{"int32Value":"-5","doubleValue":"1e3","uint32Value":"1.0"}',
    value: { int32Value: -5, doubleValue: 1000, uint32Value: 1 },
  },
  {
    title: "integers with an exponent",
    text: '{"int32Value":1.5e1,"int64Value":1e18}',
    value: { int32Value: 15, int64Value: 10n ** 18n },
  },
  {
    title: "64-bit integers as numbers, whole",
    text: '{"int64Value":9223372036854775807,"uint64Value":18446744073709551615}',
    value: { int64Value: 2n ** 63n - 1n, uint64Value: 2n ** 64n - 1n },
  },
  {
    title: "a large integer for a double",
    text: '{"doubleValue":9007199254740993}',
    value: { doubleValue: 9007199254740992 },
  },
  {
    title: "base64 of the URL alphabet without padding",
    text: '{"bytesValue":"__79_A"}',
    value: { bytesValue: Uint8Array.of(255, 254, 253, 252) },
  },
  {
    title: "enum values by number",
    text: '{"colorValue":1,"colors":[99]}',
    value: { colorValue: "GREEN", colors: [99] },
  },
  {
    title: "escapes and space",
    text: ' { "stringValue" : "\\u00e9\\n\\ud83d\\ude00\\"\\\\" }\n',
    value: { stringValue: 'é\n😀"\\' },
  },
  {
    title: "a time with an offset",
    type: Known,
    text: '{"at":"1970-01-01T01:30:00.5+01:30"}',
    value: { at: { seconds: 0n, nanos: 500_000_000 } },
  },
  { title: "null for a wrapper", type: Known, text: '{"int64":null,"nothing":null}', value: {} },
  {
    title: "an Any of Empty with a value",
    type: Known,
    text: '{"any":{"value":{},"@type":"a/google.protobuf.Empty"}}',
    value: { any: { typeUrl: "a/google.protobuf.Empty" } },
  },
];

for (const { title, type = Everything, text, value } of accepted) {
  test(`accepted: ${title}`, () => {
    assert.deepEqual(type.fromJsonString(text, { types }), type.create(value));
  });
}

test("what is unknown can be ignored: fields, and names of enum values", () => {
  const text = '{"none":[{"a":1}],"colorValue":"BLUE","colors":["BLUE","GREEN"],"paints":{"1":"BLUE"},"int32Value":1}';
  const message = Everything.fromJsonString(text, { ignoreUnknown: true });
  assert.deepEqual(message, Everything.create({ int32Value: 1, colors: ["GREEN"] }));
});

test("defaults can be written, and names as in the .proto", () => {
  const Leaf = types.findMessage("kinds.Leaf") as MessageType;
  assert.deepEqual(Leaf.toJson({}, { emitDefaults: true }), { name: "", count: 0 });
  const all = Everything.toJson({}, { emitDefaults: true, protoNames: true }) as { readonly [name: string]: JsonValue };
  assert.equal(all["int64_value"], "0");
  assert.equal(all["color_value"], "RED");
  assert.deepEqual([all["leaves"], all["counts"]], [[], {}]);
  for (const absent of ["maybe_int", "text", "leaf_value"]) assert.ok(!Object.hasOwn(all, absent));
});

test("text of many properties takes linear time", () => {
  const millisOf = (count: number): number => {
    const text = JSON.stringify({ leaves: Array(count).fill({ name: "n", count: 1 }) });
    const runs = Array.from({ length: 3 }, () => {
      const startedAt = performance.now();
      Everything.fromJsonString(text);
      return performance.now() - startedAt;
    });
    return Math.min(...runs);
  };
  const small = millisOf(4_000);
  const large = millisOf(32_000);
  assert.ok(large < 40 * small, `${small} ms, and ${large} ms for eight times as much`);
});

test("a float keeps the sign of zero", () => {
  assert.equal(Everything.toJsonString({ floatValue: -0, doubleValue: -0 }), '{"doubleValue":-0,"floatValue":-0}');
  assert.deepEqual(Everything.fromJsonString('{"floatValue":-0}'), Everything.create({ floatValue: -0 }));
});
