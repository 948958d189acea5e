// Soak: run as a program (with --expose-gc): `--calls N`, or `--minutes N`; `--json` prints the report as one line of JSON.
// A line every 10 s, the report at the end; the status is 1 when there was a breach.
import { parseArgs } from "node:util";
import type { Word } from "./ledger.ts";
import { Soak, type SoakOptions } from "./soak.ts";
import { grownBytes, type QuietPoint } from "./verdict.ts";

const defaultCalls = 10_000_000;
const everyMs = 10_000;
const mebibyte = 1024 * 1024;

export interface SoakReport {
  readonly calls: number;
  readonly seconds: number;
  readonly words: Readonly<{ [word in Word]: number }>;
  /** Calls whose word or whose end was wrong. */
  readonly wrong: number;
  readonly channels: number;
  readonly connections: number;
  readonly restarts: number;
  readonly points: readonly QuietPoint[];
  readonly breaches: readonly string[];
}

function optionsOf(calls: string | undefined, minutes: string | undefined): SoakOptions | undefined {
  const options = {
    calls: calls === undefined ? (minutes === undefined ? defaultCalls : Number.POSITIVE_INFINITY) : Number(calls),
    minutes: minutes === undefined ? Number.POSITIVE_INFINITY : Number(minutes),
  };
  return options.calls > 0 && options.minutes > 0 ? options : undefined;
}

function describeMemory(point: QuietPoint | undefined): string {
  if (point === undefined) return "before the first quiet point";
  const [client, server] = [point.client.bytes, point.server.bytes].map((bytes) => (bytes / mebibyte).toFixed(2));
  return `client ${client} MiB, server ${server} MiB`;
}

function printProgress(soak: Soak): void {
  const { seconds, made, restarts } = soak;
  const rate = Math.round(made / seconds);
  const memory = describeMemory(soak.points.at(-1));
  console.log(`${seconds.toFixed(0)} s: ${made} calls, ${rate}/s, ${restarts} restarts; ${memory}`);
}

function printReport(report: SoakReport): void {
  const { calls, seconds, words, points } = report;
  console.log(`${calls} calls in ${seconds.toFixed(1)} s, ${Math.round(calls / seconds)}/s`);
  console.log(`  ended: ${Object.entries(words).flatMap(([word, count]) => (count > 0 ? `${count} ${word}` : []))}`);
  console.log(`  ${report.wrong} with a wrong word, ended twice or never`);
  console.log(`  ${report.channels} channels, ${report.restarts} restarts, ${report.connections} connections at least`);
  for (const side of ["client", "server"] as const) {
    const bytes = points.map((point) => point[side].bytes);
    const of = (count: number | undefined) => ((count ?? Number.NaN) / mebibyte).toFixed(2);
    const grown = `${of(bytes[Math.floor(bytes.length / 3)])} MiB after a third, ${of(bytes.at(-1))} at the end`;
    const cpu = points.at(-1)?.[side].cpuSeconds ?? 0;
    console.log(
      `  ${side}: ${grown}; grew by ${of(grownBytes(bytes))}; ${((1e6 * cpu) / calls).toFixed(1)} us of processor a call`,
    );
  }
  console.log(`  ${points.length} quiet points, ${report.breaches.length} breaches`);
  for (const breach of report.breaches) console.log(`  BREACH: ${breach}`);
}

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: "string" }, minutes: { type: "string" }, json: { type: "boolean" } },
  });
  const options = optionsOf(values.calls, values.minutes);
  if (options === undefined) {
    console.error("usage: npm run soak -- [--calls N] [--minutes N] [--json], with numbers above 0");
    process.exitCode = 2;
    return;
  }
  const soak = new Soak(options);
  process.on("unhandledRejection", (error) => soak.breaches.push(`unhandled: ${error}`));
  const progress = setInterval(() => values.json || printProgress(soak), everyMs).unref();
  const { judgement, dialled: channels, connections } = await soak.run();
  clearInterval(progress);
  const { made: calls, seconds, restarts, points, breaches } = soak;
  const { counts, wrong } = judgement;
  const report: SoakReport = {
    calls,
    seconds,
    words: counts,
    wrong,
    channels,
    connections,
    restarts,
    points,
    breaches,
  };
  if (values.json) console.log(JSON.stringify(report));
  else printReport(report);
  // What is left open is in the report: it does not keep the process from its end.
  process.exit(breaches.length > 0 ? 1 : 0);
}

await run();
