// Pickers: the address with the fewest open calls. It looks at all of them: a channel has few, and two drawn at random
// would serve three servers unevenly. Among equals it goes round.
import type { Picker, PickerAddress } from "../picker.ts";

export class LeastLoadedPicker implements Picker {
  readonly spreads = true;
  #next: number;

  /** `start` is in [0, 1). */
  constructor(start: number) {
    this.#next = Math.floor(start * 2 ** 16);
  }

  pick(addresses: readonly PickerAddress[]): PickerAddress | undefined {
    const count = addresses.length;
    let best: PickerAddress | undefined;
    let bestIndex = 0;
    let fewest = Number.POSITIVE_INFINITY;
    for (let step = 0; step < count && fewest > 0; step++) {
      const index = (this.#next + step) % count;
      const address = addresses[index] as PickerAddress;
      const { openCalls } = address;
      if (openCalls >= fewest || !address.hasRoom) continue;
      best = address;
      bestIndex = index;
      fewest = openCalls;
    }
    if (best !== undefined) this.#next = bestIndex + 1;
    return best;
  }
}
