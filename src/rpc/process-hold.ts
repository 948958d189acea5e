// RPC layer: keeps the process alive while calls are open. Their deadlines are background timers, and not every call has a
// socket that keeps it alive: one over memory has none, nor has one that waits for a user's resolver or interceptor.
import type { Timer, Timers } from "../host/clock.ts";

export class ProcessHold {
  readonly #timers: Timers;
  #count = 0;
  #timer: Timer | undefined = undefined;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  add(): void {
    if (this.#count++ === 0) this.#timer = this.#timers.set(nothing, Number.POSITIVE_INFINITY);
  }

  remove(): void {
    if (--this.#count > 0 || this.#timer === undefined) return;
    this.#timers.clear(this.#timer);
    this.#timer = undefined;
  }
}

function nothing(): void {}
