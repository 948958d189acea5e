// RPC layer: how a channel comes to a connection with one address: an attempt, then another after a growing pause. One
// attempt runs at a time. It knows no call, and no other address.
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
  /** The attempt failed. A pause follows, then the next one if `wanted` still says yes. */
  onFailed(fault: SocketFault): void;
  /** Whether a connection with this address is wanted. */
  wanted(): boolean;
}

export interface ConnectorHost {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

/** Opens a socket to one address. */
export type Opener = (signal: AbortSignal) => Promise<StreamSocket>;

export type ConnectorState = "idle" | "connecting" | "backoff" | "closed";

/**
 * A connection that lasted less proves no well server, whatever it answered: a server may crash of each call. The second
 * such in a row brings the pause back. gRPC forgets failures with the peer's SETTINGS, and such a server is then dialled as
 * often as there are calls.
 */
const steadyMs = 1000;

/** The pause after so many failures in a row. */
export function pauseMs(failures: number, backoff: BackoffOptions, random: Random): number {
  const { initialMs, maxMs, multiplier, jitter } = backoff;
  return Math.min(maxMs, initialMs * multiplier ** failures) * (1 + jitter * (2 * random.next() - 1));
}

export class Connector {
  readonly #host: ConnectorHost;
  readonly #open: Opener;
  readonly #events: ConnectorEvents;
  readonly #backoff: BackoffOptions;
  #state: ConnectorState = "idle";
  #failures = 0;
  /** How often in a row connections were lost as soon as they were there. */
  #shortLives = 0;
  #lostAt = Number.NEGATIVE_INFINITY;
  /** A loss that should have brought a pause came when the next attempt was under way: the pause follows that. */
  #owesPause = false;
  #resumeAt = 0;
  #timer: Timer | undefined = undefined;
  /** Gives up the attempt under way, until it has a socket or has failed. */
  #abort: AbortController | undefined = undefined;

  constructor(
    open: Opener,
    options: { readonly host: ConnectorHost; readonly events: ConnectorEvents; readonly backoff: BackoffOptions },
  ) {
    this.#open = open;
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
    this.#state = "connecting";
    const abort = new AbortController();
    this.#abort = abort;
    this.#open(abort.signal).then(
      (socket) => {
        if (this.#abort !== abort) return socket.reset();
        this.#abort = undefined;
        this.#events.onSocket(socket);
      },
      (error: unknown) => {
        if (this.#abort !== abort) return;
        this.#abort = undefined;
        this.failed(toFault(error));
      },
    );
  }

  /** The socket given last became a working connection. */
  succeeded(): void {
    if (this.#state === "closed") return;
    this.#failures = 0;
    this.#state = "idle";
    if (this.#owesPause) this.#pauseAfterLoss();
  }

  /** The attempt under way, or the socket given last, did not become a connection. */
  failed(fault: SocketFault): void {
    if (this.#state !== "connecting") return;
    this.#giveUpAttempt();
    // Calls that fail now were waiting for this attempt, not for the pause after it.
    this.#events.onFailed(fault);
    if (this.#state === "connecting") this.#beginPause();
  }

  /**
   * A connection that was ready since `readyAt` is over. The next attempt may begin at once, unless this happens again and
   * again. `isOrderly`: the server had served it and parted with it in order, which it may do as often as it likes.
   */
  lost({ readyAt, isOrderly }: { readonly readyAt: number; readonly isOrderly: boolean }): void {
    const now = this.#host.clock.now();
    if (isOrderly || now - readyAt >= steadyMs) {
      this.#shortLives = 0;
      this.#owesPause = false;
      return;
    }
    // Connections that were there together and are lost one after the other are lost once.
    if (readyAt < this.#lostAt) return;
    this.#lostAt = now;
    if (++this.#shortLives === 1) return;
    if (this.#state === "connecting") this.#owesPause = true;
    else if (this.#state !== "closed") this.#pauseAfterLoss();
  }

  /** Gives up the attempt under way: it is no longer wanted, and counts as no failure. */
  cancel(): void {
    if (this.#state !== "connecting") return;
    this.#giveUpAttempt();
    this.#state = "idle";
  }

  /** Ends for good: an attempt under way is given up. */
  close(): void {
    this.#state = "closed";
    if (this.#timer !== undefined) this.#host.timers.clear(this.#timer);
    this.#giveUpAttempt();
  }

  #pauseAfterLoss(): void {
    this.#failures = this.#shortLives - 2;
    this.#beginPause();
  }

  #giveUpAttempt(): void {
    const abort = this.#abort;
    this.#abort = undefined;
    abort?.abort();
  }

  #beginPause(): void {
    this.#owesPause = false;
    this.#state = "backoff";
    const resumeAt = this.#host.clock.now() + pauseMs(this.#failures++, this.#backoff, this.#host.random);
    this.#resumeAt = Math.max(this.#resumeAt, resumeAt);
    this.#wait(!this.#events.wanted());
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

/** What an attempt was rejected with, as a fault. */
function toFault(error: unknown): SocketFault {
  if (error instanceof SocketFault) return error;
  return new SocketFault("other", error instanceof Error ? error.message : String(error), { cause: error });
}
