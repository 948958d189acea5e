// Framing layer: messages that all have the same length, so that no byte is spent on saying it.
//
//   +----------------+----------------+--
//   | message        | message        | ...      each `messageBytes` long
//   +----------------+----------------+--
import type { Writer } from "../bytes/index.ts";
import {
  checkByteCount,
  connectionLost,
  type Framing,
  FramingError,
  type FramingFault,
  type MessageOwner,
  type MessageReader,
} from "./framing.ts";
import { PartialMessage } from "./partial-message.ts";

/** Messages of exactly `messageBytes` bytes, at least 1. A shorter or longer one cannot be encoded. */
export function fixedLength({ messageBytes }: { readonly messageBytes: number }): Framing {
  checkByteCount("messageBytes", messageBytes, 1);
  return {
    createReader: (owner) => new FixedLengthReader(owner, messageBytes),
    encode(message: Uint8Array, into: Writer): void {
      if (message.length !== messageBytes) {
        throw new FramingError(
          "wrong-length",
          `the message has ${message.length} bytes; each has ${messageBytes} here`,
        );
      }
      into.writeBytes(message);
    },
  };
}

class FixedLengthReader implements MessageReader {
  readonly #owner: MessageOwner;
  readonly #messageBytes: number;
  readonly #partial = new PartialMessage();

  constructor(owner: MessageOwner, messageBytes: number) {
    this.#owner = owner;
    this.#messageBytes = messageBytes;
  }

  receive(bytes: Uint8Array, start: number, end: number): undefined {
    const partial = this.#partial;
    let at = start;
    if (partial.length > 0) {
      const to = Math.min(end, at + this.#messageBytes - partial.length);
      partial.append(bytes, at, to);
      at = to;
      if (partial.length < this.#messageBytes) return;
      this.#owner.onMessage(partial.bytes, 0, partial.length);
      partial.clear();
    }
    while (end - at >= this.#messageBytes) {
      this.#owner.onMessage(bytes, at, at + this.#messageBytes);
      at += this.#messageBytes;
    }
    if (at < end) partial.append(bytes, at, end);
  }

  end(): FramingFault | undefined {
    const { length } = this.#partial;
    return length === 0 ? undefined : connectionLost(`inside a message of ${this.#messageBytes} bytes`, length);
  }
}
