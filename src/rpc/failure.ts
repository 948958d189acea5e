// RPC layer: a failure on its way to whoever asked. The error is made where it is thrown, so that its stack is the caller's.

export class Failure {
  /** Makes the error; a new one each time, for each has its own stack. */
  readonly make: () => Error;

  constructor(make: () => Error) {
    this.make = make;
  }
}

/** What was thrown, as a failure. */
export function failureOf(thrown: unknown): Failure {
  return new Failure(() => (thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown })));
}

/** The sentence in whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
