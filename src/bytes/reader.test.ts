import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  closeLength,
  openLength,
  sizeOfVarint32,
  writeDouble,
  writeFixedBigInt,
  writeFloat,
  writeVarint32,
  writeVarintBigInt,
} from "./numbers.ts";
import { copyBytes, ReadError, Reader } from "./reader.ts";
import { Writer } from "./writer.ts";

function bytesOf(write: (into: Writer) => void): Uint8Array {
  const writer = new Writer();
  write(writer);
  return writer.toBytes();
}

function readerOf(bytes: Uint8Array): Reader {
  return new Reader(bytes, 0, bytes.length, 10);
}

/** Runs `read` on `bytes` cut at every position: each must end in `truncated`. */
function assertCuts(bytes: Uint8Array, read: (from: Reader) => unknown): void {
  for (let end = 0; end < bytes.length; end++) {
    assert.throws(
      () => read(new Reader(bytes, 0, end, 10)),
      (error) => error instanceof ReadError && error.code === "truncated" && error.offset <= end,
    );
  }
}

const varints: readonly { readonly value: bigint; readonly hex: string }[] = [
  { value: 0n, hex: "00" },
  { value: 127n, hex: "7f" },
  { value: 128n, hex: "8001" },
  { value: 300n, hex: "ac02" },
  { value: 0xffff_ffffn, hex: "ffffffff0f" },
  { value: 0x1_0000_0000n, hex: "8080808010" },
  { value: 0x7fff_ffff_ffff_ffffn, hex: "ffffffffffffffff7f" },
  { value: 0xffff_ffff_ffff_ffffn, hex: "ffffffffffffffffff01" },
];

test("varints have their golden bytes, and end wherever they are cut", () => {
  for (const { value, hex } of varints) {
    const bytes = bytesOf((into) => writeVarintBigInt(into, value));
    assert.equal(Buffer.from(bytes).toString("hex"), hex);
    assert.equal(readerOf(bytes).varintU64(), value);
    assert.equal(readerOf(bytes).varint64(), BigInt.asIntN(64, value));
    assert.equal(readerOf(bytes).varint32(), Number(BigInt.asIntN(32, value)));
    assert.equal(readerOf(bytes).bool(), value !== 0n);
    for (const read of [(from: Reader) => from.varint32(), (from: Reader) => from.varint64()]) assertCuts(bytes, read);
  }
});

test("a varint with needless bytes is read, one of 11 bytes is not", () => {
  const long = new Uint8Array([0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]);
  assert.equal(readerOf(long).varint32(), 1);
  assert.equal(readerOf(long).varint64(), 1n);
  assert.equal(readerOf(long).length(), 1);
  const tooLong = new Uint8Array(11).fill(0x80);
  for (const read of [(from: Reader) => from.varint32(), (from: Reader) => from.varint64()]) {
    assert.throws(() => read(readerOf(tooLong)), { code: "bad-varint", offset: 0 });
  }
});

test("a truth value looks at all 64 bits of its varint", () => {
  const highOnly = new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]);
  assert.equal(readerOf(highOnly).bool(), true);
  assert.equal(readerOf(new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x10])).bool(), true);
  assert.equal(readerOf(new Uint8Array([0x80, 0x80, 0x80, 0x80, 0x80, 0x00])).bool(), false);
});

test("lengths of 2 GiB and more are refused before anything is done with them", () => {
  for (const hex of ["8080808008", "8080808010", "8580808010", "ffffffffffffffffff01"]) {
    assert.throws(() => readerOf(Buffer.from(hex, "hex")).length(), { code: "truncated", offset: 0 });
  }
});

test("64-bit integers, zigzag or fixed, come back exactly", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      const zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
      const fixed = bytesOf((into) => writeFixedBigInt(into, value));
      assert.equal(readerOf(bytesOf((into) => writeVarintBigInt(into, zigzag))).zigzag64(), value);
      assert.equal(readerOf(fixed).fixed64(), value);
      assert.equal(readerOf(fixed).fixedU64(), BigInt.asUintN(64, value));
      assert.equal(new DataView(fixed.buffer).getBigInt64(fixed.byteOffset, true), value);
    }),
    { seed: 3, numRuns: 300 },
  );
});

test("floats and doubles are little-endian IEEE 754 on every machine", () => {
  for (const value of [0, -0, 1.5, -1e300, Number.MIN_VALUE, Infinity, -Infinity, NaN]) {
    const double = bytesOf((into) => writeDouble(into, value));
    assert.ok(Object.is(new DataView(double.buffer).getFloat64(double.byteOffset, true), value));
    assert.ok(Object.is(readerOf(double).double(), value));
    const float = bytesOf((into) => writeFloat(into, value));
    assert.ok(Object.is(readerOf(float).float(), Math.fround(value)));
    assertCuts(double, (from) => from.double());
    assertCuts(float, (from) => from.float());
  }
});

test("a length that is filled in later takes as many bytes as it needs", () => {
  for (const count of [0, 1, 127, 128, 16_383, 16_384, 70_000]) {
    for (const reserved of [1, 2, 3]) {
      const bytes = bytesOf((into) => {
        into.writeBytes(new Uint8Array([9]));
        const opened = openLength(into, reserved);
        into.writeBytes(new Uint8Array(count).fill(7));
        closeLength(into, opened, reserved);
        into.writeBytes(new Uint8Array([8]));
      });
      const from = readerOf(bytes);
      assert.equal(from.varint32(), 9);
      const body = from.copy();
      assert.deepEqual(body, new Uint8Array(count).fill(7));
      assert.equal(from.varint32(), 8);
      assert.equal(bytes.length, 2 + sizeOfVarint32(count) + count);
    }
  }
});

test("a 32-bit varint takes the bytes that are foretold", () => {
  for (const value of [0, 127, 128, 16_383, 16_384, 2 ** 21 - 1, 2 ** 21, 2 ** 28 - 1, 2 ** 28, 2 ** 32 - 1]) {
    assert.equal(bytesOf((into) => writeVarint32(into, value)).length, sizeOfVarint32(value));
  }
});

test("a copy is a plain Uint8Array that shares no memory, also from a Buffer", () => {
  for (const source of [new Uint8Array(100).fill(1), Buffer.alloc(100, 1)]) {
    for (const count of [0, 1, 12, 13, 99]) {
      const copy = copyBytes(source, 1, 1 + count);
      assert.equal(copy.constructor, Uint8Array);
      assert.equal(copy.length, count);
      assert.notEqual(copy.buffer, source.buffer);
    }
  }
});

test("a level ends at its own end and counts against the depth", () => {
  const from = new Reader(new Uint8Array([1, 2, 3, 4]), 0, 4, 1);
  const outer = from.enter(2);
  assert.throws(() => from.take(3), { code: "truncated", offset: 0 });
  assert.throws(() => from.descend(), { code: "too-deep" });
  from.take(2);
  from.leave(outer);
  assert.equal(from.take(2), 2);
  assert.throws(() => from.enter(1), { code: "truncated", offset: 4 });
});
