// RPC layer: how a call ended, in gRPC's words and numbers (grpc.github.io, "Status codes").

/** In the order of their numbers: `statusCodes[5]` is `NOT_FOUND`. */
export const statusCodes = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
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
