// RPC layer: what a call on the server needs of its connection and its server, and who may have made it. It does nothing.
import type { Clock, Timers } from "../host/clock.ts";
import type { PeerIdentity } from "../host/network.ts";
import type { CallCounts } from "./call-counts.ts";
import type { CallLine } from "./call-slots.ts";
import type { ServerView } from "./server-view.ts";
import type { DeadlineWheel } from "./wheel.ts";

/** Who called. */
export interface Peer {
  /** The peer's endpoint, as an address. */
  readonly address: string;
  /** TLS: who the peer proved to be. */
  readonly identity: PeerIdentity | undefined;
}

/** What a call needs of its server. */
export interface ServerCallHost<Call> {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly wheel: DeadlineWheel;
  readonly peer: Peer;
  readonly localAddress: string;
  readonly server: ServerView;
  readonly counts: CallCounts;
  /** Where the connection's calls wait for a slot of the server. */
  readonly line: CallLine;
  /** Runs the interceptors and the handler, within the ambient context when that is on. */
  invoke(call: Call, request: unknown): unknown;
  /** A handler, or the encoding of its reply, threw what is no `CallError`. */
  onHandlerError(error: unknown, call: Call): void;
  callEnded(call: Call): void;
  /** Whether the call has to wait because its client does not take its replies; `admit` is called when it has not. */
  defers(call: Call): boolean;
  /** A limit refused or ended the call; `reason` is one sentence that names it. */
  limitMet(limit: string, reason: string): void;
}
