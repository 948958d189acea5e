// RPC layer: how a channel comes to a connection: address after address, then again after a growing pause. One attempt
// runs at a time. It knows no call.
import type { Clock, Random, Timer, Timers } from "../host/clock.ts";
import { SocketFault } from "../host/fault.ts";
import type { StreamSocket } from "../host/network.ts";

/** The pause between attempts: `initialMs * multiplier^n`, at most `maxMs`, spread by `jitter` to both sides. */
export interface BackoffOptions {
  readonly initialMs: number;
  readonly maxMs: number;
  readonly multiplier: number;
  readonly jitter: number;
}

export const defaultBackoff: BackoffOptions = { initialMs: 100, maxMs: 5000, multiplier: 1.6, jitter: 0.2 };

export interface ConnectorEvents {
  /** A socket is open; it counts as connected when `succeeded` says so. */
  onSocket(socket: StreamSocket): void;
  /** Every address has failed in this round; the next one begins after a pause if `wanted` still says yes. */
  onRoundFailed(fault: SocketFault): void;
  /** Whether anybody waits for a connection. */
  wanted(): boolean;
}

/** Opens a socket to one target. */
export type Opener = (signal: AbortSignal) => Promise<StreamSocket>;

export type ConnectorState = "idle" | "connecting" | "backoff" | "closed";

export class Connector {
  readonly #host: { readonly clock: Clock; readonly timers: Timers; readonly random: Random };
  readonly #openers: readonly Opener[];
  readonly #events: ConnectorEvents;
  readonly #backoff: BackoffOptions;
  #state: ConnectorState = "idle";
  #index = 0;
  #failures = 0;
  #resumeAt = 0;
  #timer: Timer | undefined = undefined;
  #abort: AbortController | undefined = undefined;

  constructor(
    openers: readonly Opener[],
    options: {
      readonly host: { readonly clock: Clock; readonly timers: Timers; readonly random: Random };
      readonly events: ConnectorEvents;
      readonly backoff: BackoffOptions;
    },
  ) {
    this.#openers = openers;
    this.#host = options.host;
    this.#events = options.events;
    this.#backoff = options.backoff;
  }

  get state(): ConnectorState {
    return this.#state;
  }

  /** Begins to connect, unless it does so already or waits for its pause to end. */
  start(): void {
    if (this.#state === "backoff") return this.#wait(false);
    if (this.#state !== "idle") return;
    this.#index = 0;
    this.#tryNext();
  }

  /** The socket given last became a working connection. */
  succeeded(): void {
    if (this.#state === "closed") return;
    this.#failures = 0;
    this.#state = "idle";
  }

  /** The socket given last did not become one: the next address is tried. */
  failed(fault: SocketFault): void {
    if (this.#state !== "connecting") return;
    this.#index++;
    if (this.#index < this.#openers.length) return this.#tryNext();
    // Calls that fail now were waiting for this attempt, not for the pause after it.
    this.#events.onRoundFailed(fault);
    if (this.#state !== "connecting") return;
    this.#state = "backoff";
    this.#resumeAt = this.#host.clock.now() + this.#pause();
    this.#wait(!this.#events.wanted());
  }

  /** Ends for good: an attempt under way is given up. */
  close(): void {
    this.#state = "closed";
    if (this.#timer !== undefined) this.#host.timers.clear(this.#timer);
    this.#abort?.abort();
  }

  #tryNext(): void {
    this.#state = "connecting";
    const abort = new AbortController();
    this.#abort = abort;
    const open = this.#openers[this.#index] as Opener;
    open(abort.signal).then(
      (socket) => {
        if (this.#abort === abort && this.#state === "connecting") this.#events.onSocket(socket);
        else socket.reset();
      },
      (error: unknown) => {
        if (this.#abort === abort) this.failed(toFault(error));
      },
    );
  }

  #pause(): number {
    const { initialMs, maxMs, multiplier, jitter } = this.#backoff;
    const base = Math.min(maxMs, initialMs * multiplier ** this.#failures);
    this.#failures++;
    return base * (1 + jitter * (2 * this.#host.random.next() - 1));
  }

  /** In the background while nobody waits for a connection: the pause alone keeps no process alive. */
  #wait(background: boolean): void {
    if (this.#timer !== undefined) this.#host.timers.clear(this.#timer);
    const leftMs = Math.max(0, this.#resumeAt - this.#host.clock.now());
    this.#timer = this.#host.timers.set(() => this.#resume(), leftMs, { background });
  }

  #resume(): void {
    this.#timer = undefined;
    if (this.#state !== "backoff") return;
    this.#state = "idle";
    if (this.#events.wanted()) this.start();
  }
}

function toFault(error: unknown): SocketFault {
  if (error instanceof SocketFault) return error;
  return new SocketFault("other", error instanceof Error ? error.message : String(error), { cause: error });
}
