// A promise that someone else fulfils, for the TypeScript servers of the interop matrix.

export class Latch {
  readonly opened: Promise<void>;
  #open: () => void = () => {};

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  /** Opens when the signal is aborted. */
  openOn(signal: AbortSignal): void {
    if (signal.aborted) this.open();
    else signal.addEventListener("abort", () => this.open(), { once: true });
  }

  /** Waits so long; true when the signal ended it before. */
  static async within(ms: number, signal: AbortSignal): Promise<boolean> {
    const latch = new Latch();
    const open = (): void => latch.open();
    const timer = setTimeout(open, signal.aborted ? 0 : ms);
    signal.addEventListener("abort", open);
    await latch.opened;
    clearTimeout(timer);
    signal.removeEventListener("abort", open);
    return signal.aborted;
  }
}
