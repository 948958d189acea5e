import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Writer } from "../../bytes/writer.ts";
import { HpackDecoder } from "./decoder.ts";
import { HpackEncoder, maxEncoderTableBytes } from "./encoder.ts";
import { defaultIndexing, type HpackIndexing } from "./policy.ts";

type Field = readonly [name: string, value: string, indexing: HpackIndexing];

function encode(encoder: HpackEncoder, fields: readonly Field[]): Uint8Array {
  const writer = new Writer();
  encoder.beginBlock(writer);
  for (const [name, value, indexing] of fields) encoder.encodeField(writer, name, value, indexing);
  return writer.toBytes();
}

function encodeHex(encoder: HpackEncoder, ...fields: readonly Field[]): string {
  return Buffer.from(encode(encoder, fields)).toString("hex");
}

function decode(decoder: HpackDecoder, bytes: Uint8Array): unknown[] {
  const fields: unknown[] = [];
  const sink = {
    onField: (name: string, value: string, sensitive: boolean) => fields.push([name, value, sensitive]),
  };
  assert.equal(decoder.decode(bytes, 0, bytes.length, sink), undefined);
  return fields;
}

test("each indexing leaves its own mark on the wire", () => {
  const encoder = new HpackEncoder();
  assert.equal(encodeHex(encoder, [":method", "GET", "index"]), "82");
  assert.equal(encodeHex(encoder, [":method", "GET", "never"]), "1203474554", "a secret is never a mere index");
  assert.equal(encodeHex(encoder, ["&", "&", "literal"]), "0001260126");
  assert.equal(encodeHex(encoder, ["&", "&", "index"]), "4001260126");
  assert.equal(encodeHex(encoder, ["&", "&", "literal"]), "be", "what is there is used");
  assert.equal(encodeHex(encoder, ["&", "&&", "literal"]), "0f2f022626", "its name too");
  assert.equal(encodeHex(encoder, ["&", "&", "never"]), "1f2f0126");
});

test("the newest entry of a name is referred to, and entries move back as others come", () => {
  const encoder = new HpackEncoder();
  encode(encoder, [
    ["&", "1", "index"],
    ["&", "2", "index"],
    ["*", "1", "index"],
  ]);
  assert.equal(encodeHex(encoder, ["&", "1", "index"]), "c0");
  assert.equal(encodeHex(encoder, ["&", "2", "index"]), "bf");
  assert.equal(encodeHex(encoder, ["&", "&", "literal"]), "0f300126");
});

test("a field that would fill more than half of the table is not indexed", () => {
  const encoder = new HpackEncoder({ maxTableBytes: 200 });
  encode(encoder, [["n", "v".repeat(68), "index"]]);
  assert.equal(encoder.tableBytes, 0);
  encode(encoder, [["n", "v".repeat(67), "index"]]);
  assert.equal(encoder.tableBytes, 100);
});

test("the table never grows above our own limit, whatever the peer allows", () => {
  const encoder = new HpackEncoder({ maxTableBytes: 1 << 20 });
  encoder.setPeerMaxTableBytes(1 << 30);
  for (let index = 0; index < 300; index++) encode(encoder, [["name", `value ${index}`, "index"]]);
  assert.ok(encoder.tableBytes <= maxEncoderTableBytes);
  assert.ok(encoder.tableBytes > maxEncoderTableBytes - 100);
});

test("size updates open the next block: the smallest size since the last one, and the last", () => {
  const changes: readonly (readonly [sizes: readonly number[], updates: string])[] = [
    [[], ""],
    [[4096], ""],
    [[65536], ""],
    [[100], "3f45"],
    [[0], "20"],
    [[100, 0], "20"],
    [[0, 4096], "203fe11f"],
    [[200, 100, 300], "3f453f8d02"],
    [[65536, 100, 65536], "3f453fe11f"],
  ];
  for (const [sizes, updates] of changes) {
    const encoder = new HpackEncoder();
    for (const size of sizes) encoder.setPeerMaxTableBytes(size);
    assert.equal(encodeHex(encoder, [":method", "GET", "index"]), `${updates}82`, `sizes ${sizes}`);
    assert.equal(encodeHex(encoder, [":method", "GET", "index"]), "82", "only once");
  }
});

test("a table that grows back is announced once, without its old size", () => {
  const encoder = new HpackEncoder();
  encoder.setPeerMaxTableBytes(100);
  assert.equal(encodeHex(encoder), "3f45");
  encoder.setPeerMaxTableBytes(300);
  assert.equal(encodeHex(encoder), "3f8d02");
});

test("a table of our own that is smaller than 4096 is announced in the first block", () => {
  assert.equal(encodeHex(new HpackEncoder({ maxTableBytes: 0 }), [":method", "GET", "index"]), "2082");
  const encoder = new HpackEncoder({ maxTableBytes: 100 });
  encoder.setPeerMaxTableBytes(4096);
  assert.equal(encodeHex(encoder), "3f45");
});

