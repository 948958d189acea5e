// Builds, then runs the benchmarks: `npm run bench [-- name ...] [--short] [--json file]`.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const build = spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" });
if (build.status !== 0) process.exit(1);
const run = spawnSync(process.execPath, ["--enable-source-maps", "build/bench/main.js", ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = run.status ?? 1;
