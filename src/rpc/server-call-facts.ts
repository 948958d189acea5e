// RPC layer: what a call on the server tells of itself: who made it, where it came, what it carries, how long it has. It
// decides nothing.
import type { Clock } from "../host/clock.ts";
import type { Method } from "../marshal/types.ts";
import type { Metadata } from "./metadata.ts";
import type { IncomingCall } from "./protocol.ts";
import type { Peer, ServerCallHost } from "./server-call-host.ts";
import type { ServerView } from "./server-view.ts";
import { WheelEntry } from "./wheel.ts";

type Place = Pick<ServerCallHost<never>, "clock" | "peer" | "localAddress" | "server">;

export abstract class ServerCallFacts extends WheelEntry {
  readonly #place: Place;
  readonly #incoming: IncomingCall<{ readonly method: Method }>;
  #metadata: Metadata | undefined = undefined;
  /** When the call's time is over, in milliseconds of `clock`; Infinity when the client set no deadline. */
  readonly deadlineAt: number;

  constructor(place: Place, incoming: IncomingCall<{ readonly method: Method }>, now: number) {
    super();
    this.#place = place;
    this.#incoming = incoming;
    this.deadlineAt = now + incoming.timeoutMs;
  }

  /** The client's metadata. */
  get metadata(): Metadata {
    this.#metadata ??= this.#incoming.readMetadata();
    return this.#metadata;
  }

  /** When the client's time is over, in milliseconds since 1970-01-01 UTC; undefined without a deadline. */
  get deadline(): number | undefined {
    if (this.deadlineAt === Number.POSITIVE_INFINITY) return undefined;
    return this.#place.clock.wallNow() + this.timeLeftMs;
  }

  /** Milliseconds left; Infinity without a deadline. */
  get timeLeftMs(): number {
    return this.deadlineAt - this.#place.clock.now();
  }

  get peer(): Peer {
    return this.#place.peer;
  }

  get localAddress(): string {
    return this.#place.localAddress;
  }

  /** The server that the call came to. */
  get server(): ServerView {
    return this.#place.server;
  }

  get method(): Method {
    return this.#incoming.entry.method;
  }

  get clock(): Clock {
    return this.#place.clock;
  }
}
