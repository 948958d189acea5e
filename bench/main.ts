// Benchmark: the command line. `npm run bench [-- name ...] [--short] [--only part] [--rounds n] [--json file]`.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { marshal } from "./marshal/marshal.ts";
import { primitives } from "./primitives/primitives.ts";
import { size } from "./size/size.ts";
import { streams, streamsInBursts } from "./streams/streams.ts";
import { formatGoal } from "./support/goals.ts";
import type { Bench, BenchResult } from "./support/options.ts";
import { types } from "./types/types.ts";
import { mixed } from "./unary/mixed.ts";
import { unary } from "./unary/unary.ts";

const benches: readonly Bench[] = [marshal, primitives, unary, mixed, streams, streamsInBursts, types, size];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    short: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    json: { type: "string" },
    help: { type: "boolean" },
  },
});
const unknown = positionals.filter((word) => !benches.some(({ name }) => name.startsWith(word)));
const chosen = benches.filter(
  ({ name }) => positionals.length === 0 || positionals.some((word) => name.startsWith(word)),
);
const narrowing = values.only.length > 0 || values.rounds !== undefined;
const whole = narrowing ? chosen.filter(({ narrows }) => narrows !== true) : [];
const rounds = values.rounds === undefined ? {} : { rounds: Number(values.rounds) };
const badRounds = values.rounds !== undefined && !/^[1-9]\d{0,5}$/.test(values.rounds);
if (values.help === true || unknown.length > 0 || whole.length > 0 || badRounds) {
  if (unknown.length > 0) console.error(`no benchmark is called ${unknown.join(", ")}`);
  if (whole.length > 0) console.error(`--only and --rounds are not for ${whole.map(({ name }) => name).join(", ")}`);
  if (badRounds) console.error(`--rounds ${values.rounds}: a whole number from 1 to 999999`);
  console.log("usage: npm run bench -- [name ...] [--short] [--only PART ...] [--rounds N] [--json FILE]");
  for (const { name, about, narrows } of benches) {
    console.log(`  ${name.padEnd(18)} ${about}${narrows === true ? "; --only PART of names, --rounds N" : ""}`);
  }
  process.exit(values.help === true ? 0 : 2);
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
console.log(`Node ${machine.node}, ${machine.cores} x ${machine.cpu}`);
const startedAt = performance.now();
const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(0);
const results: BenchResult[] = [];
for (const bench of chosen) {
  const result = await bench.run({
    short: values.short,
    only: values.only,
    ...rounds,
    say: (line) => console.error(`${seconds().padStart(4)} s  ${line}`),
  });
  console.log(`\n${result.text}`);
  results.push(result);
}
const goals = results.flatMap((result) => result.goals);
if (goals.length > 0) console.log(`\ngoals\n${goals.map(formatGoal).join("\n")}`);
console.log(`\n${results.length} benchmarks, ${seconds()} s`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, results }, null, 1)}\n`);
