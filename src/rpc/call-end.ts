// RPC layer: who is told when a call is over, on either side. Telemetry hangs here: what it throws reaches no call.

/** Told once, with the error of a call that failed and undefined of one that succeeded. */
export type EndTask = (error: unknown) => void;

/** Tells all of them. One that throws has nobody to tell it to; the others, the call and the process go on. */
export function tellEnd(tasks: readonly EndTask[] | undefined, error: unknown): void {
  if (tasks === undefined) return;
  for (const task of tasks) {
    try {
      task(error);
    } catch {}
  }
}
