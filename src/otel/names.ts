// OpenTelemetry: the names of what is told of a call. Those of the semantic conventions for RPC (stable since v1.45.0) where
// they have one, our own, beginning with `farcall.`, where they have none.
import type { ErrorCode } from "../rpc/status.ts";

export const attributeNames = {
  system: "rpc.system.name",
  method: "rpc.method",
  statusCode: "rpc.status_code",
  errorType: "error.type",
  serverAddress: "server.address",
  serverPort: "server.port",
  peerAddress: "network.peer.address",
  peerPort: "network.peer.port",
  execution: "farcall.execution",
  phase: "farcall.phase",
  attempts: "farcall.attempts",
} as const;

/** Instruments of one side. */
export interface MetricNames {
  readonly duration: string;
  readonly activeCalls: string;
  readonly sentMessages: string;
  readonly receivedMessages: string;
}

export const clientMetricNames: MetricNames = {
  duration: "rpc.client.call.duration",
  activeCalls: "farcall.client.active_calls",
  sentMessages: "farcall.client.call.sent_messages",
  receivedMessages: "farcall.client.call.received_messages",
};

export const serverMetricNames: MetricNames = {
  duration: "rpc.server.call.duration",
  activeCalls: "farcall.server.active_calls",
  sentMessages: "farcall.server.call.sent_messages",
  receivedMessages: "farcall.server.call.received_messages",
};

/** In seconds, as the conventions advise. */
export const durationBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Statuses that are a server's own failure; the others are its client's (semantic conventions for gRPC, server spans). */
export const serverErrorCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);
