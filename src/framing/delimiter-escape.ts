// Framing layer: how a message may contain its own delimiter. The delimiter's first byte never appears in what is encoded
// here, so no part of it can be taken for a delimiter. After SLIP (RFC 1055), for any delimiter.
import type { Writer } from "../bytes/index.ts";
import { FramingError } from "./framing.ts";

/** Escapes one byte value, and the escape byte itself. */
export class DelimiterEscape {
  readonly #first: number;
  readonly #escape: number;
  /** Written behind the escape byte for the delimiter's first byte, and for the escape byte. */
  readonly #firstStandIn: number;
  readonly #escapeStandIn: number;

  /** Throws a `FramingError` when the two are the same, or `escapeByte` is no byte. */
  constructor(first: number, escapeByte: number) {
    if (!Number.isInteger(escapeByte) || escapeByte < 0 || escapeByte > 255 || escapeByte === first) {
      throw new FramingError(
        "bad-option",
        `escapeByte is ${escapeByte}; it must be a byte other than the delimiter's first`,
      );
    }
    this.#first = first;
    this.#escape = escapeByte;
    const free = [0, 1, 2, 3].filter((byte) => byte !== first && byte !== escapeByte);
    this.#firstStandIn = free[0] as number;
    this.#escapeStandIn = free[1] as number;
  }

  encode(message: Uint8Array, into: Writer): void {
    let start = 0;
    for (let index = 0; index < message.length; index++) {
      const byte = message[index] as number;
      if (byte !== this.#first && byte !== this.#escape) continue;
      into.writeBytes(message, start, index);
      into.ensure(2);
      into.bytes[into.position++] = this.#escape;
      into.bytes[into.position++] = byte === this.#first ? this.#firstStandIn : this.#escapeStandIn;
      start = index + 1;
    }
    into.writeBytes(message, start);
  }

  /** The message that was escaped; a view of `bytes` when nothing had to be. Undefined when `encode` cannot have made it. */
  decode(bytes: Uint8Array, start: number, end: number): Uint8Array | undefined {
    const wire = bytes.subarray(start, end);
    if (wire.includes(this.#first)) return undefined;
    let escapeAt = wire.indexOf(this.#escape);
    if (escapeAt < 0) return wire;
    const plain = new Uint8Array(wire.length - 1);
    let length = 0;
    let from = 0;
    while (escapeAt >= 0) {
      plain.set(wire.subarray(from, escapeAt), length);
      length += escapeAt - from;
      const standIn = wire[escapeAt + 1];
      if (standIn === this.#firstStandIn) plain[length++] = this.#first;
      else if (standIn === this.#escapeStandIn) plain[length++] = this.#escape;
      else return undefined;
      from = escapeAt + 2;
      escapeAt = wire.indexOf(this.#escape, from);
    }
    plain.set(wire.subarray(from), length);
    return plain.subarray(0, length + wire.length - from);
  }
}
