// HTTP/2 layer: SETTINGS (RFC 9113 section 6.5): what each side tells the other of itself.
import type { ResetCode } from "../http/exchange.ts";
import { maxUint31, readUint32 } from "./frames.ts";
import type { Http2Limits } from "./limits.ts";

export const SettingId = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  /** Ours: "this hop is Farcall". In the range left to experiments; settings end at each hop, so no proxy passes it on. */
  farcall: 0xfca1,
} as const;

/** The value of the Farcall setting: the version of what the marker promises. */
export const farcallMarker = 1;

/** A peer's settings, with RFC 9113's initial values. */
export interface PeerSettings {
  headerTableSize: number;
  /** The smallest `headerTableSize` of the last SETTINGS frame, in which it may stand more than once. */
  minHeaderTableSize: number;
  maxConcurrentStreams: number;
  initialWindowSize: number;
  maxFrameSize: number;
  maxHeaderListSize: number;
  isFarcall: boolean;
}

export function initialPeerSettings(): PeerSettings {
  return {
    headerTableSize: 4096,
    minHeaderTableSize: 4096,
    maxConcurrentStreams: Number.POSITIVE_INFINITY,
    initialWindowSize: 65_535,
    maxFrameSize: 16_384,
    maxHeaderListSize: Number.POSITIVE_INFINITY,
    isFarcall: false,
  };
}

export interface SettingsFault {
  readonly code: ResetCode;
  readonly reason: string;
}

/** Applies a SETTINGS payload (a whole number of 6-byte entries) to `settings`. */
export function applySettings(
  settings: PeerSettings,
  payload: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
  peerIsServer: boolean,
): SettingsFault | undefined {
  settings.minHeaderTableSize = Number.POSITIVE_INFINITY;
  for (let at = payload.start; at < payload.end; at += 6) {
    const id = ((payload.bytes[at] as number) << 8) | (payload.bytes[at + 1] as number);
    const value = readUint32(payload.bytes, at + 2);
    const fault = applySetting(settings, id, value, peerIsServer);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function applySetting(
  settings: PeerSettings,
  id: number,
  value: number,
  peerIsServer: boolean,
): SettingsFault | undefined {
  switch (id) {
    case SettingId.headerTableSize:
      settings.headerTableSize = value;
      settings.minHeaderTableSize = Math.min(settings.minHeaderTableSize, value);
      return undefined;
    case SettingId.enablePush:
      if (value > 1 || (value === 1 && peerIsServer)) {
        return { code: "PROTOCOL_ERROR", reason: `SETTINGS_ENABLE_PUSH is ${value}` };
      }
      return undefined;
    case SettingId.maxConcurrentStreams:
      settings.maxConcurrentStreams = value;
      return undefined;
    case SettingId.initialWindowSize:
      if (value > maxUint31) {
        return {
          code: "FLOW_CONTROL_ERROR",
          reason: `SETTINGS_INITIAL_WINDOW_SIZE is ${value}, at most ${maxUint31} is allowed`,
        };
      }
      settings.initialWindowSize = value;
      return undefined;
    case SettingId.maxFrameSize:
      if (value < 16_384 || value > 16_777_215) {
        return { code: "PROTOCOL_ERROR", reason: `SETTINGS_MAX_FRAME_SIZE is ${value}, not 16,384 to 16,777,215` };
      }
      settings.maxFrameSize = value;
      return undefined;
    case SettingId.maxHeaderListSize:
      settings.maxHeaderListSize = value;
      return undefined;
    case SettingId.farcall:
      settings.isFarcall = value >= farcallMarker;
      return undefined;
    default:
      return undefined;
  }
}

/** What we say of ourselves in our first SETTINGS: ids and values in turn. */
export function ownSettings(limits: Http2Limits, role: "client" | "server"): number[] {
  const entries: number[] = [
    SettingId.initialWindowSize,
    limits.streamWindowBytes,
    SettingId.maxHeaderListSize,
    limits.maxFieldListBytes,
    SettingId.farcall,
    farcallMarker,
  ];
  if (limits.decoderTableBytes !== 4096) entries.push(SettingId.headerTableSize, limits.decoderTableBytes);
  if (limits.maxFrameBytes !== 16_384) entries.push(SettingId.maxFrameSize, limits.maxFrameBytes);
  if (role === "client") entries.push(SettingId.enablePush, 0);
  else entries.push(SettingId.maxConcurrentStreams, limits.maxConcurrentStreams);
  return entries;
}
