// Test support: the machines and transports that one conformance test body runs on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import {
  type ConnectOptions,
  type Endpoint,
  type Listener,
  type ListenOptions,
  type Machine,
  parseEndpoint,
  type StreamSocket,
} from "farcall/host";
import { createRealMachine } from "farcall/net";
import { createSimulation, type WaySettings } from "farcall/sim";
import { certs } from "./certs/certs.ts";

/** One transport of one machine. */
export interface World {
  readonly name: string;
  /** The machine that listens. */
  readonly machine: Machine;
  /** The machine that connects, where it is another. */
  readonly client?: Machine;
  /** A free address to listen at. */
  address(): Endpoint;
  readonly connectOptions: ConnectOptions;
  readonly listenOptions: ListenOptions;
  /** Whether a reset reaches the peer as a fault, not as an end like any other. */
  readonly resetShows: boolean;
  /** Runs a test body to its end, in whatever way this machine's time passes. */
  run(body: () => Promise<void>): Promise<void>;
}

/** A way to make a fresh world for one test. */
export interface WorldKind {
  readonly name: string;
  create(): World & { dispose(): void };
}

let uniqueNumber = 0;

function realKind(name: string, parts: Partial<World> & Pick<World, "address">, dispose = () => {}): WorldKind {
  return {
    name: `real ${name}`,
    create: () => ({
      name,
      machine: createRealMachine(),
      connectOptions: {},
      listenOptions: {},
      resetShows: true,
      run: (body) => body(),
      dispose,
      ...parts,
    }),
  };
}

function unixKind(): WorldKind {
  return {
    name: "real unix",
    create: () => {
      const directory = mkdtempSync(join(tmpdir(), "farcall-"));
      const address = () => parseEndpoint(`unix:${directory}/${uniqueNumber++}`, "listen");
      const dispose = () => rmSync(directory, { recursive: true });
      return realKind("unix", { address, resetShows: false }, dispose).create();
    },
  };
}

/** What a TLS server and its clients need. */
export const tlsOptions = {
  connectOptions: { tls: { ca: certs.authority.cert } },
  listenOptions: { tls: certs.server },
} as const;

/** Every stream transport of the real machine. */
export const realKinds: readonly WorldKind[] = [
  realKind("tcp", { address: () => parseEndpoint("tcp://127.0.0.1:0", "listen") }),
  realKind("tls", { ...tlsOptions, address: () => parseEndpoint("tls://127.0.0.1:0", "listen"), resetShows: true }),
  unixKind(),
  realKind("unix abstract", {
    address: () => parseEndpoint(`unix:@farcall-${process.pid}-${uniqueNumber++}`, "listen"),
    resetShows: false,
  }),
  realKind("memory", { address: () => parseEndpoint(`memory:m${uniqueNumber++}`, "listen") }),
];

function simulatedKind(name: string, address: string, settings: Partial<WaySettings>, apart: boolean): WorldKind {
  return {
    name: `simulated ${name}`,
    create: () => {
      const simulation = createSimulation({ seed: 1, settle: setImmediate });
      simulation.network.setWay(settings);
      return {
        name,
        machine: simulation.machine("server"),
        ...(apart && { client: simulation.machine("client") }),
        address: () => parseEndpoint(address.startsWith("t") ? address : `${address}${uniqueNumber++}`, "listen"),
        connectOptions: {},
        listenOptions: address.startsWith("tls:") ? tlsOptions.listenOptions : {},
        resetShows: true,
        run: (body) => simulation.run(body),
        dispose: () => {},
      };
    },
  };
}

/** Every stream transport of the simulated machine, near and far, whole and in pieces. */
export const simulatedKinds: readonly WorldKind[] = [
  simulatedKind("tcp", "tcp://127.0.0.1:0", {}, false),
  simulatedKind("tcp far away", "tcp://server:0", { delayMs: { minMs: 5, maxMs: 40 }, maxPieceBytes: 60_000 }, true),
  simulatedKind("tls", "tls://server:0", { delayMs: 1 }, true),
  simulatedKind("unix", "unix:/run/s", { maxPieceBytes: 30_000 }, false),
  simulatedKind("memory", "memory:s", {}, false),
];

/** Opens a connection to `endpoint` from the machine that connects. */
export function connect(world: World, endpoint: Endpoint, signal?: AbortSignal): Promise<StreamSocket> {
  const { network } = world.client ?? world.machine;
  return network.connect(endpoint, { ...world.connectOptions, ...(signal !== undefined && { signal }) });
}

/** Listens, and hands each connection to `onConnection`. */
export function listen(world: World, onConnection: (socket: StreamSocket) => void): Promise<Listener> {
  return world.machine.network.listen(world.address(), world.listenOptions, {
    onConnection,
    onFault: (fault) => {
      throw fault;
    },
  });
}

/** A connected pair, unopened, and its listener. */
export async function pair(world: World): Promise<{ client: StreamSocket; server: StreamSocket; listener: Listener }> {
  let accept: (socket: StreamSocket) => void = () => {};
  const accepted = new Promise<StreamSocket>((resolve) => {
    accept = resolve;
  });
  const listener = await listen(world, accept);
  const client = await connect(world, listener.local);
  return { client, server: await accepted, listener };
}
