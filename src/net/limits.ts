// The real machine: what bounds its sockets.

/** Limits of sockets. `backlog` is an option of `serve`, the others are fixed. */
export interface NetLimits {
  /** Connections that the kernel holds before they are accepted. */
  readonly backlog: number;
  /** Time for a client's TLS handshake; then the server drops it. */
  readonly handshakeTimeoutMs: number;
  /** Bytes that wait in Node from which on nothing more is passed to the socket. */
  readonly writeMarkBytes: number;
}

export const netLimits: NetLimits = { backlog: 511, handshakeTimeoutMs: 10_000, writeMarkBytes: 1024 * 1024 };
