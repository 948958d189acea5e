// gRPC: messages out of a stream's body (PROTOCOL-HTTP2.md, "Length-Prefixed-Message"). A message that came in one piece is
// handed on in place; one that did not is gathered, with memory taken only as its bytes come.
//
//   0        1                 5
//  +--------+-----------------+------------------
//  | flag   | length, 32 bits | message ...
//  +--------+-----------------+------------------
import { prefixBytes } from "./names.ts";

export interface MessageSink {
  /** One whole message, lent until return. */
  onMessage(bytes: Uint8Array, start: number, end: number): void;
  /** The body is not what it should be; nothing is read any more. */
  onMessageFault(fault: MessageFault): void;
}

export type MessageFault =
  /** The length passes the limit; nothing of the message was kept. */
  | { readonly kind: "too-large"; readonly length: number }
  /** The flag says compressed (1) or is no flag at all. */
  | { readonly kind: "bad-flag"; readonly flag: number };

const noBytes = new Uint8Array(0);
/** The first size of a buffer that a message is gathered in; it doubles as bytes come. */
const minGatheredBytes = 16 * 1024;

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
  /** Prefix and message gathered so far. */
  #gathered: Uint8Array = noBytes;
  #gatheredBytes = 0;
  /** Length of the message at hand; -1 while its prefix is not whole. */
  #length = -1;
  #stopped = false;

  constructor(sink: MessageSink, maxBytes: number) {
    this.#sink = sink;
    this.#maxBytes = maxBytes;
  }

  /** Whether a message has begun and not ended. */
  get inMessage(): boolean {
    return this.#gatheredBytes > 0;
  }

  stop(): void {
    this.#stopped = true;
    this.#gathered = noBytes;
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
          this.#sink.onMessage(bytes, at + prefixBytes, messageEnd);
          at = messageEnd;
        }
      }
    }
  }

  /** The message's length, or -1 after telling of a fault. */
  #readPrefix(bytes: Uint8Array, at: number): number {
    const flag = bytes[at] as number;
    if (flag !== 0) return this.#fault({ kind: "bad-flag", flag });
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
      this.#sink.onMessage(whole, prefixBytes, messageEnd);
    }
    return at + count;
  }

  #reserve(needed: number, wanted: number): void {
    if (needed <= this.#gathered.length) return;
    const size = Math.max(needed, Math.min(wanted, Math.max(minGatheredBytes, this.#gathered.length * 2)));
    const larger = new Uint8Array(wanted === prefixBytes ? prefixBytes : size);
    larger.set(this.#gathered.subarray(0, this.#gatheredBytes));
    this.#gathered = larger;
  }
}
