// Builds, then runs the demo (examples/demo).
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const build = spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" });
if (build.status !== 0) process.exit(1);
// In this process: Ctrl-C is then the demo's own to handle.
await import("../build/examples/demo/main.js");
