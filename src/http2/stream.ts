// HTTP/2 layer: one stream's state (RFC 9113 section 5.1) and its face towards protocols. What a stream says goes to its
// connection; this file decides nothing about frames.
import type { Fifo } from "../bytes/fifo.ts";
import type { Writer } from "../bytes/writer.ts";
import type { Exchange, ExchangeOwner, ResetCode } from "../http/exchange.ts";
import type { FieldTemplate } from "../http/fields.ts";

/** Body and tail that wait for credit or for the socket. */
export interface Held {
  /** Pieces of body, oldest first; `at` bytes of the first have left. */
  readonly parts: Fifo<Uint8Array>;
  at: number;
  /** Bytes that wait; those that have left since something waits, and how many they were at the last look. */
  bytes: number;
  sentBytes: number;
  seenBytes: number;
  /** Nothing follows the last piece, or the tail does. */
  ends: boolean;
  tail: { readonly template: FieldTemplate; readonly extra: readonly string[] | undefined } | undefined;
}

/** What a stream asks of its connection. */
export interface StreamHost {
  readonly maxFieldListBytes: number;
  sendHead(stream: Http2Stream, template: FieldTemplate, extra: readonly string[] | undefined, last: boolean): void;
  beginBody(stream: Http2Stream): Writer;
  commitBody(stream: Http2Stream, last: boolean): "sent" | "held";
  abandonBody(): void;
  sendTail(stream: Http2Stream, template: FieldTemplate, extra: readonly string[] | undefined): void;
  finishBody(stream: Http2Stream): void;
  returnCredit(stream: Http2Stream, bytes: number): void;
  reserve(stream: Http2Stream, bytes: number, onGranted: () => void): boolean;
  release(stream: Http2Stream): void;
  resetStream(stream: Http2Stream, code: ResetCode): void;
  headPassed(stream: Http2Stream): boolean;
}

export class Http2Stream implements Exchange {
  /** 0 until the head is sent or came. */
  id = 0;
  owner: ExchangeOwner;
  /** Where the head begins in the connection's whole output; -1 before it is sent. */
  headAt = -1;
  /** Our side, the peer's side, or all of it is over. */
  localEnded = false;
  remoteEnded = false;
  closed = false;
  /** The peer sent a head; it sent anything at all. */
  headReceived = false;
  heard = false;
  /** Bytes of body we may still send; may be negative after a SETTINGS change (RFC 9113 section 6.9.2). */
  sendWindow: number;
  /** Bytes of body the peer may still send. */
  receiveWindow: number;
  /** What that is when the owner has done with all that came. */
  windowBytes: number;
  /** Bytes the owner has done with and we have not yet told the peer. */
  owedCredit = 0;
  /** Bytes given to the owner that it has not done with. */
  unconsumed = 0;
  /** What `content-length` still promises; -1 when the head has none. */
  promisedBytes = -1;
  emptyDataFrames = 0;
  /** Memory for a message that is larger than the window: what it has, and whether it waits for it. */
  reservedBytes = 0;
  waitsForMemory = false;
  held: Held | undefined = undefined;
  /** In the connection's list of streams that can send. */
  waiting = false;
  readonly #host: StreamHost;

  constructor(host: StreamHost, owner: ExchangeOwner, windows: { readonly send: number; readonly receive: number }) {
    this.#host = host;
    this.owner = owner;
    this.sendWindow = windows.send;
    this.receiveWindow = windows.receive;
    this.windowBytes = windows.receive;
  }

  get maxFieldListBytes(): number {
    return this.#host.maxFieldListBytes;
  }

  head(template: FieldTemplate, extra: readonly string[] | undefined, last: boolean): void {
    this.#host.sendHead(this, template, extra, last);
  }

  begin(): Writer {
    return this.#host.beginBody(this);
  }

  commit(last: boolean): "sent" | "held" {
    return this.#host.commitBody(this, last);
  }

  abandon(): void {
    this.#host.abandonBody();
  }

  tail(template: FieldTemplate, extra: readonly string[] | undefined): void {
    this.#host.sendTail(this, template, extra);
  }

  finish(): void {
    this.#host.finishBody(this);
  }

  consumed(bytes: number): void {
    this.#host.returnCredit(this, bytes);
  }

  reserve(bytes: number, onGranted: () => void): boolean {
    return this.#host.reserve(this, bytes, onGranted);
  }

  release(): void {
    this.#host.release(this);
  }

  reset(code: ResetCode): void {
    this.#host.resetStream(this, code);
  }

  headPassed(): boolean {
    return this.#host.headPassed(this);
  }
}
