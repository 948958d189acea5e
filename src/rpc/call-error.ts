// RPC layer: the one error of a call that failed.
import type { MessageType } from "../marshal/types.ts";
import { type ErrorDetail, unpackDetail } from "./error-detail.ts";
import type { Execution } from "./execution.ts";
import { Metadata } from "./metadata.ts";
import { type ErrorCode, statusCodes } from "./status.ts";

/** Where a call was when it ended, or in which state of the channel its time ran out. */
export type Phase =
  /** The address was being looked up. Look at the name, and at the resolver. */
  | "resolving"
  /** A connection was being opened. Look at the address, the network and the server. */
  | "connecting"
  /** The channel waited before it tries again: `lastFault` of its snapshot says why attempts fail. */
  | "backoff"
  /**
   * The call waited for a place: for one of the streams that the server permits, or one of the channel's connections.
   */
  | "queued"
  /** The request was on its way out, or waited for the server to take it. */
  | "sending"
  /** The request had left, and no reply was here. */
  | "sent"
  /** Replies were coming. */
  | "streaming";

export interface CallErrorOptions {
  /** Messages that say more: `[packDetail(BadRequest, { fieldViolations: [...] })]`. */
  readonly details?: readonly ErrorDetail[];
  /** Sent as trailers when a handler throws this error. */
  readonly metadata?: Metadata;
  readonly cause?: unknown;
  readonly execution?: Execution;
  readonly phase?: Phase;
  readonly attempts?: number;
}

/**
 * A failed call. A handler throws one to say how its call fails; a stub throws one that says what happened.
 */
export class CallError extends Error {
  override readonly name = "CallError";
  readonly code: ErrorCode;
  /** Whether the handler ran: a proof, not a guess. `unknown` on an error that a handler made. */
  readonly execution: Execution;
  /** Where the call was when it ended. */
  readonly phase: Phase;
  /** Attempts put on a connection; 0 when none was. */
  readonly attempts: number;
  /** The trailers that came with the failure. */
  readonly metadata: Metadata;
  /** What the other side said beside the message: encoded, each with the name of its type. `detail` decodes. */
  readonly details: readonly ErrorDetail[];

  constructor(code: ErrorCode, message: string, options: CallErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    if (!statusCodes.includes(code) || (code as string) === "OK") {
      throw new TypeError(
        `${JSON.stringify(code)} is no status of a failed call; use one of ${statusCodes.slice(1).join(", ")}`,
      );
    }
    this.code = code;
    this.execution = options.execution ?? "unknown";
    this.phase = options.phase ?? "sent";
    this.attempts = options.attempts ?? 0;
    this.metadata = options.metadata ?? new Metadata();
    this.details = options.details ?? [];
  }

  /**
   * The first detail of a type, decoded: `error.detail(BadRequest)?.fieldViolations`. Undefined when there is none, or none
   * that can be decoded; it never throws.
   */
  detail<Message, Init>(type: MessageType<Message, Init>): Message | undefined {
    for (const one of this.details) {
      const message = unpackDetail(one, type);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** For logs: an Error's own message is no property that JSON shows. Of details only the types are told. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, execution, phase, attempts, metadata, details } = this;
    return {
      name,
      code,
      message,
      execution,
      phase,
      attempts,
      metadata,
      details: details.map(({ typeUrl }) => typeUrl),
    };
  }
}

/** A call that the program made wrongly: thrown at once, nothing was sent. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code: UsageErrorCode;

  constructor(code: UsageErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type UsageErrorCode =
  /** What was given is no address, nor a list of some. The message shows how to write it. */
  | "BAD_ADDRESS"
  /** An option cannot be what it is. The message names it and says what may be given. */
  | "BAD_OPTION"
  /** The channel was closed before the call. Dial anew. */
  | "CHANNEL_CLOSED"
  /** Plain text beyond this machine was asked for. Use `tls:`, or say `insecure: true`. */
  | "INSECURE"
  /** A method of the contract has no handler. Write it, or say that it is left out (`implement`). */
  | "MISSING_HANDLER"
  /** What stands for a method is no function. */
  | "NOT_A_HANDLER"
  /** One service is given to `serve` twice. */
  | "SERVED_TWICE";
