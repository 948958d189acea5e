// Runs every test on the built output: `node scripts/test.mjs [word ...]` runs the files whose path contains a word.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
if (build.status !== 0) process.exit(1);
const words = process.argv.slice(2).filter((word) => !word.startsWith("-"));
const files = readdirSync("build", { recursive: true })
  .map((file) => `build/${file}`)
  .filter((file) => file.endsWith(".test.js") && (words.length === 0 || words.some((word) => file.includes(word))))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${words.join(", ")}`);
  process.exit(1);
}
const run = spawnSync(process.execPath, ["--test", "--enable-source-maps", ...files], { stdio: "inherit" });
process.exit(run.status ?? 1);
