// RPC layer: the seam to pickers: which address a call goes to. A picker is pure: it knows no connection, clock or call.

/** An address with an open connection, as a picker sees it. */
export interface PickerAddress {
  /** As the resolver named it: `tcp://10.0.0.1:80`. */
  readonly address: string;
  /** Whether one of its connections takes a call now. */
  readonly hasRoom: boolean;
  /** Calls of this channel that are open there. */
  readonly openCalls: number;
}

/** Chooses where a call goes. It belongs to one channel: make one for each. */
export interface Picker {
  /**
   * True: the channel keeps a connection with every address. False: with the first that answers, and with another one
   * only when that is lost.
   */
  readonly spreads: boolean;
  /**
   * Chooses among the addresses that have a connection, in the resolver's order; asked for each call when there are
   * several. The one chosen must have room; undefined lets the call wait until something changes.
   */
  pick(addresses: readonly PickerAddress[]): PickerAddress | undefined;
}

/** How calls are spread over a target's addresses. */
export type Balance = "first" | "round-robin" | "least-loaded" | Picker;
