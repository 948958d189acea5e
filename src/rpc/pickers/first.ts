// Pickers: the first address with room. The channel connects to one address at a time, so that is where all calls go.
import type { Picker, PickerAddress } from "../picker.ts";

export class FirstPicker implements Picker {
  readonly spreads = false;

  pick(addresses: readonly PickerAddress[]): PickerAddress | undefined {
    for (const address of addresses) if (address.hasRoom) return address;
    return undefined;
  }
}
