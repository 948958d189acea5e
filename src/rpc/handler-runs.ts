// RPC layer: the runs of a handler within interceptors, which may answer without waiting for one, or run it again. Only
// while none goes on may a server say that its handler was executed. Without interceptors nothing is counted.

export class HandlerRuns {
  #count = 0;
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure` is told of each run that fails, before whoever waits for it. */
  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Runs that have begun and not ended. A stream that is never read to its end never ends. */
  get count(): number {
    return this.#count;
  }

  /** Counts a run by what the handler answered; gives the same answer to be used in its place. */
  follow(answer: unknown, streams: boolean): unknown {
    if (isThenable(answer)) {
      this.#count++;
      answer.then(
        () => this.#ended(),
        (error: unknown) => this.#failed(error),
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

  #failed(error: unknown): void {
    this.#count--;
    this.#onFailure(error);
  }
}

export function isIterable(value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> {
  return typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}
