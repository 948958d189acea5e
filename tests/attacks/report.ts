// Attacks: what an honest client notices of each. It makes 500 calls a second, whether answered or not (an open loop), while
// an attacker comes again and again, and then while another honest client sends the same bytes a second. The ratio of the
// two 99th percentiles is what the attack costs beyond its bytes; the median of the rounds counts. Each side is a process.
import { type ChildProcess, fork } from "node:child_process";
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { dial } from "farcall";
import { FrameSocket } from "../support/frame-socket.ts";
import type { Attack, Scene } from "./attack.ts";
import { bodyAttacks } from "./bodies.ts";
import { connectionAttacks } from "./connections.ts";
import { Target } from "./contract.ts";
import { controlAttacks } from "./control.ts";
import { headerAttacks } from "./headers.ts";
import { streamAttacks } from "./streams.ts";
import { TargetProcess } from "./target.ts";

const callsPerSecond = 500;
const rounds = 3;
/** `--short`: one attack of each kind, and windows of 700 ms: whether something broke, no judgement. */
const isShort = process.argv.includes("--short");
const windowMs = isShort ? 700 : 1500;
/** A 99th percentile below this is noise of the machine, whatever the ratio. */
const quietMs = 5;
const maxRatio = 2;

const attacks: readonly Attack[] = [
  ...streamAttacks,
  ...headerAttacks,
  ...controlAttacks,
  ...bodyAttacks,
  ...connectionAttacks,
];

type Task =
  | { readonly kind: "calls"; readonly port: number; readonly ms: number }
  | { readonly kind: "attack"; readonly port: number; readonly ms: number; readonly title: string }
  | { readonly kind: "bytes"; readonly port: number; readonly ms: number; readonly bytesPerSecond: number };

/** What a task came to, as far as its kind has these. */
interface Outcome {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly failures: number;
  readonly bytes: number;
  readonly runs: number;
}

const nothing: Outcome = { p50Ms: 0, p99Ms: 0, failures: 0, bytes: 0, runs: 0 };

/** Calls at a fixed pace; one that is late counts from when it was due. */
async function makeCalls(port: number, ms: number): Promise<Outcome> {
  const channel = dial(`tcp://127.0.0.1:${port}`);
  const stub = channel.stub(Target);
  for (let count = 0; count < 200; count++) await stub.echo({ tag: "warm-up" });
  const latencies: number[] = [];
  let failures = 0;
  const open: Promise<void>[] = [];
  const startedAt = performance.now();
  const call = async (dueAt: number): Promise<void> => {
    try {
      await stub.echo({ tag: "honest" }, { timeoutMs: 10_000 });
      latencies.push(performance.now() - dueAt);
    } catch {
      failures++;
    }
  };
  for (let made = 0; performance.now() - startedAt < ms; ) {
    const due = Math.floor(((performance.now() - startedAt) * callsPerSecond) / 1000);
    for (; made < due; made++) open.push(call(startedAt + (made * 1000) / callsPerSecond));
    await sleep(1);
  }
  await Promise.all(open);
  await channel.close();
  latencies.sort((a, b) => a - b);
  const at = (share: number): number => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { ...nothing, p50Ms: at(0.5), p99Ms: at(0.99), failures };
}

/** Attacks again and again; what stands is taken back each time. */
async function attackOften({ port, ms, title }: Extract<Task, { kind: "attack" }>): Promise<Outcome> {
  const attack = attacks.find((one) => one.title === title);
  if (attack === undefined) throw new Error(`there is no attack ${title}`);
  const end = Date.now() + ms;
  let bytes = 0;
  let runs = 0;
  while (Date.now() < end) {
    const sockets: FrameSocket[] = [];
    const scene: Scene = {
      dial: async (options) => {
        const socket = await FrameSocket.dial(port, options);
        sockets.push(socket);
        return socket;
      },
    };
    // One of its connections may have been reset, which is what it is about.
    await Promise.race([attack.run(scene), sleep(end - Date.now() + 1)]).catch(() => {});
    for (const socket of sockets) {
      bytes += socket.socket.bytesWritten;
      socket.close();
    }
    runs++;
  }
  return { ...nothing, bytes, runs };
}

