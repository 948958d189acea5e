// RPC layer: interceptors: functions around a call, the same shape on both sides. None installed costs nothing.
import type { Clock } from "../host/clock.ts";
import type { Method } from "../marshal/types.ts";
import type { EndTask } from "./call-end.ts";
import { UsageError } from "./call-error.ts";
import type { Execution } from "./execution.ts";
import type { Metadata } from "./metadata.ts";

/**
 * `call` is the call at hand (`ClientCallContext` or `ServerCall`), `next` goes on with it, and the answer is what `next`
 * answered or something else in its place. `next` may be given another request and may be called again, as a retry does.
 */
export type Interceptor<Call> = (call: Call, next: Next) => unknown;

/** Goes on with the call; without an argument with the same request. */
export type Next = (request?: unknown) => unknown;

/** What a client's interceptor sees of a call. `metadata` may be changed before `next`. */
export interface ClientCallContext {
  readonly method: Method;
  readonly request: unknown;
  readonly metadata: Metadata;
  /** In milliseconds; Infinity for none. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
  /** The addresses that the channel was given, with ", " between several. */
  readonly target: string;
  /** The address of the server that the newest attempt was put on a connection to; undefined while there was none. */
  readonly peer: string | undefined;
  /** Attempts put on a connection so far. */
  readonly attempts: number;
  /** What all attempts so far prove of the handler. */
  readonly execution: Execution;
  /** Messages that the newest attempt has sent, and that it has received, read by the program or not. */
  readonly sentCount: number;
  readonly receivedCount: number;
  /**
   * Calls `task` once the call is over, however it ends: by its reply or its stream's end, a failure, the deadline, or a
   * reader who leaves; at once when it is. It is told the error of a call that failed. What it throws is dropped.
   */
  onEnd(task: EndTask): void;
}

/** For an interceptor of a client that answers what no call can end with; most often it forgot to return. */
export function wrongAnswer({ path }: Method, answer: unknown): UsageError {
  const fix = "return what next() answers, or something like it in its place";
  return new UsageError("BAD_OPTION", `an interceptor of ${path} answered ${String(answer)}; ${fix}`);
}

/** One function out of many, the first outermost. `last` is what they are around. */
export function composeInterceptors<Call>(
  interceptors: readonly Interceptor<Call>[],
  last: (call: Call, request: unknown) => unknown,
): (call: Call, request: unknown) => unknown {
  for (const one of interceptors) {
    if (typeof one === "function") continue;
    throw new UsageError("BAD_OPTION", `interceptors has ${String(one)}; give functions: (call, next) => next()`);
  }
  let composed = last;
  for (const interceptor of [...interceptors].reverse()) {
    const inner = composed;
    composed = (call, request) =>
      interceptor(call, (changed) => inner(call, changed === undefined ? request : changed));
  }
  return composed;
}
