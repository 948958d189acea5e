// RPC layer: one unary call of a client, from the stub to its one ending: attempts, deadline, cancellation, proofs. It
// creates no timer, signal, Error or stack on the way to success.
import type { Fields } from "../http/fields.ts";
import type { Codec } from "../marshal/types.ts";
import { CallError, type ErrorDetail, type Phase } from "./call-error.ts";
import { type AttemptProof, decideExecution } from "./execution.ts";
import type { Link } from "./link.ts";
import type { Metadata } from "./metadata.ts";
import type { ClientProtocol, Ending, PreparedMethod, ReplyEvents, RequestStream } from "./protocol.ts";
import type { ErrorCode } from "./status.ts";
import { type DeadlineWheel, WheelEntry } from "./wheel.ts";

/** What a call needs of its channel. */
export interface CallChannel {
  readonly protocol: ClientProtocol;
  readonly wheel: DeadlineWheel;
  /** A connection that takes an exchange now. */
  pick(): Link | undefined;
  /** Waits for a connection; the channel calls `attemptOn` or `giveUp`. False: the queue is full. */
  enqueue(call: ClientCall): boolean;
  dequeue(call: ClientCall): void;
  /** Where a waiting call stands, and in words what it waits for. */
  waiting(): { readonly phase: Phase; readonly text: string };
  readonly target: string;
  readonly isClosed: boolean;
}

/** A call within which others are made: when it ends, it takes them with it. */
export interface CallParent {
  readonly deadlineAt: number;
  addChild(child: { cancel(reason: string): void }): void;
  removeChild(child: { cancel(reason: string): void }): void;
}

export interface ClientCallOptions {
  readonly prepared: PreparedMethod;
  readonly request: unknown;
  readonly metadata: Metadata | undefined;
  /** Absolute, in the channel's clock; Infinity for none. */
  readonly deadlineAt: number;
  readonly timeoutMs: number;
  readonly isDefaultTimeout: boolean;
  readonly signal: AbortSignal | undefined;
  readonly parent: CallParent | undefined;
  readonly waitForReady: boolean;
  readonly onHeaders: ((metadata: Metadata) => void) | undefined;
  readonly onTrailers: ((metadata: Metadata) => void) | undefined;
}

/** How a call failed; the stub makes the error of it, so that its stack is the caller's. */
export class Failure {
  readonly make: () => Error;

  constructor(make: () => Error) {
    this.make = make;
  }
}

/** Attempts that the peer refused (RFC 9113 section 8.7) and that are made again without asking. */
const maxRefusals = 1;

export class ClientCall extends WheelEntry implements ReplyEvents {
  readonly waitForReady: boolean;
  readonly #channel: CallChannel;
  readonly #options: ClientCallOptions;
  #resolve: ((answer: unknown) => void) | undefined = undefined;
  #stream: RequestStream | undefined = undefined;
  #onAbort: (() => void) | undefined = undefined;
  /** The request in bytes, once it had to be kept. */
  #encoded: Uint8Array | undefined = undefined;
  #reply: unknown = undefined;
  #replyCount = 0;
  #decodeFault: unknown = undefined;
  #heard = false;
  #held = false;
  #ended = false;
  #succeeded = false;
  #attempts = 0;
  #refusals = 0;
  /** Proofs of the attempts before the present one. */
  #proofs: AttemptProof[] | undefined = undefined;

  constructor(channel: CallChannel, options: ClientCallOptions) {
    super();
    this.#channel = channel;
    this.#options = options;
    this.waitForReady = options.waitForReady;
  }

  get attempts(): number {
    return this.#attempts;
  }

