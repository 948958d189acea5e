// RPC layer: channels and servers as tools see them: pictures, made when asked for. What is told of a thing carries an
// `identity`, an object that is the same for as long as the thing is there, so that it can be found again.
import type { MetLimit } from "./limit-log.ts";

/** Calls so far. */
export interface CallFigures {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly messagesSent?: number;
  readonly messagesReceived?: number;
  /** When the newest began, in milliseconds since 1970-01-01 UTC; undefined before the first. */
  readonly lastStartedAt: number | undefined;
}

export interface ConnectionPicture {
  readonly identity: object;
  /** Addresses. */
  readonly local: string;
  readonly remote: string;
  readonly isSecure: boolean;
  /** Undefined where they are not counted. */
  readonly calls: CallFigures | undefined;
}

/** One of the addresses that a channel connects to, or several that it takes for one. */
export interface AddressPicture {
  readonly identity: object;
  readonly address: string;
  readonly state: ChannelState;
  readonly calls: CallFigures | undefined;
  readonly connections: readonly ConnectionPicture[];
}

export type ChannelState = "idle" | "resolving" | "connecting" | "ready" | "backoff" | "draining" | "closed";

export interface ChannelPicture {
  readonly target: string;
  readonly state: ChannelState;
  readonly calls: CallFigures | undefined;
  readonly addresses: readonly AddressPicture[];
}

export interface ListenerPicture {
  readonly identity: object;
  readonly address: string;
}

export interface ServerPicture {
  readonly state: "serving" | "draining" | "closed";
  readonly calls: CallFigures | undefined;
  readonly listeners: readonly ListenerPicture[];
  readonly connections: readonly ConnectionPicture[];
  readonly limitsMet: readonly MetLimit[];
}

/** What can be told of. */
export interface Pictured<Picture> {
  picture(): Picture;
}
