import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DynamicTable, entryOverhead } from "./dynamic-table.ts";

/** The table as RFC 7541 section 4 tells it: a list whose front is the newest entry. */
class PlainTable {
  entries: { readonly name: string; readonly value: string }[] = [];
  maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.entries.reduce((sum, entry) => sum + entry.name.length + entry.value.length + entryOverhead, 0);
  }

  insert(name: string, value: string): void {
    this.entries.unshift({ name, value });
    this.resize(this.maxBytes);
  }

  resize(maxBytes: number): void {
    this.maxBytes = maxBytes;
    while (this.bytes > maxBytes) this.entries.pop();
  }
}

test("inserts, evictions and resizes leave what a plain list would hold", () => {
  const text = fc.string({ maxLength: 40, unit: "grapheme-ascii" });
  const insertion = fc.record({ name: text, value: text });
  const step = fc.oneof({ weight: 9, arbitrary: insertion }, fc.integer({ min: 0, max: 3000 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
      const evicted: number[] = [];
      const table = new DynamicTable(2000, (_name, _value, insertion) => evicted.push(insertion));
      const plain = new PlainTable(2000);
      for (const next of steps) {
        const before = table.generation;
        if (typeof next === "number") {
          table.resize(next);
          plain.resize(next);
        } else {
          const fits = next.name.length + next.value.length + entryOverhead <= plain.maxBytes;
          assert.equal(table.insert(next.name, next.value), fits);
          plain.insert(next.name, next.value);
        }
        assert.notEqual(table.generation, before);
        assert.equal(table.bytes, plain.bytes);
        assert.equal(table.count, plain.entries.length);
        plain.entries.forEach((entry, age) => {
          assert.equal(table.nameAt(age), entry.name);
          assert.equal(table.valueAt(age), entry.value);
        });
        assert.equal(evicted.length + table.count, table.insertions);
      }
      assert.deepEqual(
        evicted,
        evicted.map((_, at) => at + 1),
        "the oldest entry leaves first",
      );
    }),
    { seed: 7541, numRuns: 200 },
  );
});

test("an entry larger than the table empties it and is not an error", () => {
  const table = new DynamicTable(64);
  assert.equal(table.insert("a", "b"), true);
  assert.equal(table.insert("a".repeat(33), ""), false);
  assert.equal(table.count, 0);
  assert.equal(table.bytes, 0);
});

test("an entry of exactly the table's size is kept", () => {
  const table = new DynamicTable(64);
  assert.equal(table.insert("a".repeat(16), "b".repeat(16)), true);
  assert.equal(table.bytes, 64);
});
