// RPC layer: a call within interceptors, which may make it many times. Each time is an attempt of its own; the word of the
// whole is decided from the proofs of all of them.
import type { Method } from "../marshal/types.ts";
import { CallError } from "./call-error.ts";
import { type CallChannel, ClientCall, type ClientCallOptions, Failure } from "./client-call.ts";
import { type AttemptProof, decideExecution } from "./execution.ts";
import type { ClientCallContext } from "./interceptor.ts";
import { Metadata } from "./metadata.ts";

export class RetriedCall implements ClientCallContext {
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

  /** Runs the interceptors around `attempt`. Resolves as `ClientCall.start` does. */
  async run(intercepted: (call: RetriedCall, request: unknown) => unknown): Promise<unknown> {
    try {
      return await intercepted(this, this.#options.request);
    } catch (error) {
      if (!(error instanceof CallError))
        return new Failure(() => (error instanceof Error ? error : new Error(String(error))));
      return new Failure(() => this.#whole(error));
    }
  }

  /** One attempt with what is left of the time. */
  async attempt(request: unknown): Promise<unknown> {
    const { deadlineAt, isDefaultTimeout } = this.#options;
    const call = new ClientCall(this.#channel, {
      ...this.#options,
      request,
      metadata: this.metadata.size === 0 ? undefined : this.metadata,
      timeoutMs: this.#calls.length === 0 ? this.#options.timeoutMs : deadlineAt - this.#channel.wheel.now(),
      isDefaultTimeout: isDefaultTimeout && this.#calls.length === 0,
    });
    this.#calls.push(call);
    const answer = await call.start();
    if (answer instanceof Failure) throw answer.make();
    return answer;
  }

  /** The same failure, said of the whole call. */
  #whole(error: CallError): CallError {
    const proofs: AttemptProof[] = this.#calls.flatMap((call) => call.allProofs());
    const { code, message, phase, metadata, details } = error;
    const attempts = this.#calls.reduce((sum, call) => sum + call.attempts, 0);
    return new CallError(code, message, {
      phase,
      metadata,
      details,
      attempts,
      cause: error.cause ?? error,
      execution: decideExecution(proofs),
    });
  }
}
