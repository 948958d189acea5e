// Shows how the exported surface differs from what is committed under tests/surface; `--update` commits it to the files.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const build = spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" });
if (build.status !== 0) process.exit(1);
const { diffLines, readSurface } = await import("../build/tests/support/surface.js");
const update = process.argv.includes("--update");
const folder = "tests/surface";
mkdirSync(folder, { recursive: true });
const surface = readSurface(".");
const stale = readdirSync(folder).filter((file) => !surface.some(({ fileName }) => fileName === file));
let differ = stale.length;
for (const file of stale) {
  console.log(`${folder}/${file}: no such subpath`);
  if (update) rmSync(`${folder}/${file}`);
}
for (const { fileName, text } of surface) {
  const file = `${folder}/${fileName}`;
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (before === text) continue;
  differ++;
  console.log(`${file}\n${diffLines(before, text)}\n`);
  if (update) writeFileSync(file, text);
}
console.log(differ === 0 ? "the surface is what is committed" : update ? "updated" : "run with --update to commit it");
process.exitCode = differ > 0 && !update ? 1 : 0;
