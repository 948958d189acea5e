import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkedList, ListEntry } from "./linked-list.ts";

class Item extends ListEntry<Item> {
  readonly name: string;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** The names in a list, read in both directions. */
function namesOf(list: LinkedList<Item>): string {
  let forth = "";
  for (let item = list.first; item !== undefined; item = item.next) forth += item.name;
  let back = "";
  for (let item = list.last; item !== undefined; item = item.previous) back = item.name + back;
  assert.equal(forth, back);
  assert.equal(list.size, forth.length);
  return forth;
}

test("entries leave a list from the front in the order they came", () => {
  const list = new LinkedList<Item>();
  for (const name of "abc") list.push(new Item(name));
  assert.equal(namesOf(list), "abc");
  assert.deepEqual([list.shift()?.name, list.shift()?.name, namesOf(list)], ["a", "b", "c"]);
  list.push(new Item("d"));
  assert.deepEqual([list.shift()?.name, list.shift()?.name, list.shift()], ["c", "d", undefined]);
  assert.equal(namesOf(list), "");
});

test("an entry leaves from wherever it stands, and can be put in again", () => {
  for (const leaving of "abc") {
    const list = new LinkedList<Item>();
    const items = [..."abc"].map((name) => new Item(name));
    for (const item of items) list.push(item);
    const item = items.find(({ name }) => name === leaving) as Item;
    list.remove(item);
    assert.equal(namesOf(list), "abc".replace(leaving, ""));
    list.push(item);
    assert.equal(namesOf(list), `${"abc".replace(leaving, "")}${leaving}`);
  }
});
