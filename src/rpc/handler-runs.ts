// RPC layer: the runs of a handler within interceptors, which may answer without waiting for one, or run it again. Only
// while none goes on may a server say that its handler was executed. Without interceptors nothing is counted.

export interface RunEvents {
  /** A run failed; told before whoever waits for it. */
  onFailure(error: unknown): void;
  /** A promised answer is there, and none is awaited any more. */
  onIdle(): void;
}

export class HandlerRuns {
  #count = 0;
  #promised = 0;
  readonly #events: RunEvents;

  constructor(events: RunEvents) {
    this.#events = events;
  }

  /** Runs that have begun and not ended. A stream that is never read to its end never ends. */
  get count(): number {
    return this.#count;
  }

  /** An answer is awaited. A stream runs only while it is read, so one that was left behind does not. */
  get isRunning(): boolean {
    return this.#promised > 0;
  }

  /** Counts a run by what the handler answered; gives the same answer to be used in its place. */
  follow(answer: unknown, streams: boolean): unknown {
    if (isThenable(answer)) {
      this.#count++;
      this.#promised++;
      answer.then(
        () => this.#kept(),
        (error: unknown) => {
          this.#events.onFailure(error);
          this.#kept();
        },
      );
      return answer;
    }
    if (!streams || !isIterable(answer)) return answer;
    this.#count++;
    return this.#read(answer);
  }

  async *#read(answer: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<unknown> {
    try {
      yield* answer;
    } finally {
      this.#ended();
    }
  }

  #ended(): void {
    this.#count--;
  }

  #kept(): void {
    this.#promised--;
    this.#ended();
    if (this.#promised === 0) this.#events.onIdle();
  }
}

export function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
