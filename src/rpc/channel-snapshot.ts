// RPC layer: a channel as people and tools see it: pictures only, made when asked for.
import { formatEndpoint } from "../host/endpoint.ts";
import type { StreamSocket } from "../host/network.ts";
import type { ResolverSnapshot } from "./address-book.ts";
import type { AddressConnections, AddressState, ConnectionState } from "./address-connections.ts";
import type { CallCounts, CallTotals } from "./call-counts.ts";
import type { AddressPicture } from "./picture.ts";

export interface AddressSnapshot {
  readonly address: string;
  /** `draining`: the resolver no longer names it, and calls are still open there. */
  readonly state: AddressState;
  readonly connections: number;
  readonly openCalls: number;
  /** Why the last attempt failed; undefined once one succeeded. */
  readonly lastFault: string | undefined;
}

export interface ConnectionSnapshot {
  readonly address: string;
  readonly remote: string;
  /** `silent`: nothing came for long; it is asked whether it is there before it gets a call. */
  readonly state: ConnectionState;
  readonly openCalls: number;
  /** Calls that it takes now. */
  readonly capacity: number;
}

/** Calls since the channel was made. One that an interceptor makes again counts again. */
export type CallsSnapshot = Pick<CallTotals, "started" | "succeeded" | "failed" | "lastStartedAt">;

/** A picture of a channel, for people and tools. */
export interface ChannelSnapshot {
  readonly target: string;
  readonly state: "idle" | "resolving" | "connecting" | "ready" | "backoff" | "closed";
  readonly resolver: ResolverSnapshot;
  readonly addresses: readonly AddressSnapshot[];
  readonly connections: readonly ConnectionSnapshot[];
  readonly calls: CallsSnapshot;
  /** Calls that wait for a connection. */
  readonly queuedCalls: number;
  readonly deadlines: number;
  readonly lastFault: string | undefined;
  /** Silence after which new connections ask their peer; doubled whenever a server said "too_many_pings". */
  readonly keepAliveIntervalMs: number | undefined;
}

export function describeAddress(address: AddressConnections): AddressSnapshot {
  const connections = address.connections();
  return {
    address: address.address,
    state: address.state,
    connections: connections.length,
    openCalls: connections.reduce((sum, { link }) => sum + link.connection.openExchanges, 0),
    lastFault: address.lastFault,
  };
}

export function describeConnections(
  address: AddressConnections,
  formatRemote: (socket: StreamSocket) => string,
): ConnectionSnapshot[] {
  return address.connections().map(({ link, state }) => ({
    address: address.address,
    remote: formatRemote(link.socket),
    state,
    openCalls: link.connection.openExchanges,
    capacity: link.connection.capacity,
  }));
}

/** What channelz tells of an address. */
export function pictureAddress(address: AddressConnections): AddressPicture {
  const connections = address.connections().map(({ link }) => ({
    identity: link,
    local: formatEndpoint(link.socket.local),
    remote: formatEndpoint(link.socket.remote),
    isSecure: link.socket.tls !== undefined,
    calls: undefined,
  }));
  return { identity: address, address: address.address, state: address.state, calls: undefined, connections };
}

export function describeCalls(counts: CallCounts, clock: { now(): number; wallNow(): number }): CallsSnapshot {
  const { started, succeeded, failed, lastStartedAt } = counts.read(clock);
  return { started, succeeded, failed, lastStartedAt };
}
