// RPC layer: how a call ended, in gRPC's words and numbers (grpc.github.io, "Status codes").

/** In the order of their numbers: `statusCodes[5]` is `NOT_FOUND`. */
export const statusCodes = [
  /** The call succeeded. No `CallError` has it. */
  "OK",
  /**
   * The call was cancelled: by a signal, by `cancel`, by the end of its parent, or by the other side. Nothing is
   * wrong, unless nobody cancelled.
   */
  "CANCELLED",
  /**
   * The handler threw what is no `CallError`, or something answered that is no gRPC. The server's `onHandlerError`
   * was told; its log says more.
   */
  "UNKNOWN",
  /** The request can never succeed as it is. Change it. */
  "INVALID_ARGUMENT",
  /**
   * The time given has passed; `phase` says where it went. Give more, or find out what was slow. `execution` says
   * whether it may be made again.
   */
  "DEADLINE_EXCEEDED",
  /** What was asked for is not there. */
  "NOT_FOUND",
  /** What was to be made is there already. */
  "ALREADY_EXISTS",
  /** Who calls is known, and may not. */
  "PERMISSION_DENIED",
  /**
   * A limit was met, which the message names with its value: of a message, of metadata, of calls that wait. Send
   * less, or change the option; docs/limits.md has them all.
   */
  "RESOURCE_EXHAUSTED",
  /**
   * The server is not in a state in which this can be done. Change that state first; to repeat the call alone does
   * not help.
   */
  "FAILED_PRECONDITION",
  /** The call lost against another one. Begin again what it was part of. */
  "ABORTED",
  /** The request goes past the end of something. */
  "OUT_OF_RANGE",
  /**
   * The server has no such service or method, speaks no such content-type or compression, or was sent a wrong number
   * of messages. Compare the contracts, and the address.
   */
  "UNIMPLEMENTED",
  /**
   * One side broke the protocol, or what it sent cannot be decoded. The message says which; report it to whoever
   * wrote that side.
   */
  "INTERNAL",
  /**
   * The server could not be reached, or the connection was lost. Make the call again where `execution` is
   * `not-executed`; otherwise only what may be done twice.
   */
  "UNAVAILABLE",
  /** Data is lost for good, or damaged. */
  "DATA_LOSS",
  /** Who calls has not said who it is, or not believably. Give credentials. */
  "UNAUTHENTICATED",
] as const;

export type StatusCode = (typeof statusCodes)[number];
/** A status that is a failure. */
export type ErrorCode = Exclude<StatusCode, "OK">;

/** How a call ends when a peer sends no message, or several, where exactly one is expected: at both ends. */
export const wrongCountCode = "UNIMPLEMENTED" satisfies ErrorCode;

/** The code of a number; one that gRPC does not know is UNKNOWN. */
export function statusCodeOf(number: number): StatusCode {
  return statusCodes[number] ?? "UNKNOWN";
}

export function statusNumberOf(code: StatusCode): number {
  return statusCodes.indexOf(code);
}
