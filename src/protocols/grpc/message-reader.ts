// gRPC: messages out of a stream's body (PROTOCOL-HTTP2.md, "Length-Prefixed-Message"). A message that came in one piece is
// handed on in place; one that did not is gathered, with memory taken only as its bytes come.
//
//   0        1                 5
//  +--------+-----------------+------------------
//  | flag   | length, 32 bits | message ...
//  +--------+-----------------+------------------
import { Fifo } from "../../bytes/fifo.ts";
import { copyBytes } from "../../bytes/reader.ts";
import { CompressionError, type Compressor } from "../../host/compression.ts";
import { prefixBytes } from "./names.ts";

export interface MessageSink {
  /** One whole message, lent until return. It came as `cost` bytes. */
  onMessage(bytes: Uint8Array, start: number, end: number, cost: number): void;
  /** Whether a reader waits. While none does, compressed messages stay as they came. */
  isAwaited(): boolean;
  /** The body is not what it should be; nothing is read any more. */
  onMessageFault(fault: MessageFault): void;
}

export type MessageFault =
  /** The length passes the limit; nothing of the message was kept. */
  | { readonly kind: "too-large"; readonly length: number }
  /** The flag says compressed (1) and no compression was agreed on, or it is no flag at all. */
  | { readonly kind: "bad-flag"; readonly flag: number }
  /** The message cannot be inflated, or passes the limit on the way. */
  | { readonly kind: "bad-compression"; readonly tooLarge: boolean; readonly message: string };

const noBytes = new Uint8Array(0);
/** The first size of a buffer that a message is gathered in, and how many times as much as has come a later one takes. */
const minGatheredBytes = 16 * 1024;
const growthFactor = 8;

/** Whether `bytes[start..end)` is exactly one uncompressed message with its prefix: the common case, which needs no reader. */
export function isWholeMessage(bytes: Uint8Array, start: number, end: number, maxBytes: number): boolean {
  const length = end - start - prefixBytes;
  if (length < 0 || length > maxBytes || length > 0xffffff) return false;
  return (
    bytes[start] === 0 &&
    bytes[start + 1] === 0 &&
    (((bytes[start + 2] as number) << 16) | ((bytes[start + 3] as number) << 8) | (bytes[start + 4] as number)) ===
      length
  );
}

/** A whole message that waits, as it came. */
interface ParkedMessage {
  readonly flag: number;
  readonly bytes: Uint8Array;
}

export class MessageReader {
  readonly #sink: MessageSink;
  readonly #maxBytes: number;
  readonly #compressor: Compressor | undefined;
  /**
   * Messages kept as they came: a small message may inflate to the limit, so it is only inflated for a reader who waits.
   * The stream's window bounds what is here.
   */
  readonly #parked = new Fifo<ParkedMessage>();
  /** Prefix and message gathered so far. */
  #gathered: Uint8Array = noBytes;
  #gatheredBytes = 0;
  /** Length of the message at hand; -1 while its prefix is not whole. */
  #length = -1;
  #stopped = false;

  constructor(sink: MessageSink, options: { readonly maxBytes: number; readonly compressor: Compressor | undefined }) {
    this.#sink = sink;
    this.#maxBytes = options.maxBytes;
    this.#compressor = options.compressor;
  }

  /** Whether whole messages wait for a reader. */
  get hasParked(): boolean {
    return this.#parked.length > 0;
  }

  /** A reader waits: gives out what is parked while one does. */
  resume(): void {
    while (this.#parked.length > 0 && !this.#stopped && this.#sink.isAwaited()) {
      const { flag, bytes } = this.#parked.shift() as ParkedMessage;
      this.#give(flag, bytes, 0, bytes.length);
    }
  }

  /** Whether a message has begun and not ended. */
  get inMessage(): boolean {
    return this.#gatheredBytes > 0;
  }

  stop(): void {
    this.#stopped = true;
    this.#gathered = noBytes;
    this.#gatheredBytes = 0;
    this.#parked.clear();
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    let at = start;
    while (at < end && !this.#stopped) {
      if (this.#gatheredBytes > 0 || end - at < prefixBytes) at = this.#gather(bytes, at, end);
      else {
        const length = this.#readPrefix(bytes, at);
        if (length < 0) return;
        const messageEnd = at + prefixBytes + length;
        if (messageEnd > end) at = this.#gather(bytes, at, end);
        else {
          this.#deliver(bytes[at] as number, bytes, at + prefixBytes, messageEnd);
          at = messageEnd;
        }
      }
    }
  }

  #deliver(flag: number, bytes: Uint8Array, start: number, end: number): void {
    if (this.#parked.length > 0 || (flag === 1 && !this.#sink.isAwaited())) {
      this.#parked.push({ flag, bytes: copyBytes(bytes, start, end) });
    } else this.#give(flag, bytes, start, end);
  }

  #give(flag: number, bytes: Uint8Array, start: number, end: number): void {
    const cost = prefixBytes + end - start;
    if (flag === 0 || this.#compressor === undefined) return this.#sink.onMessage(bytes, start, end, cost);
    let inflated: Uint8Array;
    try {
      inflated = this.#compressor.decompress(bytes.subarray(start, end), this.#maxBytes);
    } catch (error) {
      const tooLarge = error instanceof CompressionError && error.code === "too-large";
      const message = error instanceof Error ? error.message : String(error);
      this.#fault({ kind: "bad-compression", tooLarge, message });
      return;
    }
    this.#sink.onMessage(inflated, 0, inflated.length, cost);
  }

  /** The message's length, or -1 after telling of a fault. */
  #readPrefix(bytes: Uint8Array, at: number): number {
    const flag = bytes[at] as number;
    if (flag !== 0 && (flag !== 1 || this.#compressor === undefined)) return this.#fault({ kind: "bad-flag", flag });
    const length =
      (bytes[at + 1] as number) * 0x1000000 +
      (((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number));
    return length > this.#maxBytes ? this.#fault({ kind: "too-large", length }) : length;
  }

  #fault(fault: MessageFault): -1 {
    this.stop();
    this.#sink.onMessageFault(fault);
    return -1;
  }

  #gather(bytes: Uint8Array, at: number, end: number): number {
    const wanted = this.#length < 0 ? prefixBytes : prefixBytes + this.#length;
    const count = Math.min(end - at, wanted - this.#gatheredBytes);
    this.#reserve(this.#gatheredBytes + count, wanted);
    this.#gathered.set(bytes.subarray(at, at + count), this.#gatheredBytes);
    this.#gatheredBytes += count;
    if (this.#length < 0 && this.#gatheredBytes === prefixBytes) {
      this.#length = this.#readPrefix(this.#gathered, 0);
      if (this.#length < 0) return end;
    }
    if (this.#length >= 0 && this.#gatheredBytes === prefixBytes + this.#length) {
      const whole = this.#gathered;
      const messageEnd = this.#gatheredBytes;
      this.#gathered = noBytes;
      this.#gatheredBytes = 0;
      this.#length = -1;
      this.#deliver(whole[0] as number, whole, prefixBytes, messageEnd);
    }
    return at + count;
  }

  #reserve(needed: number, wanted: number): void {
    if (needed <= this.#gathered.length) return;
    const size = Math.min(wanted, Math.max(minGatheredBytes, needed * growthFactor));
    const larger = new Uint8Array(wanted === prefixBytes ? prefixBytes : size);
    larger.set(this.#gathered.subarray(0, this.#gatheredBytes));
    this.#gathered = larger;
  }
}
