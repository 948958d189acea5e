// Framing layer: messages that end with a delimiter, found also where it lies across two reads.
//
//   +----------------+-----------+------------+-----------+--
//   | message        | delimiter | message    | delimiter | ...
//   +----------------+-----------+------------+-----------+--
//
// A message that contains the delimiter is rejected when it is encoded, or carried by escaping: the delimiter's first byte
// and the escape byte are each written as the escape byte and a stand-in, as in SLIP (RFC 1055).
import type { Writer } from "../bytes/index.ts";
import { DelimiterEscape } from "./delimiter-escape.ts";
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

export interface DelimiterOptions {
  /** The bytes, or text in UTF-8, that end a message; at least one byte. */
  readonly delimiter: Uint8Array | string;
  /** What becomes of a message that contains the delimiter. */
  readonly inside: "reject" | "escape";
  /** The byte that marks a stand-in; not the delimiter's first. Default 0x1B (ESC). */
  readonly escapeByte?: number;
  /** Bytes that a message may have, not counting what escaping adds. Default 4 MiB. */
  readonly maxMessageBytes?: number;
}

/** Messages of any length, each followed by a delimiter. */
export function delimiter(options: DelimiterOptions): Framing {
  const given = options.delimiter;
  const mark = typeof given === "string" ? new TextEncoder().encode(given) : given.slice();
  if (mark.length === 0) throw new FramingError("bad-option", "the delimiter is empty");
  const maxMessageBytes = checkByteCount("maxMessageBytes", options.maxMessageBytes ?? defaultMaxMessageBytes, 0);
  const escaping =
    options.inside === "escape" ? new DelimiterEscape(mark[0] as number, options.escapeByte ?? 0x1b) : undefined;
  return {
    createReader: (owner) => new DelimiterReader(owner, { mark, maxMessageBytes, escaping }),
    encode(message: Uint8Array, into: Writer): void {
      if (message.length > maxMessageBytes) {
        throw new FramingError("too-large", `the message has ${message.length} bytes; ${maxMessageBytes} are the most`);
      }
      if (escaping !== undefined) escaping.encode(message, into);
      else {
        checkFree(message, mark);
        into.writeBytes(message);
      }
      into.writeBytes(mark);
    },
  };
}

/** Whether `bytes[at..)` begins with as much of `mark` from `from` on as lies before `end`. */
function matches(
  bytes: Uint8Array,
  at: number,
  { mark, from, end }: { mark: Uint8Array; from: number; end: number },
): boolean {
  for (let index = from; index < mark.length && at + index - from < end; index++) {
    if (bytes[at + index - from] !== mark[index]) return false;
  }
  return true;
}

/** Where `mark` first lies whole in `bytes[start..end)`, or -1. */
function find(bytes: Uint8Array, start: number, { mark, end }: { mark: Uint8Array; end: number }): number {
  const first = mark[0] as number;
  const searched = bytes.subarray(0, end);
  let at = searched.indexOf(first, start);
  while (at >= 0 && at + mark.length <= end) {
    if (matches(searched, at, { mark, from: 0, end })) return at;
    at = searched.indexOf(first, at + 1);
  }
  return -1;
}

/** Throws when a reader would find the delimiter before the end of `message`, also by its last bytes and the delimiter's first. */
function checkFree(message: Uint8Array, mark: Uint8Array): void {
  let at = find(message, 0, { mark, end: message.length });
  for (let start = Math.max(0, message.length - mark.length + 1); at < 0 && start < message.length; start++) {
    const inside = message.length - start;
    const overlaps =
      matches(message, start, { mark, from: 0, end: message.length }) &&
      matches(mark, 0, { mark, from: inside, end: mark.length });
    if (overlaps) at = start;
  }
  if (at < 0) return;
  throw new FramingError("contains-delimiter", `the message contains its delimiter at byte ${at}; let it be escaped`);
}

interface DelimiterSetup {
  readonly mark: Uint8Array;
  readonly maxMessageBytes: number;
  readonly escaping: DelimiterEscape | undefined;
}

class DelimiterReader implements MessageReader {
  readonly #owner: MessageOwner;
  readonly #mark: Uint8Array;
  readonly #maxMessageBytes: number;
  /** Bytes that a message may have on the wire. */
  readonly #maxWireBytes: number;
  readonly #escaping: DelimiterEscape | undefined;
  /** What has come of the present message, and perhaps the beginning of its delimiter. */
  readonly #partial = new PartialMessage();
  #fault: FramingFault | undefined;

  constructor(owner: MessageOwner, setup: DelimiterSetup) {
    this.#owner = owner;
    this.#mark = setup.mark;
    this.#maxMessageBytes = setup.maxMessageBytes;
    this.#maxWireBytes = setup.escaping === undefined ? setup.maxMessageBytes : 2 * setup.maxMessageBytes;
    this.#escaping = setup.escaping;
  }

  receive(bytes: Uint8Array, start: number, end: number): FramingFault | undefined {
    const partial = this.#partial;
    const mark = this.#mark;
    let at = this.#finishAcross(bytes, start, end);
    while (this.#fault === undefined) {
      const found = find(bytes, at, { mark, end });
      if (found < 0) break;
      if (partial.length === 0) {
        this.#finish(bytes, at, found);
      } else {
        partial.append(bytes, at, found);
        this.#finish(partial.bytes, 0, partial.length);
        partial.clear();
      }
      at = found + mark.length;
    }
    if (this.#fault !== undefined) return this.#fault;
    // All but the last bytes, which may begin a delimiter, are the message's for sure.
    const sureBytes = partial.length + end - at - (mark.length - 1);
    if (sureBytes > this.#maxWireBytes) this.#fault = this.#tooLarge(`more than ${this.#maxWireBytes}`);
    else if (at < end) partial.append(bytes, at, end);
    return this.#fault;
  }

  end(): FramingFault | undefined {
    const { length } = this.#partial;
    return this.#fault ?? (length === 0 ? undefined : connectionLost("before the delimiter of a message", length));
  }

  /** Finishes the present message if its delimiter began in an earlier read; returns where the next one begins. */
  #finishAcross(bytes: Uint8Array, start: number, end: number): number {
    const partial = this.#partial;
    const mark = this.#mark;
    const earliest = Math.max(0, partial.length - mark.length + 1);
    for (let at = earliest; at < partial.length; at++) {
      const inPartial = partial.length - at;
      if (start + mark.length - inPartial > end) continue;
      if (!matches(partial.bytes, at, { mark, from: 0, end: partial.length })) continue;
      if (!matches(bytes, start, { mark, from: inPartial, end })) continue;
      this.#finish(partial.bytes, 0, at);
      partial.clear();
      return start + mark.length - inPartial;
    }
    return start;
  }

  #finish(bytes: Uint8Array, start: number, end: number): void {
    const wireBytes = end - start;
    if (wireBytes > this.#maxWireBytes) {
      this.#fault = this.#tooLarge(String(wireBytes));
    } else if (this.#escaping === undefined) {
      this.#owner.onMessage(bytes, start, end);
    } else {
      const plain = this.#escaping.decode(bytes, start, end);
      if (plain === undefined) {
        this.#fault = new FramingFault("bad-escape", "a message has an escape byte without its stand-in");
      } else if (plain.length > this.#maxMessageBytes) {
        this.#fault = this.#tooLarge(String(plain.length));
      } else {
        this.#owner.onMessage(plain, 0, plain.length);
      }
    }
  }

  #tooLarge(size: string): FramingFault {
    return new FramingFault("too-large", `a message has ${size} bytes; ${this.#maxMessageBytes} are the most`);
  }
}
