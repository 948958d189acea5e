// RPC layer: the picker that the option `balance` names.
import type { Random } from "../host/clock.ts";
import { UsageError } from "./call-error.ts";
import type { Balance, Picker } from "./picker.ts";
import { FirstPicker } from "./pickers/first.ts";
import { LeastLoadedPicker } from "./pickers/least-loaded.ts";
import { RoundRobinPicker } from "./pickers/round-robin.ts";

/** Makes it, or takes the user's own. Throws a `UsageError`. */
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
