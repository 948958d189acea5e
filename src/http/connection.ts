// HTTP layer: a connection that carries exchanges, as a machine: bytes, commands and the time go in; bytes, callbacks and
// the next deadline come out. It touches no socket and no timer; its driver does.
import type { Exchange, ExchangeOwner } from "./exchange.ts";
import type { Fields } from "./fields.ts";

/** How a connection finds out that its peer is gone though nobody said so (gRPC proposal A8). */
export interface KeepAliveOptions {
  /** Silence after which the peer is asked, by a PING. */
  readonly intervalMs: number;
  /** Silence after that question at which the connection is given up. */
  readonly timeoutMs: number;
  /** Ask also while no exchange is open. */
  readonly withoutCalls: boolean;
}

/** What a connection tells its driver. None may throw; all may run inside `receive`. */
export interface ConnectionOwner {
  /** There is output where there was none: take it at the end of the turn. */
  onOutput(): void;
  /** So much output that it should be taken now. */
  onMuchOutput(): void;
  /** Client: the peer's settings arrived; exchanges may be opened. */
  onReady(): void;
  /** An exchange ended, a limit rose, or what waited has left: there may be capacity where there was none. */
  onCapacity(): void;
  /** Server: a request came. The answer owns it. The head is not told again through `onHead`. */
  onExchange(exchange: Exchange, head: Fields, last: boolean): ExchangeOwner;
  /** Server: a request whose head goes over a limit, so that only its beginning is in `head`. It is answered, not served. */
  onOverlongHead(exchange: Exchange, head: Fields, reason: string): ExchangeOwner;
  /** The peer met a limit: `reason` says which, with its value. What that ends is told for itself. */
  onLimit(limit: string, reason: string): void;
  /** The peer answered our `ping`, so many milliseconds after it was asked. */
  onPong(roundTripMs: number): void;
  /** The peer will take no new exchanges; those open go on. */
  onDraining(reason: string): void;
  /** The connection is over for good: take what output is left, then close the socket. All exchanges have ended. */
  onClosed(reason: string): void;
}

/** One HTTP connection. Times are milliseconds of one monotonic clock. */
export interface HttpConnection {
  /** Exchanges that may be opened now. 0 before the peer's settings arrived and when draining. */
  readonly capacity: number;
  readonly openExchanges: number;
  /** The peer said in its settings that it is Farcall: a hop that no proxy can have passed on. */
  readonly peerIsFarcall: boolean;
  /** What the peer says that it takes of one block of fields, 32 bytes counted for each beside name and value. */
  readonly maxFieldListBytes: number;
  readonly isDraining: boolean;
  readonly isClosed: boolean;
  /** The peer gave the connection up because we asked too often whether it is there ("too_many_pings"). */
  readonly pingedTooOften: boolean;
  /** Client: the peer has answered a request, with a head at least. */
  readonly hasAnswered: boolean;
  /** The peer said in order that it takes no more exchanges: a GOAWAY without an error. */
  readonly saidFarewell: boolean;
  /** Whether the driver should read on: false while the peer asks for more answers than it takes. */
  readonly wantsBytes: boolean;
  /**
   * Server: so much of what exchanges sent waits for the peer that no more should be made. `onCapacity` is called when that
   * has changed.
   */
  readonly isOverfull: boolean;
  /** When the last bytes came; before the first, when the connection was made. */
  readonly heardAt: number;

  /** Takes `bytes[start..end)`, lent until return. */
  receive(bytes: Uint8Array, start: number, end: number, now: number): void;
  /** The socket is gone, or the peer ended its direction: every open exchange ends. */
  disconnect(reason: string): void;
  /** Does what is due at `now`. */
  advance(now: number): void;
  /** Asks the peer whether it is there: `onPong` tells of the answer. Nothing while the last question is not answered. */
  ping(now: number): void;
  /** When `advance` is due next; Infinity when nothing is. */
  nextDeadline(): number;

  /** Client: opens an exchange. Only while `capacity` is above 0. */
  open(owner: ExchangeOwner): Exchange;
  /** Says that no new exchanges are taken (server) or opened (client); closes when the open ones have ended. */
  drain(reason: string, now: number): void;
  /** Ends everything now, with a last word to the peer. */
  close(reason: string): void;
  /** Whether the socket takes more body now. False holds bodies back until true. */
  setWritable(on: boolean): void;

  /** Moves all output into `into` as views that stay valid until `recycleOutput`. */
  takeOutput(into: Uint8Array[]): void;
  /** Says that every part taken so far has left. */
  recycleOutput(): void;
}
