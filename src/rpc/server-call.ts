// RPC layer: one call on the server: decode -> handle -> settle -> encode -> write, with its deadline and its
// cancellation. What a handler is given as `call`. It creates no timer and no signal unless the handler asks.
import { defaultDecodeLimits } from "../marshal/message-type.ts";
import type { Method } from "../marshal/types.ts";
import { type EndTask, tellEnd } from "./call-end.ts";
import { CallError } from "./call-error.ts";
import type { Place, SlotUser } from "./call-slots.ts";
import type { CallParent } from "./client-call.ts";
import { Failure, messageOf } from "./failure.ts";
import { HandlerRuns, isIterable, isThenable } from "./handler-runs.ts";
import { MessageQueue } from "./message-queue.ts";
import { Metadata, type MetadataInit } from "./metadata.ts";
import type { IncomingCall, ReplyStatus, ReplyStream, RequestEvents } from "./protocol.ts";
import { ReplyPump } from "./reply-pump.ts";
import { ServerCallFacts } from "./server-call-facts.ts";
import type { ServerCallHost } from "./server-call-host.ts";
import { sleep } from "./sleep.ts";
import { type ErrorCode, wrongCountCode } from "./status.ts";

/** A method with its handler. */
export interface BoundMethod {
  readonly method: Method;
  /** Undefined: the service has the method, the program does not; it answers UNIMPLEMENTED. */
  readonly handler: ((request: unknown, call: ServerCall) => unknown) | undefined;
  /** Its calls take no slot of the server, and wait for none. */
  readonly isAdministrative: boolean;
}

export class ServerCall extends ServerCallFacts implements RequestEvents, CallParent, SlotUser {
  /** Its neighbours among the calls of its connection; the connection's own. */
  nextCall: ServerCall | undefined = undefined;
  previousCall: ServerCall | undefined = undefined;
  readonly #host: ServerCallHost<ServerCall>;
  readonly #incoming: IncomingCall<BoundMethod>;
  readonly #reply: ReplyStream;
  #trailers: Metadata | undefined = undefined;
  #request: unknown = undefined;
  #requestCount = 0;
  #replyCount = 0;
  /** A streamed request; undefined while the method takes one message. */
  #requests: MessageQueue<unknown> | undefined = undefined;
  /** A streamed reply; undefined until the handler has begun one. */
  #replies: ReplyPump | undefined = undefined;
  /** Its place among the calls that wait for a slot. */
  #place: Place | undefined = undefined;
  /** Interceptors and handler were called: from then until they have settled the call holds its slot. */
  #invoked = false;
  #started = false;
  /** Runs within interceptors, which may leave one behind. */
  #runs: HandlerRuns | undefined = undefined;
  /** The handler, or the interceptors around it, have answered or thrown. */
  #answeredOnce = false;
  /** And no run of the handler goes on. */
  #settled = false;
  #ended = false;
  /** How it ended for the client: the error of a failure. */
  #endedBy: unknown = undefined;
  #endTasks: EndTask[] | undefined = undefined;
  #cancelledBy: CallError | undefined = undefined;
  #abort: AbortController | undefined = undefined;
  #children: Set<{ cancel(reason: string): void }> | undefined = undefined;
  /** The call is over for its client and for its handler. */
  #finished = false;

  constructor(host: ServerCallHost<ServerCall>, incoming: IncomingCall<BoundMethod>, reply: ReplyStream) {
    const now = host.clock.now();
    super(host, incoming, now);
    this.#host = host;
    this.#incoming = incoming;
    this.#reply = reply;
    host.counts.started++;
    host.counts.lastStartedAt = now;
    if (this.deadlineAt !== Number.POSITIVE_INFINITY) host.wheel.set(this, this.deadlineAt);
  }

  /** Aborted when the client cancels, the deadline passes, or the connection is lost. Made on first use. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#cancelledBy !== undefined) this.#abort.abort(this.#cancelledBy);
    }
    return this.#abort.signal;
  }

  /** The decoded request; for interceptors. */
  get request(): unknown {
    return this.#request;
  }

  /** Messages received so far, read by the handler or not. */
  get receivedCount(): number {
    return this.#requestCount;
  }

  /** Messages sent so far. */
  get sentCount(): number {
    return this.#replyCount;
  }

