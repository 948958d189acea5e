// HTTP/2 layer: what streams have sent and the peer does not take: how much of it there is, and which streams stand still. A
// peer that opens no window could else have a server hold the replies of all its calls.
import type { MemoryBudget } from "../http/memory-budget.ts";
import type { Http2Limits } from "./limits.ts";
import type { Http2Stream } from "./stream.ts";

export class HeldOutput {
  /** When the streams are to be looked at; Infinity while little is held. */
  dueAt = Number.POSITIVE_INFINITY;
  readonly #limits: Http2Limits;
  readonly #shared: MemoryBudget | undefined;
  #bytes = 0;

  constructor(limits: Http2Limits, shared: MemoryBudget | undefined) {
    this.#limits = limits;
    this.#shared = shared;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** No more should be made before some of it has left. */
  get isFull(): boolean {
    return this.#bytes > this.#limits.maxHeldBytes || (this.#bytes > 0 && this.#shared?.isShortOf(0) === true);
  }

  /** Enters bytes that are held (or, below 0, are no longer). */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#shared !== undefined) this.#shared.usedBytes += bytes;
  }

  /** Looks at the streams in a while, when much is held. */
  watch(now: number): void {
    if (this.dueAt !== Number.POSITIVE_INFINITY || !this.#isMuch) return;
    this.dueAt = now + this.#limits.heldTimeoutMs;
  }

  /** The streams of which nothing has left since the last look, if much is held. */
  findStalled(streams: readonly Http2Stream[], now: number): Http2Stream[] {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (!this.#isMuch) return [];
    const stalled: Http2Stream[] = [];
    for (const stream of streams) {
      if (stream.held === undefined) continue;
      if (stream.held.sentBytes === stream.held.seenBytes) stalled.push(stream);
      stream.held.seenBytes = stream.held.sentBytes;
    }
    this.watch(now);
    return stalled;
  }

  /** More than half of what may be held. A reader that pauses may take its time otherwise. */
  get #isMuch(): boolean {
    const half = this.#shared !== undefined && this.#shared.usedBytes * 2 > this.#shared.maxBytes;
    return this.#bytes * 2 > this.#limits.maxHeldBytes || (this.#bytes > 0 && half);
  }
}
