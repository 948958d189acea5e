// gRPC: the incoming half of a stream, the same on both sides: body into messages, and credit back to the peer as they are
// dealt with. What a message means is its side's business (`client.ts`, `server.ts`, which extend this).
import type { Compressor } from "../../host/compression.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Incoming } from "../../rpc/protocol.ts";
import { grpcLimits } from "./limits.ts";
import { isWholeMessage, type MessageFault, MessageReader, type MessageSink } from "./message-reader.ts";
import { prefixBytes } from "./names.ts";

export abstract class IncomingMessages implements Incoming, MessageSink {
  abstract readonly exchange: Exchange;
  readonly #maxMessageBytes: number;
  /** Made when a message does not come alone and in one piece. */
  #reader: MessageReader | undefined = undefined;
  /** Bytes of body that came and are not credited yet. */
  #owed = 0;
  /** Messages handed on that are not dealt with. */
  #ahead = 0;
  /** Whoever reads waits: bytes are credited as they come. */
  #eager = false;
  /** Whether there is memory for all of the message at hand, of which a part has come. */
  #part: "none" | "waits" | "granted" = "none";
  /** What is to be done when no message waits for a reader any more. */
  #afterParked: (() => void) | undefined = undefined;

  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  credit(bytes: number): void {
    this.#ahead--;
    this.#return(bytes);
    if (this.#ahead * 2 <= grpcLimits.maxDecodedAhead) this.#resume();
  }

  wantMore(): void {
    this.#eager = true;
    this.#resume();
    this.#creditPart();
  }

  takes(isCompressed: boolean): boolean {
    // A small message may inflate to the limit: only for a reader who waits.
    return isCompressed ? this.#eager : this.#ahead < grpcLimits.maxDecodedAhead;
  }

  onPart(length: number): boolean {
    if (this.#part === "none" && this.#eager) this.#ask(length);
    return this.#part === "granted";
  }

  onMessage(bytes: Uint8Array, start: number, end: number, cost: number): void {
    if (this.#part !== "none") this.#giveUpPart();
    this.#ahead++;
    this.#eager = this.giveMessage(bytes, start, end, cost);
    if (!this.#eager) return;
    this.#ahead--;
    this.#return(cost);
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
    if (this.#reader === undefined && this.takes(false) && isWholeMessage(bytes, start, end, this.#maxMessageBytes)) {
      this.onMessage(bytes, start + prefixBytes, end, end - start);
    } else if (end > start) {
      this.#reader ??= new MessageReader(this, {
        maxBytes: this.#maxMessageBytes,
        compressor: this.findCompressor(),
      });
      this.#reader.receive(bytes, start, end);
      this.#creditPart();
    }
  }

  /** Credits a piece of body that nobody reads, and all before it. */
  protected dropBody(bytes: number): void {
    this.#owed += bytes;
    this.#return(this.#owed);
  }

  /** Runs `task` once none of the body waits for a reader: now, where none does. */
  protected afterMessages(task: () => void): void {
    if (this.#reader?.hasParked === true) this.#afterParked = task;
    else task();
  }

  #resume(): void {
    if (this.#reader?.hasParked !== true) return;
    this.#reader.resume();
    if (this.#reader.hasParked) return;
    const task = this.#afterParked;
    this.#afterParked = undefined;
    task?.();
  }

  /** Gives the peer back what it has not been given yet, `bytes` at most: a part may have been credited as it came. */
  #return(bytes: number): void {
    const count = Math.min(bytes, this.#owed);
    if (count === 0) return;
    this.#owed -= count;
    this.exchange.consumed(count);
  }

  /** Credits what has come of a message that is larger than the window, so that the rest can come. */
  #creditPart(): void {
    const reader = this.#reader;
    if (!this.#eager || reader === undefined || reader.hasParked) return;
    if (this.#part === "none" && reader.partBytes > 0) this.#ask(reader.partBytes);
    if (this.#part === "granted" || reader.partBytes < 0) this.#return(this.#owed);
  }

  #ask(length: number): void {
    this.#part = "waits";
    const isGranted = this.exchange.reserve(length, () => {
      this.#part = "granted";
      this.#creditPart();
    });
    if (isGranted) this.#part = "granted";
  }

  #giveUpPart(): void {
    this.#part = "none";
    this.exchange.release();
  }
}
