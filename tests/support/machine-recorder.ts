// Test support: a receiver that writes down what a socket tells it and lets a test wait for it. It looks at no clock, so it
// works on every machine.
import assert from "node:assert/strict";
import type { SocketFault, SocketReceiver, StreamSocket } from "farcall/host";

export type SocketEvent = "bytes" | "writable" | "end" | "close";

/** The owner of one socket under test. */
export class Recorder implements SocketReceiver {
  readonly socket: StreamSocket;
  readonly events: SocketEvent[] = [];
  /** Bytes received so far. */
  receivedBytes = 0;
  writableCount = 0;
  ended = false;
  closed = false;
  fault: SocketFault | undefined;
  /** Called with each run of bytes, lent as the socket lends them. */
  consume: ((bytes: Uint8Array) => void) | undefined;
  readonly #chunks: Uint8Array[] = [];
  #keeping = true;
  #waiters: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];
  #inCall = false;

  constructor(socket: StreamSocket) {
    this.socket = socket;
    this.#inCall = true;
    socket.open(this);
    this.#inCall = false;
  }

  /** Takes the bytes off the test's hands: they are not kept. */
  consumeWith(consume: (bytes: Uint8Array) => void): this {
    this.consume = consume;
    this.#keeping = false;
    return this;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    assert.ok(end > start, "a run of bytes is never empty");
    assert.ok(!this.ended, "no bytes come after the end");
    this.#note("bytes", () => {
      this.receivedBytes += end - start;
      if (this.#keeping) this.#chunks.push(bytes.slice(start, end));
      this.consume?.(bytes.subarray(start, end));
    });
  }

  onWritable(): void {
    this.#note("writable", () => {
      this.writableCount++;
    });
  }

  onEnd(): void {
    assert.ok(!this.ended, "the end comes once");
    this.#note("end", () => {
      this.ended = true;
    });
  }

  onClose(fault: SocketFault | undefined): void {
    this.#note("close", () => {
      this.closed = true;
      this.fault = fault;
    });
  }

  /** Everything received, as text. */
  text(): string {
    const decoder = new TextDecoder();
    return this.#chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("") + decoder.decode();
  }

  /** Resolves when `isMet` is true after a callback, or is already. */
  until(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push({ isMet, resolve }));
  }

  untilBytes(count: number): Promise<void> {
    return this.until(() => this.receivedBytes >= count);
  }

  untilClosed(): Promise<void> {
    return this.until(() => this.closed);
  }

  writeText(text: string): boolean {
    return this.socket.write([new TextEncoder().encode(text)]);
  }

  #note(event: SocketEvent, happen: () => void): void {
    assert.ok(!this.#inCall, "no callback runs within open() or another callback");
    assert.ok(!this.closed, `${event} came after the close`);
    this.events.push(event);
    this.#inCall = true;
    happen();
    this.#inCall = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const waiter of waiters) {
      if (waiter.isMet()) waiter.resolve();
      else this.#waiters.push(waiter);
    }
  }
}

/** Sends everything back and ends when the peer does; holds the peer back while its own answers wait. */
export function echo(socket: StreamSocket): Recorder {
  const recorder = new Recorder(socket);
  recorder.consumeWith((bytes) => {
    if (!socket.write([bytes.slice()])) socket.setReading(false);
  });
  const { onWritable, onEnd } = recorder;
  recorder.onWritable = () => {
    onWritable.call(recorder);
    socket.setReading(true);
  };
  recorder.onEnd = () => {
    onEnd.call(recorder);
    socket.end();
  };
  return recorder;
}
