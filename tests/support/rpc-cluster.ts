// Test support: several simulated servers of one service, and a client that knows them by one name.
import { setImmediate as settle } from "node:timers/promises";
import type { Channel, DialOptions, ServeOptions, Server } from "farcall";
import { createRuntime, type Runtime, type Where } from "farcall/runtime";
import { createSimulation, type Simulation, type TraceEvent } from "farcall/sim";
import { type Behaviour, implementProbe, Probe, Tally } from "./rpc-probe.ts";

/** What every test dials, unless it says something else. */
export const service = "tcp://service:80";

export class Cluster {
  readonly simulation: Simulation;
  readonly client: Runtime;
  readonly trace: TraceEvent[] = [];
  readonly servers = new Map<string, Server>();
  readonly tallies = new Map<string, Tally>();

  constructor(seed = 1) {
    this.simulation = createSimulation({
      seed,
      settle: () => settle(),
      onTrace: (event) => void this.trace.push(event),
    });
    this.client = createRuntime(this.simulation.machine("client"));
  }

  get nowMs(): number {
    return this.simulation.clock.now();
  }

  run<Result>(task: () => Promise<Result>, maxMs = 600_000): Promise<Result> {
    return this.simulation.run(task, { maxMs });
  }

  /** Starts a server at port 80 of each machine named. */
  async start(names: readonly string[], behaviour?: Behaviour, options: ServeOptions = {}): Promise<void> {
    for (const name of names) {
      const tally = this.tallies.get(name) ?? new Tally();
      this.tallies.set(name, tally);
      const runtime = createRuntime(this.simulation.machine(name));
      const probe = implementProbe(tally, behaviour ?? (() => ({ tag: name })));
      const at = `tcp://${name}:80`;
      this.servers.set(name, await this.run(() => runtime.serve(at, [probe], { insecure: true, ...options })));
    }
  }

  stop(name: string): Promise<void> {
    return this.run(() => this.servers.get(name)?.close() ?? Promise.resolve());
  }

  /** Says which machines the service's name means. */
  name(...machines: readonly string[]): void {
    this.simulation.network.setName("service", machines);
  }

  dial(options: DialOptions = {}, where: Where = service): Channel {
    return this.client.dial(where, { insecure: true, ...options });
  }

  /** Makes calls one after the other; answers how many each server answered, or failed. */
  async spread(channel: Channel, count: number, pauseMs = 0): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    const { run } = channel.stub(Probe);
    for (let call = 0; call < count; call++) {
      const outcome = await this.run(() =>
        run({ tag: "call" }, { timeoutMs: 5000 }).then(
          ({ tag }) => tag,
          (error: Error) => error.message,
        ),
      );
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      if (pauseMs > 0) await this.simulation.advance(pauseMs);
    }
    return counts;
  }

  /** How often the client began to connect to a machine, and when. */
  attemptsAt(name: string): number[] {
    return this.trace
      .filter(({ kind, from, to }) => kind !== "bytes" && from === "client" && to === name)
      .map(({ atMs }) => atMs);
  }
}