/** Sends so many bytes a second in honest calls of 4 KiB, as far as the server takes them. */
async function sendBytes({ port, ms, bytesPerSecond }: Extract<Task, { kind: "bytes" }>): Promise<Outcome> {
  const channel = dial(`tcp://127.0.0.1:${port}`);
  const stub = channel.stub(Target);
  const packet = { payload: new Uint8Array(4096) };
  const startedAt = Date.now();
  let bytes = 0;
  const caller = async (): Promise<void> => {
    while (Date.now() - startedAt < ms) {
      if (bytes > ((Date.now() - startedAt) * bytesPerSecond) / 1000) await sleep(1);
      else {
        bytes += 4200;
        await stub.echo(packet, { timeoutMs: 10_000 });
      }
    }
  };
  await Promise.all(Array.from({ length: 32 }, caller));
  await channel.close();
  return { ...nothing, bytes };
}

function perform(task: Task): Promise<Outcome> {
  if (task.kind === "calls") return makeCalls(task.port, task.ms);
  // Who makes the load must not keep the one who measures from the processor.
  setPriority(10);
  return task.kind === "attack" ? attackOften(task) : sendBytes(task);
}

/** A process that does one task after the other. */
class Worker {
  readonly #child: ChildProcess = fork(fileURLToPath(import.meta.url), ["worker"]);

  do(task: Task): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#child.once("message", (outcome) => resolve(outcome as Outcome));
      this.#child.send(task);
    });
  }

  close(): void {
    this.#child.disconnect();
  }
}

interface Row {
  readonly attacked: Outcome;
  readonly loaded: Outcome;
  readonly megabytesPerSecond: number;
  readonly runs: number;
}

async function measure(attack: Attack, calls: Worker, load: Worker): Promise<Row> {
  const target = await TargetProcess.start(attack.options);
  const { port } = target;
  const one = { port, ms: windowMs };
  const [attacked, { bytes, runs }] = await Promise.all([
    calls.do({ kind: "calls", ...one }),
    load.do({ kind: "attack", ...one, title: attack.title }),
  ]);
  await target.release();
  const bytesPerSecond = (bytes * 1000) / windowMs;
  const [loaded] = await Promise.all([
    calls.do({ kind: "calls", ...one }),
    load.do({ kind: "bytes", ...one, bytesPerSecond }),
  ]);
  await target.close();
  return { attacked, loaded, megabytesPerSecond: bytesPerSecond / 1e6, runs };
}

/** What stands before the colon of a title: `rapid reset`. */
const kindOf = ({ title }: Attack): string => title.split(":")[0] as string;

async function report(words: readonly string[]): Promise<void> {
  const named = attacks.filter(({ title }) => words.length === 0 || words.some((word) => title.includes(word)));
  const isFirst = (attack: Attack, index: number): boolean =>
    named.findIndex((other) => kindOf(other) === kindOf(attack)) === index;
  const chosen = isShort ? named.filter(isFirst) : named;
  const [calls, load] = [new Worker(), new Worker()];
  const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;
  console.log("verdict  ratio   p99 attacked   p99 loaded   MB/s  attacks/s  attack");
  let failures = 0;
  let short = 0;
  for (const attack of chosen) {
    const rows: Row[] = [];
    for (let round = 0; round < rounds; round++) rows.push(await measure(attack, calls, load));
    const ratio = median(rows.map(({ attacked, loaded }) => attacked.p99Ms / loaded.p99Ms));
    const p99Ms = median(rows.map(({ attacked }) => attacked.p99Ms));
    const loadedMs = median(rows.map(({ loaded }) => loaded.p99Ms));
    const failed = rows.reduce((sum, { attacked }) => sum + attacked.failures, 0);
    failures += failed;
    const passes = failed === 0 && (ratio < maxRatio || p99Ms < quietMs);
    if (!passes) short++;
    const cells = [
      (passes ? "PASS" : failed > 0 ? `FAILED ${failed}` : "SHORT").padEnd(8),
      ratio.toFixed(2).padStart(5),
      `${p99Ms.toFixed(1)} ms`.padStart(14),
      `${loadedMs.toFixed(1)} ms`.padStart(12),
      median(rows.map(({ megabytesPerSecond }) => megabytesPerSecond))
        .toFixed(1)
        .padStart(6),
      ((median(rows.map(({ runs }) => runs)) * 1000) / windowMs).toFixed(0).padStart(10),
    ];
    console.log(`${cells.join(" ")}  ${attack.title}`);
  }
  console.log(`${chosen.length} attacks: ${chosen.length - short} PASS, ${short} not; ${failures} honest calls failed`);
  if (failures > 0) process.exitCode = 1;
  calls.close();
  load.close();
}

if (process.argv[2] === "worker") {
  process.on("message", async (task: Task) => process.send?.(await perform(task)));
} else await report(process.argv.slice(2).filter((word) => word !== "--short"));
