// The real machine: a Node socket, or any Node `Duplex`, behind the host's `StreamSocket`. This is the hot path: a write
// of one part is one call of `write`, a read one call of the receiver; nothing is allocated here for either.
// It opens nothing and parses nothing.
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Endpoint, SocketFault, SocketReceiver, StreamSocket } from "../host/index.ts";
import { toSocketFault } from "./fault.ts";
import { netLimits } from "./limits.ts";
import type { ReadBuffer } from "./read-buffer.ts";

/** How a stream comes into the house. */
export interface StreamSetup {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls?: StreamSocket["tls"];
  /** Drops the connection so that the peer notices; `destroy` where there is no better way. */
  readonly reset?: (() => void) | undefined;
  /** Parts are copied: the stream may go on holding what it has been given after it says that it is written. */
  readonly copies?: boolean;
  /** Where the stream reads to, when it emits no `data` events. */
  readonly reads?: ReadBuffer | undefined;
}

/** Any Node duplex stream as a `StreamSocket`. It must be paused, or not yet flowing, when it is handed in. */
export class NodeStreamSocket implements StreamSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls?: NonNullable<StreamSocket["tls"]>;
  readonly #stream: Duplex;
  readonly #resetStream: (() => void) | undefined;
  readonly #copies: boolean;
  readonly #reads: ReadBuffer | undefined;
  #receiver: SocketReceiver | undefined;
  #passedBytes = 0;
  #takenBytes = 0;
  #reading = true;
  /** `write` has returned false and `onWritable` is owed. */
  #waiting = false;
  /** `end` was called: nothing more is written. */
  #ended = false;
  /** `reset` was called: nothing more is reported but `onClose`. */
  #dropped = false;
  #closed = false;
  #fault: SocketFault | undefined;

  constructor(stream: Duplex, setup: StreamSetup) {
    this.local = setup.local;
    this.remote = setup.remote;
    if (setup.tls !== undefined) this.tls = setup.tls;
    this.#stream = stream;
    this.#resetStream = setup.reset;
    this.#copies = setup.copies === true;
    this.#reads = setup.reads;
    // The error listener stays for good: a stream may fail again after it was destroyed.
    stream.on("error", this.#handleError);
    stream.on("close", this.#handleClose);
    if (stream.closed) process.nextTick(this.#handleClose);
  }

  open(receiver: SocketReceiver): void {
    if (this.#receiver !== undefined) throw new Error("open() was called twice on one socket");
    this.#receiver = receiver;
    if (this.#closed) {
      process.nextTick(() => receiver.onClose(this.#fault));
      return;
    }
    const stream = this.#stream;
    stream.on("drain", this.#handleDrain);
    stream.on("end", this.#handleEnd);
    if (this.#reads === undefined) stream.on("data", this.#handleData);
    else this.#reads.open(receiver);
    if (this.#reading) stream.resume();
    else stream.pause();
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#ended || this.#dropped || this.#closed) return false;
    const stream = this.#stream;
    if (this.#copies) {
      const copy = Buffer.concat(parts);
      this.#passedBytes += copy.length;
      stream.write(copy);
    } else if (parts.length === 1) {
      const part = parts[0] as Uint8Array;
      this.#passedBytes += part.length;
      stream.write(part);
    } else {
      stream.cork();
      for (const part of parts) {
        this.#passedBytes += part.length;
        stream.write(part);
      }
      stream.uncork();
    }
    if (stream.writableLength < netLimits.writeMarkBytes) return true;
    this.#waiting = true;
    return false;
  }

  passed(): number {
    return this.#passedBytes;
  }

  taken(): number {
    const stream = this.#stream;
    // A stream that is destroyed before it finished forgets what it had not written; that was not taken.
    if (!stream.destroyed || stream.writableFinished) this.#takenBytes = this.#passedBytes - stream.writableLength;
    return this.#takenBytes;
  }

  setReading(on: boolean): void {
    if (on === this.#reading) return;
    this.#reading = on;
    if (this.#receiver === undefined || this.#dropped || this.#closed) return;
    if (on) this.#stream.resume();
    else this.#stream.pause();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#dropped && !this.#closed) this.#stream.end();
  }

  reset(): void {
    if (this.#dropped || this.#closed) return;
    this.#dropped = true;
    if (this.#resetStream === undefined) this.#stream.destroy();
    else this.#resetStream();
  }

  setKeepsProcess(on: boolean): void {
    const stream = this.#stream as Partial<Pick<Socket, "ref" | "unref">>;
    if (on) stream.ref?.();
    else stream.unref?.();
  }

  readonly #handleData = (chunk: unknown): void => {
    if (this.#dropped) return;
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
    this.#receiver?.onBytes(bytes, 0, bytes.length);
  };

  readonly #handleDrain = (): void => {
    if (!this.#waiting || this.#dropped) return;
    this.#waiting = false;
    this.#receiver?.onWritable();
  };

  readonly #handleEnd = (): void => {
    // After an alert of TLS the end is only its consequence: `onClose` tells the reason.
    if (this.#fault !== undefined) this.#stream.destroy();
    else if (!this.#dropped) this.#receiver?.onEnd();
  };

  readonly #handleError = (error: unknown): void => {
    this.#fault ??= toSocketFault(error, this.remote, "use");
  };

  readonly #handleClose = (): void => {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#dropped) this.#fault = undefined;
    this.#receiver?.onClose(this.#fault);
  };
}
