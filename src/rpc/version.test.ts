// The release that peers are told of is the one that is installed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { version } from "./version.ts";

test("the version is that of package.json", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  assert.equal(version, manifest.version);
});
