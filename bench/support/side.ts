// Benchmark: one side of a comparison: a server and a client process, each on its own core, that obey one line at a time.
// Every wait is bounded; processes are ended by their own standard input, then by their id.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { type ServerProcess, startServer } from "../../tests/support/peer-programs.ts";

/** A program and its first words. */
export type Command = readonly [string, ...string[]];

/** What stands in a row before anything is measured. */
export interface SideDescription {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  /** How it is configured, in a few words. */
  readonly settings: string;
  /** Command lines, to which `server` or `client HOST:PORT` is added. */
  readonly server: Command;
  readonly client: Command;
  /** Set when a peer is not installed: what brings it. */
  readonly missing?: string;
}

/** A load: what the client does, and how long. */
export interface Load {
  /** For people: `64 in flight`. */
  readonly name: string;
  /** For the client: one word that it understands, `64`. */
  readonly work: string;
  readonly warmupMs: number;
  readonly countedMs: number;
}

/** What a client reports for one load. */
interface ClientReport {
  /** Calls that returned, or messages that came, while it counted. */
  readonly calls: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly p50Us: number;
  readonly p99Us: number;
}

export interface Measurement extends ClientReport {
  readonly callsPerSecond: number;
  /** Of the server, for the counted part of the load; NaN where the system does not tell. */
  readonly serverCpuSeconds: number;
}

const serverCore = "0";
const clientCore = "1";
/** What a client may need beyond the load's own time: connecting, and draining slow calls. */
const graceMs = 20_000;

/** Whether processes are pinned to cores here. */
export const isPinned =
  availableParallelism() >= 2 && spawnSync("taskset", ["-c", `${serverCore},${clientCore}`, "true"]).status === 0;

function pin(command: Command, core: string): Command {
  return isPinned ? ["taskset", "-c", core, ...command] : command;
}

/** User and system seconds of a process so far; NaN where there is no /proc. */
function cpuSecondsOf(pid: number): number {
  try {
    // After the name in parentheses: state, then 10 numbers, then utime and stime in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}

/** A running side. */
export class Side {
  readonly description: SideDescription;
  readonly #server: ServerProcess;
  readonly #client: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #lines: AsyncIterator<string>;
  readonly #warm = new Set<string>();

  private constructor(description: SideDescription, server: ServerProcess, client: ChildProcess) {
    this.description = description;
    this.#server = server;
    this.#client = client;
    this.#gone = once(client, "close");
    if (client.stdout === null) throw new Error("the client's output is not piped");
    this.#lines = createInterface({ input: client.stdout })[Symbol.asyncIterator]();
  }

  /** Starts both processes. */
  static async start(description: SideDescription): Promise<Side> {
    const server = await startServer(pin(description.server, serverCore));
    const [program, ...words] = pin([...description.client, "client", `127.0.0.1:${server.port}`], clientCore);
    return new Side(description, server, spawn(program, words, { stdio: ["pipe", "pipe", "inherit"] }));
  }

  /** Whether this side has run this load before: its code is then compiled. */
  isWarm(load: Load): boolean {
    return this.#warm.has(load.work);
  }

  /** Runs one load to its end. */
  async run(load: Load): Promise<Measurement> {
    const { name, work, warmupMs, countedMs } = load;
    const before = cpuSecondsOf(this.#server.pid);
    const startedAt = performance.now();
    this.#client.stdin?.write(`run ${work} ${warmupMs} ${countedMs}\n`);
    const timeout = setTimeout(() => this.#client.kill("SIGKILL"), warmupMs + countedMs + graceMs);
    const line = await this.#lines.next();
    clearTimeout(timeout);
    if (line.done === true) throw new Error(`${this.description.title}: the client ended during ${name}`);
    const report = JSON.parse(line.value) as ClientReport;
    const whole = (performance.now() - startedAt) / 1000;
    const serverCpuSeconds = ((cpuSecondsOf(this.#server.pid) - before) * report.seconds) / whole;
    this.#warm.add(work);
    return { ...report, callsPerSecond: report.calls / report.seconds, serverCpuSeconds };
  }

  /** Ends both processes. */
  async stop(): Promise<void> {
    this.#client.stdin?.end();
    const force = setTimeout(() => this.#client.kill("SIGKILL"), 3_000);
    await this.#gone;
    clearTimeout(force);
    await this.#server.stop();
  }
}
