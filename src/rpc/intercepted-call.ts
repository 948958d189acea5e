// RPC layer: a call within interceptors, which may make it many times. Each time is an attempt of its own; the word of the
// whole is decided from the proofs of all of them.
import type { Method } from "../marshal/types.ts";
import { CallError } from "./call-error.ts";
import type { CallChannel, ClientCall, ClientCallOptions } from "./client-call.ts";
import { Conversation, pumpRequests } from "./conversation.ts";
import { decideExecution } from "./execution.ts";
import { Failure, failureOf } from "./failure.ts";
import { InterceptedStream } from "./intercepted-stream.ts";
import type { ClientCallContext } from "./interceptor.ts";
import { Metadata } from "./metadata.ts";
import { StreamCall } from "./stream-call.ts";
import { UnaryCall } from "./unary-call.ts";

/** What a streaming call sends: one message, what an iterable yields, or what is pushed. */
export interface StreamBody {
  readonly message?: unknown;
  readonly requests?: AsyncIterable<unknown> | Iterable<unknown> | undefined;
}

/** Opens a streaming call. */
export function openStream(channel: CallChannel, options: ClientCallOptions, body: StreamBody): Conversation {
  const call = new StreamCall(channel, options);
  call.start("message" in body ? { message: body.message } : undefined);
  if (body.requests !== undefined) void pumpRequests(call, body.requests);
  return new Conversation(call);
}

export class InterceptedCall implements ClientCallContext {
  readonly metadata: Metadata;
  readonly #channel: CallChannel;
  readonly #options: ClientCallOptions;
  readonly #calls: ClientCall[] = [];

  constructor(channel: CallChannel, options: ClientCallOptions) {
    this.#channel = channel;
    this.#options = options;
    this.metadata = options.metadata ?? new Metadata();
  }

  get method(): Method {
    return this.#options.prepared.method;
  }

  get request(): unknown {
    return this.#options.request;
  }

  get timeoutMs(): number {
    return this.#options.timeoutMs;
  }

  get signal(): AbortSignal | undefined {
    return this.#options.signal;
  }

  /** Runs the interceptors around a unary call. Resolves as `UnaryCall.start` does. */
  async run(intercepted: (call: InterceptedCall, request: unknown) => unknown): Promise<unknown> {
    try {
      return await intercepted(this, this.#options.request);
    } catch (error) {
      return this.wholeFailure(error);
    }
  }

  /** Runs the interceptors around a streaming call. */
  runStream(intercepted: (call: InterceptedCall, request: unknown) => unknown, body: StreamBody): Conversation {
    return new InterceptedStream(this, (request) => intercepted(this, request), body) as unknown as Conversation;
  }

  /** One attempt with what is left of the time: a promise of the reply, or an open stream. */
  attempt(request: unknown): unknown {
    const { callKind } = this.method;
    if (callKind === "unary") return this.#attemptUnary(request);
    const call = new StreamCall(this.#channel, this.#nextOptions(request));
    this.#calls.push(call);
    call.start(callKind === "serverStream" ? { message: request } : undefined);
    if (callKind !== "serverStream") void pumpRequests(call, request as AsyncIterable<unknown>);
    const conversation = new Conversation(call);
    return callKind === "clientStream" ? conversation.reply : conversation;
  }

  /** A failure of one attempt, said of the whole call. */
  wholeFailure(error: unknown): Failure {
    if (!(error instanceof CallError)) return failureOf(error);
    const execution = decideExecution(this.#calls.flatMap((call) => call.allProofs()));
    const attempts = this.#calls.reduce((sum, call) => sum + call.attempts, 0);
    const { code, message, phase, metadata, details } = error;
    const cause = error.cause ?? error;
    return new Failure(() => new CallError(code, message, { phase, metadata, details, attempts, cause, execution }));
  }

  async #attemptUnary(request: unknown): Promise<unknown> {
    const call = new UnaryCall(this.#channel, this.#nextOptions(request));
    this.#calls.push(call);
    const answer = await call.start();
    if (answer instanceof Failure) throw answer.make();
    return answer;
  }

  #nextOptions(request: unknown): ClientCallOptions {
    const { deadlineAt, timeoutMs, isDefaultTimeout } = this.#options;
    const first = this.#calls.length === 0;
    return {
      ...this.#options,
      request,
      metadata: this.metadata.size === 0 ? undefined : this.metadata,
      timeoutMs: first ? timeoutMs : deadlineAt - this.#channel.wheel.now(),
      isDefaultTimeout: isDefaultTimeout && first,
    };
  }
}
