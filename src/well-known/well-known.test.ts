// Any, Struct and the wrappers, and what a bundler keeps of the module.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { message, string } from "../idl.ts";
import { TypeRegistry } from "../marshal/index.ts";
import {
  Any,
  anyTypeName,
  Int64Value,
  isAny,
  listValueFromJson,
  listValueToJson,
  NullValue,
  packAny,
  StringValue,
  Struct,
  structFromJson,
  structToJson,
  unpackAny,
  unpackAnyOf,
  unwrap,
  valueFromJson,
  valueToJson,
  wrap,
} from "./index.ts";

const Note = message("wk.Note", { text: string(1) });
const Other = message("wk.Other", { text: string(1) });

test("what is packed is unpacked by its type and by no other", () => {
  const any = packAny(Note, { text: "hi" });
  assert.equal(any.typeUrl, "type.googleapis.com/wk.Note");
  assert.deepEqual([isAny(any, Note), isAny(any, Other), anyTypeName(any)], [true, false, "wk.Note"]);
  assert.equal(unpackAny(any, Note)?.text, "hi");
  assert.equal(unpackAny(any, Other), undefined);
  assert.equal(unpackAny(Any.create(), Note), undefined);
  assert.equal(isAny({ typeUrl: "wk.Note" }, Note), false);
  assert.equal(unpackAny(packAny(Note, {}, "example.org/types"), Note)?.text, "");
});

test("an Any is unpacked by a registry, and an unknown type is named", () => {
  const types = { findMessage: (name: string) => (name === "wk.Note" ? Note : undefined) } as never;
  const unpacked = unpackAnyOf(packAny(Note, { text: "hi" }), types);
  assert.deepEqual(unpacked, { type: Note, message: { text: "hi" } });
  assert.equal(unpackAnyOf({}, types), undefined);
  assert.throws(() => unpackAnyOf(packAny(Other, {}), new TypeRegistry()), {
    code: "unknown-type",
    message: 'typeUrl: "type.googleapis.com/wk.Other" is not among the types that are known',
  });
});

test("plain JSON comes back from Struct, Value and ListValue, also over the wire", () => {
  const json = { a: 1.5, b: [true, null, "x", {}], c: { d: "" }, __proto__x: 1 };
  assert.deepEqual(structToJson(Struct.decode(Struct.encode(structFromJson(json)))), json);
  assert.deepEqual(valueToJson(valueFromJson(json)), json);
  assert.deepEqual(listValueToJson(listValueFromJson(json.b)), json.b);
  assert.equal(valueToJson(valueFromJson(null)), null);
  assert.equal(NullValue.values.NULL_VALUE, 0);
  assert.throws(() => valueFromJson(Number.POSITIVE_INFINITY), /is not a number that JSON has/);
  assert.throws(() => structFromJson({ a: { b: undefined as never } }), {
    name: "MarshalError",
    path: '["a"]["b"]',
  });
  assert.throws(() => valueToJson({}), /nothing is set has no form in JSON/);
});

test("a wrapper is put around a value and taken off", () => {
  const text: string | undefined = unwrap(StringValue.decode(StringValue.encode(wrap("x"))));
  assert.equal(text, "x");
  const long: { value: bigint } = wrap(5n);
  assert.deepEqual(Int64Value.create(long), { value: 5n });
  assert.equal(wrap(undefined), undefined);
  assert.equal(unwrap(undefined), undefined);
  assert.deepEqual(wrap(0), { value: 0 });
});

test("a bundler keeps those functions that are used", async () => {
  const { outputFiles } = await build({
    stdin: {
      contents:
        'import { timestampFromDate, wrap } from "farcall/well-known"; globalThis.use = [timestampFromDate, wrap];',
      resolveDir: fileURLToPath(new URL("../../..", import.meta.url)),
    },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
  });
  const text = outputFiles[0]?.text ?? "";
  assert.ok(text.length < 2_500, `${text.length} bytes`);
  assert.doesNotMatch(text, /ListValue|encodeAny/);
});
