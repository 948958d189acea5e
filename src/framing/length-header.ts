// Framing layer: messages behind a header that says how long they are. The length is checked before memory is taken.
//
//   +--------+----------------+--------+------------+--
//   | length | message        | length | message    | ...
//   +--------+----------------+--------+------------+--
//
// Headers: unsigned whole numbers of 1, 2, 4 or 8 bytes, or a varint (base 128, low groups first, the top bit says that
// another byte follows; protobuf's encoding guide, "Base 128 Varints"), of at most 10 bytes.
import type { Writer } from "../bytes/index.ts";
import {
  checkByteCount,
  connectionLost,
  defaultMaxMessageBytes,
  type Framing,
  FramingError,
  FramingFault,
  type MessageOwner,
  type MessageReader,
} from "./framing.ts";
import { PartialMessage } from "./partial-message.ts";

/** How the length is written: its bits, and which end comes first (`be` is network order). */
export type LengthHeaderKind = "u8" | "u16be" | "u16le" | "u32be" | "u32le" | "u64be" | "u64le" | "varint";

export interface LengthHeaderOptions {
  readonly header: LengthHeaderKind;
  /** Bytes that a message may have. Default 4 MiB; never more than the header can say. */
  readonly maxMessageBytes?: number;
}

const headerBytesOf: { readonly [kind in LengthHeaderKind]: number } = {
  u8: 1,
  u16be: 2,
  u16le: 2,
  u32be: 4,
  u32le: 4,
  u64be: 8,
  u64le: 8,
  varint: 0,
};

const maxVarintBytes = 10;

/** Messages of any length behind a header that gives it. */
export function lengthHeader(options: LengthHeaderOptions): Framing {
  const headerBytes = headerBytesOf[options.header];
  const wanted = checkByteCount("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes, 0);
  const sayable = headerBytes === 0 || headerBytes === 8 ? Number.MAX_SAFE_INTEGER : 256 ** headerBytes - 1;
  const maxMessageBytes = Math.min(wanted, sayable);
  const isLittleEndian = options.header.endsWith("le");
  return {
    createReader(owner) {
      if (headerBytes === 0) return new LengthHeaderReader(owner, maxMessageBytes, new VarintHeader());
      return new LengthHeaderReader(owner, maxMessageBytes, new FixedHeader(headerBytes, isLittleEndian));
    },
    encode(message: Uint8Array, into: Writer): void {
      if (message.length > maxMessageBytes) {
        throw new FramingError("too-large", `the message has ${message.length} bytes; ${maxMessageBytes} are the most`);
      }
      if (headerBytes === 0) writeVarint(message.length, into);
      else writeFixed(message.length, into, { headerBytes, isLittleEndian });
      into.writeBytes(message);
    },
  };
}

function writeFixed(
  length: number,
  into: Writer,
  { headerBytes, isLittleEndian }: { readonly headerBytes: number; readonly isLittleEndian: boolean },
): void {
  into.ensure(headerBytes);
  let rest = length;
  for (let index = 0; index < headerBytes; index++) {
    into.bytes[into.position + (isLittleEndian ? index : headerBytes - 1 - index)] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  into.position += headerBytes;
}

function writeVarint(length: number, into: Writer): void {
  into.ensure(maxVarintBytes);
  let rest = length;
  while (rest >= 128) {
    into.bytes[into.position++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  into.bytes[into.position++] = rest;
}

/** Reads one header after the other, a byte at a time. */
interface HeaderReader {
  /** Takes the header's next byte; true when it was the last. */
  take(byte: number): boolean;
  /** The header is impossible. */
  readonly isBad: boolean;
  /** The length so far. Above 2^53 it is rounded, and over every limit anyway. */
  readonly length: number;
  /** Bytes taken of the present header. */
  readonly takenBytes: number;
  reset(): void;
}

class FixedHeader implements HeaderReader {
  readonly isBad = false;
  length = 0;
  takenBytes = 0;
  readonly #headerBytes: number;
  readonly #isLittleEndian: boolean;

  constructor(headerBytes: number, isLittleEndian: boolean) {
    this.#headerBytes = headerBytes;
    this.#isLittleEndian = isLittleEndian;
  }

  take(byte: number): boolean {
    if (this.#isLittleEndian) this.length += byte * 256 ** this.takenBytes;
    else this.length = this.length * 256 + byte;
    this.takenBytes++;
    return this.takenBytes === this.#headerBytes;
  }

  reset(): void {
    this.length = this.takenBytes = 0;
  }
}

class VarintHeader implements HeaderReader {
  isBad = false;
  length = 0;
  takenBytes = 0;

  take(byte: number): boolean {
    this.length += (byte & 127) * 128 ** this.takenBytes;
    this.takenBytes++;
    // The tenth byte holds the 64th bit, and nothing may follow it.
    this.isBad = this.takenBytes === maxVarintBytes && byte > 1;
    return byte < 128 || this.isBad;
  }

  reset(): void {
    this.length = this.takenBytes = 0;
  }
}

class LengthHeaderReader implements MessageReader {
  readonly #owner: MessageOwner;
  readonly #maxMessageBytes: number;
  readonly #header: HeaderReader;
  readonly #partial = new PartialMessage();
  /** The length of the message that is being read; undefined while its header is. */
  #bodyBytes: number | undefined;
  #fault: FramingFault | undefined;

  constructor(owner: MessageOwner, maxMessageBytes: number, header: HeaderReader) {
    this.#owner = owner;
    this.#maxMessageBytes = maxMessageBytes;
    this.#header = header;
  }

  receive(bytes: Uint8Array, start: number, end: number): FramingFault | undefined {
    let at = start;
    while (this.#fault === undefined) {
      if (this.#bodyBytes === undefined) {
        while (at < end && this.#bodyBytes === undefined && this.#fault === undefined)
          this.#takeHeader(bytes[at++] as number);
        if (this.#bodyBytes === undefined) break;
      }
      const rest = this.#bodyBytes - this.#partial.length;
      if (end - at < rest) {
        this.#partial.append(bytes, at, end);
        break;
      }
      this.#bodyBytes = undefined;
      at += rest;
      this.#finish(bytes, at - rest, at);
    }
    return this.#fault;
  }

  end(): FramingFault | undefined {
    if (this.#fault !== undefined) return this.#fault;
    if (this.#bodyBytes !== undefined) {
      return connectionLost(`inside a message of ${this.#bodyBytes} bytes`, this.#partial.length);
    }
    const { takenBytes } = this.#header;
    return takenBytes === 0 ? undefined : connectionLost("inside the header of a message", takenBytes);
  }

  #takeHeader(byte: number): void {
    const header = this.#header;
    if (!header.take(byte)) return;
    if (header.isBad) {
      this.#fault = new FramingFault("bad-length", `the length of a message has more than 64 bits`);
    } else if (header.length > this.#maxMessageBytes) {
      const limit = `${this.#maxMessageBytes} are the most`;
      this.#fault = new FramingFault("too-large", `a message of ${header.length} bytes was announced; ${limit}`);
    } else {
      this.#bodyBytes = header.length;
    }
    header.reset();
  }

  #finish(bytes: Uint8Array, start: number, end: number): void {
    const partial = this.#partial;
    if (partial.length === 0) {
      this.#owner.onMessage(bytes, start, end);
      return;
    }
    partial.append(bytes, start, end);
    this.#owner.onMessage(partial.bytes, 0, partial.length);
    partial.clear();
  }
}
