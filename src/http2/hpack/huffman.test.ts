import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { huffmanSize, readHuffman, writeHuffman } from "./huffman.ts";
import { codeBits, codes, eosSymbol, maxCodeBits } from "./huffman-code.ts";

function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(huffmanSize(text));
  assert.equal(writeHuffman(text, bytes, 0), bytes.length);
  return bytes;
}

function decode(bytes: Uint8Array, maxBytes = 4096): string | undefined {
  const into = new Uint8Array(maxBytes);
  const count = readHuffman(bytes, 0, bytes.length, into);
  return count < 0 ? undefined : String.fromCharCode(...into.subarray(0, Math.min(count, maxBytes)));
}

/** The plainest decoder there can be: bit by bit through all codes. */
function decodeSlowly(bytes: Uint8Array): string | undefined {
  const bits = [...bytes].map((octet) => octet.toString(2).padStart(8, "0")).join("");
  const symbols = new Map<string, number>();
  codes.forEach((code, symbol) => {
    symbols.set(code.toString(2).padStart(codeBits[symbol] as number, "0"), symbol);
  });
  let text = "";
  let start = 0;
  for (let end = 1; end <= bits.length; end++) {
    const symbol = symbols.get(bits.slice(start, end));
    if (symbol === undefined) continue;
    if (symbol === eosSymbol) return undefined;
    text += String.fromCharCode(symbol);
    start = end;
  }
  return /^1{0,7}$/.test(bits.slice(start)) ? text : undefined;
}

test("the code leaves no bit pattern without a meaning", () => {
  const share = codeBits.reduce((sum, bits) => sum + 2 ** -bits, 0);
  assert.equal(share, 1);
});

test("some codes stand as RFC 7541 appendix B prints them", () => {
  const printed: readonly [symbol: number, code: number, bits: number][] = [
    [0, 0x1ff8, 13],
    [10, 0x3ffffffc, 30],
    [32, 0x14, 6],
    [48, 0x0, 5],
    [92, 0x7fff0, 19],
    [97, 0x3, 5],
    [127, 0xffffffc, 28],
    [199, 0x1ffffec, 25],
    [249, 0xffffffe, 28],
    [255, 0x3ffffee, 26],
    [eosSymbol, 0x3fffffff, maxCodeBits],
  ];
  for (const [symbol, code, bits] of printed) {
    assert.equal(codes[symbol], code, `symbol ${symbol}`);
    assert.equal(codeBits[symbol], bits, `symbol ${symbol}`);
  }
});

test("every octet comes back, alone, between short codes, and beside every other", () => {
  for (let octet = 0; octet < 256; octet++) {
    const char = String.fromCharCode(octet);
    for (const text of [char, `a${char}`, `${char}0`, `te${char}st`]) assert.equal(decode(encode(text)), text);
    for (let other = 0; other < 256; other += 5) {
      const text = String.fromCharCode(octet, other);
      assert.equal(decode(encode(text)), text);
    }
  }
});

test("wrong padding, EOS and unfinished codes are refused", () => {
  const bad: readonly (readonly [hex: string, why: string])[] = [
    ["ff", "eight bits of padding and nothing else"],
    ["1fff", "'a', then eleven bits of padding"],
    ["18", "'a', then padding of zeros"],
    ["1e", "'a', then padding that ends in a zero"],
    ["3fffffff", "thirty ones behind two bits: an unfinished code"],
    ["ffffffff", "EOS"],
    ["1fffffffff", "'a', then EOS"],
    ["fffffffc", "EOS, then zeros"],
    ["fffffff0", "a 30-bit code (line feed) that is not finished with its padding"],
    ["fffe", "the beginning of a long code"],
  ];
  for (const [hex, why] of bad) assert.equal(decode(Buffer.from(hex, "hex")), undefined, why);
});

test("padding of up to seven ones is taken, and an empty string has none", () => {
  assert.equal(decode(new Uint8Array(0)), "");
  for (let count = 0; count <= 8; count++) {
    const text = "a".repeat(count);
    assert.equal(decode(encode(text)), text);
  }
});

test("octets without room are counted, not stored", () => {
  const bytes = encode("header compression");
  const into = new Uint8Array(6);
  assert.equal(readHuffman(bytes, 0, bytes.length, into), 18);
  assert.equal(String.fromCharCode(...into), "header");
});

test("a char that no octet can carry is refused", () => {
  assert.throws(() => huffmanSize("pāth"), { name: "RangeError", message: /char 257 at 1/ });
});

test("any text comes back, and every cut of it is refused or a beginning of it", () => {
  const octets = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 60 });
  fc.assert(
    fc.property(octets, (list) => {
      const text = String.fromCharCode(...list);
      const bytes = encode(text);
      assert.equal(decode(bytes), text);
      for (let end = 0; end < bytes.length; end++) {
        const part = decode(bytes.subarray(0, end));
        if (part !== undefined) assert.ok(text.startsWith(part));
      }
    }),
    { seed: 7541, numRuns: 300 },
  );
});

test("any octets decode as bit by bit", () => {
  const mostlyOnes = fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0xff, 0xfe, 0xfc));
  fc.assert(
    fc.property(fc.array(mostlyOnes, { maxLength: 12 }), (list) => {
      const bytes = Uint8Array.from(list);
      assert.equal(decode(bytes), decodeSlowly(bytes));
    }),
    { seed: 7541, numRuns: 2000 },
  );
});
