// Example, demo: a .proto becomes a module.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Directories } from "../../directories/gen/directories.ts";
import { fromPackage } from "../from-package.ts";
import { check, type Stage } from "../stage.ts";

/** Compiles the contract in `folder` by the command line. */
export function showContract(stage: Stage, folder: string): void {
  stage.chapter("A contract is compiled");
  copyFileSync(fromPackage("examples/directories/directories.proto"), join(folder, "directories.proto"));
  stage.prompt("farcall gen directories.proto --out gen");
  const args = [fromPackage("dist/cli.js"), "gen", "directories.proto", "--out", "gen"];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  for (const line of `${run.stdout}${run.stderr}`.trimEnd().split("\n")) stage.line(line);
  check(run.status === 0, "farcall gen compiles directories.proto");
  const written = readFileSync(join(folder, "gen/directories.ts"), "utf8");
  const committed = readFileSync(fromPackage("examples/directories/gen/directories.ts"), "utf8");
  check(written === committed, "the module just written is the one this demo was compiled with");
  const types = [...written.matchAll(/^export interface (\w+) \{/gm)].map((match) => match[1] as string);
  stage.facts([
    ["lines", `${written.split("\n").length - 1}`],
    ["types", types.filter((type) => !type.endsWith("Init")).join(", ")],
    ["calls", Object.keys(Directories.methods).join(", ")],
  ]);
}
