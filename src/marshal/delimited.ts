// Marshal layer: many messages of one type in one file or stream, each behind its length, a varint, as protobuf's
// `writeDelimitedTo` and `parseDelimitedFrom` have it. Framing finds them; nothing here reads from anywhere.

import { writeVarint32 } from "../bytes/numbers.ts";
import { Writer } from "../bytes/writer.ts";
import { type FramingFault, type FramingFaultCode, lengthHeader } from "../framing/index.ts";
import { MarshalError, type MarshalErrorCode } from "./errors.ts";
import { defaultDecodeLimits } from "./message-type.ts";
import type { DecodeLimits, MessageType } from "./types.ts";

/** What bounds who reads messages behind their lengths. */
export interface DelimitedLimits extends DecodeLimits {
  /** Bytes of one message, checked before memory is taken. Default 4 MiB. */
  readonly maxMessageBytes: number;
}

/** The message behind its length. Put one behind the other. Throws a `MarshalError`. */
export function encodeDelimited<Message, Init>(type: MessageType<Message, Init>, value: NoInfer<Init>): Uint8Array {
  const bytes = type.encode(value);
  const into = new Writer();
  writeVarint32(into, bytes.length);
  into.writeBytes(bytes);
  return into.toBytes();
}

/** All messages in `bytes`, each behind its length. Throws a `MarshalError`, also when the last is not whole. */
export function decodeDelimited<Message>(
  type: MessageType<Message, never>,
  bytes: Uint8Array,
  limits?: Partial<DelimitedLimits>,
): Message[] {
  const reader = new DelimitedReader(type, limits);
  reader.receive(bytes);
  reader.end();
  const messages = reader.take();
  reader.check();
  return messages;
}

/**
 * The messages in bytes that come in any pieces - a file's read stream, a socket - as soon as each is whole. Throws a
 * `MarshalError` behind the last good message, also when the bytes end inside one.
 */
export async function* readDelimited<Message>(
  type: MessageType<Message, never>,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits?: Partial<DelimitedLimits>,
): AsyncGenerator<Message, void, undefined> {
  const reader = new DelimitedReader(type, limits);
  for await (const chunk of chunks) {
    reader.receive(chunk);
    yield* reader.take();
    reader.check();
  }
  reader.end();
  reader.check();
}

const codes: { readonly [code in FramingFaultCode]: MarshalErrorCode } = {
  "connection-lost": "truncated",
  "too-large": "too-large",
  "bad-length": "bad-varint",
  "bad-escape": "bad-varint",
};

/** Collects messages until something is wrong. */
class DelimitedReader<Message> {
  readonly #framing;
  #messages: Message[] = [];
  #fault: unknown;

  constructor(type: MessageType<Message, never>, limits: Partial<DelimitedLimits> = {}) {
    const { maxMessageBytes, ...others } = limits;
    const decodeLimits = { ...defaultDecodeLimits, ...others };
    const framing = lengthHeader({ header: "varint", ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }) });
    this.#framing = framing.createReader({
      onMessage: (bytes, start, end) => {
        if (this.#fault !== undefined) return;
        try {
          this.#messages.push(type.codec.decode(bytes, start, end, decodeLimits));
        } catch (error) {
          this.#fault = error;
        }
      },
    });
  }

  receive(bytes: Uint8Array): void {
    this.#note(this.#framing.receive(bytes, 0, bytes.length));
  }

  end(): void {
    this.#note(this.#framing.end());
  }

  /** The messages that became whole. */
  take(): Message[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }

  /** Throws what was wrong behind the messages taken. */
  check(): void {
    if (this.#fault !== undefined) throw this.#fault;
  }

  #note(fault: FramingFault | undefined): void {
    if (fault === undefined) return;
    const detail = fault.code === "connection-lost" ? "the bytes end inside a message or its length" : fault.message;
    this.#fault ??= new MarshalError(codes[fault.code], detail, { cause: fault });
  }
}
