// Test support: a channel and a server on two machines of a simulation: time passes only as the simulation steps.
import { setImmediate as settle } from "node:timers/promises";
import type { Channel, DialOptions, Served, ServeOptions, Stub } from "farcall";
import type { Machine } from "farcall/host";
import { createRuntime, type Runtime } from "farcall/runtime";
import { createSimulation, type Simulation } from "farcall/sim";
import { type Behaviour, implementProbe, Probe, Tally } from "./rpc-probe.ts";

export const address = "tcp://server:50051";

/** One simulated client and server. Nothing listens until `serve`. */
export class Simulated {
  readonly simulation: Simulation;
  readonly client: Machine;
  readonly server: Machine;
  readonly clientRuntime: Runtime;
  readonly serverRuntime: Runtime;
  readonly tally = new Tally();
  readonly handlerErrors: unknown[] = [];

  constructor(seed = 1) {
    this.simulation = createSimulation({ seed, settle: () => settle() });
    this.client = this.simulation.machine("client");
    this.server = this.simulation.machine("server");
    this.clientRuntime = createRuntime(this.client);
    this.serverRuntime = createRuntime(this.server, {
      onHandlerError: (error) => void this.handlerErrors.push(error),
    });
  }

  get nowMs(): number {
    return this.simulation.clock.now();
  }

  /** Steps until `task` settles. */
  run<Result>(task: () => Promise<Result>, maxMs = 60_000): Promise<Result> {
    return this.simulation.run(task, { maxMs });
  }

  serve(behaviour?: Behaviour, options: ServeOptions = {}) {
    return this.serveThese([implementProbe(this.tally, behaviour)], options);
  }

  serveThese(implementations: readonly Served[], options: ServeOptions = {}) {
    return this.serverRuntime.serve(address, implementations, { insecure: true, ...options });
  }

  dial(options: DialOptions = {}): Channel {
    return this.clientRuntime.dial(address, { insecure: true, ...options });
  }

  stub(options: DialOptions = {}): Stub<typeof Probe.methods> {
    return this.dial(options).stub(Probe);
  }
}
