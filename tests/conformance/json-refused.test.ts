// ProtoJSON: JSON and values that are refused, and where they say the fault lies.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageType } from "farcall/idl";
import { Everything, Known, types } from "../support/marshal/json-types.ts";

const refused: readonly {
  readonly text: string;
  readonly type?: MessageType;
  readonly code: string;
  readonly path?: string;
}[] = [
  { text: "", code: "bad-json" },
  { text: "{", code: "bad-json" },
  { text: "{}x", code: "bad-json" },
  { text: '{"a":1,}', code: "bad-json" },
  { text: "{'a':1}", code: "bad-json" },
  { text: '{"int32Value":01}', code: "bad-json" },
  { text: '{"int32Value":+1}', code: "bad-json" },
  { text: '{"int32Value":1.}', code: "bad-json" },
  { text: '{"stringValue":"a\tb"}', code: "bad-json" },
  { text: '{"stringValue":"\\x"}', code: "bad-json" },
  { text: '{"stringValue":"a', code: "bad-json" },
  { text: '{"int32Value":1,"int32Value":1}', code: "bad-json" },
  { text: '{"int32Value":1,"int32_value":1}', code: "duplicate-field", path: "int32_value" },
  { text: '{"text":"a","big":"1"}', code: "duplicate-field", path: "choice.value" },
  { text: '{"names":{"1":"a","1.0":"b"}}', code: "duplicate-field", path: "names[1.0]" },
  { text: '{"nothing":1}', code: "unknown-field", path: "nothing" },
  { text: '{"leaves":[{},{"x":1}]}', code: "unknown-field", path: "leaves[1].x" },
  { text: '{"__proto__":{}}', code: "unknown-field", path: "__proto__" },
  { text: "[]", code: "wrong-type" },
  { text: "null", code: "wrong-type" },
  { text: '{"int32Value":"x"}', code: "wrong-type", path: "int32Value" },
  { text: '{"int32Value":""}', code: "wrong-type", path: "int32Value" },
  { text: '{"int32Value":" 1"}', code: "wrong-type", path: "int32Value" },
  { text: '{"int32Value":true}', code: "wrong-type", path: "int32Value" },
  { text: '{"int32Value":1.5}', code: "out-of-range", path: "int32Value" },
  { text: '{"int32Value":2147483648}', code: "out-of-range", path: "int32Value" },
  { text: '{"uint32Value":-1}', code: "out-of-range", path: "uint32Value" },
  { text: '{"uint64Value":18446744073709551616}', code: "out-of-range", path: "uint64Value" },
  { text: '{"doubleValue":1e400}', code: "out-of-range", path: "doubleValue" },
  { text: '{"floatValue":1e39}', code: "out-of-range", path: "floatValue" },
  { text: '{"floatValue":"nan"}', code: "wrong-type", path: "floatValue" },
  { text: '{"boolValue":"true"}', code: "wrong-type", path: "boolValue" },
  { text: '{"boolValue":1}', code: "wrong-type", path: "boolValue" },
  { text: '{"byFlag":{"1":{}}}', code: "wrong-type", path: "byFlag[1]" },
  { text: '{"stringValue":5}', code: "wrong-type", path: "stringValue" },
  { text: '{"stringValue":"\\ud800"}', code: "lone-surrogate", path: "stringValue" },
  { text: '{"bytesValue":"a"}', code: "wrong-type", path: "bytesValue" },
  { text: '{"colorValue":"BLUE"}', code: "unknown-name", path: "colorValue" },
  { text: '{"colorValue":1.5}', code: "out-of-range", path: "colorValue" },
  { text: '{"leaves":{}}', code: "wrong-type", path: "leaves" },
  { text: '{"strings":["a",null]}', code: "wrong-type", path: "strings[1]" },
  { text: '{"counts":[]}', code: "wrong-type", path: "counts" },
  { text: '{"counts":{"a":null}}', code: "wrong-type", path: 'counts["a"]' },
  { text: '{"leafValue":5}', code: "wrong-type", path: "leafValue" },
  { type: Known, text: '{"at":5}', code: "wrong-type", path: "at" },
  { type: Known, text: '{"at":"1970-01-01"}', code: "wrong-type", path: "at" },
  { type: Known, text: '{"at":"1970-01-01t00:00:00z"}', code: "wrong-type", path: "at" },
  { type: Known, text: '{"at":"2001-02-29T00:00:00Z"}', code: "out-of-range", path: "at" },
  { type: Known, text: '{"at":"2000-13-01T00:00:00Z"}', code: "out-of-range", path: "at" },
  { type: Known, text: '{"at":"0000-01-01T00:00:00Z"}', code: "out-of-range", path: "at" },
  { type: Known, text: '{"at":"9999-12-31T23:59:59-00:01"}', code: "out-of-range", path: "at" },
  { type: Known, text: '{"took":"1"}', code: "wrong-type", path: "took" },
  { type: Known, text: '{"took":"315576000001s"}', code: "out-of-range", path: "took" },
  { type: Known, text: '{"mask":"a_b"}', code: "wrong-type", path: "mask" },
  { type: Known, text: '{"longs":[null]}', code: "wrong-type", path: "longs[0]" },
  { type: Known, text: '{"struct":[]}', code: "wrong-type", path: "struct" },
  { type: Known, text: '{"list":{}}', code: "wrong-type", path: "list" },
  { type: Known, text: '{"any":{"count":1}}', code: "wrong-type", path: "any.@type" },
  { type: Known, text: '{"any":{"@type":"kinds.Leaf"}}', code: "unknown-type", path: "any.@type" },
  { type: Known, text: '{"any":{"@type":"a/no.Such"}}', code: "unknown-type", path: "any.@type" },
  { type: Known, text: '{"any":{"@type":"a/google.protobuf.Duration"}}', code: "wrong-type", path: "any.value" },
];

