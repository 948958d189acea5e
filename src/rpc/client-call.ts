// RPC layer: what all kinds of client calls share: attempts, deadline, cancellation and proofs, from the start to the one
// ending. It creates no timer, signal, Error or stack on the way to success.
import type { Clock } from "../host/clock.ts";
import type { Compressor } from "../host/compression.ts";
import type { Endpoint } from "../host/endpoint.ts";
import type { Fields } from "../http/fields.ts";
import type { Abortable, AbortSignals } from "./abort-signals.ts";
import type { CallCounts } from "./call-counts.ts";
import { CallError, type Phase } from "./call-error.ts";
import type { ErrorDetail } from "./error-detail.ts";
import { type AttemptProof, decideExecution } from "./execution.ts";
import { Failure, failureOf } from "./failure.ts";
import type { Link } from "./link.ts";
import type { Metadata } from "./metadata.ts";
import type { ProcessHold } from "./process-hold.ts";
import type { ClientProtocol, Ending, PreparedMethod, ReplyEvents, RequestStream } from "./protocol.ts";
import type { ErrorCode } from "./status.ts";
import { type DeadlineWheel, WheelEntry } from "./wheel.ts";

/** Where a waiting call stands, and in words what it waits for. */
export interface Waiting {
  readonly phase: Phase;
  readonly text: string;
}

/** What a call needs of its channel. */
export interface CallChannel {
  readonly protocol: ClientProtocol;
  readonly clock: Clock;
  readonly wheel: DeadlineWheel;
  readonly signals: AbortSignals;
  readonly target: string;
  readonly isClosed: boolean;
  readonly counts: CallCounts;
  readonly hold: ProcessHold;
  /** Calls that interceptors have: closing the channel ends them too. */
  readonly interceptedCalls: Set<{ cancel(reason: string): void }>;
  /** A connection that takes an exchange now. */
  pick(): Link | undefined;
  /** Waits for a connection; the channel calls `attemptOn` or `giveUp`. False: the queue is full. */
  enqueue(call: ClientCall): boolean;
  dequeue(call: ClientCall): void;
  waiting(): Waiting;
}

/** A call within which others are made: when it ends, it takes them with it. */
export interface CallParent {
  readonly deadlineAt: number;
  addChild(child: { cancel(reason: string): void }): void;
  removeChild(child: { cancel(reason: string): void }): void;
}

export interface ClientCallOptions {
  readonly prepared: PreparedMethod;
  /** The request message, or an iterable of them, or undefined for a call that is pushed. */
  readonly request: unknown;
  readonly metadata: Metadata | undefined;
  /** In the channel's clock, as the next. */
  readonly startedAt: number;
  /** Absolute; Infinity for none. */
  readonly deadlineAt: number;
  readonly timeoutMs: number;
  readonly isDefaultTimeout: boolean;
  readonly compressor: Compressor | undefined;
  readonly signal: AbortSignal | undefined;
  readonly parent: CallParent | undefined;
  readonly waitForReady: boolean;
  readonly onHeaders: ((metadata: Metadata) => void) | undefined;
  readonly onTrailers: ((metadata: Metadata) => void) | undefined;
}

/** What comes with a failure beside its code and sentence. */
export interface FailureMore {
  readonly cause?: unknown;
  readonly details?: readonly ErrorDetail[];
  readonly metadata?: Metadata | undefined;
}

/** What is wrong with the messages of a reply that ended well. */
export interface ReplyFault {
  readonly code: ErrorCode;
  readonly message: string;
  readonly cause?: unknown;
}

/** Attempts that the peer refused (RFC 9113 section 8.7) and that are made again without asking. */
const maxRefusals = 1;

/** How long before our own deadline a server's cancellation counts as its having seen the deadline pass. */
const deadlineSlackMs = 10;

export abstract class ClientCall extends WheelEntry implements ReplyEvents, Abortable {
  readonly waitForReady: boolean;
  protected readonly channel: CallChannel;
  protected readonly options: ClientCallOptions;
  /** The present attempt. */
  protected stream: RequestStream | undefined = undefined;
  /** The peer's head came. */
  protected heard = false;
  /** Something we sent waits for credit or for the socket. */
  protected held = false;
  protected ended = false;
  #remote: Endpoint | undefined = undefined;
  #failure: Failure | undefined = undefined;
  #succeeded = false;
  #attempts = 0;
  #refusals = 0;
  /** Proofs of the attempts before the present one. */
  #proofs: AttemptProof[] | undefined = undefined;

