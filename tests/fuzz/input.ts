// Fuzz support: reads decisions off the bytes that the fuzzer made up. Past their end all is zero, so that every input means
// something and a shorter one means less.

export class Input {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length;
  }

  byte(): number {
    return this.#bytes[this.#at++] ?? 0;
  }

  /** A number of 16 bits. */
  short(): number {
    return (this.byte() << 8) | this.byte();
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.byte() % choices.length] as Choice;
  }

  /** So many bytes, or as many as are left: a copy. */
  take(count: number): Uint8Array {
    const start = Math.min(this.#at, this.#bytes.length);
    this.#at += count;
    return Uint8Array.from(this.#bytes.subarray(start, start + count));
  }

  /** Up to 255 bytes behind their number. */
  some(): Uint8Array {
    return this.take(this.byte());
  }

  rest(): Uint8Array {
    return this.take(Math.max(0, this.#bytes.length - this.#at));
  }
}

/** Bytes in pieces: whole, one by one, or cut as `sizes` say, over and over. */
export function cutBytes(bytes: Uint8Array, sizes: ArrayLike<number>): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const end = at + Math.max(1, sizes[turn % sizes.length] ?? bytes.length);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
