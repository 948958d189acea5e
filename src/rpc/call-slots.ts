// RPC layer: which calls of a server may run their handlers now, and in which order the others wait: first come, first
// served within a connection, and the connections by turns, so that a busy client does not keep the others from theirs.
// It runs no handler and keeps no time.
import { LinkedList, ListEntry } from "./linked-list.ts";

/** A call that waits for its slot. Neither may throw. */
export interface SlotUser {
  /** Its turn has come: it holds a slot until its line's `leave`. */
  onTurn(): void;
  /** It has no place in the queue, or lost it: its turn never comes. */
  onNoPlace(reason: string): void;
}

export interface SlotLimits {
  /** Slots. Infinity: every call runs at once. */
  readonly maxRunning: number;
  /** Calls that wait for one, of all connections. */
  readonly maxQueued: number;
}

/** A call's place in the queue. */
export class Place extends ListEntry<Place> {
  readonly user: SlotUser;
  readonly line: CallLine;

  constructor(user: SlotUser, line: CallLine) {
    super();
    this.user = user;
    this.line = line;
  }
}

/** The calls of one connection. It stands in the row of lines while any of them waits. */
export class CallLine extends ListEntry<CallLine> {
  readonly places = new LinkedList<Place>();
  readonly #slots: CallSlots;

  constructor(slots: CallSlots) {
    super();
    this.#slots = slots;
  }

  /** Takes a free slot; false when the call has to wait. */
  tryEnter(): boolean {
    return this.#slots.tryEnter();
  }

  /** Puts a call at the end of the line; undefined when it is told at once that there is no place. */
  wait(user: SlotUser): Place | undefined {
    return this.#slots.wait(this, user);
  }

  /** Takes a call out that still waits. */
  giveUp(place: Place): void {
    this.#slots.remove(place);
  }

  /** Frees the slot of a call that entered, or whose turn came. */
  leave(): void {
    this.#slots.leave();
  }
}

/** The slots of one server. */
export class CallSlots {
  readonly limits: SlotLimits;
  /** Lines with waiting calls; the first is the next to be served. */
  readonly #lines = new LinkedList<CallLine>();
  #running = 0;
  #queued = 0;
  #isServing = false;

  constructor(limits: SlotLimits) {
    this.limits = limits;
  }

  get running(): number {
    return this.#running;
  }

  get queued(): number {
    return this.#queued;
  }

  tryEnter(): boolean {
    if (this.#running >= this.limits.maxRunning || this.#queued > 0) return false;
    this.#running++;
    return true;
  }

  wait(line: CallLine, user: SlotUser): Place | undefined {
    if (this.#queued >= this.limits.maxQueued && !this.#makeRoom(line)) {
      user.onNoPlace(this.#whyFull());
      return undefined;
    }
    const place = new Place(user, line);
    if (line.places.size === 0) this.#lines.push(line);
    line.places.push(place);
    this.#queued++;
    return place;
  }

  leave(): void {
    this.#running--;
    if (this.#queued > 0) this.#serve();
  }

  /** Takes a waiting call out of the queue. */
  remove(place: Place): void {
    const { line } = place;
    line.places.remove(place);
    if (line.places.size === 0) this.#lines.remove(line);
    this.#queued--;
  }

  /** Gives free slots to waiting calls. A call that ends within its turn makes room for the next, without nesting. */
  #serve(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    try {
      while (this.#running < this.limits.maxRunning) {
        const line = this.#lines.first;
        const place = line?.places.first;
        if (line === undefined || place === undefined) return;
        this.remove(place);
        if (line.places.size > 0) {
          this.#lines.remove(line);
          this.#lines.push(line);
        }
        this.#running++;
        place.user.onTurn();
      }
    } finally {
      this.#isServing = false;
    }
  }

  /** In a full queue the longest line gives up its newest call, when another then has a fairer share. */
  #makeRoom(line: CallLine): boolean {
    let longest = line;
    for (let one = this.#lines.first; one !== undefined; one = one.next) {
      if (one.places.size > longest.places.size) longest = one;
    }
    const newest = longest.places.last;
    if (newest === undefined || longest.places.size < line.places.size + 2) return false;
    this.remove(newest);
    newest.user.onNoPlace(this.#whyFull());
    return true;
  }

  #whyFull(): string {
    const { maxRunning, maxQueued } = this.limits;
    return `the server runs ${maxRunning} calls (option maxConcurrentCalls) and ${maxQueued} wait (option maxQueuedCalls)`;
  }
}
