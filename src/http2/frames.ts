// HTTP/2 layer: frame types, flags, error codes and the frame header (RFC 9113 sections 4, 6 and 7). No state.
import type { ResetCode } from "../http/exchange.ts";

/** RFC 9113 section 6. */
export const FrameType = {
  data: 0x0,
  headers: 0x1,
  priority: 0x2,
  rstStream: 0x3,
  settings: 0x4,
  pushPromise: 0x5,
  ping: 0x6,
  goAway: 0x7,
  windowUpdate: 0x8,
  continuation: 0x9,
} as const;

const frameNames = [
  "DATA",
  "HEADERS",
  "PRIORITY",
  "RST_STREAM",
  "SETTINGS",
  "PUSH_PROMISE",
  "PING",
  "GOAWAY",
  "WINDOW_UPDATE",
  "CONTINUATION",
] as const;

/** The frame's name as RFC 9113 spells it, or its number. */
export function formatFrameType(type: number): string {
  return frameNames[type] ?? `frame type 0x${type.toString(16)}`;
}

export const FrameFlag = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** Bytes of a frame header. */
export const frameHeaderBytes = 9;

/** What a client sends first (RFC 9113 section 3.4): `PRI * HTTP/2.0`, blank line, `SM`, blank line. */
export const clientPreface: readonly number[] = Array.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (char) =>
  char.charCodeAt(0),
);

/** RFC 9113 section 7, by number. */
export const errorCodes: readonly (ResetCode | "CONNECT_ERROR")[] = [
  "NO_ERROR",
  "PROTOCOL_ERROR",
  "INTERNAL_ERROR",
  "FLOW_CONTROL_ERROR",
  "SETTINGS_TIMEOUT",
  "STREAM_CLOSED",
  "FRAME_SIZE_ERROR",
  "REFUSED_STREAM",
  "CANCEL",
  "COMPRESSION_ERROR",
  "CONNECT_ERROR",
  "ENHANCE_YOUR_CALM",
  "INADEQUATE_SECURITY",
  "HTTP_1_1_REQUIRED",
];

/** The name of an error code; one that RFC 9113 does not know counts as INTERNAL_ERROR (section 7). */
export function errorCodeName(code: number): ResetCode {
  return errorCodes[code] ?? "INTERNAL_ERROR";
}

export function errorCodeNumber(name: ResetCode): number {
  return errorCodes.indexOf(name);
}

/** The largest value of a window and of a stream id: 2^31 - 1. */
export const maxUint31 = 0x7fffffff;

/**
 * Writes a frame header at `at`:
 *
 * ```text
 *   0        2    3     4      5             8
 *  +----------+------+-------+---------------+
 *  | length   | type | flags | R | stream id |
 *  +----------+------+-------+---------------+
 * ```
 */
export function writeFrameHeader(
  bytes: Uint8Array,
  at: number,
  length: number,
  typeAndFlags: number,
  id: number,
): void {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = typeAndFlags >>> 8;
  bytes[at + 4] = typeAndFlags;
  bytes[at + 5] = id >>> 24;
  bytes[at + 6] = id >>> 16;
  bytes[at + 7] = id >>> 8;
  bytes[at + 8] = id;
}

/** Reads 32 bits, big endian, unsigned. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** Reads 31 bits, big endian; the reserved bit is ignored. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return readUint32(bytes, at) & maxUint31;
}
