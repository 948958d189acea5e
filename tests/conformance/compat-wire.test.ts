// What the rules say about types, held to bytes and JSON: a value written by the old type and read by the new one. Types that
// pass a level must read what both can hold; types that do not must fail or misread something.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CompatLevel, compareFiles, linkFiles, type ScalarType } from "farcall/idl";
import { type MessageType, messageTypeOf } from "farcall/marshal";

/** Values of each type: some that all numbers have, and some that only few have. */
const values: Readonly<Record<ScalarType, readonly unknown[]>> = {
  int32: [1, 100, -1],
  uint32: [1, 100, 0xffff_ffff],
  int64: [1n, 100n, -1n, 2n ** 40n],
  uint64: [1n, 100n, 2n ** 63n],
  sint32: [1, 100, -1],
  sint64: [1n, 100n, -1n, 2n ** 40n],
  fixed32: [1, 100, 0xffff_ffff],
  sfixed32: [1, 100, -1],
  fixed64: [1n, 100n, 2n ** 63n],
  sfixed64: [1n, 100n, -1n],
  float: [1, 100, 0.5],
  double: [1, 100, 0.5],
  bool: [true],
  string: ["1", "text"],
  bytes: [Uint8Array.of(1), Uint8Array.of(0xff)],
};

const scalars = Object.keys(values) as ScalarType[];

function contractOf(scalar: ScalarType) {
  const { files } = linkFiles(["a.proto"], () => `syntax = "proto3"; message A { ${scalar} a = 1; }`);
  const [message] = files[0]?.messages ?? [];
  assert.ok(message);
  return { files, type: messageTypeOf(message) as unknown as MessageType<{ a: unknown }> };
}

const contracts = new Map(scalars.map((scalar) => [scalar, contractOf(scalar)] as const));

function passes(old: ScalarType, now: ScalarType, level: CompatLevel): boolean {
  return compareFiles(contracts.get(old)?.files ?? [], contracts.get(now)?.files ?? [], { level }).length === 0;
}

/** A value whatever type holds it: what is a number, a bigint and a bool elsewhere is one number. */
function plain(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  return typeof value === "boolean" ? String(Number(value)) : String(value);
}

/** How many values of `old` come out of `now` as they went in, and how many there are. */
function count(
  old: ScalarType,
  now: ScalarType,
  carry: (from: MessageType<{ a: unknown }>, to: MessageType<{ a: unknown }>, a: unknown) => unknown,
) {
  const [from, to] = [contracts.get(old)?.type, contracts.get(now)?.type];
  assert.ok(from && to);
  const same = values[old].filter((value) => {
    try {
      return plain(carry(from, to, value)) === plain(value);
    } catch {
      return false;
    }
  });
  return { kept: same.length, all: values[old].length };
}

for (const [level, carry] of [
  ["wire", (from, to, a) => to.decode(from.encode({ a })).a],
  ["wire-json", (from, to, a) => to.fromJson(from.toJson({ a })).a],
] as const satisfies readonly (readonly [CompatLevel, Parameters<typeof count>[2]])[]) {
  test(`types that pass level ${level} read each other's values, and the others do not`, () => {
    for (const old of scalars) {
      for (const now of scalars) {
        const { kept, all } = count(old, now, carry);
        const names = `${old} to ${now}: ${kept} of ${all}`;
        if (old === now) assert.equal(kept, all, names);
        else if (passes(old, now, level)) assert.ok(kept > 0 && passes(old, now, "wire"), names);
        else if (level === "wire") assert.ok(kept < all, names);
      }
    }
  });
}
