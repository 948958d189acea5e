// HTTP/2 layer: how much body the peer may still send (RFC 9113 section 5.2), and the credit that goes back to it as bodies are
// dealt with. Every byte of a body comes back to the connection's window, whatever becomes of its stream.
import type { Http2Limits } from "./limits.ts";
import type { Sender } from "./sender.ts";
import type { Http2Stream } from "./stream.ts";
import { WindowGrowth } from "./window-growth.ts";

export class ReceiveCredit {
  /** Bytes of body that the peer may still send on the whole connection. */
  window = 65_535;
  readonly #limits: Http2Limits;
  readonly #sender: Sender;
  readonly #growth: WindowGrowth;
  #owed = 0;

  constructor(limits: Http2Limits, sender: Sender) {
    this.#limits = limits;
    this.#sender = sender;
    this.#growth = new WindowGrowth(limits);
  }

  /** Widens the connection's window to its size. */
  begin(): void {
    const more = this.#limits.connectionWindowBytes - this.window;
    if (more <= 0) return;
    this.#sender.windowUpdate(0, more);
    this.window += more;
  }

  /** The owner of a stream has done with `bytes` of its body. */
  returnFor(stream: Http2Stream, bytes: number): void {
    const count = Math.min(bytes, stream.unconsumed);
    if (count === 0) return;
    stream.unconsumed -= count;
    if (!stream.remoteEnded && !stream.closed) {
      stream.owedCredit += count;
      if (stream.owedCredit * 2 >= stream.windowBytes) {
        const credit = stream.owedCredit + this.#growth.grow(stream);
        this.#sender.windowUpdate(stream.id, credit);
        stream.receiveWindow += credit;
        stream.owedCredit = 0;
        this.#sender.announce();
      }
    }
    this.return(count);
  }

  /** No stream keeps these bytes any more. */
  return(bytes: number): void {
    this.#owed += bytes;
    if (this.#owed * 4 < this.#limits.connectionWindowBytes) return;
    this.#sender.windowUpdate(0, this.#owed);
    this.window += this.#owed;
    this.#owed = 0;
    this.#sender.announce();
  }

  /** The stream is over; `isWhole`: its owner may still have body of it to deal with. */
  end(stream: Http2Stream, isWhole: boolean): void {
    this.#growth.release(stream);
    if (isWhole || stream.unconsumed === 0) return;
    this.return(stream.unconsumed);
    stream.unconsumed = 0;
  }
}
