// RPC layer: why a server ends connections and calls that are sound, as it says to their clients in GOAWAY and UNAVAILABLE.

/** Each reason with the words that a client reads. */
export const closeReasons = {
  draining: "the server is shutting down",
  drained: "the server was shut down",
  closed: "the server is closed",
  old: "the connection is old (maxConnectionAgeMs)",
  outlived: "the call outlived its connection's grace (maxConnectionAgeGraceMs)",
  idle: "the connection is not used (maxConnectionIdleMs)",
} as const;
