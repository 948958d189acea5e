// gRPC: the incoming half of a stream, the same on both sides: body into messages, and credit back to the peer as they are
// dealt with. What a message means is its side's business (`client.ts`, `server.ts`, which extend this).
import type { Compressor } from "../../host/compression.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Incoming } from "../../rpc/protocol.ts";
import { isWholeMessage, type MessageFault, MessageReader, type MessageSink } from "./message-reader.ts";
import { prefixBytes } from "./names.ts";

export abstract class IncomingMessages implements Incoming, MessageSink {
  abstract readonly exchange: Exchange;
  readonly #maxMessageBytes: number;
  /** Made when a message does not come alone and in one piece. */
  #reader: MessageReader | undefined = undefined;
  /** Bytes of body that came and are not credited yet. */
  #owed = 0;
  /** Whoever reads waits: bytes are credited as they come. */
  #eager = false;
  /** What is to be done when no message waits for a reader any more. */
  #afterParked: (() => void) | undefined = undefined;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  credit(bytes: number): void {
    // What came while the reader waited was credited at once.
    const count = Math.min(bytes, this.#owed);
    if (count === 0) return;
    this.#owed -= count;
    this.exchange.consumed(count);
  }

  wantMore(): void {
    this.#eager = true;
    if (this.#reader?.hasParked !== true) return this.credit(this.#owed);
    this.#reader.resume();
    if (this.#reader.hasParked) return;
    const task = this.#afterParked;
    this.#afterParked = undefined;
    task?.();
  }

  isAwaited(): boolean {
    return this.#eager;
  }

  onMessage(bytes: Uint8Array, start: number, end: number, cost: number): void {
    this.#eager = this.giveMessage(bytes, start, end, cost);
    if (this.#eager) this.credit(cost);
  }

  abstract onMessageFault(fault: MessageFault): void;

  /** Hands a message on; true when it is dealt with (`ReplyEvents.onMessage`). */
  protected abstract giveMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean;
  /** What the peer said its messages are compressed with. */
  protected abstract findCompressor(): Compressor | undefined;

  /** Whether a message has begun and not ended. */
  protected get inMessage(): boolean {
    return this.#reader?.inMessage === true;
  }

  /** Cuts a piece of body into messages. */
  protected readBody(bytes: Uint8Array, start: number, end: number): void {
    this.#owed += end - start;
    if (this.#eager) this.credit(this.#owed);
    if (this.#reader === undefined && isWholeMessage(bytes, start, end, this.#maxMessageBytes)) {
      this.onMessage(bytes, start + prefixBytes, end, end - start);
    } else if (end > start) {
      this.#reader ??= new MessageReader(this, {
        maxBytes: this.#maxMessageBytes,
        compressor: this.findCompressor(),
      });
      this.#reader.receive(bytes, start, end);
    }
  }

  /** Credits a piece of body that nobody reads, and all before it. */
  protected dropBody(bytes: number): void {
    this.#owed += bytes;
    this.credit(this.#owed);
  }

  /** Whether messages wait for a reader. */
  protected get hasParked(): boolean {
    return this.#reader?.hasParked === true;
  }

  /** Runs `task` once none of the messages that wait for a reader does. */
  protected afterMessages(task: () => void): void {
    this.#afterParked = task;
  }
}
