// Random messages of the contract in `kinds.ts`, for properties. Extremes come often: that is where encoders differ.
import fc from "fast-check";
import type { EverythingInit, LeafInit } from "./kinds.ts";

const int32 = fc.oneof(fc.constantFrom(0, 1, -1, 127, 128, 2 ** 31 - 1, -(2 ** 31)), fc.integer());
const uint32 = fc.oneof(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), fc.nat());
const int64 = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 63n - 1n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const uint64 = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 63n, 2n ** 64n - 1n),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
);
const text = fc.oneof(fc.string({ maxLength: 40 }), fc.string({ unit: "binary", maxLength: 60 }));
const bytes = fc.uint8Array({ maxLength: 40 });
const color = fc.oneof(fc.constantFrom("RED", "GREEN", "MINUS"), fc.integer({ min: 2, max: 1000 })) as fc.Arbitrary<
  "RED" | number
>;
const leaf: fc.Arbitrary<LeafInit> = fc.letrec<{ leaf: LeafInit }>((tie) => ({
  leaf: fc.record(
    { name: text, count: int32, next: fc.option(tie("leaf"), { nil: undefined, maxDepth: 3 }) },
    { requiredKeys: [] },
  ),
})).leaf;

function listOf<Item>(item: fc.Arbitrary<Item>): fc.Arbitrary<Item[]> {
  return fc.array(item, { maxLength: 6 });
}

function mapOf<Key, Value>(key: fc.Arbitrary<Key>, value: fc.Arbitrary<Value>): fc.Arbitrary<Map<Key, Value>> {
  return fc.array(fc.tuple(key, value), { maxLength: 4 }).map((entries) => new Map(entries));
}

const choice = fc.oneof(
  fc.record({ kind: fc.constant("text" as const), value: text }),
  fc.record({ kind: fc.constant("big" as const), value: int64 }),
  fc.record({ kind: fc.constant("leaf" as const), value: leaf }),
  fc.record({ kind: fc.constant("color" as const), value: color }),
  fc.record({ kind: fc.constant("raw" as const), value: bytes }),
);

/** The fields that are no maps. */
export const everythingWithoutMaps: fc.Arbitrary<EverythingInit> = fc.record(
  {
    doubleValue: fc.double(),
    floatValue: fc.float(),
    int32Value: int32,
    int64Value: int64,
    uint32Value: uint32,
    uint64Value: uint64,
    sint32Value: int32,
    sint64Value: int64,
    fixed32Value: uint32,
    fixed64Value: uint64,
    sfixed32Value: int32,
    sfixed64Value: int64,
    boolValue: fc.boolean(),
    stringValue: text,
    bytesValue: bytes,
    colorValue: color,
    leafValue: leaf,
    packedInts: listOf(int32),
    looseInts: listOf(int32),
    strings: listOf(text),
    byteStrings: listOf(bytes),
    leaves: listOf(leaf),
    colors: listOf(color),
    zigzags: listOf(int64),
    doubles: listOf(fc.double()),
    bools: listOf(fc.boolean()),
    choice,
    maybeInt: int32,
    maybeString: text,
    maybeBytes: bytes,
    maybeColor: color,
    maybeBig: int64,
    constructor$: text,
    toString$: text,
    default: text,
  },
  { requiredKeys: [] },
);

/** All fields. The keys of maps are never parts of objects, which some implementations cannot hold. */
export const everything: fc.Arbitrary<EverythingInit> = fc
  .tuple(
    everythingWithoutMaps,
    fc.record(
      {
        counts: mapOf(
          text.map((key) => `key ${key}`),
          int32,
        ),
        names: mapOf(int64, text),
        byFlag: mapOf(fc.boolean(), leaf),
        paints: mapOf(uint32, color),
        blobs: mapOf(
          text.map((key) => `key ${key}`),
          bytes,
        ),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([fields, maps]) => ({ ...fields, ...maps }));
