// Test support: timers that count what is set and has neither run nor been cleared.
import type { Timer, Timers } from "farcall/host";

export class CountedTimers implements Timers {
  readonly open = new Set<Timer>();
  readonly #timers: Timers;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  set(task: () => void, delayMs: number, options?: { readonly background?: boolean }): Timer {
    const run = (): void => {
      this.open.delete(timer);
      task();
    };
    const timer = this.#timers.set(run, delayMs, options);
    this.open.add(timer);
    return timer;
  }

  clear(timer: Timer): void {
    this.open.delete(timer);
    this.#timers.clear(timer);
  }
}
