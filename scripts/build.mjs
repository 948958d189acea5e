// Builds what users import: `src` compiled to `build/src`, bundled to one file a subpath in `dist`, with its types;
// then the programs that use it (tests, bench, examples) to `build`. `--quiet` prints only errors; `--src` stops after `dist`.
import { spawnSync } from "node:child_process";
import { chmodSync, cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
const quiet = process.argv.includes("--quiet");
const startedAt = performance.now();

function compile(project) {
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
  const run = spawnSync(process.execPath, [tsc, "-p", project, "--pretty", "false"], { stdio: "inherit" });
  if (run.status !== 0) process.exit(1);
}

/** The subpaths of package.json's `exports`, as bundle entries: name -> compiled file. */
function entries() {
  const { exports, bin } = JSON.parse(readFileSync("package.json", "utf8"));
  const found = {};
  for (const target of Object.values(exports)) {
    if (typeof target === "string") continue;
    found[target.default.replace("./dist/", "").replace(".js", "")] = target.types
      .replace("./dist/types/", "build/src/")
      .replace(".d.ts", ".js");
  }
  found[bin.farcall.replace("./dist/", "").replace(".js", "")] = "build/src/cli/main.js";
  return Object.fromEntries(Object.entries(found).filter(([, file]) => existsSync(file)));
}

rmSync("build/src", { recursive: true, force: true });
compile("tsconfig.json");
const bundle = await rolldown({
  input: entries(),
  platform: "node",
  external: [/^node:/, "@opentelemetry/api"],
  logLevel: "warn",
});
rmSync("dist", { recursive: true, force: true });
await bundle.write({
  dir: "dist",
  format: "esm",
  chunkFileNames: "shared/[name]-[hash].js",
  comments: { legal: true },
});
await bundle.close();
cpSync("build/src", "dist/types", {
  recursive: true,
  filter: (path) => !/\.test\./.test(path) && (path.endsWith(".d.ts") || !/\.[a-z]+$/.test(path)),
});
if (existsSync("dist/cli.js")) chmodSync("dist/cli.js", 0o755);
if (!process.argv.includes("--src")) {
  for (const folder of ["tests", "bench", "examples"]) rmSync(`build/${folder}`, { recursive: true, force: true });
  compile("tsconfig.programs.json");
}
if (!quiet) console.log(`built in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
