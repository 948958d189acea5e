// Attacks a server again and again and says what an honest client notices: `node scripts/attacks.mjs [word ...]` takes the
// attacks whose title has a word; `--short` takes one of each kind. Fails when an honest call does. What else must hold of each attack, `npm test` tests.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const build = spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" });
if (build.status !== 0) process.exit(1);
const run = spawnSync(process.execPath, ["build/tests/attacks/report.js", ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = run.status ?? 1;
