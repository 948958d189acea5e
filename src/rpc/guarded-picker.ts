// RPC layer: a user's picker, kept from doing harm: what it throws, or chooses that was not to be chosen, is told and made
// good by the first address with room.
import { messageOf } from "./failure.ts";
import type { Picker, PickerAddress } from "./picker.ts";
import { FirstPicker } from "./pickers/first.ts";

export class GuardedPicker implements Picker {
  readonly spreads: boolean;
  readonly #picker: Picker;
  readonly #instead = new FirstPicker();
  readonly #onFault: (message: string) => void;

  constructor(picker: Picker, onFault: (message: string) => void) {
    this.#picker = picker;
    this.spreads = picker.spreads;
    this.#onFault = onFault;
  }

  pick(addresses: readonly PickerAddress[]): PickerAddress | undefined {
    try {
      const chosen = this.#picker.pick(addresses);
      if (chosen === undefined || (chosen.hasRoom && addresses.includes(chosen))) return chosen;
      this.#onFault("the picker chose an address that is not connected or has no room");
    } catch (error) {
      this.#onFault(`the picker threw: ${messageOf(error)}`);
    }
    return this.#instead.pick(addresses);
  }
}
