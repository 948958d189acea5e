// Changed contracts, judged by our rules and by `buf breaking`, rule by rule at each level. Where buf is missing our own
// expectations are held all the same.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type CompatLevel, compatLevels, compatRules } from "farcall/idl";
import { readDocument } from "../support/documents.ts";
import { commandOf, findPeer, needsPeer } from "../support/peer-programs.ts";
import { type Change, findBufs, findOurs, readBufRules } from "./compat-change.ts";
import { declarationChanges } from "./compat-declarations.ts";
import { enumChanges } from "./compat-enums.ts";
import { fieldChanges } from "./compat-fields.ts";
import { fileChanges } from "./compat-files.ts";
import { messageChanges } from "./compat-messages.ts";
import { serviceChanges } from "./compat-services.ts";
import { typeChanges } from "./compat-types.ts";

const tables: Readonly<Record<string, readonly Change[]>> = {
  declarations: declarationChanges,
  files: fileChanges,
  messages: messageChanges,
  types: typeChanges,
  fields: fieldChanges,
  enums: enumChanges,
  services: serviceChanges,
};

for (const [name, changes] of Object.entries(tables)) {
  test(`changes of ${name} break what they must, and nothing else`, () => {
    for (const change of changes) assert.deepEqual(findOurs(change).finds, change.finds, change.name);
  });
}

test("every rule finds something in the tables", () => {
  const found = new Set(Object.values(tables).flatMap((changes) => changes.flatMap(({ finds }) => Object.keys(finds))));
  assert.deepEqual(
    compatRules.map(({ code }) => code).filter((code) => !found.has(code)),
    [],
  );
});

/** Runs `work` for each item, four at a time. */
async function forEach<Item>(
  items: readonly Item[],
  work: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) await work(item, index);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

test("the table of rules in docs/compat.md is that of the code", () => {
  const documented = readDocument("docs/compat.md")
    .split("\n")
    .filter((line) => /^\| `[a-z0-9-]+` +\|.*\|$/.test(line) && line.split("|").length === 6)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const expected = compatRules.map(({ code, about, levels }) => {
    const at = compatLevels.filter((level) => levels[level] !== undefined);
    const ids = new Set(at.flatMap((level) => levels[level] ?? []));
    const names = at.length === compatLevels.length ? "all" : at.join(", ");
    return [`\`${code}\``, about, names, [...ids].map((id) => `\`${id}\``).join(" ")];
  });
  assert.deepEqual(documented, expected);
});

const buf = findPeer("buf");

test("our rules have the levels of buf's", async (t) => {
  if (!needsPeer(buf, t)) return;
  const theirs = await readBufRules(commandOf(buf, "buf")[0]);
  const ours = new Map<string, CompatLevel[]>();
  for (const { levels } of compatRules) {
    for (const level of compatLevels) {
      const bufRule = levels[level];
      if (bufRule == null || ours.get(bufRule)?.includes(level) === true) continue;
      ours.set(bufRule, [...(ours.get(bufRule) ?? []), level]);
    }
  }
  const sorted = (rules: ReadonlyMap<string, readonly CompatLevel[]>) =>
    [...rules].map(([id, levels]) => `${id}: ${levels.join(" ")}`).sort();
  assert.deepEqual(sorted(ours), sorted(theirs));
});

for (const [name, changes] of Object.entries(tables)) {
  test(`changes of ${name} break what they break for buf, but for differences with a reason`, async (t) => {
    if (!needsPeer(buf, t)) return;
    const [program] = commandOf(buf, "buf");
    const rules = await readBufRules(program);
    const folder = mkdtempSync(join(tmpdir(), "farcall-compat-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await forEach(changes, async (change, index) => {
      const theirs = await findBufs(change, program, join(folder, String(index)));
      const onlyBuf = new Set<string>();
      const onlyOurs = new Set<string>();
      for (const [level, ours] of findOurs(change).bufRules) {
        const atLevel = [...theirs].filter((rule) => rules.get(rule)?.includes(level) === true);
        for (const rule of atLevel) if (!ours.has(rule)) onlyBuf.add(rule);
        for (const rule of ours) if (!atLevel.includes(rule)) onlyOurs.add(rule);
      }
      const { onlyBuf: listed = [], onlyOurs: listedOurs = [] } = change.differs ?? {};
      assert.deepEqual([...onlyBuf].sort(), [...listed].sort(), `only buf: ${change.name}`);
      assert.deepEqual([...onlyOurs].sort(), [...listedOurs].sort(), `only ours: ${change.name}`);
    });
  });
}
