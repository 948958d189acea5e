// RPC layer: the seam to protocols: how a call becomes messages on an exchange. gRPC is the first; this layer imports none.
import type { Compression, Compressor } from "../host/compression.ts";
import type { HttpConnection } from "../http/connection.ts";
import type { Exchange, ExchangeOwner } from "../http/exchange.ts";
import type { Fields } from "../http/fields.ts";
import type { Codec, Method } from "../marshal/types.ts";
import type { ErrorDetail } from "./error-detail.ts";
import type { AttemptProof } from "./execution.ts";
import type { Metadata } from "./metadata.ts";
import type { ErrorCode, StatusCode } from "./status.ts";

/** How one attempt of a call ended, as the client's protocol understood it. */
export interface Ending {
  readonly code: StatusCode;
  readonly message: string;
  readonly proof: AttemptProof;
  /** Trailers that came with it, for `ClientProtocol.readMetadata`. */
  readonly fields: Fields | undefined;
  readonly details: readonly ErrorDetail[];
}

/** What a client call hears of one attempt, in this order. None may throw. */
export interface ReplyEvents {
  onHead(fields: Fields): void;
  /**
   * One whole message, `bytes[start..end)`, lent until return. True: it is dealt with, and the `cost` bytes it came as may
   * be credited to the peer; false: `Incoming.credit` will say so.
   */
  onMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean;
  /** What was held has left. */
  onWritable(): void;
  /** The last event. */
  onEnd(ending: Ending): void;
}

/** The client's side of one attempt. Calls after its end are ignored. */
export interface RequestStream extends Incoming {
  /** Encodes and sends one message. Throws what the codec throws, and the attempt is then cut. */
  send<Init>(codec: Codec<unknown, Init>, value: Init, last: boolean): "sent" | "held";
  /** The same for a message that is encoded already. */
  sendBytes(bytes: Uint8Array, last: boolean): "sent" | "held";
  /** The message that was sent last, where `CallStart.keepsSent` asked to keep it. */
  takeSent(): Uint8Array | undefined;
  /** Says that no message follows. */
  finish(): void;
  /** Cuts the attempt; no event follows. */
  cancel(): void;
  /** Whether the first byte of the head was passed to the socket. */
  headPassed(): boolean;
}

/** Messages that come in: who reads them gives the peer its credit back. */
export interface Incoming {
  /** A message that came as so many bytes was dealt with. */
  credit(bytes: number): void;
  /** The reader waits and has nothing: a message larger than the window must get through too. */
  wantMore(): void;
}

/** A method made ready for one target: what stays the same from call to call. Opaque to this layer. */
export interface PreparedMethod {
  readonly method: Method;
}

/** Who is called: what a protocol writes into every head. */
export interface Target {
  readonly scheme: "http" | "https";
  readonly authority: string;
}

/** What differs from call to call. */
export interface CallStart {
  readonly metadata: Metadata | undefined;
  /** Time left, in milliseconds; Infinity for none. */
  readonly timeoutMs: number;
  /** `timeoutMs` is the same for most calls: worth preparing. */
  readonly isDefaultTimeout: boolean;
  /** Keep a copy of the message sent last. */
  readonly keepsSent: boolean;
  /** Compresses the messages sent. */
  readonly compressor: Compressor | undefined;
}

export interface ClientProtocol {
  prepare(method: Method, target: Target): PreparedMethod;
  /** One sentence that says why the connection's peer would refuse a head with this metadata. */
  checkMetadata(connection: HttpConnection, metadata: Metadata): string | undefined;
  /** Opens an exchange on a connection with capacity and sends the head. */
  open(connection: HttpConnection, prepared: PreparedMethod, start: CallStart, events: ReplyEvents): RequestStream;
  /** The user's metadata among received fields. */
  readMetadata(fields: Fields): Metadata;
}

/** The status a server call ends with. */
export interface ReplyStatus {
  readonly code: StatusCode;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
  readonly metadata: Metadata | undefined;
  /** What the handler's start and end prove; undefined proves nothing. */
  readonly execution: "not-executed" | "executed" | undefined;
}

/** The server's side of one call. Calls after its end are ignored. */
export interface ReplyStream extends Incoming {
  readonly exchange: Exchange;
  /** One sentence that says why the client would refuse this metadata. */
  checkMetadata(metadata: Metadata): string | undefined;
  sendHead(metadata: Metadata | undefined): void;
  /** Encodes and sends one message, with the head before it when none was sent. Throws what the codec throws. */
  send<Init>(codec: Codec<unknown, Init>, value: Init): "sent" | "held";
  /** Ends the call with OK. */
  succeed(metadata: Metadata | undefined): void;
  /** Ends the call with a failure. */
  fail(status: ReplyStatus): void;
}

/** What a server call hears. None may throw. */
export interface RequestEvents {
  /** First: the call is in the books, and messages may follow. */
  onBegin(): void;
  /** One whole message, as `ReplyEvents.onMessage` has it. */
  onMessage(bytes: Uint8Array, start: number, end: number, cost: number): boolean;
  /** The client has sent all it will. */
  onRequestEnd(): void;
  onWritable(): void;
  /** The request is not what the protocol allows: the call ends with this status. `limit`: the one it goes over, if any. */
  onFault(code: ErrorCode, message: string, limit?: string): void;
  /** The client cancelled, or the connection is gone: nothing can be answered any more. */
  onCancel(reason: string): void;
}

/** A request whose head a protocol has understood. */
export interface IncomingCall<Entry> {
  readonly entry: Entry;
  /** Time the client gives, in milliseconds; Infinity for none. */
  readonly timeoutMs: number;
  /** The user's metadata; made when asked for. */
  readMetadata(): Metadata;
}

/** What a server gives its protocols. `Entry` is its own record of a method. */
export interface CallHost<Entry> {
  /** The method at `/service/method`, or why there is none. */
  find(path: string): Entry | string;
  begin(call: IncomingCall<Entry>, reply: ReplyStream): RequestEvents;
  /** Bytes of one message, at most, after inflating. */
  readonly maxMessageBytes: number;
  /** What requests may be compressed with. */
  readonly compression: Compression;
  /** What replies are compressed with, where the client takes it. */
  readonly replyCompressor: Compressor | undefined;
}

export interface ServerProtocol {
  /** Takes an exchange; undefined when it speaks another protocol. */
  accept<Entry>(exchange: Exchange, head: Fields, last: boolean, host: CallHost<Entry>): ExchangeOwner | undefined;
  /** Answers a request whose head is too large; only its beginning is in `head`. Undefined as for `accept`. */
  refuseOverlong(exchange: Exchange, head: Fields, reason: string): ExchangeOwner | undefined;
}
