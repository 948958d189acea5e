import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HpackDecoder, type HpackDecoderOptions } from "./decoder.ts";
import type { HpackFault, HpackFaultCode } from "./fault.ts";

interface Outcome {
  readonly fault: HpackFault | undefined;
  readonly fields: readonly (readonly [name: string, value: string, sensitive: boolean])[];
}

function decode(decoder: HpackDecoder, bytes: Uint8Array): Outcome {
  const fields: [string, string, boolean][] = [];
  const sink = { onField: (name: string, value: string, sensitive: boolean) => fields.push([name, value, sensitive]) };
  return { fault: decoder.decode(bytes, 0, bytes.length, sink), fields };
}

function decodeHex(hex: string, options?: HpackDecoderOptions): Outcome {
  return decode(new HpackDecoder(options), Buffer.from(hex, "hex"));
}

function integer(pattern: number, prefixBits: number, value: number): Buffer {
  const mask = (1 << prefixBits) - 1;
  if (value < mask) return Buffer.of(pattern | value);
  const octets = [pattern | mask];
  let rest = value - mask;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push((rest % 128) | 0x80);
  return Buffer.from([...octets, rest]);
}

/** A literal field with a new name, without the Huffman code. */
function literal(name: string, value: string, pattern = 0x40): Buffer {
  const text = (chars: string) => Buffer.concat([integer(0, 7, chars.length), Buffer.from(chars, "latin1")]);
  return Buffer.concat([Buffer.of(pattern), text(name), text(value)]);
}

const good: readonly (readonly [title: string, hex: string, fields: Outcome["fields"]])[] = [
  ["an empty block", "", []],
  ["a static entry", "82", [[":method", "GET", false]]],
  ["the last static entry", "bd", [["www-authenticate", "", false]]],
  [
    "an entry that the block itself made",
    "4001610162be",
    [
      ["a", "b", false],
      ["a", "b", false],
    ],
  ],
  ["a literal that is not indexed", "0001610162", [["a", "b", false]]],
  ["a literal that is never indexed", "1001610162", [["a", "b", true]]],
  ["a sensitive literal with a static name", "1f080162", [["authorization", "b", true]]],
  ["a name index in two octets", "0f2a0162", [["transfer-encoding", "b", false]]],
  ["empty name and value", "400000", [["", "", false]]],
  ["an empty Huffman string", "408080", [["", "", false]]],
  ["Huffman strings of one char", "40811f818f", [["a", "b", false]]],
  ["octets above 127 as chars", "400161028090", [["a", "\u0080\u0090", false]]],
  ["a size update, then a field", "3fe11f82", [[":method", "GET", false]]],
  ["two size updates", "203fe11f82", [[":method", "GET", false]]],
  ["an integer with a zero octet too many", "0f80000162", [["accept-charset", "b", false]]],
];

const bad: readonly (readonly [title: string, hex: string, code: HpackFaultCode, value: number])[] = [
  ["index 0", "80", "bad-index", 0],
  ["the first index behind an empty table", "be", "bad-index", 62],
  ["a literal's name index behind the table", "7e0161", "bad-index", 62],
  ["an unindexed literal's name index behind the table", "0f2f0161", "bad-index", 62],
  ["a huge index", "ff8080807f", "bad-index", 266_338_431],
  ["an integer above 2^28", "ffffffff7f", "bad-integer", 5],
  ["an integer of six octets", "ff8080808000", "bad-integer", 5],
  ["an integer that never ends", "ffffffffffffffffff", "bad-integer", 5],
  ["an integer cut short", "ff80", "truncated", 2],
  ["a field without a value", "400161", "truncated", 3],
  ["a literal without a name", "40", "truncated", 1],
  ["a string longer than the block", "40056162", "truncated", 2],
  ["a string of 256 MiB in a block of seven octets", "407f81ffff7f61", "truncated", 6],
  ["Huffman padding of eight bits", "40821fff0162", "bad-huffman", 2],
  ["Huffman padding of zeros", "4081180162", "bad-huffman", 2],
  ["EOS in a Huffman string", "4084ffffffff0162", "bad-huffman", 2],
  ["a size update above our setting", "3fe21f", "bad-size-update", 4097],
  ["a size update behind a field", "8220", "late-size-update", 1],
  ["three size updates", "202020", "too-many-size-updates", 2],
  ["a size update cut short", "3fe1", "truncated", 2],
];

test("good blocks give their fields", () => {
  for (const [title, hex, fields] of good) assert.deepEqual(decodeHex(hex), { fault: undefined, fields }, title);
});

test("bad blocks give a fault with its number, and closing is COMPRESSION_ERROR", () => {
  for (const [title, hex, code, value] of bad) {
    const { fault } = decodeHex(hex);
    assert.equal(fault?.code, code, title);
    assert.equal(fault?.value, value, title);
    assert.equal(fault?.errorCode, "COMPRESSION_ERROR", title);
    assert.match(fault?.message ?? "", new RegExp(`${value}$`), title);
  }
});

