// Builds, then makes ten million calls of all kinds between two processes, with channels, connections and servers that come
// and go: `npm run soak [-- --calls N | --minutes N] [--json]`. The status is 1 on any breach (tests/soak/verdict.ts).
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const build = spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" });
if (build.status !== 0) process.exit(1);
const words = ["--expose-gc", "--enable-source-maps", "build/tests/soak/run.js", ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, words, { stdio: "inherit" }).status ?? 1;
