// Byte layer: a queue of anything, first in, first out, however long it gets: `shift` of an array moves all that is behind
// it once there are some ten thousands. It bounds nothing; whoever fills it does.

/** Taken items that are kept at most, unless there are more that wait. */
const maxTaken = 1024;

export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  /** Index of the oldest. */
  #first = 0;

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** The oldest; undefined when there is none. */
  get first(): Item | undefined {
    return this.#items[this.#first];
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** Takes the oldest out; undefined when there is none. */
  shift(): Item | undefined {
    if (this.#first === this.#items.length) return undefined;
    const item = this.#items[this.#first];
    this.#items[this.#first] = undefined;
    this.#first++;
    if (this.#first === this.#items.length) this.clear();
    else if (this.#first >= maxTaken && this.#first * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#first = 0;
  }
}
