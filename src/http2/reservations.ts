// HTTP/2 layer: memory for messages of which only a part has come: who may send one that is larger than its window. A peer
// could else begin the largest message on each of its streams and end none. First come, first served; one at least.
import { Fifo } from "../bytes/fifo.ts";
import type { MemoryBudget } from "../http/memory-budget.ts";
import type { Http2Stream } from "./stream.ts";

interface Request {
  readonly stream: Http2Stream;
  readonly bytes: number;
  readonly onGranted: () => void;
}

export class Reservations {
  readonly #maxBytes: number;
  readonly #shared: MemoryBudget | undefined;
  readonly #waiting = new Fifo<Request>();
  #usedBytes = 0;

  constructor(maxBytes: number, shared: MemoryBudget | undefined) {
    this.#maxBytes = maxBytes;
    this.#shared = shared;
  }

  /** Bytes that are reserved now. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  take(stream: Http2Stream, bytes: number, onGranted: () => void): boolean {
    if (this.#waiting.length === 0 && this.#fits(bytes)) {
      this.#grant(stream, bytes);
      return true;
    }
    stream.waitsForMemory = true;
    this.#waiting.push({ stream, bytes, onGranted });
    return false;
  }

  /** Gives back what a stream has, or its place in the row. */
  release(stream: Http2Stream): void {
    stream.waitsForMemory = false;
    this.#use(-stream.reservedBytes);
    stream.reservedBytes = 0;
    for (;;) {
      const next = this.#waiting.first;
      if (next === undefined) return;
      if (!next.stream.waitsForMemory) this.#waiting.shift();
      else if (this.#fits(next.bytes)) {
        this.#waiting.shift();
        next.stream.waitsForMemory = false;
        this.#grant(next.stream, next.bytes);
        next.onGranted();
      } else return;
    }
  }

  #fits(bytes: number): boolean {
    if (this.#usedBytes === 0) return true;
    return this.#usedBytes + bytes <= this.#maxBytes && this.#shared?.isShortOf(bytes) !== true;
  }

  #grant(stream: Http2Stream, bytes: number): void {
    stream.reservedBytes = bytes;
    this.#use(bytes);
  }

  #use(bytes: number): void {
    this.#usedBytes += bytes;
    if (this.#shared !== undefined) this.#shared.usedBytes += bytes;
  }
}
