// Brings the foreign peers that the interop tests and the benchmark talk to: `npm run peers [-- name ...]`.
// They are kept outside the tree, by content, so that a second run has nothing to do. `--check` only reports what is there,
// `--json` reports for programs. The status is 1 when a peer is missing.
import { parseArgs } from "node:util";
import { buf } from "./peers/buf.mjs";
import { connectConformance } from "./peers/connect-conformance.mjs";
import { corpus } from "./peers/corpus.mjs";
import { cpp } from "./peers/cpp.mjs";
import { go } from "./peers/go.mjs";
import { grpcGoInterop } from "./peers/grpc-go-interop.mjs";
import { grpcJavaInterop } from "./peers/grpc-java-interop.mjs";
import { grpcurl } from "./peers/grpcurl.mjs";
import { http2Judges } from "./peers/http2-judges.mjs";
import { jazzer } from "./peers/jazzer.mjs";
import { nodeReleases } from "./peers/node.mjs";
import { connectEs, grpcJs } from "./peers/npm.mjs";
import { protobufConformance } from "./peers/protobuf-conformance.mjs";
import { python } from "./peers/python.mjs";
import { cacheRoot, PeerMissing } from "./peers/workshop.mjs";

// Python first: its protoc generates for Go where the machine has none.
const recipes = [
  grpcJs,
  connectEs,
  python,
  go,
  cpp,
  grpcurl,
  buf,
  protobufConformance,
  connectConformance,
  grpcGoInterop,
  grpcJavaInterop,
  http2Judges,
  corpus,
  jazzer,
  ...nodeReleases,
];

/**
 * One row of the report: { name, title, role, ready, version, programs } or { name, title, role, ready: false, why, command }.
 * A "toolkit" has a client and a server of the interop matrix, a "tool" has neither. What `npm test` does without is brought
 * `onDemand`: only when it is named.
 */
async function report(recipe, { bring, say }) {
  const { name, title, role = "toolkit" } = recipe;
  try {
    let found = recipe.find();
    if (!found && bring) {
      await recipe.bring((step) => say(`${title}: ${step}`));
      found = recipe.find();
    }
    if (found) return { name, title, role, ready: true, ...found };
    return { name, title, role, ready: false, why: "it has not been brought", command: `npm run peers -- ${name}` };
  } catch (error) {
    const command = error instanceof PeerMissing ? error.command : undefined;
    return { name, title, role, ready: false, why: error.message, command };
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean" } },
});
const unknown = positionals.filter((name) => !recipes.some((recipe) => recipe.name === name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`no peer is called ${unknown.join(", ")}`);
  console.log(`usage: npm run peers -- [--check] [--json] [${recipes.map(({ name }) => name).join(" | ")} ...]`);
  process.exit(unknown.length > 0 ? 2 : 0);
}
const startedAt = performance.now();
const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
const say = (line) => values.json || console.log(`${seconds().padStart(8)}  ${line}`);
const rows = [];
for (const recipe of recipes) {
  const isWanted = positionals.length === 0 ? recipe.onDemand !== true : positionals.includes(recipe.name);
  if (!isWanted) continue;
  const row = await report(recipe, { bring: !values.check, say });
  rows.push(row);
  const missing = () => `MISSING: ${row.why}${row.command ? `\n${" ".repeat(12)}to bring it: ${row.command}` : ""}`;
  say(`${row.title}: ${row.ready ? `ready, ${row.version}` : missing()}`);
}
if (values.json) console.log(JSON.stringify(rows));
else console.log(`peers are kept in ${cacheRoot}`);
process.exitCode = rows.every((row) => row.ready) ? 0 : 1;
