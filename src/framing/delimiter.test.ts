// Tests of delimiters: overlaps, escaping byte for byte, limits, and what cannot be a framing.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Writer } from "../bytes/index.ts";
import { type DelimiterOptions, delimiter } from "./delimiter.ts";
import { fixedLength } from "./fixed-length.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

function encoded(options: DelimiterOptions, message: Uint8Array): Uint8Array {
  const writer = new Writer();
  delimiter(options).encode(message, writer);
  return writer.toBytes();
}

function decoded(options: DelimiterOptions, wire: Uint8Array): { messages: string[]; code: string | undefined } {
  const messages: string[] = [];
  const reader = delimiter(options).createReader({
    onMessage: (from, start, end) => void messages.push(new TextDecoder().decode(from.subarray(start, end))),
  });
  const fault = reader.receive(wire, 0, wire.length);
  return { messages, code: fault?.code };
}

test("F2: the rest after a delimiter belongs to the next message", () => {
  const options: DelimiterOptions = { delimiter: "##THE END##", inside: "reject" };
  const wire = bytes("one##THE END####THE END###THE END##THE END##two##THE");
  assert.deepEqual(decoded(options, wire), { messages: ["one", "", "#THE END"], code: undefined });
});

test("F2: a message that contains its delimiter is rejected, also when its own end and the delimiter make one", () => {
  const table: readonly (readonly [mark: string, message: string, isFree: boolean])[] = [
    ["##THE END##", "a##THE END##b", false],
    ["##THE END##", "a##THE END#", false],
    ["##THE END##", "a##THE END", false],
    ["##THE END##", "a##THE EN", true],
    ["##THE END##", "a##", true],
    ["##THE END##", "a##THE END##THE", false],
    ["aa", "a", false],
    ["aa", "ba", false],
    ["ab", "a", true],
    ["aba", "ab", false],
    ["aba", "a", true],
    ["\n", "line", true],
    ["\n", "two\nlines", false],
  ];
  for (const [mark, message, isFree] of table) {
    const options: DelimiterOptions = { delimiter: mark, inside: "reject" };
    if (!isFree)
      assert.throws(() => encoded(options, bytes(message)), { code: "contains-delimiter" }, `${mark} ${message}`);
    else assert.deepEqual(decoded(options, encoded(options, bytes(message))).messages, [message]);
  }
});

test("F2: what is not rejected comes back, for delimiters and messages of two letters", () => {
  const word = (minLength: number, maxLength: number) =>
    fc.array(fc.constantFrom("a", "b"), { minLength, maxLength }).map((letters) => letters.join(""));
  fc.assert(
    fc.property(word(1, 4), word(0, 8), (mark, message) => {
      const options: DelimiterOptions = { delimiter: mark, inside: "reject" };
      const isFree = (message + mark).indexOf(mark) === message.length;
      if (!isFree) assert.throws(() => encoded(options, bytes(message)), { code: "contains-delimiter" });
      else assert.deepEqual(decoded(options, encoded(options, bytes(message))).messages, [message]);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("escaping writes these bytes, and reads no others", () => {
  const options: DelimiterOptions = { delimiter: "$$", inside: "escape" };
  assert.equal(Buffer.from(encoded(options, bytes("a$b\x1bc"))).toString("latin1"), "a\x1b\x00b\x1b\x01c$$");
  for (const wire of ["a\x1b\x02$$", "a\x1b$$", "a\x1b\x1b$$", "a$b$$"]) {
    assert.deepEqual(decoded(options, bytes(wire)), { messages: [], code: "bad-escape" });
  }
  const odd: DelimiterOptions = { delimiter: new Uint8Array([0]), inside: "escape", escapeByte: 1 };
  assert.deepEqual([...encoded(odd, new Uint8Array([0, 1, 2]))], [1, 2, 1, 3, 2, 0]);
});

test("a message over the limit is refused as soon as that is sure, with and without its delimiter", () => {
  for (const inside of ["reject", "escape"] as const) {
    const options: DelimiterOptions = { delimiter: "##", inside, maxMessageBytes: 4 };
    assert.deepEqual(decoded(options, bytes("four##")), { messages: ["four"], code: undefined });
    assert.equal(decoded(options, bytes("fiver##")).code, "too-large");
    assert.equal(decoded(options, bytes("x".repeat(9))).code, inside === "escape" ? undefined : "too-large");
    assert.equal(decoded(options, bytes("x".repeat(10))).code, "too-large");
  }
});

test("a framing that cannot be is refused", () => {
  assert.throws(() => delimiter({ delimiter: "", inside: "reject" }), { code: "bad-option" });
  for (const escapeByte of [0x24, -1, 256, 1.5]) {
    assert.throws(() => delimiter({ delimiter: "$$", inside: "escape", escapeByte }), { code: "bad-option" });
  }
  for (const messageBytes of [0, -1, 1.5]) assert.throws(() => fixedLength({ messageBytes }), { code: "bad-option" });
});
