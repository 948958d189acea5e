// Builds, then runs gRPC's interoperability tests with the programs of grpc-go and grpc-java, ours on the other side each time:
// `npm run conformance:interop [-- CASE...]`. Their servers listen on all interfaces: all of it runs in a network namespace of its own.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

function stop(...lines) {
  console.error(lines.join("\n"));
  process.exit(1);
}

/** The words that put a command into a network namespace: as root, or as a user who is root in there. */
function findNamespace() {
  const ways = [
    ["unshare", "--net"],
    ["unshare", "--user", "--map-root-user", "--net"],
  ];
  return ways.find(
    ([command, ...words]) => spawnSync(command, [...words, "ip", "link", "set", "lo", "up"]).status === 0,
  );
}

const names = ["grpc-go-interop", "grpc-java-interop"];
const report = spawnSync(process.execPath, ["scripts/peers.mjs", "--check", "--json", ...names], { encoding: "utf8" });
for (const { ready, title, why, command } of JSON.parse(report.stdout)) {
  if (!ready) stop(`${title} is missing: ${why}`, `to bring it: ${command}`);
}
const namespace = findNamespace();
if (namespace === undefined) {
  stop(
    "no network namespace can be made here: it takes Linux, unshare (util-linux) and ip (iproute2), and the right to do so",
  );
}
if (spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" }).status !== 0) process.exit(1);
const inside = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath];
const [command, ...words] = [
  ...namespace,
  ...inside,
  "build/tests/conformance/interop/run.js",
  ...process.argv.slice(2),
];
process.exitCode = spawnSync(command, words, { stdio: "inherit" }).status ?? 1;
