// HTTP/2 layer: finds out that a peer is gone though nobody said so: after silence it has a PING sent, and after more
// silence the connection is dead (gRPC proposal A8). It sends nothing and reads no clock; `connection.ts` does what it says.
import { catchUpAt } from "../http/catch-up.ts";
import type { KeepAliveOptions } from "../http/connection.ts";

/** What the machine must know of its connection at the moment. */
export interface ConnectionPulse {
  /** When the last bytes came. */
  readonly heardAt: number;
  readonly openExchanges: number;
}

export class KeepAlive {
  /** When `advance` is due; it moves only there, so that traffic costs nothing. */
  dueAt: number;
  readonly #options: KeepAliveOptions;
  /** When it asked, while it waits for any sign of life; -1 otherwise. */
  #askedAt = -1;

  constructor(options: KeepAliveOptions, now: number) {
    this.#options = options;
    this.dueAt = now + options.intervalMs;
  }

  /** What is to be done at `now`: send a PING, give the connection up, or nothing. */
  advance(now: number, { heardAt, openExchanges }: ConnectionPulse): "nothing" | "ping" | "dead" {
    if (now < this.dueAt) return "nothing";
    const { intervalMs, timeoutMs, withoutCalls } = this.#options;
    // It asks only after silence, so bytes of the very instant of the question came after it.
    if (heardAt < this.#askedAt) {
      const later = catchUpAt(now, this.dueAt);
      if (later === undefined) return "dead";
      this.dueAt = later;
      return "nothing";
    }
    this.#askedAt = -1;
    if (heardAt + intervalMs > now) {
      this.dueAt = heardAt + intervalMs;
      return "nothing";
    }
    if (openExchanges === 0 && !withoutCalls) {
      this.dueAt = now + intervalMs;
      return "nothing";
    }
    this.#askedAt = now;
    this.dueAt = now + timeoutMs;
    return "ping";
  }
}
