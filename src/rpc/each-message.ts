// RPC layer: messages out of what a program gave to be sent, one by one. It waits only where there is something to wait for:
// the next step of an async iterable, a promise among the values, and whatever `take` asks to wait for.
import { isThenable } from "./handler-runs.ts";

/**
 * Gives `take` each message until it answers false, or a promise of false; the iterable is then told, as when a loop is left.
 * A plain iterable runs on without a pause until then: a promise a message would cost more than most messages.
 */
export async function eachMessage(
  source: AsyncIterable<unknown> | Iterable<unknown>,
  take: (message: unknown) => boolean | Promise<boolean>,
): Promise<void> {
  if (Symbol.asyncIterator in source) {
    for await (const message of source) {
      const more = take(message);
      if (more !== true && !(await more)) return;
    }
    return;
  }
  for (const value of source) {
    const more = take(isThenable(value) ? await value : value);
    if (more !== true && !(await more)) return;
  }
}