  /** A proof for every attempt. One that was given up proves nothing: its bytes may leave later. One that succeeded ran. */
  allProofs(): AttemptProof[] {
    const proofs = [...(this.#proofs ?? [])];
    if (this.#attempts > proofs.length) proofs.push(this.#succeeded ? "executed" : "none");
    return proofs;
  }

  /** Starts the call. Resolves with the reply or a `Failure`; it never rejects. */
  start(): Promise<unknown> {
    const promise = new Promise<unknown>((resolve) => {
      this.#resolve = resolve;
    });
    const { deadlineAt, timeoutMs, signal, parent } = this.#options;
    if (signal?.aborted === true) {
      this.#fail("CANCELLED", "the call's signal was aborted before it began", signal.reason);
      return promise;
    }
    if (timeoutMs <= 0) {
      this.#fail("DEADLINE_EXCEEDED", "no time was left when the call began");
      return promise;
    }
    this.#channel.wheel.set(this, deadlineAt);
    if (signal !== undefined) {
      this.#onAbort = () => this.#cancelled("the call's signal was aborted", signal.reason);
      signal.addEventListener("abort", this.#onAbort, { once: true });
    }
    parent?.addChild(this);
    this.#attempt();
    return promise;
  }

  /** Ends the call from outside. */
  cancel(reason: string): void {
    this.#cancelled(reason, undefined);
  }

  /** The channel has a connection for the waiting call. */
  attemptOn(link: Link): void {
    if (this.#ended) return;
    const { prepared, request, metadata, isDefaultTimeout, deadlineAt, timeoutMs } = this.#options;
    const first = this.#attempts === 0 && this.#encoded === undefined;
    this.#attempts++;
    const start = {
      metadata,
      timeoutMs: first ? timeoutMs : deadlineAt - this.#channel.wheel.now(),
      isDefaultTimeout: first && isDefaultTimeout,
    };
    const stream = this.#channel.protocol.open(link.connection, prepared, start, this);
    this.#stream = stream;
    if (this.#encoded !== undefined) {
      this.#held = stream.sendBytes(this.#encoded, true) === "held";
      return;
    }
    try {
      this.#held = stream.send(prepared.method.input.codec, request, true) === "held";
    } catch (error) {
      this.#reject(error);
    }
  }

  /** The channel cannot serve the waiting call. */
  giveUp(code: ErrorCode, message: string, cause: unknown): void {
    this.#fail(code, message, cause);
  }

  override onDue(): void {
    if (this.#ended) return;
    const phase = this.#phase();
    const limit = formatMs(this.#options.timeoutMs);
    const where = this.#stream === undefined ? this.#channel.waiting().text : `while ${describe(phase)}`;
    this.#stream?.cancel();
    this.#failIn(phase, "DEADLINE_EXCEEDED", `the deadline of ${limit} passed ${where}`);
  }

  onHead(fields: Fields): void {
    this.#heard = true;
    this.#options.onHeaders?.(this.#channel.protocol.readMetadata(fields));
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    this.#replyCount++;
    if (this.#replyCount > 1) return;
    const codec: Codec<unknown> = this.#options.prepared.method.output.codec;
    try {
      this.#reply = codec.decode(bytes, start, end, decodeLimits);
    } catch (error) {
      this.#decodeFault = error;
    }
  }

  onWritable(): void {
    this.#held = false;
  }

  onEnd(ending: Ending): void {
    if (this.#ended) return;
    if (ending.fields !== undefined) {
      this.#options.onTrailers?.(this.#channel.protocol.readMetadata(ending.fields));
    }
    if (ending.code !== "OK") return this.#attemptFailed(ending);
    if (this.#replyCount === 1 && this.#decodeFault === undefined) {
      this.#succeeded = true;
      return this.#end(this.#reply);
    }
    this.#addProof("executed");
    if (this.#decodeFault !== undefined) {
      const text = `the reply could not be decoded: ${messageOf(this.#decodeFault)}`;
      return this.#failIn("streaming", "INTERNAL", text, { cause: this.#decodeFault });
    }
    const text = this.#replyCount === 0 ? "no reply message" : `${this.#replyCount} reply messages`;
    this.#failIn("streaming", "INTERNAL", `the server sent ${text} to a unary call`);
  }

  #attempt(): void {
    const link = this.#channel.pick();
    if (link !== undefined) return this.attemptOn(link);
    // The message is the caller's again when the stub method returns.
    if (this.#encoded === undefined) {
      try {
        this.#encoded = this.#options.prepared.method.input.encode(this.#options.request);
      } catch (error) {
        return this.#reject(error);
      }
    }
    if (!this.#channel.enqueue(this)) {
      this.#fail(
        "RESOURCE_EXHAUSTED",
        `${this.#channel.waiting().text}: the channel's queue is full (option maxQueuedCalls)`,
      );
    }
  }

  #attemptFailed(ending: Ending): void {
    const phase = this.#phase();
    this.#addProof(ending.proof);
    if (ending.proof === "refused") this.#refusals++;
    const again = ending.proof === "unsent" || (ending.proof === "refused" && this.#refusals <= maxRefusals);
    if (again && this.#stream !== undefined) {
      this.#encoded ??= this.#stream.takeSent();
      this.#stream = undefined;
      this.#heard = this.#held = false;
      this.#attempt();
      return;
    }
    const metadata = ending.fields === undefined ? undefined : this.#channel.protocol.readMetadata(ending.fields);
    const code = this.#channel.isClosed ? "CANCELLED" : (ending.code as ErrorCode);
    this.#failIn(phase, code, ending.message, { details: ending.details, metadata });
  }

  #cancelled(message: string, cause: unknown): void {
    if (this.#ended) return;
    const phase = this.#phase();
    this.#stream?.cancel();
    this.#failIn(phase, "CANCELLED", message, { cause });
  }

  #fail(code: ErrorCode, message: string, cause?: unknown): void {
    if (!this.#ended) this.#failIn(this.#phase(), code, message, { cause });
  }

  /** Ends the call with a failure. */
  #failIn(
    phase: Phase,
    code: ErrorCode,
    message: string,
    more: { cause?: unknown; details?: readonly ErrorDetail[]; metadata?: Metadata | undefined } = {},
  ): void {
    const execution = decideExecution(this.allProofs());
    const { cause, details, metadata } = more;
    const attempts = this.#attempts;
    this.#end(
      new Failure(
        () =>
          new CallError(code, message, {
            execution,
            phase,
            attempts,
            cause,
            ...(details !== undefined && { details }),
            ...(metadata !== undefined && { metadata }),
          }),
      ),
    );
  }

  /** The request itself is wrong: its own error goes to the caller as it is. */
  #reject(error: unknown): void {
    this.#end(new Failure(() => (error instanceof Error ? error : new Error(String(error), { cause: error }))));
  }

  #addProof(proof: AttemptProof): void {
    this.#proofs ??= [];
    this.#proofs.push(proof);
  }

  #phase(): Phase {
    if (this.#stream === undefined) return this.#channel.waiting().phase;
    if (this.#heard) return "streaming";
    return this.#held || !this.#stream.headPassed() ? "sending" : "sent";
  }

  #end(answer: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#channel.wheel.clear(this);
    const { signal, parent } = this.#options;
    if (this.#onAbort !== undefined) signal?.removeEventListener("abort", this.#onAbort);
    parent?.removeChild(this);
    if (this.#stream === undefined) this.#channel.dequeue(this);
    this.#resolve?.(answer);
  }
}

const decodeLimits = { maxDepth: 100 };

function describe(phase: Phase): string {
  if (phase === "sending") return "the request was being sent";
  return phase === "sent" ? "waiting for the reply; the request was sent" : "the reply was coming in";
}

function formatMs(ms: number): string {
  return ms >= 1000 && ms % 100 === 0 ? `${ms / 1000} s` : `${Math.round(ms * 10) / 10} ms`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
