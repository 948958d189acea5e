// The command line: how far a work of many steps is, for those who wait: shown once it has many or takes long, on a terminal
// only. It says nothing of what came out.
import type { Output } from "./terminal.ts";

/** A work of fewer steps is shown only when it takes long. */
const manySteps = 50;
const longMs = 1_000;
/** Between two looks at it, at least. */
const refreshMs = 50;

/** What is shown while a work goes on. */
export class Progress {
  readonly #output: Output;
  readonly #unit: string;
  readonly #now: () => number;
  readonly #startedAt: number;
  #shownAt = Number.NEGATIVE_INFINITY;
  #done = 0;
  #total: number | undefined;

  /** `unit` is what steps are of, in the plural. */
  constructor(output: Output, unit: string, now: () => number = () => performance.now()) {
    this.#output = output;
    this.#unit = unit;
    this.#now = now;
    this.#startedAt = now();
  }

  /** The next part of the work, of `total` steps. */
  begin(part: string, total: number): void {
    this.#done = 0;
    this.#total = total;
    this.#show(part);
  }

  /** One more step is begun. */
  step(part: string): void {
    this.#done++;
    this.#show(part);
  }

  /** Nothing is shown any more. */
  end(): void {
    if (this.#shownAt !== Number.NEGATIVE_INFINITY) this.#output.progress("");
  }

  #show(part: string): void {
    const now = this.#now();
    const worthIt = (this.#total ?? this.#done) > manySteps || now - this.#startedAt > longMs;
    if (!worthIt || (now - this.#shownAt < refreshMs && this.#done > 0)) return;
    this.#shownAt = now;
    const total = this.#total === undefined ? "" : ` of ${this.#total}`;
    this.#output.progress(`${part} ${this.#done}${total} ${this.#unit}`);
  }
}
