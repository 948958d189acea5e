// The toolkits of the marshalling benchmark agree on every shape, one that does not is found, and rows are judged by the
// rules that docs/performance.md states.
import assert from "node:assert/strict";
import { test } from "node:test";
import { formatGoal } from "../support/goals.ts";
import { disagreement } from "./agreement.ts";
import { formOf, meaningOf, snakeCase } from "./forms.ts";
import { judgeRow, type Row } from "./goals.ts";
import { choose } from "./selection.ts";
import { isStringBound, type Shape, shapes, stringBytes } from "./shapes.ts";
import { type Entrant, entrantsOf, loadToolkits } from "./toolkits.ts";

const toolkits = await loadToolkits();

for (const shape of shapes) {
  test(`all toolkits write and read the same: ${shape.name}`, () => {
    const entrants = entrantsOf(shape, toolkits);
    assert.equal(disagreement(shape, entrants), undefined);
    const missing = toolkits.filter((toolkit) => !entrants.some((entrant) => entrant.toolkit === toolkit));
    const expected = [
      ...(shape.name === "proto2, groups" ? ["pbf"] : []),
      ...(shape.name === "echo request" ? [] : ["by hand"]),
      ...(shape.beside === "a copy" ? [] : ["a copy"]),
    ];
    assert.deepEqual(
      missing.map(({ name }) => name),
      expected,
    );
  });
}

const [echo] = shapes as [Shape];
const maps = shapes.find(({ name }) => name === "maps of 100") as Shape;

function planted(encoded: Uint8Array, decoded: unknown): Entrant {
  const toolkit = {
    name: "planted",
    version: "-",
    settings: "-",
    format: "protobuf",
    prepare: () => undefined,
  } as const;
  return { toolkit, marshaller: { encode: () => encoded, decode: () => decoded, encoded } };
}

test("a toolkit that writes other bytes, or reads another value, is found", () => {
  const entrants = entrantsOf(echo, toolkits);
  const bytes = entrants[0]?.marshaller.encoded as Uint8Array;
  const other = bytes.slice();
  other[other.length - 1] = 6;
  const beside = (entrant: Entrant): string | undefined => disagreement(echo, [...entrants, entrant]);
  assert.equal(beside(planted(bytes, echo.value)), undefined);
  assert.equal(beside(planted(other, echo.value)), "planted writes other bytes than farcall, generated");
  assert.equal(beside(planted(bytes.subarray(1), echo.value)), "planted writes 35 bytes, farcall, generated 36");
  assert.equal(beside(planted(bytes, { ...echo.value, n: 6 })), "planted reads another value than it wrote");
});

test("the entries of a map may come in any order, but none may be missing", () => {
  const entrants = entrantsOf(maps, toolkits);
  const bytes = entrants[0]?.marshaller.encoded as Uint8Array;
  const { counts, labels } = maps.value as { counts: Map<string, bigint>; labels: Map<string, string> };
  const turned = { counts: new Map([...counts].reverse()), labels: Object.fromEntries(labels) };
  const fewer = { counts: new Map([...counts].slice(1)), labels };
  assert.equal(disagreement(maps, [...entrants, planted(bytes.slice().reverse(), turned)]), undefined);
  assert.match(disagreement(maps, [planted(bytes, fewer)]) ?? "", /another value/);
});

test("forms: names, 64-bit numbers and maps as a toolkit has them; what they mean is the same", () => {
  const value = { placedAt: 5n, labels: new Map([["a", "b"]]), none: new Uint8Array(0), some: Uint8Array.of(1) };
  const form = formOf(value, { name: snakeCase, wide: Number });
  assert.deepEqual(form, { placed_at: 5, labels: { a: "b" }, some: Uint8Array.of(1) });
  assert.deepEqual(meaningOf(form), meaningOf(value));
  assert.deepEqual(meaningOf({ at: { low: 1, high: 1, unsigned: false, toString: () => "4294967297" } }), {
    at: 2 ** 32 + 1,
  });
  assert.notDeepEqual(meaningOf({ ...value, placedAt: 6n }), meaningOf(value));
});

test("a shape is string-bound when more than half of its bytes are strings", () => {
  assert.equal(stringBytes({ a: "é", list: ["xy", 7], map: new Map([["k", { b: "z" }]]), bytes: Uint8Array.of(1) }), 6);
  assert.equal(isStringBound({ a: "abcd" }, 8), false);
  assert.equal(isStringBound({ a: "abcd" }, 7), true);
  const bound = shapes.map((shape) => {
    const bytes = entrantsOf(shape, toolkits)[0]?.marshaller.encoded.length ?? 0;
    return `${shape.name}: ${isStringBound(shape.value, bytes) ? "strings" : "numbers"}`;
  });
  assert.deepEqual(bound, [
    "echo request: strings",
    "order: strings",
    "readings: numbers",
    "30 fields: numbers",
    "1,000 entries: numbers",
    "packed numbers: numbers",
    "maps of 100: strings",
    "proto2, flat: numbers",
    "proto2, groups: strings",
    "1 MiB of bytes: numbers",
  ]);
});

function rowOf(row: Partial<Row>, times: Readonly<Record<string, number>>): Row {
  const standings = Object.entries(times).map(([name, ns]) => ({ name, rounds: [ns], medianNs: ns, spread: 0 }));
  return { shape: "x", direction: "decode", beside: "toolkits", stringBound: false, ...row, standings };
}
const lines = (row: Row): string[] => judgeRow(row).map((goal) => formatGoal(goal).replace(/ \(.*/, ""));
const times = {
  "farcall, generated": 10,
  "farcall, built": 20,
  "protobuf.js, static": 15,
  "protobuf.js, reflection": 1,
  "protobuf-es": 45,
  pbf: 1,
  JSON: 9,
  "by hand": 5,
};

test("a row is judged beside each peer by the factor of its kind", () => {
  assert.deepEqual(lines(rowOf({}, times)), [
    "SHORT decode x >= 2 x protobuf.js, static : 1.5 x",
    "PASS  decode x >= 4 x protobuf-es : 4.5 x",
    "SHORT decode x >= 1 x JSON : 0.9 x",
    "SHORT decode x <= 1.5 x by hand : 2 x",
    "PASS  decode x, farcall, built >= 2 x protobuf-es : 2.25 x",
  ]);
  assert.match(lines(rowOf({ stringBound: true }, times))[0] ?? "", /^PASS {2}decode x >= 1\.4 x/);
  assert.match(lines(rowOf({ direction: "encode" }, times))[1] ?? "", /^SHORT encode x >= 5 x protobuf-es/);
});

test("bytes are judged beside a copy of them, and peers that did not run are not judged", () => {
  const copied = { ...times, "a copy": 8 };
  assert.deepEqual(lines(rowOf({ beside: "a copy" }, copied)), [
    "PASS  decode x <= 1.3 x a copy : 1.25 x",
    "SHORT decode x >= 1 x JSON : 0.9 x",
  ]);
  assert.deepEqual(lines(rowOf({}, { "farcall, generated": 1 })), []);
});

test("--only leaves what has one of its words, and refuses a word that is nobody's", () => {
  const all = { shapes: ["echo request", "order"], toolkits: ["ours", "pbf"], directions: ["encode", "decode"] };
  assert.deepEqual(choose(all, []), all);
  assert.deepEqual(choose(all, ["echo"]), { ...all, shapes: ["echo request"] });
  assert.deepEqual(choose(all, ["pbf", "decode"]), { ...all, toolkits: ["pbf"], directions: ["decode"] });
  assert.throws(() => choose(all, ["pfb"]), /--only "pfb": that is in none of echo request; order; ours/);
});
