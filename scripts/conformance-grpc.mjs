// Builds, then lets Connect's conformance suite judge our gRPC, client and server: `npm run conformance:grpc [-- client|server]
// [-- --run PATTERN]`. No failure is expected.
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

function stop(...lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { run: { type: "string" }, trace: { type: "boolean" } },
});
const modes = positionals.length > 0 ? positionals : ["client", "server"];
const unknown = modes.filter((mode) => mode !== "client" && mode !== "server");
if (unknown.length > 0) stop(`${unknown.join(", ")} is neither client nor server`);

const runNode = (words, options) => spawnSync(process.execPath, words, { encoding: "utf8", ...options });
const [peer] = JSON.parse(runNode(["scripts/peers.mjs", "--check", "--json", "connect-conformance"]).stdout);
if (!peer.ready) stop(`the conformance runner is missing: ${peer.why}`, `to bring it: ${peer.command}`);
if (runNode(["scripts/build.mjs", "--quiet"], { stdio: "inherit" }).status !== 0) process.exit(1);
const { generatePrograms } = await import("../build/tests/conformance/connect/contract.js");
const { complaints } = generatePrograms(peer.folder);
if (complaints !== "") stop(complaints);

/** Runs the suite once; what it prints of totals and failures goes through. True when all is well. */
async function judge(mode) {
  const [command, ...rest] = peer.programs.runner;
  const options = ["--mode", mode, "--conf", "tests/conformance/connect/features.yaml", "--max-servers", "2"];
  if (mode === "server") options.push("-p", "8");
  if (values.run !== undefined) options.push("--run", values.run);
  if (values.trace) options.push("--trace");
  const program = `build/generated/connect-conformance/out/${mode}.js`;
  console.log(`our ${mode}`);
  const startedAt = performance.now();
  const child = spawn(command, [...rest, ...options, "--", process.execPath, program], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const status = await new Promise((resolve) => child.on("close", resolve));
  console.log(`in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return status === 0;
}

console.log(`Connect conformance ${peer.version}`);
let passed = true;
for (const mode of modes) passed = (await judge(mode)) && passed;
if (!passed) process.exit(1);
