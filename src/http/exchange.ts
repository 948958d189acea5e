// HTTP layer: one exchange (a request and its response) as a protocol sees it: head, body, tail, credit. Whatever HTTP
// version carries it implements `Exchange`; a protocol implements `ExchangeOwner`. Nothing here does IO.
import type { Writer } from "../bytes/writer.ts";
import type { Fields, FieldTemplate } from "./fields.ts";

/** Why an exchange was cut, in RFC 9113 section 7's words. */
export type ResetCode =
  /** Nothing is wrong: the rest is of no use, or the connection ends in peace. */
  | "NO_ERROR"
  /** A frame or a block of fields that the protocol does not permit; the reason says which. */
  | "PROTOCOL_ERROR"
  /** The side that says so failed by itself, or the connection under it was lost. */
  | "INTERNAL_ERROR"
  /** More body than the window permits, or a window above 2^31 - 1. */
  | "FLOW_CONTROL_ERROR"
  /** SETTINGS were not acknowledged in time. */
  | "SETTINGS_TIMEOUT"
  /** A frame on a stream that has ended. */
  | "STREAM_CLOSED"
  /** A frame of a length that its type does not have, or above the limit. */
  | "FRAME_SIZE_ERROR"
  /** The request was not looked at: it may be made again. */
  | "REFUSED_STREAM"
  /** The exchange is not wanted any more. */
  | "CANCEL"
  /** A header block that cannot be decoded: the tables of both sides differ from then on. */
  | "COMPRESSION_ERROR"
  /** The connection behind a CONNECT request was lost. */
  | "CONNECT_ERROR"
  /** A limit was met, which the reason names. */
  | "ENHANCE_YOUR_CALM"
  /** The TLS below is too weak. */
  | "INADEQUATE_SECURITY"
  /** The other side does not speak HTTP/2 here. */
  | "HTTP_1_1_REQUIRED";

/**
 * What a cut proves about the request. `unsent`: the first byte of its head was never passed to the socket. `refused`:
 * the peer said that it did not process it (RFC 9113 section 8.7) and had sent nothing on it before. `none`: nothing.
 */
export type ResetProof = "unsent" | "refused" | "none";

/** How an exchange ended when it did not end with its tail. */
export interface ExchangeReset {
  readonly code: ResetCode;
  /** One sentence for people: what happened, and where. */
  readonly reason: string;
  readonly proof: ResetProof;
  /** `stream`: the peer cut this exchange. `connection`: the connection under it is gone or failed. */
  readonly scope: "stream" | "connection";
}

/** Our side of an exchange. Calls after its end are ignored. */
export interface Exchange {
  /** What the peer says that it takes of one block of fields, 32 bytes counted for each beside name and value. */
  readonly maxFieldListBytes: number;
  /** Sends the head. With `last` nothing follows. `extra` (names and values in turn) follows the template's fields. */
  head(template: FieldTemplate, extra: readonly string[] | undefined, last: boolean): void;
  /**
   * Opens a piece of the body: the encoder writes behind the writer's position. Then `commit` or `abandon`, before
   * anything else.
   */
  begin(): Writer;
  /**
   * Sends the open piece; with `last` nothing follows. `held`: it waits for credit or a full socket; `onWritable`
   * comes when all has left.
   */
  commit(last: boolean): "sent" | "held";
  /** Forgets the open piece. */
  abandon(): void;
  /** Sends trailing fields, or a head without body when none was sent, and ends our side. */
  tail(template: FieldTemplate, extra: readonly string[] | undefined): void;
  /** Ends our side without trailing fields. */
  finish(): void;
  /** Gives the peer credit for `bytes` of body that its owner has done with. */
  consumed(bytes: number): void;
  /**
   * Asks for memory for a message of so many bytes, of which a part has come. True: there is; false: `onGranted` is called
   * when there is, and until then no more should be credited of it than the window takes anyway. `release` gives it back.
   */
  reserve(bytes: number, onGranted: () => void): boolean;
  release(): void;
  /** Cuts the exchange. The owner hears nothing more. */
  reset(code: ResetCode): void;
  /** True once the first byte of the head was passed to the socket. */
  headPassed(): boolean;
}

/**
 * What an exchange tells its owner, in this order: head, body, tail or the last body; or a reset at any point. None
 * may throw.
 */
export interface ExchangeOwner {
  /** `last`: neither body nor tail follow. */
  onHead(fields: Fields, last: boolean): void;
  /** `bytes[start..end)` of the body, lent until return. `last`: no tail follows; the range may then be empty. */
  onBody(bytes: Uint8Array, start: number, end: number, last: boolean): void;
  onTail(fields: Fields): void;
  /** Everything held has left. */
  onWritable(): void;
  onReset(reset: ExchangeReset): void;
}