test("a fault stays: the tables are out of step for good", () => {
  const decoder = new HpackDecoder();
  const { fault } = decode(decoder, Buffer.from("80", "hex"));
  const again = decode(decoder, Buffer.from("82", "hex"));
  assert.equal(again.fault, fault);
  assert.deepEqual(again.fields, []);
});

test("a block cut at any octet is truncated, unless the cut is between two fields", () => {
  const pieces = [
    Buffer.from("3fe11f", "hex"),
    Buffer.from("82", "hex"),
    Buffer.from("418cf1e3c2e5f23a6ba0ab90f4ff", "hex"),
    Buffer.from("be", "hex"),
    literal("x-name", "some value".repeat(30)),
    Buffer.from("1f080162", "hex"),
    Buffer.from("0f2a8263af", "hex"),
  ];
  const whole = Buffer.concat(pieces);
  const ends = new Set(pieces.map((_, count) => Buffer.concat(pieces.slice(0, count)).length).concat(whole.length));
  const fields = decode(new HpackDecoder(), whole).fields;
  assert.equal(fields.length, pieces.length - 1);
  for (let end = 0; end <= whole.length; end++) {
    const outcome = decode(new HpackDecoder(), whole.subarray(0, end));
    assert.equal(outcome.fault?.code, ends.has(end) ? undefined : "truncated", `cut at ${end}`);
    assert.deepEqual(outcome.fields, fields.slice(0, outcome.fields.length));
  }
});

test("only the octets between start and end are read", () => {
  const bytes = Buffer.from("ffffff82ffffff", "hex");
  const names: string[] = [];
  const sink = { onField: (name: string) => names.push(name) };
  assert.equal(new HpackDecoder().decode(bytes, 3, 4, sink), undefined);
  assert.deepEqual(names, [":method"]);
});

test("an indexed field hands out the same strings each time", () => {
  const decoder = new HpackDecoder();
  decode(decoder, literal("x-name", "a value long enough to be made anew"));
  const seen: string[] = [];
  const sink = { onField: (_name: string, value: string) => seen.push(value) };
  const generation = decoder.generation;
  for (let round = 0; round < 2; round++) decoder.decode(Buffer.of(0xbe), 0, 1, sink);
  assert.equal(seen[0], seen[1]);
  assert.equal(decoder.generation, generation);
});

test("the generation stands still for blocks that only look up, and moves with every other", () => {
  const decoder = new HpackDecoder();
  const moves = (hex: string) => {
    const before = decoder.generation;
    assert.equal(decode(decoder, Buffer.from(hex, "hex")).fault, undefined);
    return decoder.generation !== before;
  };
  assert.equal(moves("4001610162"), true, "insertion");
  assert.equal(moves("be82"), false, "look-up");
  assert.equal(moves("0001610162"), false, "literal");
  assert.equal(moves("3fe11f"), true, "size update");
  const before = decoder.generation;
  decoder.setMaxTableBytes(4096);
  assert.notEqual(decoder.generation, before, "setting");
});

test("after our setting shrank, the next block must begin with a size update to at most that", () => {
  const shrunk = () => {
    const decoder = new HpackDecoder();
    decoder.setMaxTableBytes(100);
    return decoder;
  };
  assert.equal(decode(shrunk(), Buffer.from("82", "hex")).fault?.code, "missing-size-update");
  assert.equal(decode(shrunk(), Buffer.from("3fe11f82", "hex")).fault?.code, "bad-size-update");
  assert.equal(decode(shrunk(), Buffer.from("3f4582", "hex")).fault, undefined);
  assert.equal(decode(shrunk(), Buffer.from("2082", "hex")).fault, undefined);
  const decoder = shrunk();
  decoder.setMaxTableBytes(4096);
  assert.equal(decode(decoder, Buffer.from("3fe11f82", "hex")).fault?.code, "missing-size-update");
  const raised = shrunk();
  raised.setMaxTableBytes(4096);
  assert.equal(decode(raised, Buffer.from("3f453fe11f82", "hex")).fault, undefined);
  assert.equal(decode(raised, Buffer.from("82", "hex")).fault, undefined, "once is enough");
});

test("a raised setting allows a larger table without asking for an update", () => {
  const decoder = new HpackDecoder();
  decoder.setMaxTableBytes(8192);
  assert.equal(decode(decoder, Buffer.from("82", "hex")).fault, undefined);
  assert.equal(decode(decoder, Buffer.from("3fe13f82", "hex")).fault, undefined);
  assert.equal(decode(decoder, Buffer.from("3fe23f82", "hex")).fault?.code, "bad-size-update");
});

