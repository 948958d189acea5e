// The simulated machine: virtual time. A step is one event, then the promise reactions it set off, then what was put at
// the end of the turn. Between steps time jumps to the next event; it never passes by itself, and no real clock is read.
// JavaScript runs promise reactions in a fixed order, so the same seed gives the same steps.
import type { Clock, Timer, Timers, Turn } from "../host/index.ts";
import { EventQueue, type SimulatedEvent } from "./event-queue.ts";

/** Why a simulation could not go on, to switch on. */
export type SimulationErrorCode =
  /** The awaited promise is not settled, and nothing is left that could settle it. */
  | "stuck"
  /** The virtual time allowed has passed. */
  | "out-of-time"
  /** Two drivers at once. */
  | "already-running";

/** A simulation that does not end as it was told to. */
export class SimulationError extends Error {
  override readonly name = "SimulationError";
  readonly code: SimulationErrorCode;
  /** Virtual milliseconds at which it stopped. */
  readonly atMs: number;

  constructor(code: SimulationErrorCode, message: string, atMs: number) {
    super(message);
    this.code = code;
    this.atMs = atMs;
  }
}

/** Promise reactions that may follow one another within a step before time goes on. */
export const maxReactionDepth = 128;

/** How long to go on. */
export interface Goal {
  /** Asked after each step. */
  isReached(): boolean;
  /** Virtual time that is not passed. */
  readonly limitMs: number;
  /** Whether to stop when only background events are left. */
  readonly stopsWhenIdle: boolean;
}

class SimulatedTimer implements Timer {
  readonly kind = "timer";
  readonly event: SimulatedEvent | undefined;

  constructor(event: SimulatedEvent | undefined) {
    this.event = event;
  }
}

/** The one scheduler of a simulation. */
export class Scheduler implements Timers, Turn {
  readonly #queue = new EventQueue();
  readonly #wallStartMs: number;
  readonly #settle: () => Promise<void>;
  #nowMs = 0;
  #endTasks: (() => void)[] = [];
  #running = false;

  constructor(options: { readonly wallStartMs: number; readonly settle: (() => Promise<void>) | undefined }) {
    this.#wallStartMs = options.wallStartMs;
    this.#settle = options.settle ?? settleReactions;
  }

  readonly clock: Clock = {
    now: () => this.#nowMs,
    wallNow: () => this.#wallStartMs + this.#nowMs,
  };

  /** Virtual milliseconds since the simulation began. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Runs `task` as a step of its own, `delayMs` from now. */
  after(delayMs: number, task: () => void): void {
    this.#queue.add(task, this.#nowMs + delayMs);
  }

  /** Runs `task` as a step of its own at `atMs`, which is not past. */
  at(atMs: number, task: () => void): SimulatedEvent {
    return this.#queue.add(task, atMs);
  }

  cancel(event: SimulatedEvent): void {
    this.#queue.cancel(event);
  }

  set(task: () => void, delayMs: number, options?: { readonly background?: boolean }): Timer {
    if (delayMs === Number.POSITIVE_INFINITY) return new SimulatedTimer(undefined);
    const atMs = this.#nowMs + Math.max(0, delayMs || 0);
    return new SimulatedTimer(this.#queue.add(task, atMs, options?.background === true));
  }

  clear(timer: Timer): void {
    if (timer instanceof SimulatedTimer && timer.event !== undefined) this.#queue.cancel(timer.event);
  }

  atEnd(task: () => void): void {
    this.#endTasks.push(task);
  }

  /** Steps until the goal is reached, time is up or nothing is left. An exception of a task ends it. */
  async drive(goal: Goal): Promise<"reached" | "idle" | "out-of-time"> {
    if (this.#running) {
      throw new SimulationError("already-running", "the simulation is already running: await that first", this.#nowMs);
    }
    this.#running = true;
    try {
      for (;;) {
        await this.#finishTurn();
        if (goal.isReached()) return "reached";
        const atMs = this.#queue.nextTime();
        if (atMs === undefined || (goal.stopsWhenIdle && this.#queue.foregroundCount === 0)) return "idle";
        if (atMs > goal.limitMs) return "out-of-time";
        this.#nowMs = atMs;
        this.#queue.take()?.();
      }
    } finally {
      this.#running = false;
    }
  }

  /** Lets time pass to `atMs`, with nothing left to happen before it. */
  jumpTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }

  async #finishTurn(): Promise<void> {
    await this.#settle();
    while (this.#endTasks.length > 0) {
      const tasks = this.#endTasks;
      this.#endTasks = [];
      let next = 0;
      try {
        while (next < tasks.length) (tasks[next++] as () => void)();
      } finally {
        // A task that throws takes no other with it.
        this.#endTasks.unshift(...tasks.slice(next));
      }
      await this.#settle();
    }
  }
}

/**
 * Gives promise reactions their turn. Nothing says when the last has run; a chain longer than this goes on while virtual
 * time does, which is still the same in every run.
 */
async function settleReactions(): Promise<void> {
  for (let round = 0; round < maxReactionDepth; round++) await undefined;
}
