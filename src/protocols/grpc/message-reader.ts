// gRPC: messages out of a stream's body (PROTOCOL-HTTP2.md, "Length-Prefixed-Message"). A message that came in one piece is
// handed on in place; one that did not is gathered, with memory taken only as its bytes come.
//
//   0        1                 5
//  +--------+-----------------+------------------
//  | flag   | length, 32 bits | message ...
//  +--------+-----------------+------------------
import { CompressionError, type Compressor } from "../../host/compression.ts";
import { Backlog } from "./backlog.ts";
import { prefixBytes } from "./names.ts";

export interface MessageSink {
  /** One whole message, lent until return. It came as `cost` bytes. */
  onMessage(bytes: Uint8Array, start: number, end: number, cost: number): void;
  /** Whether the next message may be given now; while it may not, the body stays as it came. */
  takes(isCompressed: boolean): boolean;
  /** A message of so many bytes has begun, and not all of it is here: whether there is memory for all of it now. */
  onPart(length: number): boolean;
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
/**
 * The first size of a buffer that a message is gathered in, and how many times as much as has come a later one takes: where
 * there is memory for the whole message, and where there may not be.
 */
const minGatheredBytes = 16 * 1024;
const growthFactor = 8;
const carefulGrowthFactor = 2;

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

export class MessageReader {
  readonly #sink: MessageSink;
  readonly #maxBytes: number;
  readonly #compressor: Compressor | undefined;
  /**
   * The body as it came, from the first message on that nobody takes yet: a small message may inflate to the limit, and many
   * small ones take more as messages than as bytes. The stream's window bounds what is here.
   */
  readonly #backlog = new Backlog();
  #isReading = false;
  /** Prefix and message gathered so far. */
  #gathered: Uint8Array = noBytes;
  #gatheredBytes = 0;
  /** Length of the message at hand; -1 while its prefix is not whole. */
  #length = -1;
  /** All of it is gathered, and nobody has taken it. */
  #isWhole = false;
  #stopped = false;

  constructor(sink: MessageSink, options: { readonly maxBytes: number; readonly compressor: Compressor | undefined }) {
    this.#sink = sink;
    this.#maxBytes = options.maxBytes;
    this.#compressor = options.compressor;
  }

  /** Whether some of the body waits to be taken. */
  get hasParked(): boolean {
    return this.#backlog.length > 0 || this.#isWhole;
  }

  /** More is taken: gives out what waits, while it is. */
  resume(): void {
    if (this.#isReading || this.#stopped) return;
    const { bytes, start, end } = this.#backlog;
    const at = this.#read(bytes, start, end);
    if (!this.#stopped) this.#backlog.readTo(at);
  }

  /** Whether a message has begun and not ended. */
  get inMessage(): boolean {
    return this.#gatheredBytes > 0;
  }

  /** The bytes of that message, its prefix included; -1 while they are not known. */
  get partBytes(): number {
    return this.#length < 0 ? -1 : prefixBytes + this.#length;
  }

  stop(): void {
    this.#stopped = true;
    this.#gathered = noBytes;
    this.#gatheredBytes = 0;
    this.#isWhole = false;
    this.#backlog.clear();
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    if (this.#stopped) return;
    if (this.hasParked) return this.#backlog.append(bytes, start, end);
    const at = this.#read(bytes, start, end);
    if (at < end && !this.#stopped) this.#backlog.append(bytes, at, end);
  }

  /** Gives out messages while they are taken; how far it came. */
  #read(bytes: Uint8Array, start: number, end: number): number {
    this.#isReading = true;
    let at = start;
    while (!this.#stopped) {
      if (this.#isWhole) {
        if (!this.#sink.takes(this.#gathered[0] === 1)) break;
        this.#giveGathered();
      } else if (at === end) break;
      else if (this.#gatheredBytes > 0) at = this.#gather(bytes, at, end);
      else if (!this.#sink.takes(bytes[at] === 1)) break;
      else at = this.#readMessage(bytes, at, end);
    }
    this.#isReading = false;
    return at;
  }

  #readMessage(bytes: Uint8Array, at: number, end: number): number {
    if (end - at < prefixBytes) return this.#gather(bytes, at, end);
    const length = this.#readPrefix(bytes, at);
    if (length < 0) return end;
    const messageEnd = at + prefixBytes + length;
    if (messageEnd > end) return this.#gather(bytes, at, end);
    this.#give(bytes[at] as number, bytes, at + prefixBytes, messageEnd);
    return messageEnd;
  }

  #giveGathered(): void {
    const whole = this.#gathered;
    const messageEnd = this.#gatheredBytes;
    this.#gathered = noBytes;
    this.#gatheredBytes = 0;
    this.#length = -1;
    this.#isWhole = false;
    this.#give(whole[0] as number, whole, prefixBytes, messageEnd);
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
    this.#isWhole = this.#length >= 0 && this.#gatheredBytes === prefixBytes + this.#length;
    return at + count;
  }

  #reserve(needed: number, wanted: number): void {
    if (needed <= this.#gathered.length) return;
    const isSure = this.#length >= 0 && this.#sink.onPart(wanted);
    const factor = isSure ? growthFactor : carefulGrowthFactor;
    const size = Math.min(wanted, Math.max(minGatheredBytes, needed * factor));
    const larger = new Uint8Array(wanted === prefixBytes ? prefixBytes : size);
    larger.set(this.#gathered.subarray(0, this.#gatheredBytes));
    this.#gathered = larger;
  }
}
