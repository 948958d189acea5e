// Example, directories: how many of a kind may be open at a time.
import { CallError } from "farcall";

export class Slots {
  readonly #what: string;
  readonly #max: number;
  #taken = 0;

  /** `what` names them in the refusal: "transfers". */
  constructor(what: string, max: number) {
    this.#what = what;
    this.#max = max;
  }

  /** Takes one; returns what gives it back. Throws RESOURCE_EXHAUSTED when all are taken. */
  take(): () => void {
    if (this.#taken >= this.#max) {
      throw new CallError("RESOURCE_EXHAUSTED", `${this.#max} ${this.#what} are open already; try again when one ends`);
    }
    this.#taken++;
    return () => {
      this.#taken--;
    };
  }
}
