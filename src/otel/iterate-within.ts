// OpenTelemetry: a streamed reply made within a context. A generator runs wherever its next message is asked for, so each
// asking is put there.
import { type Context, context } from "@opentelemetry/api";
import { isIterable } from "../rpc/handler-runs.ts";

/** The same messages; what is no stream stays as it is, for the server to say so. */
export function iterateWithin(active: Context, answer: unknown): unknown {
  if (!isIterable(answer)) return answer;
  return { [Symbol.asyncIterator]: () => iteratorWithin(active, answer) };
}

function iteratorWithin(
  active: Context,
  answer: AsyncIterable<unknown> | Iterable<unknown>,
): AsyncIterator<unknown, unknown> {
  const iterator = context.with(active, () =>
    Symbol.asyncIterator in answer ? answer[Symbol.asyncIterator]() : answer[Symbol.iterator](),
  );
  return {
    async next() {
      const { done, value } = await context.with(active, () => iterator.next());
      // A plain iterable may hold promises.
      return done === true ? { done, value } : { done: false, value: await value };
    },
    async return() {
      await context.with(active, () => iterator.return?.());
      return { done: true, value: undefined };
    },
  };
}
