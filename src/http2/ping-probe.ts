// HTTP/2 layer: the PING by which we ask whether the peer is there (RFC 9113 section 6.7), one at a time. It sends nothing
// and keeps no deadline: `connection.ts` sends what it marks, and `keep-alive.ts` says how long an answer may take.

/** "prob": distinguishes our question from the mark of a drain. The question's number follows. */
const mark = [0x70, 0x72, 0x6f, 0x62] as const;

export class PingProbe {
  #count = 0;
  #askedAt = 0;
  #isOut = false;

  /** A question is on its way that has not been answered. */
  get isOut(): boolean {
    return this.#isOut;
  }

  /** When the last question was asked. */
  get askedAt(): number {
    return this.#askedAt;
  }

  /** Begins a question; returns the payload of its PING. */
  ask(now: number): Uint8Array {
    this.#count++;
    this.#askedAt = now;
    this.#isOut = true;
    return this.#payload();
  }

  /** Takes the payload of an acknowledgement: the time that it took in milliseconds; undefined when it is not this question's. */
  answer(payload: Uint8Array, now: number): number | undefined {
    if (!this.#isOut) return undefined;
    const expected = this.#payload();
    if (!payload.every((byte, index) => byte === expected[index])) return undefined;
    this.#isOut = false;
    return now - this.#askedAt;
  }

  #payload(): Uint8Array {
    const count = this.#count;
    return Uint8Array.of(...mark, count >>> 24, count >>> 16, count >>> 8, count);
  }
}
