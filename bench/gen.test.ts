// The generated modules that the benchmark measures are what the generator writes now.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const command = [
  "gen",
  "bench/echo.proto",
  "bench/records.proto",
  "bench/shapes.proto",
  "bench/streams.proto",
  "bench/visit.proto",
  "bench/visit-log.proto",
  "--proto-path",
  "bench",
  "--out",
  "bench/gen",
];

test("the benchmark's generated modules are up to date", () => {
  const run = spawnSync(process.execPath, ["dist/cli.js", ...command, "--check"], { cwd: root, encoding: "utf8" });
  assert.equal(run.status, 0, `${run.stdout}${run.stderr}to renew them: node dist/cli.js ${command.join(" ")}`);
});
