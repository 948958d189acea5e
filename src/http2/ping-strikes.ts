// HTTP/2 layer: how often a client may ask a server whether it is there (gRPC proposal A8): a PING that comes too soon after
// the last one is a strike. What the server sends of calls wipes strikes out: who measures a busy connection is welcome.
import type { Http2Limits } from "./limits.ts";

export class PingStrikes {
  readonly #limits: Http2Limits;
  #strikes = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #callFrames = 0;

  constructor(limits: Http2Limits) {
    this.#limits = limits;
  }

  /** Takes a PING. `callFrames`: HEADERS and DATA frames that we have sent so far. False: it was one too many. */
  receive(
    now: number,
    { callFrames, openCount }: { readonly callFrames: number; readonly openCount: number },
  ): boolean {
    const { minPingIntervalMs, minIdlePingIntervalMs, maxPingStrikes } = this.#limits;
    const minGapMs = openCount > 0 ? minPingIntervalMs : minIdlePingIntervalMs;
    if (callFrames !== this.#callFrames) this.#strikes = 0;
    else if (now - this.#lastAt < minGapMs) this.#strikes++;
    this.#callFrames = callFrames;
    this.#lastAt = now;
    return this.#strikes <= maxPingStrikes;
  }
}