for (const { text, type = Everything, code, path } of refused) {
  test(`refused: ${text}`, () => {
    assert.throws(
      () => type.fromJsonString(text, { types }),
      (error: Error & { code?: string; path?: string }) => {
        assert.equal(error.name, "MarshalError", String(error.stack));
        assert.deepEqual([error.code, error.path], [code, path ?? ""], error.message);
        return true;
      },
    );
  });
}

test("depth is limited in messages, in text and in values that contain themselves", () => {
  const Leaf = types.findMessage("kinds.Leaf") as MessageType;
  const nested = (levels: number): string => `${'{"next":'.repeat(levels)}{}${"}".repeat(levels)}`;
  assert.ok(Leaf.fromJsonString(nested(100)));
  assert.throws(() => Leaf.fromJsonString(nested(101)), { code: "too-deep" });
  assert.throws(() => Leaf.fromJsonString(nested(3), { maxDepth: 2 }), { code: "too-deep", path: "next.next.next" });
  assert.throws(() => Leaf.fromJsonString("[".repeat(100_000), { ignoreUnknown: true }), { code: "too-deep" });
  const loop: { next?: object } = {};
  loop.next = loop;
  assert.throws(() => Leaf.toJson(loop), { code: "too-deep" });
});

test("numbers of JSON that have lost digits are refused for 64-bit fields", () => {
  assert.throws(() => Everything.fromJson({ int64Value: 2 ** 60 }), { code: "out-of-range", path: "int64Value" });
  assert.throws(() => Everything.fromJson({ doubleValue: Number.NaN }), { code: "out-of-range", path: "doubleValue" });
});

test("values that have no JSON are refused with their path", () => {
  const cases: readonly [MessageType, object, string, string][] = [
    [Everything, { int32Value: 1.5 }, "out-of-range", "int32Value"],
    [Everything, { uint64Value: -1n }, "out-of-range", "uint64Value"],
    [Everything, { leaves: [{}, { name: 5 }] }, "wrong-type", "leaves[1].name"],
    [Everything, { counts: new Map([["a", "x"]]) }, "wrong-type", 'counts["a"]'],
    [Everything, { choice: { kind: "none", value: 1 } }, "unknown-kind", "choice.kind"],
    [Everything, { colorValue: "BLUE" }, "unknown-name", "colorValue"],
    [Everything, { stringValue: "\ud800" }, "lone-surrogate", "stringValue"],
    [Everything, { leafValue: new Map() }, "live-object", "leafValue"],
    [Known, { value: {} }, "wrong-type", "value"],
    [Known, { value: { kind: { kind: "numberValue", value: Number.NaN } } }, "out-of-range", "value.kind.value"],
    [Known, { at: { seconds: 2n ** 60n } }, "out-of-range", "at"],
    [Known, { took: { seconds: 1n, nanos: -1 } }, "out-of-range", "took"],
    [Known, { mask: { paths: ["fooBar"] } }, "wrong-type", "mask"],
    [Known, { any: { typeUrl: "a/no.Such", value: Uint8Array.of(1) } }, "unknown-type", "any.@type"],
  ];
  for (const [type, value, code, path] of cases) {
    assert.throws(() => type.toJson(value, { types }), { name: "MarshalError", code, path });
  }
});

test("text that is cut anywhere is refused", () => {
  const text = Everything.toJsonString({
    strings: ['a\\"', "é"],
    int64Value: 5n,
    byFlag: new Map([[true, {}]]),
    bools: [true],
  });
  for (let end = 0; end < text.length; end++) {
    assert.throws(() => Everything.fromJsonString(text.slice(0, end)), { code: "bad-json" });
  }
});
