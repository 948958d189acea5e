// Runs every test on the built output: `node scripts/test.mjs [word ...]` runs the files whose path contains a word.
// Prints what fails and, at the end, what was skipped and why; `--spec` prints every test; `--node 24` runs them under that
// release. Finding no test is a failure.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nodeReleases } from "./peers/node.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { spec: { type: "boolean" }, node: { type: "string" }, built: { type: "boolean" } },
});
if (!values.built) {
  const build = spawnSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
  if (build.status !== 0) process.exit(1);
}
if (values.node !== undefined) process.exit(runUnder(values.node));
const files = readdirSync("build", { recursive: true })
  .map((file) => `build/${file}`)
  .filter((file) => file.endsWith(".test.js") && (words.length === 0 || words.some((word) => file.includes(word))))
  .sort();
if (files.length === 0) {
  console.error(`no test file matches ${words.join(", ")}`);
  process.exit(1);
}

// Child processes inherit it: failures point into the TypeScript sources.
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ""} --enable-source-maps`.trim();
const quiet = !values.spec;
const startedAt = performance.now();
const ended = { passed: 0, failed: 0, skipped: [] };
const secondsByFile = new Map();

/** Runs the same tests, as they are built, under another release of Node; returns the status. */
function runUnder(major) {
  const release = nodeReleases.find(({ name }) => name === `node-${major}`);
  const found = release?.find();
  if (found === undefined) {
    const names = nodeReleases.map(({ name }) => name.slice("node-".length)).join(" and ");
    console.error(release ? `${release.title} is missing: npm run peers -- ${release.name}` : `there are ${names}`);
    return 1;
  }
  console.log(`under Node ${found.version}`);
  const again = ["scripts/test.mjs", "--built", ...(values.spec ? ["--spec"] : []), ...words];
  return spawnSync(found.programs.node[0], again, { stdio: "inherit" }).status ?? 1;
}

/** Whether the runner reports a whole file, which is no test of ours. */
const isFile = ({ name, nesting, file }) => nesting === 0 && file !== undefined && name === file;

function note(data, passed) {
  if (data.details?.type === "suite") return;
  const file = data.file?.replace(`${process.cwd()}/`, "");
  if (data.nesting === 0 && file !== undefined) {
    secondsByFile.set(file, (secondsByFile.get(file) ?? 0) + data.details.duration_ms / 1000);
  }
  if (isFile(data) && passed) return;
  if (data.skip !== undefined && data.skip !== false) ended.skipped.push({ name: data.name, why: data.skip });
  else if (passed) ended.passed++;
  else ended.failed++;
}

// A file that hangs is a failure, not a night.
const maxFileMs = 180_000;
const paths = files.map((file) => `${process.cwd()}/${file}`);
const stream = run({ files: paths, concurrency: 2, timeout: maxFileMs });
stream.on("test:pass", (data) => note(data, true));
stream.on("test:fail", (data) => note(data, false));
stream.on("test:stdout", ({ message }) => quiet && process.stdout.write(message));
stream.on("test:stderr", ({ message }) => quiet && process.stderr.write(message));
const output = stream.compose(spec);
output.setEncoding("utf8");
let failures = "";
for await (const text of output) {
  if (!quiet) process.stdout.write(text);
  else failures += text;
}
const failureAt = failures.indexOf("failing tests:");
if (quiet && failureAt >= 0) console.log(failures.slice(failureAt));
const slowest = [...secondsByFile].sort((a, b) => b[1] - a[1]).slice(0, 3);
console.log(`slowest: ${slowest.map(([file, seconds]) => `${file.slice(6)} ${seconds.toFixed(1)} s`).join(", ")}`);
for (const { name, why } of ended.skipped) console.log(`skipped: ${name}${typeof why === "string" ? ` (${why})` : ""}`);
const total = ended.passed + ended.failed;
if (total === 0) console.error("no test ran");
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
console.log(
  `${files.length} files, ${seconds} s: ${ended.passed} passed, ${ended.failed} failed, ${ended.skipped.length} skipped`,
);
process.exitCode = ended.failed > 0 || total === 0 ? 1 : 0;
