// Host layer: a value that follows a call through awaits and callbacks (AsyncLocalStorage on Node).

export interface Ambient {
  /** Runs `task` with `value` as the current value of everything it starts. */
  run<Result>(value: unknown, task: () => Result): Result;
  current(): unknown;
}
