// RPC layer: the seam to pickers: which address a call goes to. A picker is pure: it knows no connection, clock or call.
import type { Random } from "../host/clock.ts";
import { UsageError } from "./call-error.ts";
import { FirstPicker } from "./pickers/first.ts";
import { LeastLoadedPicker } from "./pickers/least-loaded.ts";
import { RoundRobinPicker } from "./pickers/round-robin.ts";

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

export function createPicker(balance: Balance, random: Random): Picker {
  switch (balance) {
    case "first":
      return new FirstPicker();
    case "round-robin":
      return new RoundRobinPicker(random.next());
    case "least-loaded":
      return new LeastLoadedPicker(random.next());
    default:
      if (typeof balance?.pick === "function") return balance;
      throw new UsageError(
        "BAD_OPTION",
        `balance is ${JSON.stringify(balance)}; use "first", "round-robin", "least-loaded" or a picker`,
      );
  }
}
