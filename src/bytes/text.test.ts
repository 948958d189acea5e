import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readText, writeSizedText } from "./text.ts";
import { Writer } from "./writer.ts";

function encode(text: string): Uint8Array | undefined {
  const writer = new Writer();
  return writeSizedText(writer, text) ? writer.toBytes() : undefined;
}

/** What the platform's own encoder makes of `text`, behind its length. */
function expected(text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  const size: number[] = [];
  let rest = body.length;
  for (; rest > 0x7f; rest >>>= 7) size.push((rest & 0x7f) | 0x80);
  return new Uint8Array([...size, rest, ...body]);
}

const lengths = [
  0, 1, 7, 8, 9, 23, 24, 25, 31, 32, 33, 41, 42, 43, 100, 127, 128, 129, 1023, 1024, 1025, 16_384, 70_000,
];

test("texts of every length come out as their length and UTF-8, whatever the way they take", () => {
  for (const unit of ["a", "é", "€", "😀"]) {
    for (const length of lengths) {
      const text = unit.repeat(length);
      assert.deepEqual(encode(text), expected(text), `${length} times ${unit}`);
      const bytes = new TextEncoder().encode(text);
      assert.equal(readText(bytes, 0, bytes.length), text);
    }
  }
});

test("any well-formed text survives the way out and back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const bytes = encode(text);
      assert.deepEqual(bytes, expected(text));
      const start = (bytes?.length ?? 0) - new TextEncoder().encode(text).length;
      assert.equal(readText(bytes as Uint8Array, start, bytes?.length ?? 0), text);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("a lone surrogate is refused wherever it stands, and nothing is written", () => {
  for (const length of [0, 5, 31, 40, 1000, 5000]) {
    for (const half of ["\ud800", "\udc00", "\ude00\ud83d"]) {
      for (const text of ["a".repeat(length) + half, half + "a".repeat(length), `é${half}${"é".repeat(length)}`]) {
        const writer = new Writer();
        writer.writeBytes(new Uint8Array([1, 2, 3]));
        assert.equal(writeSizedText(writer, text), false);
        assert.deepEqual(writer.toBytes(), new Uint8Array([1, 2, 3]));
      }
    }
  }
});

const badTexts: readonly { readonly name: string; readonly bytes: readonly number[] }[] = [
  { name: "a byte that never occurs", bytes: [0xff] },
  { name: "a continuation on its own", bytes: [0x80] },
  { name: "a cut sequence of two", bytes: [0xc3] },
  { name: "a cut sequence of four", bytes: [0xf0, 0x9f, 0x98] },
  { name: "an overlong slash", bytes: [0xc0, 0xaf] },
  { name: "an overlong zero", bytes: [0xe0, 0x80, 0x80] },
  { name: "a surrogate half", bytes: [0xed, 0xa0, 0x80] },
  { name: "a code point above U+10FFFF", bytes: [0xf4, 0x90, 0x80, 0x80] },
];

for (const { name, bytes } of badTexts) {
  test(`${name} is not UTF-8, whatever stands around it`, () => {
    for (const padding of [0, 3, 30, 300]) {
      for (const filler of ["a", "\ufffd"]) {
        const around = new TextEncoder().encode(filler.repeat(padding));
        const whole = new Uint8Array([...around, ...bytes, ...around]);
        assert.equal(readText(whole, 0, whole.length), undefined);
      }
    }
  });
}

test("U+FFFD and a byte order mark are text like any other", () => {
  for (const text of ["\ufffd", "\ufeffa", `${"x".repeat(40)}\ufffd\ufffd`]) {
    const bytes = new TextEncoder().encode(text);
    assert.equal(readText(bytes, 0, bytes.length), text);
  }
});

test("random bytes are read exactly when the platform's strict decoder reads them", () => {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      let wanted: string | undefined;
      try {
        wanted = strict.decode(bytes);
      } catch {
        wanted = undefined;
      }
      assert.equal(readText(bytes, 0, bytes.length), wanted);
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("without Node's Buffer the same texts are written, read and refused", async () => {
  const saved = Object.getOwnPropertyDescriptor(globalThis, "Buffer") as PropertyDescriptor;
  const url = new URL("./text.js?without-buffer", import.meta.url).href;
  Reflect.deleteProperty(globalThis, "Buffer");
  let plain: { readonly writeSizedText: typeof writeSizedText; readonly readText: typeof readText };
  try {
    plain = await import(url);
  } finally {
    Object.defineProperty(globalThis, "Buffer", saved);
  }
  for (const text of ["", "a", "é".repeat(50), "a".repeat(5000), `${"x".repeat(40)}\ufffd`, "\ufeff€".repeat(600)]) {
    const writer = new Writer();
    assert.equal(plain.writeSizedText(writer, text), true);
    assert.deepEqual(writer.toBytes(), expected(text));
    const bytes = new TextEncoder().encode(text);
    assert.equal(plain.readText(bytes, 0, bytes.length), text);
  }
  assert.equal(plain.writeSizedText(new Writer(), `${"a".repeat(60)}\ud800`), false);
  for (const { bytes } of badTexts) assert.equal(plain.readText(Uint8Array.from(bytes), 0, bytes.length), undefined);
});

test("a text is read alike wherever it stands, and whatever stands around it", () => {
  for (const around of [0x41, 0xff]) {
    for (let length = 0; length <= 40; length++) {
      const text = Array.from({ length }, (_, at) => String.fromCharCode(0x61 + (at % 26))).join("");
      for (const before of [0, 1, 7, 40]) {
        for (const after of [0, 1, 7, 40]) {
          const bytes = new Uint8Array(before + length + after).fill(around);
          bytes.set(new TextEncoder().encode(text), before);
          assert.equal(readText(bytes, before, before + length), text, `${before} + ${length} + ${after}`);
          if (length === 0) continue;
          bytes[before + length - 1] = 0x80;
          assert.equal(readText(bytes, before, before + length), undefined, `${before} + ${length} + ${after}, broken`);
        }
      }
    }
  }
});
