// Every input kept for a fuzz target goes through it again: seeds, and what the fuzzer once found.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const targets = readdirSync(`${root}/tests/fuzz/targets`).map((file) => file.replace(/\.ts$/, ""));

for (const target of targets) {
  const folder = `${root}/tests/fuzz/corpus/${target}`;
  const files = existsSync(folder) ? readdirSync(folder) : [];
  const { fuzz } = (await import(`./targets/${target}.js`)) as { readonly fuzz: (bytes: Uint8Array) => unknown };

  test(`the kept inputs of ${target} keep its promises`, async () => {
    assert.ok(files.length >= 10, `${folder} holds ${files.length} files`);
    for (const file of files) {
      try {
        await fuzz(readFileSync(`${folder}/${file}`));
      } catch (cause) {
        throw new Error(`tests/fuzz/corpus/${target}/${file}`, { cause });
      }
    }
  });
}
