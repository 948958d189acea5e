// RPC layer: a list that any of its entries leaves in the time of one step, wherever it stands: waiting calls are given up
// as often as they are served. It knows no call.

/** What can stand in a list: in one at a time. */
export class ListEntry<Entry> {
  next: Entry | undefined = undefined;
  previous: Entry | undefined = undefined;
}

/** A doubly linked list, first in, first out. */
export class LinkedList<Entry extends ListEntry<Entry>> {
  #first: Entry | undefined = undefined;
  #last: Entry | undefined = undefined;
  #size = 0;

  get first(): Entry | undefined {
    return this.#first;
  }

  get last(): Entry | undefined {
    return this.#last;
  }

  get size(): number {
    return this.#size;
  }

  /** Puts `entry`, which stands in no list, at the end. */
  push(entry: Entry): void {
    entry.previous = this.#last;
    if (this.#last === undefined) this.#first = entry;
    else this.#last.next = entry;
    this.#last = entry;
    this.#size++;
  }

  /** Takes the first one out. */
  shift(): Entry | undefined {
    const first = this.#first;
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Takes `entry`, which stands in this list, out. */
  remove(entry: Entry): void {
    const { next, previous } = entry;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    entry.next = undefined;
    entry.previous = undefined;
    this.#size--;
  }
}