test("a size update evicts at once", () => {
  const decoder = new HpackDecoder();
  decode(decoder, Buffer.from("4001610162", "hex"));
  assert.equal(decoder.tableBytes, 34);
  decode(decoder, Buffer.from("20", "hex"));
  assert.equal(decoder.tableBytes, 0);
  assert.equal(decode(decoder, Buffer.from("be", "hex")).fault?.code, "bad-index");
});

const limits = { maxFieldBytes: 100, maxListBytes: 400, maxFields: 4 };

const lists: readonly (readonly [
  title: string,
  sizes: readonly number[],
  exceeded: string | undefined,
  kept: number,
])[] = [
  ["a field of just the limit", [100], undefined, 1],
  ["a field of one octet more", [101], "field", 0],
  ["a list of just the limit", [100, 100, 71, 1], undefined, 4],
  ["a list of one octet more", [100, 100, 72, 1], "list", 3],
  ["as many fields as allowed", [1, 1, 1, 1], undefined, 4],
  ["one field more", [1, 1, 1, 1, 1], "fields", 4],
];

test("a list over a limit is cut off, and the table stays in step", () => {
  for (const pattern of [0x40, 0x00, 0x10]) {
    for (const [title, sizes, exceeded, kept] of lists) {
      const decoder = new HpackDecoder({ limits });
      const block = Buffer.concat(sizes.map((size) => literal("n", "v".repeat(size - 1), pattern)));
      const outcome = decode(decoder, Buffer.concat([block, literal("after", "", 0x40)]));
      assert.equal(outcome.fault, undefined, title);
      if (exceeded === undefined) continue;
      assert.equal(decoder.exceeded, exceeded, title);
      assert.equal(outcome.fields.length, kept, title);
      const next = decode(decoder, Buffer.of(0xbe));
      assert.deepEqual(next.fields, [["after", "", false]], title);
      assert.equal(decoder.exceeded, undefined, "the next block starts afresh");
    }
  }
});

test("a list within the limits is whole", () => {
  for (const [title, sizes, exceeded, kept] of lists) {
    const decoder = new HpackDecoder({ limits });
    const outcome = decode(decoder, Buffer.concat(sizes.map((size) => literal("n", "v".repeat(size - 1)))));
    assert.equal(decoder.exceeded, exceeded, title);
    assert.equal(outcome.fields.length, kept, title);
  }
});

test("a list above four times the limit ends the connection with ENHANCE_YOUR_CALM", () => {
  const full = Array.from({ length: 16 }, () => literal("n", "v".repeat(67)));
  assert.equal(decode(new HpackDecoder({ limits }), Buffer.concat(full)).fault, undefined);
  const { fault, fields } = decode(new HpackDecoder({ limits }), Buffer.concat([...full, Buffer.of(0x82)]));
  assert.equal(fault?.code, "list-too-large");
  assert.equal(fault?.errorCode, "ENHANCE_YOUR_CALM");
  assert.equal(fields.length, 4);
});

test("a small block of many references to a large entry is stopped early", () => {
  const decoder = new HpackDecoder();
  assert.equal(decode(decoder, literal("bomb", "x".repeat(4000))).fault, undefined);
  const { fault, fields } = decode(decoder, Buffer.alloc(16_000, 0xbe));
  assert.equal(fault?.code, "list-too-large");
  assert.equal(fields.length, 4);
});

test("a field too large to be kept empties the table, in plain octets and in the Huffman code", () => {
  const plain = literal("big", "0".repeat(9000));
  // '0' is the code 00000: nothing but zeros, 8 chars in 5 octets.
  const huffman = Buffer.concat([Buffer.from("4003626967", "hex"), integer(0x80, 7, 5625), Buffer.alloc(5625)]);
  for (const block of [plain, huffman]) {
    const decoder = new HpackDecoder();
    decode(decoder, literal("small", ""));
    const outcome = decode(decoder, block);
    assert.equal(outcome.fault, undefined);
    assert.deepEqual(outcome.fields, []);
    assert.equal(decoder.exceeded, "field");
    assert.equal(decoder.tableBytes, 0);
    assert.deepEqual(decode(decoder, literal("next", "1")).fields, [["next", "1", false]]);
  }
});

test("any octets give fields within the limits or a fault, and never an exception", () => {
  const octet = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0x40, 0x82, 0xbe, 0x20, 0x01, 0xff));
  const blocks = fc.array(fc.array(octet, { maxLength: 80 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(blocks, (list) => {
      const decoder = new HpackDecoder({ limits });
      for (const block of list) {
        const { fields } = decode(decoder, Uint8Array.from(block));
        const bytes = fields.reduce((sum, [name, value]) => sum + name.length + value.length + 32, 0);
        assert.ok(bytes <= limits.maxListBytes && fields.length <= limits.maxFields);
        assert.ok(decoder.tableBytes <= 4096);
      }
    }),
    { seed: 7541, numRuns: 3000 },
  );
});
