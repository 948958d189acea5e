// Attacks: what an attack is, and how one is carried out: a server in a process of its own, its attacker on raw sockets, an
// honest client beside them, and what the server holds before, meanwhile and after.
import { setTimeout as sleep } from "node:timers/promises";
import { dial, type ServeOptions } from "farcall";
import { FrameSocket, type FrameSocketOptions } from "../support/frame-socket.ts";
import type { ErrorName } from "../support/http2-frames.ts";
import { Target } from "./contract.ts";
import { type Holding, TargetProcess } from "./target.ts";

export interface Attack {
  readonly title: string;
  readonly options?: ServeOptions;
  /** Does its worst, within 10 s and a fixed number of frames. Returns the connection that is judged. */
  readonly run: (scene: Scene) => Promise<FrameSocket>;
  /** The GOAWAY that ends the connection; without it the connection is to live. */
  readonly ends?: { readonly code: ErrorName; readonly says: RegExp };
  /** The limit that the server counts. */
  readonly meets?: string;
  /** What its memory may grow by while the attack stands. Default 32 MiB. */
  readonly mayGrowBytes?: number;
  /** What else must be so while the attack stands. */
  readonly check?: (attacker: FrameSocket, holding: Holding) => void;
}

/** What an attacker has. */
export interface Scene {
  dial(options?: FrameSocketOptions): Promise<FrameSocket>;
}

export interface Report {
  readonly attacker: FrameSocket;
  readonly framesSent: number;
  readonly seconds: number;
  readonly before: Holding;
  readonly meanwhile: Holding;
  readonly after: Holding;
  /** Calls of the honest client that succeeded, and what became of the others. */
  readonly served: number;
  readonly failures: readonly unknown[];
}

const maxMs = 10_000;

export async function carryOut(attack: Attack): Promise<Report> {
  const target = await TargetProcess.start(attack.options);
  const sockets: FrameSocket[] = [];
  const scene: Scene = {
    dial: async (options) => {
      const socket = await FrameSocket.dial(target.port, options);
      sockets.push(socket);
      return socket;
    },
  };
  const honest = new HonestClient(target.address);
  try {
    await honest.warmUp();
    const before = await target.holding();
    const serving = honest.begin();
    const startedAt = performance.now();
    const attacker = await within(maxMs, attack.run(scene));
    const seconds = (performance.now() - startedAt) / 1000;
    await attacker.until(() => attack.ends === undefined || attacker.goAway !== undefined, 2000);
    await honest.end(serving);
    const meanwhile = await target.holding();
    for (const socket of sockets) socket.close();
    await target.release();
    const after = await settle(target, before);
    const framesSent = sockets.reduce((sum, socket) => sum + socket.framesSent, 0);
    const { served, failures } = honest;
    return { attacker, framesSent, seconds, before, meanwhile, after, served, failures };
  } finally {
    for (const socket of sockets) socket.close();
    await honest.close();
    await target.close();
  }
}

/** Waits until nothing is left of the attack, or for 5 s: what is left then is for the test to say. */
async function settle(target: TargetProcess, before: Holding): Promise<Holding> {
  const end = Date.now() + 5000;
  for (;;) {
    const holding = await target.holding();
    const { snapshot } = holding;
    const isQuiet =
      snapshot.connections.length === before.snapshot.connections.length &&
      snapshot.openCalls + snapshot.runningCalls + snapshot.queuedCalls === 0 &&
      snapshot.deadlines === before.snapshot.deadlines &&
      JSON.stringify(holding.handles) === JSON.stringify(before.handles);
    if (isQuiet || Date.now() > end) return holding;
    await sleep(50);
  }
}

async function within<Result>(ms: number, task: Promise<Result>): Promise<Result> {
  const timeout = new AbortController();
  const late = sleep(ms, undefined, { signal: timeout.signal }).then(() => {
    throw new Error(`the attack took more than ${ms} ms`);
  });
  try {
    return await Promise.race([task, late]);
  } finally {
    timeout.abort();
    late.catch(() => {});
  }
}

/** A client that calls again and again, with a pause, on a connection of its own. */
class HonestClient {
  served = 0;
  readonly failures: unknown[] = [];
  readonly #channel;
  readonly #stub;
  #isEnding = false;

  constructor(address: string) {
    this.#channel = dial(address);
    this.#stub = this.#channel.stub(Target);
  }

  async warmUp(): Promise<void> {
    for (let count = 0; count < 200; count++) await this.#stub.echo({ tag: "warm-up" });
  }

  begin(): Promise<void> {
    return this.#goOn();
  }

  /** Ends after one call more, so that there is one that came after all of the attack. */
  async end(serving: Promise<void>): Promise<void> {
    this.#isEnding = true;
    await serving;
  }

  close(): Promise<void> {
    this.#isEnding = true;
    return this.#channel.close();
  }

  async #goOn(): Promise<void> {
    let isLast = false;
    while (!isLast) {
      isLast = this.#isEnding;
      try {
        await this.#stub.echo({ tag: "honest" }, { timeoutMs: 5000 });
        this.served++;
      } catch (error) {
        this.failures.push(error);
      }
      await sleep(2);
    }
  }
}