test("the generation moves with insertions and size updates only", () => {
  const encoder = new HpackEncoder();
  const moves = (...fields: readonly Field[]) => {
    const before = encoder.generation;
    encode(encoder, fields);
    return encoder.generation !== before;
  };
  assert.equal(moves(["a", "b", "index"]), true);
  assert.equal(moves(["a", "b", "index"], ["a", "c", "literal"], ["a", "b", "never"]), false);
  const before = encoder.generation;
  encoder.setPeerMaxTableBytes(50);
  assert.notEqual(encoder.generation, before);
  assert.equal(moves(), true, "a block with a size update must not be kept");
  assert.equal(moves(), false);
});

test("a char that no octet can carry is refused before anything is written", () => {
  const encoder = new HpackEncoder();
  const writer = new Writer();
  assert.throws(() => encoder.encodeField(writer, "name", "\u0100", "index"), RangeError);
  assert.throws(() => encoder.encodeField(writer, "n\u2028me", "", "index"), RangeError);
  assert.equal(writer.written, 0);
  assert.equal(encoder.tableBytes, 0);
});

test("a block stays whole when the writer grows under it", () => {
  const writer = new Writer();
  writer.writeBytes(Uint8Array.of(1, 2, 3));
  const encoder = new HpackEncoder();
  encoder.beginBlock(writer);
  const fields: Field[] = Array.from({ length: 50 }, (_, index) => [
    `name-${index}`,
    "~".repeat(index * 20),
    "literal",
  ]);
  for (const field of fields) encoder.encodeField(writer, ...field);
  const bytes = writer.toBytes().subarray(3);
  const limits = { maxListBytes: 1 << 20 };
  const decoded = decode(new HpackDecoder({ limits }), bytes);
  assert.deepEqual(
    decoded,
    fields.map(([name, value]) => [name, value, false]),
  );
});

test("secrets are never indexed by default, changing values are not kept, all else is", () => {
  assert.equal(defaultIndexing("authorization", "Bearer x"), "never");
  assert.equal(defaultIndexing("proxy-authorization", "Basic x"), "never");
  assert.equal(defaultIndexing("cookie", "id=short"), "never");
  assert.equal(defaultIndexing("cookie", "id=0123456789abcdefghij"), "index");
  assert.equal(defaultIndexing("content-length", "17"), "literal");
  assert.equal(defaultIndexing(":path", "/a"), "literal");
  assert.equal(defaultIndexing("user-agent", "x"), "index");
});

test("what is encoded comes back, block after block, while table sizes change", () => {
  const name = fc.oneof(
    fc.constantFrom(":path", ":status", "cookie", "content-type", "x-a", "x-b", "x-c"),
    fc.string({ maxLength: 8, unit: "grapheme-ascii" }),
  );
  const octets = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 30 });
  const value = fc.oneof(
    fc.constantFrom("200", "/", "", "application/grpc", "a value of some length ".repeat(5)),
    octets.map((list) => String.fromCharCode(...list)),
  );
  const field = fc.tuple(name, value, fc.constantFrom<HpackIndexing>("index", "index", "literal", "never"));
  const size = fc.oneof(fc.integer({ min: 0, max: 600 }), fc.constantFrom(0, 4096, 65536));
  const step = fc.oneof({ weight: 4, arbitrary: fc.array(field, { maxLength: 12 }) }, size);
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4096 }), fc.array(step, { maxLength: 40 }), (own, steps) => {
      const encoder = new HpackEncoder({ maxTableBytes: own });
      const decoder = new HpackDecoder();
      for (const next of steps) {
        if (typeof next === "number") {
          encoder.setPeerMaxTableBytes(next);
          decoder.setMaxTableBytes(next);
          continue;
        }
        const expected = next.map(([field, text, indexing]) => [field, text, indexing === "never"]);
        assert.deepEqual(decode(decoder, encode(encoder, next)), expected);
        assert.equal(decoder.tableBytes, encoder.tableBytes);
      }
    }),
    { seed: 7541, numRuns: 500 },
  );
});

test("a block may be sent again for as long as the generation stands still", () => {
  const encoder = new HpackEncoder();
  const decoder = new HpackDecoder();
  const fields: Field[] = [
    [":path", "/dirs.Directories/List", "index"],
    ["grpc-timeout", "10S", "literal"],
    ["authorization", "secret", "never"],
  ];
  decode(decoder, encode(encoder, fields));
  const before = encoder.generation;
  const block = encode(encoder, fields);
  assert.equal(encoder.generation, before);
  const expected = fields.map(([name, value, indexing]) => [name, value, indexing === "never"]);
  for (let round = 0; round < 3; round++) assert.deepEqual(decode(decoder, block), expected);
});
