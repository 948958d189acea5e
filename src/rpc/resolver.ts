// RPC layer: the seam to resolvers: what a channel's target means, as a list of addresses that may change at any time.
// Fixed lists and DNS are two; users bring their own. It knows no connection.

/** One place where a channel's target is served. */
export interface ResolvedAddress {
  /** Any form that `dial` takes: `tcp://10.0.0.1:80`, `unix:/run/a`. A host name in it is looked up at each connecting. */
  readonly address: string;
  /** The name that its TLS certificate must be for. Default: the host of the address. */
  readonly serverName?: string;
}

/** What a resolver tells its channel, and may ask of it. Nothing here throws; after `stop` it is ignored. */
export interface ResolverListener {
  /**
   * All addresses, most wanted first; they replace those before. Connections to addresses that stay are kept, those to
   * addresses that are gone finish their calls. An empty list, or one with a bad address, counts as an error.
   */
  onAddresses(addresses: readonly (string | ResolvedAddress)[]): void;
  /** The target could not be resolved. Addresses known are kept; while there are none, waiting calls fail with this. */
  onError(error: unknown): void;
  /** Who needs addresses now: calls that wait, only open connections, or nobody. A resolver that polls may then rest. */
  need(): "calls" | "connections" | "nobody";
}

/** A resolver at work. */
export interface Resolving {
  /** A connection was lost or failed, or a call waits: a good time to look again. At most once a second. */
  refresh?(): void;
  /** The channel was closed. */
  stop(): void;
}

/**
 * Finds out, and goes on finding out, where a target is served. Given to `dial` in the place of an address, it is started
 * by the channel's first call. What `start` throws is an error like one told to `onError`.
 */
export interface Resolver {
  /** The target in words, for messages, and as `:authority` where it can be one. Default: `resolver`. */
  readonly target?: string;
  start(listener: ResolverListener): Resolving;
}
