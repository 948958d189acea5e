// gRPC: which status stands for an HTTP answer or a cut stream that carries none (grpc/doc/http-grpc-status-mapping.md,
// PROTOCOL-HTTP2.md "Errors").
import type { ResetCode } from "../../http/exchange.ts";
import type { ErrorCode } from "../../rpc/status.ts";

const byHttpStatus: { readonly [status: string]: ErrorCode } = {
  "400": "INTERNAL",
  "401": "UNAUTHENTICATED",
  "403": "PERMISSION_DENIED",
  "404": "UNIMPLEMENTED",
  "429": "UNAVAILABLE",
  "502": "UNAVAILABLE",
  "503": "UNAVAILABLE",
  "504": "UNAVAILABLE",
};

export function codeOfHttpStatus(status: string): ErrorCode {
  return byHttpStatus[status] ?? "UNKNOWN";
}

const byReset: { readonly [code in ResetCode]: ErrorCode } = {
  NO_ERROR: "INTERNAL",
  PROTOCOL_ERROR: "INTERNAL",
  INTERNAL_ERROR: "INTERNAL",
  FLOW_CONTROL_ERROR: "INTERNAL",
  SETTINGS_TIMEOUT: "INTERNAL",
  STREAM_CLOSED: "INTERNAL",
  FRAME_SIZE_ERROR: "INTERNAL",
  REFUSED_STREAM: "UNAVAILABLE",
  CANCEL: "CANCELLED",
  COMPRESSION_ERROR: "INTERNAL",
  CONNECT_ERROR: "INTERNAL",
  ENHANCE_YOUR_CALM: "RESOURCE_EXHAUSTED",
  INADEQUATE_SECURITY: "PERMISSION_DENIED",
  HTTP_1_1_REQUIRED: "INTERNAL",
};

export function codeOfReset(code: ResetCode): ErrorCode {
  return byReset[code];
}
