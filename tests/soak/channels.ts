// Soak: the client's channels. A few are used side by side; all but one are closed after some thousand calls and dialled anew.
import { type Channel, type DialOptions, dial, type Stub } from "farcall";
import { Soak } from "./contract.ts";

export type SoakStub = Stub<(typeof Soak)["methods"]>;

const slots = 4;
/** The slot whose channel lives through everything. */
const staying = 3;
const backoff = { initialMs: 5, maxMs: 40 };

interface Used {
  readonly channel: Channel;
  readonly stub: SoakStub;
  calls: number;
  open: number;
  isLeft: boolean;
}

/** What all channels hold. */
export interface ChannelsSample {
  readonly connections: number;
  readonly openCalls: number;
  readonly queuedCalls: number;
  /** That are set beside the one that each connection has. */
  readonly deadlines: number;
  /** Channels that are being closed. */
  readonly closing: number;
}

export class Channels {
  dialled = 0;
  readonly #address: string;
  readonly #callsEach: number;
  readonly #used: Used[];
  readonly #leaving = new Set<Used>();
  #closing = 0;
  #turn = 0;

  /** `callsEach`: the calls after which a channel is replaced. */
  constructor(address: string, callsEach: number) {
    this.#address = address;
    this.#callsEach = callsEach;
    this.#used = Array.from({ length: slots }, (_, slot) => this.#dial(slot));
  }

  /** Makes a call on one of the channels. */
  async run(call: (stub: SoakStub) => Promise<void>): Promise<void> {
    const slot = this.#turn++ % slots;
    const used = this.#used[slot] as Used;
    used.calls++;
    used.open++;
    const calling = call(used.stub);
    if (used.calls >= this.#callsEach && slot !== staying) this.#replace(slot);
    await calling;
    used.open--;
    if (used.isLeft && used.open === 0) this.#leave(used);
  }

  /** Makes a call on a channel of its own. */
  async runAlone(call: (stub: SoakStub) => Promise<void>): Promise<void> {
    const used = this.#dial(1);
    await call(used.stub);
    await this.#close(used);
  }

  sample(): ChannelsSample {
    const sample = { connections: 0, openCalls: 0, queuedCalls: 0, deadlines: 0, closing: this.#closing };
    for (const { channel } of [...this.#used, ...this.#leaving]) {
      const { connections, queuedCalls, deadlines } = channel.snapshot();
      sample.connections += connections.length;
      sample.openCalls += connections.reduce((sum, { openCalls }) => sum + openCalls, 0);
      sample.queuedCalls += queuedCalls;
      sample.deadlines += deadlines - connections.length;
    }
    return sample;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#used, ...this.#leaving].map((used) => this.#close(used)));
  }

  #dial(slot: number): Used {
    this.dialled++;
    // The first has to queue calls, the others open more connections.
    const options: DialOptions = { backoff, maxConnections: slot === 0 ? 1 : 3 };
    const channel = dial(this.#address, options);
    return { channel, stub: channel.stub(Soak), calls: 0, open: 0, isLeft: false };
  }

  /** Every second one is closed with its calls, the others when those have ended. */
  #replace(slot: number): void {
    const used = this.#used[slot] as Used;
    this.#used[slot] = this.#dial(slot);
    if (this.dialled % 2 === 0) return void this.#close(used);
    used.isLeft = true;
    this.#leaving.add(used);
  }

  #leave(used: Used): void {
    this.#leaving.delete(used);
    void this.#close(used);
  }

  async #close({ channel }: Used): Promise<void> {
    this.#closing++;
    await channel.close();
    this.#closing--;
  }
}