  constructor(channel: CallChannel, options: ClientCallOptions) {
    super();
    this.channel = channel;
    this.options = options;
    this.waitForReady = options.waitForReady;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** The server's end of the connection that the newest attempt was put on. */
  get remote(): Endpoint | undefined {
    return this.#remote;
  }

  /** Messages that the newest attempt has sent. */
  abstract get sentCount(): number;
  /** Messages that it has received. */
  abstract get receivedCount(): number;

  /** A proof for every attempt. One that was given up proves nothing: its bytes may leave later. One that succeeded ran. */
  allProofs(): AttemptProof[] {
    const proofs = [...(this.#proofs ?? [])];
    if (this.#attempts > proofs.length) proofs.push(this.#succeeded ? "executed" : "none");
    return proofs;
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  /** How it failed; undefined while it has not. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Ends the call from outside. */
  cancel(reason: string, cause?: unknown): void {
    this.cancelWith(reason, cause);
  }

  onAbort(reason: unknown): void {
    this.cancelWith("the call's signal was aborted", reason);
  }

  /** The channel has a connection for the waiting call. */
  attemptOn(link: Link): void {
    if (this.ended) return;
    const { prepared, metadata, isDefaultTimeout, deadlineAt, timeoutMs } = this.options;
    const refusal = metadata && this.channel.protocol.checkMetadata(link.connection, metadata);
    if (refusal !== undefined) return this.fail("RESOURCE_EXHAUSTED", refusal);
    const first = this.#attempts === 0 && !this.hasWaited();
    this.#attempts++;
    const start = {
      metadata,
      timeoutMs: first ? timeoutMs : deadlineAt - this.channel.wheel.now(),
      isDefaultTimeout: first && isDefaultTimeout,
      keepsSent: this.keepsSent(),
      compressor: this.options.compressor,
    };
    const stream = this.channel.protocol.open(link.connection, prepared, start, this);
    this.stream = stream;
    this.#remote = link.socket.remote;
    try {
      this.sendFirst(stream);
    } catch (error) {
      stream.cancel();
      this.end(failureOf(error));
    }
  }

  /** The channel cannot serve the waiting call. */
  giveUp(code: ErrorCode, message: string, cause: unknown): void {
    this.fail(code, message, { cause });
  }

  override onDue(): void {
    if (this.ended) return;
    const phase = this.phase();
    this.stream?.cancel();
    this.#deadlinePassed(phase);
  }

  onHead(fields: Fields): void {
    this.heard = true;
    this.#tell(this.options.onHeaders, fields);
  }

  abstract onMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean;

  onWritable(): void {
    this.held = false;
  }

  onEnd(ending: Ending): void {
    if (this.ended) return;
    // Before the program is told: if that ends the call, its word is known.
    this.#succeeded = ending.code === "OK";
    if (ending.fields !== undefined) this.#tell(this.options.onTrailers, ending.fields);
    if (this.ended) return;
    if (ending.code !== "OK") return this.#attemptFailed(ending);
    const fault = this.replyFault();
    if (fault === undefined) return this.end(undefined);
    this.#addProof("executed");
    this.failIn("streaming", fault.code, fault.message, { cause: fault.cause });
  }

  // What a kind of call adds

  /** Whether the request was kept while no connection was there. */
  protected abstract hasWaited(): boolean;
  /** Whether the stream is to keep a copy of the message sent last. */
  protected abstract keepsSent(): boolean;
  /** Encodes what is to be sent so far and keeps it: no connection is there. May throw what a codec throws. */
  protected abstract keep(): void;
  /** Sends what is to be sent so far on a new attempt. May throw what a codec throws. */
  protected abstract sendFirst(stream: RequestStream): void;
  /** Whether all that was sent is still here, to be sent again. */
  protected abstract canRepeat(): boolean;
  /** Why the messages of a reply that ended well are not what they should be. */
  protected abstract replyFault(): ReplyFault | undefined;
  /** The call has ended; without a failure it succeeded. Called once. */
  protected abstract finish(failure: Failure | undefined): void;

  /** Sets the deadline, listens to whoever may cancel, and makes the first attempt. */
  protected launch(): void {
    const { deadlineAt, timeoutMs, signal, parent } = this.options;
    this.countStart();
    if (signal?.aborted === true) {
      return this.fail("CANCELLED", "the call's signal was aborted before it began", { cause: signal.reason });
    }
    if (timeoutMs <= 0) return this.fail("DEADLINE_EXCEEDED", "no time was left when the call began");
    this.channel.wheel.set(this, deadlineAt);
    if (signal !== undefined) this.channel.signals.add(signal, this);
    parent?.addChild(this);
    // A parent that is over has ended this one at once.
    if (!this.ended) this.#attempt();
  }

  /** Counts the call among those that the channel has begun: `end` counts how it ended. */
  protected countStart(): void {
    const { counts, hold } = this.channel;
    hold.add();
    counts.started++;
    counts.lastStartedAt = this.options.startedAt;
  }

  protected cancelWith(message: string, cause: unknown): void {
    if (this.ended) return;
    const phase = this.phase();
    this.stream?.cancel();
    this.failIn(phase, "CANCELLED", message, { cause });
  }

  protected fail(code: ErrorCode, message: string, more?: FailureMore): void {
    if (!this.ended) this.failIn(this.phase(), code, message, more);
  }

  protected failIn(phase: Phase, code: ErrorCode, message: string, more: FailureMore = {}): void {
    const execution = decideExecution(this.allProofs());
    const attempts = this.#attempts;
    const { cause, details, metadata } = more;
    const options = {
      execution,
      phase,
      attempts,
      cause,
      ...(details !== undefined && { details }),
      ...(metadata !== undefined && { metadata }),
    };
    this.end(new Failure(() => new CallError(code, message, options)));
  }

  protected end(failure: Failure | undefined): void {
    if (this.ended) return;
    this.ended = true;
    this.#failure = failure;
    if (failure === undefined) this.channel.counts.succeeded++;
    else this.channel.counts.failed++;
    this.channel.hold.remove();
    this.channel.wheel.clear(this);
    const { signal, parent } = this.options;
    if (signal !== undefined) this.channel.signals.remove(signal, this);
    parent?.removeChild(this);
    if (this.stream === undefined) this.channel.dequeue(this);
    this.finish(failure);
  }

  protected phase(): Phase {
    if (this.stream === undefined) return this.channel.waiting().phase;
    if (this.heard) return "streaming";
    return this.held || !this.stream.headPassed() ? "sending" : "sent";
  }

  /** Gives fields to a callback of the program. What it throws ends the call, not the connection under it. */
  #tell(callback: ((metadata: Metadata) => void) | undefined, fields: Fields): void {
    try {
      callback?.(this.channel.protocol.readMetadata(fields));
    } catch (error) {
      this.stream?.cancel();
      this.end(failureOf(error));
    }
  }

  #deadlinePassed(phase: Phase): void {
    const limit = formatMs(this.options.timeoutMs);
    const where = this.stream === undefined ? this.channel.waiting().text : `while ${describe(phase)}`;
    this.failIn(phase, "DEADLINE_EXCEEDED", `the deadline of ${limit} passed ${where}`);
  }

  #attempt(): void {
    const link = this.channel.pick();
    if (link !== undefined) return this.attemptOn(link);
    try {
      this.keep();
    } catch (error) {
      return this.end(failureOf(error));
    }
    if (this.channel.enqueue(this)) return;
    this.fail("RESOURCE_EXHAUSTED", `${this.channel.waiting().text}; the queue is full too (option maxQueuedCalls)`);
  }

  #attemptFailed(ending: Ending): void {
    const phase = this.phase();
    this.#addProof(ending.proof);
    if (ending.proof === "refused") this.#refusals++;
    const again = ending.proof === "unsent" || (ending.proof === "refused" && this.#refusals <= maxRefusals);
    if (again && this.stream !== undefined && this.canRepeat()) {
      this.keep();
      this.stream = undefined;
      this.heard = this.held = false;
      return this.#attempt();
    }
    // A server counts the deadline too, and may cut the stream a moment before our own timer comes.
    if (ending.code === "CANCELLED" && this.options.deadlineAt - this.channel.wheel.now() < deadlineSlackMs) {
      return this.#deadlinePassed(phase);
    }
    const metadata = ending.fields === undefined ? undefined : this.channel.protocol.readMetadata(ending.fields);
    const code = this.channel.isClosed ? "CANCELLED" : (ending.code as ErrorCode);
    this.failIn(phase, code, ending.message, { details: ending.details, metadata });
  }

  #addProof(proof: AttemptProof): void {
    this.#proofs ??= [];
    this.#proofs.push(proof);
  }
}

function describe(phase: Phase): string {
  if (phase === "sending") return "the request was being sent";
  return phase === "sent" ? "waiting for the reply; the request was sent" : "the reply was coming in";
}

/** A time limit as people say it. */
export function formatMs(ms: number): string {
  return ms >= 1000 && ms % 100 === 0 ? `${ms / 1000} s` : `${Math.round(ms * 10) / 10} ms`;
}
