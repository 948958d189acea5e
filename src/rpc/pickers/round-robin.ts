// Pickers: one address after the other, those without room left out.
import type { Picker, PickerAddress } from "../picker.ts";

export class RoundRobinPicker implements Picker {
  readonly spreads = true;
  /** Where to look first. Clients that start together do not all begin at the same address. */
  #next: number;

  /** `start` is in [0, 1). */
  constructor(start: number) {
    this.#next = Math.floor(start * 2 ** 16);
  }

  pick(addresses: readonly PickerAddress[]): PickerAddress | undefined {
    const count = addresses.length;
    for (let step = 0; step < count; step++) {
      const index = (this.#next + step) % count;
      const address = addresses[index] as PickerAddress;
      if (!address.hasRoom) continue;
      this.#next = index + 1;
      return address;
    }
    return undefined;
  }
}
