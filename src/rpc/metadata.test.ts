// Tests of metadata: which names and values are taken, what is refused with which words, and the container itself.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import fc from "fast-check";
import { Metadata, MetadataError, type MetadataValue } from "./metadata.ts";

const bytes = Uint8Array.of(0, 255, 10);

const taken: readonly (readonly [name: string, value: MetadataValue])[] = [
  ["a", ""],
  ["trace-id", "abc"],
  ["x_y.z-0", "one, two"],
  ["9", "~ !"],
  ["raw-bin", bytes],
  ["-bin", bytes],
  ["raw-bin", new Uint8Array(0)],
  ["grpc", "no dash"],
  ["farcallx", "no dash"],
];

test("names and values by the rules are taken as they are", () => {
  for (const [name, value] of taken) {
    const metadata = new Metadata().append(name, value);
    assert.equal(metadata.get(name), value);
    assert.equal(metadata.size, 1);
  }
});

const refused: readonly (readonly [name: string, value: MetadataValue, code: MetadataError["code"]])[] = [
  ["", "v", "BAD_NAME"],
  ["a b", "v", "BAD_NAME"],
  [":path", "v", "BAD_NAME"],
  ["naïve", "v", "BAD_NAME"],
  ["a\r\nb", "v", "BAD_NAME"],
  ["a\0", "v", "BAD_NAME"],
  ["\u212aelvin", "v", "BAD_NAME"],
  ["grpc-timeout", "1S", "RESERVED_NAME"],
  ["GRPC-Anything", "v", "RESERVED_NAME"],
  ["grpc-x-bin", bytes, "RESERVED_NAME"],
  ["farcall-execution", "executed", "RESERVED_NAME"],
  ["Farcall-Execution", "executed", "RESERVED_NAME"],
  ["te", "trailers", "RESERVED_NAME"],
  ["content-type", "v", "RESERVED_NAME"],
  ["Content-Length", "1", "RESERVED_NAME"],
  ["connection", "close", "RESERVED_NAME"],
  ["host", "v", "RESERVED_NAME"],
  ["user-agent", "v", "RESERVED_NAME"],
  ["accept-encoding", "v", "RESERVED_NAME"],
  ["trailer", "v", "RESERVED_NAME"],
  ["date", "v", "RESERVED_NAME"],
  ["a", "line\nbreak", "BAD_VALUE"],
  ["a", "nul\0", "BAD_VALUE"],
  ["a", "tab\t", "BAD_VALUE"],
  ["a", "é", "BAD_VALUE"],
  ["a", "\x7f", "BAD_VALUE"],
  ["a", bytes, "BAD_VALUE"],
  ["a-bin", "text", "BAD_VALUE"],
  // A field value begins and ends without blanks (RFC 9113 section 8.2.1): the peer would have to refuse the whole block.
  ["a", " before", "BAD_VALUE"],
  ["a", "behind ", "BAD_VALUE"],
  ["a", " ", "BAD_VALUE"],
];

test("what breaks a rule is refused with its code and its name, and nothing is changed", () => {
  for (const [name, value, code] of refused) {
    const metadata = new Metadata({ kept: "1" });
    for (const method of ["append", "set"] as const) {
      assert.throws(
        () => metadata[method](name, value),
        (error) => error instanceof MetadataError && error.code === code && error.message.length > 10,
        `${method} ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
      );
    }
    assert.deepEqual([...metadata], [["kept", "1"]]);
  }
});

test("values that are neither text nor bytes are refused, not turned into text", () => {
  for (const wrong of [1, true, null, undefined, {}, [1], new ArrayBuffer(2)]) {
    const init = { a: wrong } as unknown as Record<string, string>;
    assert.throws(() => new Metadata(init), MetadataError, String(wrong));
  }
});

test("set with a bad value leaves the old one", () => {
  const metadata = new Metadata({ a: "1" });
  assert.throws(() => metadata.set("a", "\n"), MetadataError);
  assert.equal(metadata.get("a"), "1");
});

test("names are found in any case and many values keep their order", () => {
  const metadata = new Metadata([
    ["Trace", "1"],
    ["other", "x"],
    ["TRACE", "2"],
  ]);
  assert.deepEqual(metadata.getAll("trace"), ["1", "2"]);
  assert.equal(metadata.get("tRACE"), "1");
  assert.equal(metadata.has("Trace"), true);
  assert.deepEqual(
    [...metadata],
    [
      ["trace", "1"],
      ["other", "x"],
      ["trace", "2"],
    ],
  );
  assert.equal(metadata.delete("TRACE"), true);
  assert.equal(metadata.delete("trace"), false);
  assert.deepEqual([...metadata], [["other", "x"]]);
});

test("a record, pairs and metadata say the same", () => {
  const record = new Metadata({ a: ["1", "2"], "b-bin": bytes });
  const pairs = new Metadata([
    ["a", "1"],
    ["a", "2"],
    ["b-bin", bytes],
  ]);
  assert.deepEqual([...pairs], [...record]);
  const copy = new Metadata(record);
  copy.delete("a");
  assert.equal(record.has("a"), true, "a copy shares nothing");
});

test("names such as __proto__ are names like any other", () => {
  const metadata = new Metadata([
    ["__proto__", "1"],
    ["constructor", "2"],
  ]);
  const json = metadata.toJSON();
  assert.deepEqual(Object.keys(json), ["__proto__", "constructor"]);
  assert.deepEqual(Object.getOwnPropertyDescriptor(json, "__proto__")?.value, ["1"]);
});

test("metadata does what a list of pairs does", () => {
  const name = fc.constantFrom("a", "b", "c-d");
  const value = fc.constantFrom("", "1", "2,3");
  const step = fc.oneof(
    fc.tuple(fc.constantFrom("append" as const, "set" as const), name, value),
    fc.tuple(fc.constant("delete" as const), name, value),
  );
  const property = fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const metadata = new Metadata();
    let model: (readonly [string, string])[] = [];
    for (const [verb, key, text] of steps) {
      if (verb !== "append") model = model.filter(([other]) => other !== key);
      if (verb !== "delete") model.push([key, text]);
      if (verb === "delete") metadata.delete(key);
      else metadata[verb](key, text);
      assert.deepEqual([...metadata], model);
      assert.equal(metadata.size, model.length);
      assert.equal(metadata.get(key), model.find(([other]) => other === key)?.[1]);
    }
  });
  fc.assert(property, { seed: 20_252, numRuns: 300 });
});

test("the console and JSON show what is in it", () => {
  const metadata = new Metadata([
    ["a", "1"],
    ["a", "2"],
    ["raw-bin", bytes],
  ]);
  assert.equal(inspect(metadata), inspect(metadata.toJSON()));
  assert.match(inspect(metadata), /a: \[ '1', '2' \]/);
});
