// Benchmark: the limit that rows are measured against: Node's `net` with a length header before each message's bytes.
import type { Socket } from "node:net";

export const headerBytes = 4;
const firstFlushBytes = 2 * 1024;
const lastFlushBytes = 64 * 1024;

/** What is written within a turn, in as few writes as the flushing allows. */
export class Output {
  readonly #socket: Socket;
  readonly #early: boolean;
  #chunk = Buffer.allocUnsafeSlow(lastFlushBytes);
  #start = 0;
  #end = 0;
  #flushAt = firstFlushBytes;
  #scheduled = false;

  constructor(socket: Socket, early: boolean) {
    this.#socket = socket;
    this.#early = early;
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    const count = end - start;
    if (this.#end + count > this.#chunk.length) this.#replace(count);
    for (let from = start, to = this.#end; from < end; from++, to++) this.#chunk[to] = bytes[from] as number;
    this.#end += count;
    if (!this.#scheduled) {
      this.#scheduled = true;
      queueMicrotask(() => process.nextTick(() => this.#endTurn()));
    } else if (this.#early && this.#end - this.#start >= this.#flushAt) {
      this.#flush();
      this.#flushAt = Math.min(this.#flushAt * 2, lastFlushBytes);
    }
  }

  #endTurn(): void {
    this.#scheduled = false;
    this.#flushAt = firstFlushBytes;
    this.#flush();
  }

  #flush(): void {
    if (this.#end === this.#start) return;
    this.#socket.write(this.#chunk.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  /** The socket may still hold the old chunk: it is left to the garbage collector. */
  #replace(count: number): void {
    this.#flush();
    this.#chunk = Buffer.allocUnsafeSlow(Math.max(lastFlushBytes, count));
    this.#start = this.#end = 0;
  }
}

/** Calls `onMessage` for each whole message, header included. */
export function readMessages(socket: Socket, onMessage: (bytes: Uint8Array, start: number, end: number) => void): void {
  let held: Buffer = Buffer.alloc(0);
  socket.on("data", (arrived: Buffer) => {
    const bytes = held.length === 0 ? arrived : Buffer.concat([held, arrived]);
    let at = 0;
    while (bytes.length - at >= headerBytes) {
      const end = at + headerBytes + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      onMessage(bytes, at, end);
      at = end;
    }
    held = at === bytes.length ? Buffer.alloc(0) : bytes.subarray(at);
  });
}
