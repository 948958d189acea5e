// The simulated machine: what is going to happen, in the order of virtual time; what is due at the same time happens in
// the order in which it was asked for. A binary heap; a cancelled event stays in it until its time comes.

/** Something that happens at a time. */
export interface SimulatedEvent {
  readonly atMs: number;
  /** Counts up; the tie-breaker. */
  readonly sequence: number;
  /** Does not count as work that is still to be done. */
  readonly background: boolean;
  /** Undefined once it has happened or was cancelled. */
  task: (() => void) | undefined;
}

function isBefore(one: SimulatedEvent, other: SimulatedEvent): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.sequence < other.sequence);
}

/** Events by time. */
export class EventQueue {
  readonly #heap: SimulatedEvent[] = [];
  #sequence = 0;
  #foregroundCount = 0;

  /** Events that are neither cancelled nor in the background. */
  get foregroundCount(): number {
    return this.#foregroundCount;
  }

  add(task: () => void, atMs: number, background = false): SimulatedEvent {
    const event: SimulatedEvent = { atMs, sequence: this.#sequence++, background, task };
    if (!background) this.#foregroundCount++;
    this.#heap.push(event);
    this.#siftUp(this.#heap.length - 1);
    return event;
  }

  cancel(event: SimulatedEvent): void {
    if (event.task === undefined) return;
    event.task = undefined;
    if (!event.background) this.#foregroundCount--;
  }

  /** The time of the next event, or undefined when none is left. */
  nextTime(): number | undefined {
    while (this.#heap.length > 0 && (this.#heap[0] as SimulatedEvent).task === undefined) this.#removeFirst();
    return this.#heap[0]?.atMs;
  }

  /** Takes the next event off the queue: its task, to be run by the caller. */
  take(): (() => void) | undefined {
    if (this.nextTime() === undefined) return undefined;
    const event = this.#removeFirst();
    const { task } = event;
    event.task = undefined;
    if (!event.background) this.#foregroundCount--;
    return task;
  }

  #removeFirst(): SimulatedEvent {
    const heap = this.#heap;
    const first = heap[0] as SimulatedEvent;
    const last = heap.pop() as SimulatedEvent;
    if (heap.length > 0) {
      heap[0] = last;
      this.#siftDown();
    }
    return first;
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const event = heap[from] as SimulatedEvent;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as SimulatedEvent;
      if (!isBefore(event, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = event;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const event = heap[0] as SimulatedEvent;
    let index = 0;
    for (;;) {
      let childIndex = index * 2 + 1;
      if (childIndex >= heap.length) break;
      const sibling = heap[childIndex + 1];
      if (sibling !== undefined && isBefore(sibling, heap[childIndex] as SimulatedEvent)) childIndex++;
      const child = heap[childIndex] as SimulatedEvent;
      if (!isBefore(child, event)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = event;
  }
}
