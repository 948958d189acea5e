// Example, demo: what the chapters share.
import type { ServerProcess } from "./server-process.ts";
import type { Stage } from "./stage.ts";

export interface World {
  readonly stage: Stage;
  /** The demo's own folder, removed at the end. */
  readonly folder: string;
  /** The folder in it that the server serves. */
  readonly root: string;
  readonly tcp: string;
  readonly unix: string;
  readonly rawPort: number;
  /** How long one round of a measurement takes. */
  readonly roundMs: number;
  /** Replaced when the server is restarted. */
  server: ServerProcess;
}

/** What `task` returns, and how long it took. */
export async function timed<Result>(task: () => Promise<Result>): Promise<{ result: Result; ms: number }> {
  const startedAt = performance.now();
  const result = await task();
  return { result, ms: performance.now() - startedAt };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
