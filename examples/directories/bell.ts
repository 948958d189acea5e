// Example, directories: a bell that remembers that it rang.

export class Bell {
  #rang = false;
  #wake: (() => void) | undefined = undefined;

  readonly ring = (): void => {
    this.#rang = true;
    this.#wake?.();
  };

  /** Resolves when it rings, or after `withinMs`; at once when it rang since the last time. */
  async next(withinMs: number): Promise<void> {
    if (!this.#rang) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, withinMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#rang = false;
    this.#wake = undefined;
  }
}