  /**
   * Calls `task` once the call has ended for its client: answered, failed, cancelled, or out of time; at once when it has.
   * It is told the error of a call that failed. A handler may still run. What `task` throws is dropped.
   */
  onEnd(task: EndTask): void {
    if (this.#ended) return tellEnd([task], this.#endedBy);
    this.#endTasks ??= [];
    this.#endTasks.push(task);
  }

  /** Resolves after `ms`; rejects at once when the call is cancelled. */
  sleep(ms: number): Promise<void> {
    return sleep(ms, this.#host.timers, this.signal);
  }

  /** Sends headers now, before the reply. Once; later calls are ignored. Throws when they are more than the client takes. */
  sendHeaders(metadata?: MetadataInit): void {
    this.#reply.sendHead(metadata === undefined ? undefined : this.#checkMetadata(metadata));
  }

  /** Metadata to send behind the reply or the failure. Throws when it is more than the client takes. */
  setTrailers(metadata: MetadataInit): void {
    this.#trailers = this.#checkMetadata(metadata);
  }

  addChild(child: { cancel(reason: string): void }): void {
    if (this.#cancelledBy !== undefined) return child.cancel(`the parent call ended: ${this.#cancelledBy.message}`);
    this.#children ??= new Set();
    this.#children.add(child);
  }

  removeChild(child: { cancel(reason: string): void }): void {
    this.#children?.delete(child);
  }

  /** Calls the handler. */
  handle(request: unknown): unknown {
    const { handler } = this.#incoming.entry;
    // The client may have been told that the handler did not run: it must not start now.
    if (this.#cancelledBy !== undefined) throw this.#cancelledBy;
    if (this.#answeredOnce) throw new CallError("CANCELLED", "the call has been answered");
    if (handler === undefined) throw new CallError("UNIMPLEMENTED", `${this.method.path} is not implemented here`);
    this.#started = true;
    return handler(request, this);
  }

  /** Calls the handler for interceptors, which may answer without waiting for it, or call it again. */
  handleWithin(request: unknown): unknown {
    this.#runs ??= new HandlerRuns({
      onFailure: (error) => {
        // Nobody waits for this run any more, but somebody is to know.
        if (this.#answeredOnce && !(error instanceof CallError)) this.#host.onHandlerError(error, this);
      },
      onIdle: () => {
        if (!this.#answeredOnce) return;
        this.#settle();
        this.#finish();
      },
    });
    return this.#runs.follow(this.handle(request), this.#streams);
  }

  /** Ends the call from the server's side: it is being shut down. */
  shutDown(reason: string): void {
    this.#cancel("UNAVAILABLE", reason, true);
  }

  // From the protocol

  onBegin(): void {
    const { callKind } = this.method;
    if (callKind === "unary" || callKind === "serverStream") return this.#reply.wantMore();
    this.#requests = new MessageQueue({
      taken: (bytes) => this.#reply.credit(bytes),
      wantMore: () => this.#reply.wantMore(),
      abandoned: () => this.#reply.wantMore(),
    });
    this.#request = this.#requests;
    this.admit();
  }

  onMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean {
    this.#requestCount++;
    this.#host.counts.messagesReceived++;
    if (this.#ended) return true;
    if (this.#requests === undefined && this.#requestCount > 1) return true;
    try {
      const request = this.method.input.codec.decode(bytes, start, end, defaultDecodeLimits);
      if (this.#requests === undefined) this.#request = request;
      else {
        this.#requests.push(request, cost);
        return false;
      }
    } catch (error) {
      this.#cancel("INTERNAL", `a request message could not be decoded: ${messageOf(error)}`, true);
    }
    return true;
  }

  onRequestEnd(): void {
    if (this.#requests !== undefined) return this.#requests.end();
    if (this.#ended) return;
    if (this.#requestCount === 1) return this.admit();
    const count = this.#requestCount === 0 ? "no message" : `${this.#requestCount} messages`;
    this.#fail({ code: wrongCountCode, message: `the client sent ${count} to a method that takes one` });
  }

  onWritable(): void {
    this.#replies?.goOn();
  }

  onFault(code: ErrorCode, message: string, limit?: string): void {
    if (limit !== undefined) this.#host.limitMet(limit, message);
    this.#cancel(code, message, true);
  }

  onCancel(reason: string): void {
    this.#cancel("CANCELLED", reason, false);
  }

  override onDue(): void {
    this.#cancel("DEADLINE_EXCEEDED", "the deadline passed on the server", true);
  }

  // From the slots

  onTurn(): void {
    this.#place = undefined;
    this.#invoke();
  }

  onNoPlace(reason: string): void {
    this.#place = undefined;
    this.#host.limitMet("maxQueuedCalls", reason);
    this.#cancel("RESOURCE_EXHAUSTED", reason, true);
  }

  /** Whether the handler answers with a stream. */
  get #streams(): boolean {
    const { callKind } = this.method;
    return callKind === "serverStream" || callKind === "bidiStream";
  }

  /** The request is there, or begins to be: the handler's turn, once there is a slot for it. */
  admit(): void {
    if (this.#host.defers(this)) return;
    if (this.#incoming.entry.isAdministrative || this.#host.line.tryEnter()) this.#invoke();
    else this.#place = this.#host.line.wait(this);
  }

  #invoke(): void {
    this.#invoked = true;
    let answer: unknown;
    try {
      answer = this.#host.invoke(this, this.#request);
      if (isThenable(answer)) {
        answer.then(
          (value) => (this.#streams ? void this.#pump(value) : this.#answered(value)),
          (error) => this.#failed(error),
        );
        return;
      }
    } catch (error) {
      return this.#failed(error);
    }
    if (this.#streams) void this.#pump(answer);
    else this.#answered(answer);
  }

  /** Sends what a streaming handler yields, at the client's pace. */
  async #pump(answer: unknown): Promise<void> {
    this.#replies = new ReplyPump((message) => this.#send(message));
    try {
      if (!isIterable(answer)) throw new TypeError(`${this.method.path}: the handler of a stream returned no iterable`);
      if (this.#ended) this.#replies.stop();
      await this.#replies.run(answer);
    } catch (error) {
      return this.#failed(error);
    }
    this.#settle();
    if (this.#ended) this.#finish();
    else this.#succeed();
  }

  /** Sends a reply message; what cannot be encoded is the handler's fault. */
  #send(message: unknown): "sent" | "held" {
    try {
      const sent = this.#reply.send(this.method.output.codec, message);
      this.#host.counts.messagesSent++;
      this.#replyCount++;
      return sent;
    } catch (error) {
      this.#host.onHandlerError(error, this);
      throw new CallError("INTERNAL", `the reply could not be encoded: ${messageOf(error)}`);
    }
  }

  #answered(reply: unknown): void {
    this.#settle();
    if (this.#ended) return this.#finish();
    try {
      this.#send(reply);
    } catch (error) {
      return this.#failed(error);
    }
    this.#succeed();
  }

  #succeed(): void {
    this.#ended = true;
    this.#host.counts.succeeded++;
    this.#reply.succeed(this.#trailers);
    tellEnd(this.#endTasks, undefined);
    this.#finish();
  }

  #failed(error: unknown): void {
    this.#settle();
    if (error instanceof CallError) {
      const { code, message, details, metadata } = error;
      const trailers = this.#trailers ?? (metadata.size > 0 ? metadata : undefined);
      return this.#fail({ code, message, details, metadata: trailers }, error);
    }
    this.#host.onHandlerError(error, this);
    this.#fail({ code: "UNKNOWN", message: "the handler failed" }, error);
  }

  #checkMetadata(init: MetadataInit): Metadata {
    const metadata = new Metadata(init);
    const refusal = this.#reply.checkMetadata(metadata);
    if (refusal === undefined) return metadata;
    throw new CallError("RESOURCE_EXHAUSTED", refusal);
  }

  #settle(): void {
    this.#answeredOnce = true;
    if (this.#started && (this.#runs?.count ?? 0) === 0) this.#settled = true;
  }

  #fail(status: Pick<ReplyStatus, "code" | "message"> & Partial<ReplyStatus>, error?: unknown): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#host.counts.failed++;
      this.#endedBy = error;
      const metadata = status.metadata ?? this.#trailers;
      this.#reply.fail({ details: [], ...status, metadata, execution: this.#execution() });
      tellEnd(this.#endTasks, error);
    }
    this.#finish();
  }

  /** What is proved of the handler. While it runs, nothing is. */
  #execution(): "not-executed" | "executed" | undefined {
    if (!this.#started) return "not-executed";
    return this.#settled ? "executed" : undefined;
  }

  #cancel(code: ErrorCode, message: string, tellClient: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#host.counts.failed++;
    const error = new CallError(code, message);
    this.#cancelledBy = this.#endedBy = error;
    this.#host.wheel.clear(this);
    if (tellClient) {
      const execution = this.#execution();
      this.#reply.fail({ code, message, details: [], metadata: this.#trailers, execution });
    }
    tellEnd(this.#endTasks, error);
    this.#abort?.abort(error);
    this.#requests?.fail(new Failure(() => error));
    this.#replies?.stop();
    for (const child of [...(this.#children ?? [])]) child.cancel(`the parent call ended: ${message}`);
    // What was invoked is told of the end, and holds its slot until it has settled: else a client that opens and resets
    // calls would have any number of them run.
    if (!this.#invoked) this.#finish();
  }

  #finish(): void {
    this.#host.wheel.clear(this);
    if (this.#finished || this.#runs?.isRunning) return;
    this.#finished = true;
    this.#host.callEnded(this);
    const { line } = this.#host;
    if (this.#place !== undefined) line.giveUp(this.#place);
    else if (this.#invoked && !this.#incoming.entry.isAdministrative) line.leave();
  }
}
