// Host layer: time and chance as a program meets them. Handed in, never ambient, so that a simulation can replace them.

/** Time. `now` never goes back; `wallNow` is what a calendar shows and may jump. */
export interface Clock {
  /** Monotonic milliseconds from an arbitrary origin, with a fraction. */
  now(): number;
  /** Milliseconds since 1970-01-01 UTC. */
  wallNow(): number;
}

/** A running timer, to be given back to `Timers.clear`. */
export interface Timer {
  readonly kind: "timer";
}

/** One-shot timers on the machine's monotonic clock. */
export interface Timers {
  /** Calls `task` once, `delayMs` or a little more from now. With `background`, the timer alone keeps no process alive. */
  set(task: () => void, delayMs: number, options?: { readonly background?: boolean }): Timer;
  clear(timer: Timer): void;
}

/** The turn of the event loop: what runs between two looks at the sockets. */
export interface Turn {
  /** Runs `task` once all callbacks and promise reactions of the present turn have run, before the machine does IO. */
  atEnd(task: () => void): void;
}

/** Random numbers. Not for secrets. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
}
