// RPC layer: interceptors: functions around a call, the same shape on both sides. None installed costs nothing.
import type { Method } from "../marshal/types.ts";
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
}

/** One function out of many, the first outermost. `last` is what they are around. */
export function composeInterceptors<Call>(
  interceptors: readonly Interceptor<Call>[],
  last: (call: Call, request: unknown) => unknown,
): (call: Call, request: unknown) => unknown {
  let composed = last;
  for (const interceptor of [...interceptors].reverse()) {
    const inner = composed;
    composed = (call, request) =>
      interceptor(call, (changed) => inner(call, changed === undefined ? request : changed));
  }
  return composed;
}
