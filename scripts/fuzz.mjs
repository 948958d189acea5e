// Builds, then lets a coverage-guided fuzzer look for inputs that break what tests/fuzz/targets promise: `npm run fuzz`.
//   npm run fuzz -- [--minutes N] [target ...]    each target in turn, the time split evenly; the status is 1 when something was found
//   npm run fuzz -- --replay FILE target          one input through one target, without the fuzzer
//   npm run fuzz -- --seeds [target ...]          writes the targets' seeds to tests/fuzz/corpus
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
const from = process.cwd();
process.chdir(root);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "8" },
    replay: { type: "string" },
    seeds: { type: "boolean" },
    help: { type: "boolean" },
  },
});
const all = readdirSync("tests/fuzz/targets").map((file) => file.replace(/\.ts$/, ""));
const unknown = positionals.filter((name) => !all.includes(name));
const minutes = Number(values.minutes);
if (values.help || unknown.length > 0 || !(minutes > 0)) {
  if (unknown.length > 0) console.error(`no target is called ${unknown.join(", ")}`);
  if (!(minutes > 0)) console.error("--minutes takes a number above 0");
  console.log(`usage: npm run fuzz -- [--minutes N] [--replay FILE] [--seeds] [${all.join(" | ")} ...]`);
  process.exit(values.help ? 0 : 2);
}
const targets = positionals.length > 0 ? positionals : all;

/** Memory of the fuzzing process, and time for one input, at which either is a finding. */
const maxMemoryMb = 2048;
const maxInputMs = 10_000;
const maxInputBytes = 4096;

function build() {
  const { status } = spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

const modulePath = (target) => `${root}build/tests/fuzz/targets/${target}.js`;
const load = (target) => import(pathToFileURL(modulePath(target)).href);

async function replay(file, names) {
  if (names.length !== 1) {
    console.error("--replay takes one input and one target: npm run fuzz -- --replay FILE target");
    process.exit(2);
  }
  process.setSourceMapsEnabled(true);
  const { fuzz } = await load(names[0]);
  const bytes = readFileSync(resolve(from, file));
  const startedAt = performance.now();
  await fuzz(bytes);
  console.log(`${names[0]}: ${bytes.length} bytes keep every promise, ${Math.ceil(performance.now() - startedAt)} ms`);
}

/** Seeds are named after their content; what else lies in the folder was found once, and stays. */
async function writeSeeds(names) {
  for (const target of names) {
    const { seeds } = await load(target);
    const folder = `tests/fuzz/corpus/${target}`;
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder)) if (file.startsWith("seed-")) rmSync(`${folder}/${file}`);
    for (const bytes of seeds()) {
      const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
      writeFileSync(`${folder}/seed-${digest}`, bytes);
    }
    console.log(`${target}: ${readdirSync(folder).length} files in ${folder}`);
  }
}

function findFuzzer() {
  const words = ["scripts/peers.mjs", "--check", "--json", "jazzer"];
  const [peer] = JSON.parse(spawnSync(process.execPath, words, { encoding: "utf8" }).stdout);
  if (peer.ready) return peer;
  console.error(`the fuzzer is missing: ${peer.why}\nto bring it: ${peer.command ?? "see docs/fuzzing.md"}`);
  process.exit(1);
}

/** Runs the fuzzer on one target and resolves to what it printed. */
async function runFuzzer(command, target, seconds) {
  const corpus = `build/fuzz/corpus/${target}`;
  const found = `build/fuzz/found/${target}/`;
  for (const folder of [corpus, found]) mkdirSync(folder, { recursive: true });
  const instrumented = ["build/src/", "build/generated/fuzz/", "dist/"].flatMap((folder) => ["-i", `${root}${folder}`]);
  const { isAsync } = await load(target);
  const own = [
    ...(isAsync ? [] : ["--sync"]),
    "--timeout",
    `${maxInputMs}`,
    "--disableBugDetectors",
    "(command|path)",
    ...instrumented,
  ];
  const engine = {
    max_total_time: seconds,
    rss_limit_mb: maxMemoryMb,
    max_len: maxInputBytes,
    artifact_prefix: found,
    print_final_stats: 1,
  };
  const words = [modulePath(target), corpus, `tests/fuzz/corpus/${target}`, ...own, "--"];
  const [program, ...rest] = [
    ...command,
    ...words,
    ...Object.entries(engine).map(([name, value]) => `-${name}=${value}`),
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (status, signal) => resolve({ status, signal, output }));
  });
}

/** What the fuzzer's own words say of a run. */
function summarize({ status, signal, output }) {
  const last = (pattern) => [...output.matchAll(pattern)].at(-1)?.slice(1) ?? [];
  const [runs = "0"] = last(/(?:^#|units: +)(\d+)/gm);
  const [edges = "?", features = "?", inputs = "?"] = last(/cov: (\d+) ft: (\d+) corp: (\d+)/g);
  const seconds = Number(last(/average_exec_per_sec: +(\d+)/g)[0]);
  const [perSecond = "?"] = seconds > 0 ? [seconds] : last(/exec\/s: (\d+)/g);
  const [file] = last(/Test unit written to (\S+)/g);
  return { runs, edges, features, inputs, perSecond, file, signal, failed: status !== 0 };
}

function tell(target, { runs, edges, features, inputs, perSecond, file, signal, failed }, output) {
  const reached = `${edges} edges, ${features} features, ${inputs} inputs kept`;
  const verdict = signal ? `ended by ${signal}` : failed ? "FOUND:" : "nothing found";
  console.log(`${target.padEnd(16)} ${runs} executions, ${perSecond}/s, ${reached}, ${verdict}`);
  if (!failed || signal) return;
  const lines = output.split("\n");
  const at = lines.findIndex((line) => /^==\d+== (?!INFO)|Uncaught Exception|ERROR: libFuzzer|Error/.test(line));
  const saying = lines.slice(Math.max(0, at)).filter((line) => !/^#\d+/.test(line));
  console.log(saying.slice(0, 30).join("\n"));
  if (file !== undefined) console.log(`the input: ${file}\nagain:     npm run fuzz -- --replay ${file} ${target}`);
}

if (values.replay !== undefined) {
  build();
  await replay(values.replay, positionals);
} else if (values.seeds) {
  build();
  await writeSeeds(targets);
} else {
  const peer = findFuzzer();
  build();
  const seconds = Math.max(1, Math.floor((minutes * 60) / targets.length));
  console.log(`Jazzer.js ${peer.version}, ${seconds} s for each of ${targets.length} targets`);
  for (const target of targets) {
    const run = await runFuzzer(peer.programs.fuzzer, target, seconds);
    writeFileSync(`build/fuzz/${target}.log`, run.output);
    const summary = summarize(run);
    tell(target, summary, run.output);
    if (summary.failed) process.exitCode = 1;
  }
  console.log(`the fuzzer's own words are in ${relative(from, `${root}build/fuzz`) || "."}/TARGET.log`);
}
