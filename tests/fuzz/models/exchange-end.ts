// Fuzz support: one side of an exchange between two of our own machines. It sends a body that tells its sender and place in
// every byte, checks the other's, and ends exactly once.
import assert from "node:assert/strict";
import { type Exchange, type ExchangeOwner, type ExchangeReset, type Fields, FieldTemplate } from "farcall/http";

const trailers = new FieldTemplate(["x-status", "0"]);

/** How one side goes about an exchange. Sizes in bytes. */
export interface EndPlan {
  /** Tells its bodies from the other side's. */
  readonly seed: number;
  readonly peerSeed: number;
  readonly bytes: number;
  readonly pieceBytes: number;
  readonly withTail: boolean;
  /** It cuts the exchange when so many bytes came. */
  readonly cutAfter: number;
}

export class ExchangeEnd implements ExchangeOwner {
  exchange: Exchange | undefined;
  /** The other side's direction ended; it was cut by us, or we were told so. */
  heardAll = false;
  hasCut = false;
  reset: ExchangeReset | undefined;
  received = 0;
  onEnd: (() => void) | undefined;
  readonly #plan: EndPlan;
  readonly #isTrusted: () => boolean;
  #unconsumed = 0;
  #sent = 0;
  #begun = false;
  #waits = false;
  #sentAll = false;

  /** `isTrusted`: whether nothing was damaged on the way so far. */
  constructor(plan: EndPlan, isTrusted: () => boolean) {
    this.#plan = plan;
    this.#isTrusted = isTrusted;
  }

  get isCut(): boolean {
    return this.hasCut || this.reset !== undefined;
  }

  get hasSentAll(): boolean {
    return this.#sentAll && !this.#waits;
  }

  /** Sends as much as is taken, now and whenever more is. */
  write(): void {
    this.#begun = true;
    const { bytes, pieceBytes, seed, withTail } = this.#plan;
    while (this.exchange !== undefined && !this.#waits && !this.#sentAll && !this.isCut) {
      const count = Math.min(pieceBytes, bytes - this.#sent);
      const last = this.#sent + count === bytes && !withTail;
      if (count === 0 && !last) {
        this.#sentAll = true;
        return this.exchange.tail(trailers, undefined);
      }
      const from = this.#sent;
      this.exchange.begin().writeBytes(Uint8Array.from({ length: count }, (_, index) => byteAt(seed, from + index)));
      this.#sent += count;
      this.#sentAll = last;
      this.#waits = this.exchange.commit(last) === "held";
    }
  }

  /** Gives credit for all that came; false when there is nothing. */
  consume(): boolean {
    const bytes = this.#unconsumed;
    this.#unconsumed = 0;
    if (bytes > 0) this.exchange?.consumed(bytes);
    return bytes > 0;
  }

  cut(): void {
    if (this.isCut || this.exchange === undefined) return;
    this.hasCut = true;
    this.exchange.reset("CANCEL");
  }

  onHead(_fields: Fields, last: boolean): void {
    if (last) this.#end();
  }

  onBody(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    assert.ok(!this.heardAll && !this.isCut, "body came after the end");
    for (let at = start; at < end && this.#isTrusted(); at++) {
      assert.equal(bytes[at], byteAt(this.#plan.peerSeed, this.received + at - start));
    }
    this.received += end - start;
    this.#unconsumed += end - start;
    if (this.received >= this.#plan.cutAfter) this.cut();
    else if (last) this.#end();
  }

  onTail(): void {
    this.#end();
  }

  onWritable(): void {
    assert.ok(this.#waits, "what does not wait is told to go on");
    this.#waits = false;
    if (this.#begun) this.write();
  }

  onReset(reset: ExchangeReset): void {
    assert.ok(!this.isCut, "an exchange was cut twice");
    this.reset = reset;
  }

  #end(): void {
    assert.ok(!this.heardAll && !this.isCut, "an exchange ended twice");
    this.heardAll = true;
    this.onEnd?.();
  }
}

function byteAt(seed: number, index: number): number {
  return (seed * 37 + index * 11 + (index >> 8)) & 0xff;
}
