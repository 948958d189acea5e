// Builds, then lets h2spec judge our HTTP/2 as a server and h2specd as a client, in clear and over TLS, with the default
// limits on: `npm run conformance:h2spec`. Only cases on the list of waived ones may fail, and those must.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

if (spawnSync(process.execPath, ["scripts/build.mjs", "--quiet"], { stdio: "inherit" }).status !== 0) process.exit(1);
const { complaintsOf, runH2spec, runH2specd } = await import("../build/tests/conformance/http2/h2spec.js");
const { waived } = await import("../build/tests/conformance/http2/waived.js");
const { findPeer } = await import("../build/tests/support/peer-programs.js");
const peer = findPeer("http2-judges");
if (!peer.ready) {
  console.error(`h2spec is missing: ${peer.why}\nto bring it: ${peer.command}`);
  process.exit(1);
}

/** Runs one judge, prints its own totals and what is wrong; true when nothing is. */
async function judge(name, run, transport) {
  const title = `${name} ${transport}`.padEnd(14);
  const startedAt = performance.now();
  try {
    const report = await run(peer, transport);
    console.log(`${title} ${report.summary}, in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    const complaints = complaintsOf(name, report, waived);
    for (const line of complaints) console.log(`${title} ${line}`);
    return complaints.length === 0;
  } catch (error) {
    console.log(`${title} ${error.message}`);
    return false;
  }
}

console.log(peer.version);
const passed = [await judge("h2spec", runH2spec, "clear"), await judge("h2spec", runH2spec, "tls")];
// A case of h2specd is mostly the start of a client.
passed.push(...(await Promise.all(["clear", "tls"].map((transport) => judge("h2specd", runH2specd, transport)))));
for (const one of waived) console.log(`waived: ${one.judge} ${one.name}: ${one.reason}`);
if (!passed.every(Boolean)) process.exit(1);
