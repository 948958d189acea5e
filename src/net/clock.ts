// The real machine: time and chance from Node. It never fires a timer early: Node's own may, by part of a millisecond.
import type { Clock, Random, Timer, Timers, Turn } from "../host/index.ts";

/** The process's monotonic clock and the wall clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
};

/** `Math.random`. */
export const realRandom: Random = { next: () => Math.random() };

/** What Node's timers take; a longer delay is armed again. */
const maxDelayMs = 2 ** 31 - 1;

class RealTimer implements Timer {
  readonly kind = "timer";
  readonly #task: () => void;
  readonly #dueAt: number;
  readonly #background: boolean;
  #timeout: NodeJS.Timeout;

  constructor(task: () => void, delayMs: number, background: boolean) {
    this.#task = task;
    this.#dueAt = performance.now() + delayMs;
    this.#background = background;
    this.#timeout = this.#arm(delayMs);
  }

  clear(): void {
    clearTimeout(this.#timeout);
  }

  #arm(delayMs: number): NodeJS.Timeout {
    const timeout = setTimeout(this.#fire, Math.min(Math.ceil(delayMs), maxDelayMs));
    return this.#background ? timeout.unref() : timeout;
  }

  readonly #fire = (): void => {
    const restMs = this.#dueAt - performance.now();
    if (restMs > 0) this.#timeout = this.#arm(restMs);
    else this.#task();
  };
}

/** Node's timers. A delay of `Infinity` never fires; one that is negative or no number is 0. */
export const realTimers: Timers = {
  set: (task, delayMs, options) => new RealTimer(task, Math.max(0, delayMs || 0), options?.background === true),
  clear: (timer) => {
    if (timer instanceof RealTimer) timer.clear();
  },
};

/**
 * The end of a turn: a microtask, then `process.nextTick`. Node runs all promise reactions before the next tick, and all
 * ticks before it looks at its sockets again. The tasks of one turn share one hook.
 */
export class RealTurn implements Turn {
  #tasks: (() => void)[] = [];
  #spare: (() => void)[] = [];

  atEnd(task: () => void): void {
    if (this.#tasks.push(task) === 1) queueMicrotask(this.#afterReactions);
  }

  readonly #afterReactions = (): void => process.nextTick(this.#run);

  readonly #run = (): void => {
    const tasks = this.#tasks;
    this.#tasks = this.#spare;
    this.#spare = tasks;
    let next = 0;
    try {
      while (next < tasks.length) (tasks[next++] as () => void)();
    } finally {
      // A task that throws takes no other with it.
      for (const task of tasks.slice(next)) this.atEnd(task);
      tasks.length = 0;
    }
  };
}
