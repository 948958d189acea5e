// The modules of gRPC's own services are what the generator writes of their contracts now.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

test("the generated modules of the services are up to date", () => {
  const script = fileURLToPath(new URL("../../../scripts/services.mjs", import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--check"], { encoding: "utf8" });
  assert.equal(status, 0, `${stdout}${stderr}to renew them: node scripts/services.mjs`);
});
