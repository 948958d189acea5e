// gRPC's interoperability tests: runs every pair of the table and prints it. Servers of others listen on all interfaces, so this
// runs in a network namespace of its own: `npm run conformance:interop` makes it. `node run.js [CASE...]`.
import { fileURLToPath } from "node:url";
import { makeCertificates } from "../../interop/certificates.ts";
import { commandOf, findPeer } from "../../support/peer-programs.ts";
import { type Command, runToEnd, withServer } from "./processes.ts";
import { casesOf, type Pair, pairs, rows } from "./table.ts";

const wanted = process.argv.slice(2);
const maxCaseMs = 60_000;
const soakIterations = 1000;

/** What came of a case: "" when it passed, else why it did not. */
type Results = Map<Pair, Map<string, string>>;

const go = findPeer("grpc-go-interop");
const java = findPeer("grpc-java-interop");
const certificates = makeCertificates("tls");
const authority = `${certificates.folder}/authority.crt`;
const identity = [`${certificates.folder}/server.crt`, `${certificates.folder}/server.key`] as const;
const ourProgram = (name: string): Command => [process.execPath, fileURLToPath(new URL(`${name}.js`, import.meta.url))];
const results: Results = new Map(pairs.map((pair) => [pair, new Map<string, string>()]));

function note(pair: Pair, name: string, fault: string): void {
  results.get(pair)?.set(name, fault);
  if (fault !== "") console.log(`FAILED: ${name}: ${pair}\n${fault.trim().split("\n").slice(-15).join("\n")}`);
}

/** The cases that run between a pair, of those that are wanted. */
const chosen = (pair: Pair): string[] => casesOf(pair).filter((name) => wanted.length === 0 || wanted.includes(name));

/** All cases by one process of our client. */
async function runOurClient(pair: Pair, address: string, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const names = chosen(pair);
  const { status, text } = await runToEnd(ourProgram("client"), [address, ...names], 2 * maxCaseMs, env);
  const reported = new Map<string, string>();
  for (const line of text.split("\n").filter((one) => one.startsWith('{"case"'))) {
    const { case: name, fault } = JSON.parse(line) as { case: string; fault?: string };
    reported.set(name, fault ?? "");
  }
  for (const name of names) note(pair, name, reported.get(name) ?? `it was not run: status ${status}\n${text}`);
}

/** Each case by a process of a foreign client. */
async function runForeignClient(pair: Pair, command: Command, words: readonly string[]): Promise<void> {
  for (const name of chosen(pair)) {
    const own = [`--test_case=${name}`, `--soak_iterations=${soakIterations}`, "--soak_overall_timeout_seconds=60"];
    const patient = ["--soak_per_iteration_max_acceptable_latency_ms=10000"];
    // Load reports are seen by a policy of balancing.
    const policy = '{ "loadBalancingConfig": [{ "test_backend_metrics_load_balancer": {} }] }';
    if (name.startsWith("orca_")) own.push(`--service_config_json=${policy}`);
    const env = { GRPC_GO_LOG_SEVERITY_LEVEL: "info" };
    const { status, text } = await runToEnd(command, [...words, ...own, ...patient], maxCaseMs, env);
    note(pair, name, status === 0 ? "" : `status ${status}\n${text}`);
  }
}

const at = (port: number) => ["--server_host=127.0.0.1", `--server_port=${port}`];

async function judgeWithGo(): Promise<void> {
  const server = commandOf(go, "server");
  const client = commandOf(go, "client");
  await withServer(server, ["--port=10051"], 10051, () => runOurClient("our client, grpc-go", "tcp://127.0.0.1:10051"));
  const tls = ["--use_tls", `--tls_cert_file=${identity[0]}`, `--tls_key_file=${identity[1]}`];
  await withServer(server, ["--port=10052", ...tls], 10052, () =>
    runOurClient("our client, grpc-go, TLS", "tls://localhost:10052", { INTEROP_AUTHORITY: authority }),
  );
  await withServer(ourProgram("server"), ["10053"], 10053, () =>
    runForeignClient("grpc-go, our server", client, at(10053)),
  );
  const trusting = ["--use_tls", "--use_test_ca", `--ca_file=${authority}`, "--server_host_override=localhost"];
  await withServer(ourProgram("server"), ["10054", ...identity], 10054, () =>
    runForeignClient("grpc-go, our server, TLS", client, [...at(10054), ...trusting]),
  );
}

async function judgeWithJava(): Promise<void> {
  const clear = "--use_tls=false";
  await withServer(commandOf(java, "server"), ["--port=10061", clear], 10061, () =>
    runOurClient("our client, grpc-java", "tcp://127.0.0.1:10061"),
  );
  await withServer(ourProgram("server"), ["10062"], 10062, () =>
    runForeignClient("grpc-java, our server", commandOf(java, "client"), [...at(10062), clear]),
  );
}

async function judgeOurselves(): Promise<void> {
  await withServer(ourProgram("server"), ["10071"], 10071, () =>
    runOurClient("our client, our server", "tcp://127.0.0.1:10071"),
  );
}

function print(): boolean {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const mark = (pair: Pair, name: string): string => {
    const fault = results.get(pair)?.get(name);
    if (fault === undefined) return "n/a";
    return fault === "" ? "passed" : "FAILED";
  };
  for (const [index, pair] of pairs.entries()) console.log(`${index + 1}: ${pair}`);
  console.log(`${"case".padEnd(width)}${pairs.map((_, index) => String(index + 1).padEnd(8)).join("")}`.trimEnd());
  for (const [name] of rows.filter(([name]) => wanted.length === 0 || wanted.includes(name))) {
    console.log(`${name.padEnd(width)}${pairs.map((pair) => mark(pair, name).padEnd(8)).join("")}`.trimEnd());
  }
  const reasons = new Map<string, Set<string>>();
  for (const [name, notRun] of rows) {
    for (const reason of Object.values(notRun)) reasons.set(reason, (reasons.get(reason) ?? new Set()).add(name));
  }
  for (const [reason, names] of reasons) console.log(`n/a: ${reason}: ${[...names].join(", ")}`);
  const faults = [...results.values()].flatMap((one) => [...one.values()]);
  const failed = faults.filter((fault) => fault !== "").length;
  console.log(`${faults.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

const unknown = wanted.filter((name) => !rows.some(([known]) => known === name));
if (unknown.length > 0) {
  console.error(`no case is called ${unknown.join(", ")}; there are ${rows.map(([known]) => known).join(" ")}`);
  process.exit(2);
}
console.log(`grpc-go ${go.version}, grpc-java ${java.version}`);
const startedAt = performance.now();
// One that fails leaves the other to its end, and so to the end of its servers.
const lanes = await Promise.allSettled([judgeWithGo(), judgeWithJava(), judgeOurselves()]);
certificates.remove();
for (const lane of lanes) if (lane.status === "rejected") console.log(`FAILED: ${lane.reason}`);
for (const pair of pairs) {
  for (const name of chosen(pair)) if (results.get(pair)?.has(name) !== true) note(pair, name, "it was not run");
}
const passed = print();
console.log(`in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
if (!passed) process.exitCode = 1;
