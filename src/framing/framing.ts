// Framing layer: what every way to find messages in a byte stream has in common. A stream keeps no boundaries: what was
// written in n pieces may be read in m others, so each reader takes bytes as they come. It knows no socket.
import type { Writer } from "../bytes/index.ts";

/** Whoever wants the messages. */
export interface MessageOwner {
  /** One whole message, without its framing: `bytes[start..end)`, lent until the callback returns. */
  onMessage(bytes: Uint8Array, start: number, end: number): void;
}

/** Finds messages in bytes that arrive in any pieces. */
export interface MessageReader {
  /**
   * Takes `bytes[start..end)`, which may be reused afterwards, and calls the owner for each message that they complete.
   * A message that lies whole in `bytes` is handed on without a copy. Returns what the peer did wrong; the reader then
   * takes nothing more and returns the same again.
   */
  receive(bytes: Uint8Array, start: number, end: number): FramingFault | undefined;
  /** The stream has ended: a fault when that was inside a message, nothing when it was between two. */
  end(): FramingFault | undefined;
}

/** One way to tell where a message ends. */
export interface Framing {
  createReader(owner: MessageOwner): MessageReader;
  /** Writes one message with its framing. Throws a `FramingError` for a message that this framing cannot carry. */
  encode(message: Uint8Array, into: Writer): void;
}

/** What the peer did wrong. */
export type FramingFaultCode =
  /** The stream ended inside a message or its header. */
  | "connection-lost"
  /** A message, or the length announced for it, is over the limit. */
  | "too-large"
  /** A length that is no number of 64 bits. */
  | "bad-length"
  /** Bytes that the escaping of delimiters cannot have produced. */
  | "bad-escape";

/** A stream that cannot be read on. It is returned, not thrown: bytes of a peer never make a reader throw. */
export class FramingFault extends Error {
  override readonly name = "FramingFault";
  readonly code: FramingFaultCode;

  constructor(code: FramingFaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** What our own side asked for and cannot have. */
export type FramingErrorCode =
  /** The message is over the limit, or over what its framing can say. */
  | "too-large"
  /** The message is not as long as all messages of its framing are. */
  | "wrong-length"
  /** The message holds the delimiter, and nothing escapes it. */
  | "contains-delimiter"
  /** An option of the framing cannot be what it is. */
  | "bad-option";

/** A message that a framing cannot carry, or a framing that cannot be. Thrown. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  readonly code: FramingErrorCode;

  constructor(code: FramingErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Bytes that a message may have unless its framing is told otherwise: 4 MiB. */
export const defaultMaxMessageBytes = 4 * 1024 * 1024;

/** Checks an option that is a count of bytes. Throws a `FramingError`. */
export function checkByteCount(name: string, value: number, min: number): number {
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new FramingError("bad-option", `${name} is ${value}; it must be a whole number from ${min}`);
}

/** The fault for a stream that ended after `receivedBytes` of a message. */
export function connectionLost(where: string, receivedBytes: number): FramingFault {
  return new FramingFault(
    "connection-lost",
    `the connection is lost: it ended ${where}, after ${receivedBytes} bytes of it`,
  );
}
