// RPC layer: a call within interceptors, which may make it many times. Each time is an attempt of its own; the word of the
// whole is decided from the proofs of all of them, so when the whole is over no attempt goes on and none begins.
import type { Clock } from "../host/clock.ts";
import { formatEndpoint } from "../host/endpoint.ts";
import type { Method } from "../marshal/types.ts";
import type { Abortable } from "./abort-signals.ts";
import { type EndTask, tellEnd } from "./call-end.ts";
import { CallError } from "./call-error.ts";
import { type CallChannel, type ClientCall, type ClientCallOptions, formatMs } from "./client-call.ts";
import { Conversation, pumpRequests } from "./conversation.ts";
import { decideExecution, type Execution } from "./execution.ts";
import { Failure, failureOf } from "./failure.ts";
import { InterceptedStream } from "./intercepted-stream.ts";
import { type ClientCallContext, wrongAnswer } from "./interceptor.ts";
import { Metadata } from "./metadata.ts";
import { StreamCall } from "./stream-call.ts";
import { UnaryCall } from "./unary-call.ts";
import { WheelEntry } from "./wheel.ts";

/** What interceptors are, composed: around `attempt`. */
type Intercepted = (call: InterceptedCall, request: unknown) => unknown;

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

export class InterceptedCall extends WheelEntry implements ClientCallContext, Abortable {
  readonly metadata: Metadata;
  readonly #channel: CallChannel;
  readonly #options: ClientCallOptions;
  readonly #calls: ClientCall[] = [];
  #over = false;
  /** How it failed; undefined also while it is not over. */
  #failure: Failure | undefined = undefined;
  #endTasks: EndTask[] | undefined = undefined;
  #interrupted: ((failure: Failure) => void) | undefined = undefined;

