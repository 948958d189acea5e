// RPC layer: keeps the process alive while calls are open. Their deadlines are background timers, and not every call has a
// socket that keeps it alive: one over memory has none, nor has one that waits for a user's resolver or interceptor.
import type { Timer, Timers, Turn } from "../host/clock.ts";

export class ProcessHold {
  readonly #host: { readonly timers: Timers; readonly turn: Turn };
  #count = 0;
  #timer: Timer | undefined = undefined;
  #checkDue = false;

  constructor(host: { readonly timers: Timers; readonly turn: Turn }) {
    this.#host = host;
  }

  add(): void {
    this.#count++;
    this.#timer ??= this.#host.timers.set(nothing, Number.POSITIVE_INFINITY);
  }

  /** Lets go at the end of the turn: a call that follows another at once needs no timer of its own. */
  remove(): void {
    if (--this.#count > 0 || this.#checkDue) return;
    this.#checkDue = true;
    this.#host.turn.atEnd(this.#check);
  }

  readonly #check = (): void => {
    this.#checkDue = false;
    if (this.#count > 0 || this.#timer === undefined) return;
    this.#host.timers.clear(this.#timer);
    this.#timer = undefined;
  };
}

function nothing(): void {}