  constructor(channel: CallChannel, options: ClientCallOptions) {
    super();
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

  get clock(): Clock {
    return this.#channel.clock;
  }

  get target(): string {
    return this.#channel.target;
  }

  get peer(): string | undefined {
    const remote = this.#calls.findLast((call) => call.remote !== undefined)?.remote;
    return remote && formatEndpoint(remote);
  }

  get attempts(): number {
    return this.#calls.reduce((sum, call) => sum + call.attempts, 0);
  }

  get execution(): Execution {
    return decideExecution(this.#calls.flatMap((call) => call.allProofs()));
  }

  get sentCount(): number {
    return this.#calls.at(-1)?.sentCount ?? 0;
  }

  get receivedCount(): number {
    return this.#calls.at(-1)?.receivedCount ?? 0;
  }

  onEnd(task: EndTask): void {
    if (this.#over) return tellEnd([task], this.#failure?.make());
    this.#endTasks ??= [];
    this.#endTasks.push(task);
  }

  /** Runs the interceptors around a unary call. Resolves as `UnaryCall.start` does, at the deadline at the latest. */
  async run(intercepted: Intercepted): Promise<unknown> {
    try {
      const reply = await this.launch(() => intercepted(this, this.#options.request));
      if (reply === undefined) throw wrongAnswer(this.method, reply);
      this.finish(undefined);
      return reply;
    } catch (error) {
      return this.wholeFailure(error);
    }
  }

  /** Runs the interceptors around a streaming call. */
  runStream(intercepted: Intercepted, body: StreamBody): Conversation {
    return new InterceptedStream(this, (request) => intercepted(this, request), body) as unknown as Conversation;
  }

  /** Runs `task`, which is the interceptors. Rejects as the call does when its time ends or it is cancelled before them. */
  launch(task: () => unknown, interrupted?: (failure: Failure) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#interrupted = (failure) => {
        reject(failure.make());
        interrupted?.(failure);
      };
      this.#channel.hold.add();
      this.#channel.interceptedCalls.add(this);
      const { deadlineAt, timeoutMs, signal, parent } = this.#options;
      if (signal?.aborted === true) this.#cancelled("the call's signal was aborted before it began", signal.reason);
      else if (timeoutMs <= 0) this.#noTimeLeft();
      if (this.#over) return;
      this.#channel.wheel.set(this, deadlineAt);
      if (signal !== undefined) this.#channel.signals.add(signal, this);
      parent?.addChild(this);
      if (!this.#over) (async () => task())().then(resolve, reject);
    });
  }

  /** Ends the call from outside. */
  cancel(reason: string): void {
    this.#cancelled(reason, undefined);
  }

  #noTimeLeft(): void {
    const text = "no time was left when the call began";
    this.#interrupt(
      () => {},
      () => new CallError("DEADLINE_EXCEEDED", text, { phase: "queued" }),
    );
  }

  onAbort(reason: unknown): void {
    this.#cancelled("the call's signal was aborted", reason);
  }

  override onDue(): void {
    const text = `the deadline of ${formatMs(this.#options.timeoutMs)} passed while an interceptor had the call`;
    this.#interrupt(
      (call) => call.onDue(),
      () => new CallError("DEADLINE_EXCEEDED", text, { phase: "queued" }),
    );
  }

  /** The interceptors of a streaming call have answered: with its one reply, or with a stream, whose end is the call's. */
  answered(answer: unknown): void {
    if (this.method.callKind === "clientStream") this.finish(undefined);
    else if (answer instanceof Conversation) answer.whenOver((failure) => this.#attemptOver(failure));
  }

  #attemptOver(failure: Failure | undefined): void {
    if (failure === undefined) this.finish(undefined);
    else this.wholeFailure(failure.make());
  }

  /** The call is over: what still runs of it is cancelled. */
  finish(failure: Failure | undefined): void {
    if (this.#stop()) this.#tell(failure);
  }

  /** One attempt with what is left of the time: a promise of the reply, or an open stream. */
  attempt(request: unknown): unknown {
    const { callKind } = this.method;
    if (callKind === "unary") {
      const attempt = this.#attemptUnary(request);
      // One that no interceptor waits for may fail all the same.
      attempt.catch(() => {});
      return attempt;
    }
    this.#checkOpen();
    const call = new StreamCall(this.#channel, this.#nextOptions(request));
    this.#calls.push(call);
    call.start(callKind === "serverStream" ? { message: request } : undefined);
    if (callKind !== "serverStream") void pumpRequests(call, request as AsyncIterable<unknown>);
    const conversation = new Conversation(call);
    if (callKind !== "clientStream") return conversation;
    const { reply } = conversation;
    // As above.
    reply.catch(() => {});
    return reply;
  }

  /** The call ends with a failure, of one attempt or of the interceptors: said of the whole. */
  wholeFailure(error: unknown): Failure {
    const isFirst = this.#stop();
    const failure = this.#failureOf(error);
    if (isFirst) this.#tell(failure);
    return failure;
  }

  #failureOf(error: unknown): Failure {
    if (!(error instanceof CallError)) return failureOf(error);
    const { execution, attempts } = this;
    const { code, message, phase, metadata, details } = error;
    const cause = error.cause ?? error;
    return new Failure(() => new CallError(code, message, { phase, metadata, details, attempts, cause, execution }));
  }

  /** Lets go of whoever may end the call and of the attempts that run; false when that was done. */
  #stop(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#channel.hold.remove();
    this.#channel.interceptedCalls.delete(this);
    this.#channel.wheel.clear(this);
    const { signal, parent } = this.#options;
    if (signal !== undefined) this.#channel.signals.remove(signal, this);
    parent?.removeChild(this);
    for (const call of this.#live()) call.cancel("the call within interceptors has ended");
    return true;
  }

  #tell(failure: Failure | undefined): void {
    this.#failure = failure;
    if (this.#endTasks !== undefined) tellEnd(this.#endTasks, failure?.make());
  }

  async #attemptUnary(request: unknown): Promise<unknown> {
    this.#checkOpen();
    const call = new UnaryCall(this.#channel, this.#nextOptions(request));
    this.#calls.push(call);
    const answer = await call.start();
    if (answer instanceof Failure) throw answer.make();
    return answer;
  }

  #checkOpen(): void {
    if (!this.#over) return;
    const options = { execution: "not-executed", phase: "queued" } as const;
    throw new CallError("CANCELLED", "the call has ended, no attempt is made any more", options);
  }

  #cancelled(message: string, cause: unknown): void {
    const make = (): CallError => new CallError("CANCELLED", message, { phase: "queued", cause });
    this.#interrupt((call) => call.cancel(message, cause), make);
  }

  /** Ends the attempts by `stop` and does not wait for the interceptors. Without attempts it fails as `make` says. */
  #interrupt(stop: (call: ClientCall) => void, make: () => CallError): void {
    if (this.#over) return;
    const live = this.#live();
    for (const call of live) stop(call);
    const failure = this.#failureOf((live.at(-1)?.failure ?? new Failure(make)).make());
    this.#interrupted?.(failure);
    this.finish(failure);
  }

  #live(): ClientCall[] {
    return this.#calls.filter((call) => !call.hasEnded);
  }

  #nextOptions(request: unknown): ClientCallOptions {
    const { deadlineAt, timeoutMs, isDefaultTimeout } = this.#options;
    const first = this.#calls.length === 0;
    return {
      ...this.#options,
      request,
      // As it is now: the next attempt's may be changed while this one waits.
      metadata: this.metadata.size === 0 ? undefined : new Metadata(this.metadata),
      timeoutMs: first ? timeoutMs : deadlineAt - this.#channel.wheel.now(),
      isDefaultTimeout: isDefaultTimeout && first,
    };
  }
}
