// Host layer: two stream sockets joined in memory. What travels, when, and whether it gets lost is the wire's business,
// so the same pair serves the real machine (`memory:`) and every connection of a simulated one. It owns no clock.
// Closing follows TCP: each direction ends on its own, a reset drops what is under way. RFC 9293 §3.6, §3.5.3.
import type { Endpoint } from "./endpoint.ts";
import { formatEndpoint } from "./endpoint.ts";
import { SocketFault } from "./fault.ts";
import type { SocketReceiver, StreamSocket } from "./network.ts";

/** The way from one end of a link to the other. No task runs within the call that hands it in. */
export interface Wire {
  /** Calls `arrive` once, after all that was carried before it. What gets lost is sent again, as TCP does. 0 bytes: an end. */
  carry(arrive: () => void, byteCount: number): void;
  /** Calls `arrive` once, or never when the wire is cut: what TCP does not send again (a reset). */
  carryOnce(arrive: () => void): void;
  /** Runs `task` in a later turn of the sender's own side; nothing travels. */
  soon(task: () => void): void;
  /** How many of the next `length` bytes arrive in one piece, at least 1. Absent: all of them. */
  nextPiece?(length: number): number;
}

/** One end of a link, as the machine describes it. */
export interface LinkSide {
  readonly local: Endpoint;
  /** The wire from this end to the other. */
  readonly wire: Wire;
  /** What `StreamSocket.tls` shows at this end. */
  readonly tls?: StreamSocket["tls"];
  /** Called when nothing travels to or from this end any more, before its receiver is told. */
  readonly onOver?: () => void;
}

/** Bytes that may be under way in one direction before `write` returns false. */
export const linkWindowBytes = 1024 * 1024;

/**
 * Two connected sockets. Parts given to `write` are handed to the other end's receiver as they are, without a copy;
 * `taken()` passes them when that receiver has had them.
 */
export function createLink(
  first: LinkSide,
  second: LinkSide,
  windowBytes = linkWindowBytes,
): [StreamSocket, StreamSocket] {
  const one = new LinkEnd(first, second.local, windowBytes);
  const other = new LinkEnd(second, first.local, windowBytes);
  one.join(other);
  other.join(one);
  return [one, other];
}

/** What lies between: bytes, or the end of the direction. */
type Item = Uint8Array | "end";

class LinkEnd implements StreamSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly tls?: NonNullable<StreamSocket["tls"]>;
  readonly #wire: Wire;
  readonly #onOver: (() => void) | undefined;
  readonly #windowBytes: number;
  #peer: LinkEnd | undefined;
  #receiver: SocketReceiver | undefined;
  /** What the peer has sent and our receiver has not had, oldest at `#head`; the first `#arrived` have come. */
  #inbox: Item[] = [];
  #head = 0;
  #arrived = 0;
  #passedBytes = 0;
  #takenBytes = 0;
  #reading = true;
  #waiting = false;
  /** Our direction: `end` was called; the peer's receiver has been told. */
  #ending = false;
  #ended = false;
  #peerEnded = false;
  /** Nothing is sent or delivered any more; `onClose` is due or has been called. */
  #over = false;
  #fault: SocketFault | undefined;
  #closeDue = false;

  constructor(side: LinkSide, remote: Endpoint, windowBytes: number) {
    this.local = side.local;
    this.remote = remote;
    if (side.tls !== undefined) this.tls = side.tls;
    this.#wire = side.wire;
    this.#onOver = side.onOver;
    this.#windowBytes = windowBytes;
  }

  join(peer: LinkEnd): void {
    this.#peer = peer;
  }

  open(receiver: SocketReceiver): void {
    if (this.#receiver !== undefined) throw new Error("open() was called twice on one socket");
    this.#receiver = receiver;
    if (this.#arrived > 0 || this.#over) this.#wire.soon(this.#deliver);
  }

  passed(): number {
    return this.#passedBytes;
  }

  taken(): number {
    return this.#takenBytes;
  }

  write(parts: readonly Uint8Array[]): boolean {
    if (this.#ending || this.#over) return false;
    for (const part of parts) {
      this.#passedBytes += part.length;
      this.#sendPieces(part);
    }
    if (this.#passedBytes - this.#takenBytes < this.#windowBytes) return true;
    this.#waiting = true;
    return false;
  }

  setReading(on: boolean): void {
    if (on && !this.#reading && this.#arrived > 0) this.#wire.soon(this.#deliver);
    this.#reading = on;
  }

  end(): void {
    if (this.#ending || this.#over) return;
    this.#ending = true;
    this.#send("end");
  }

  reset(): void {
    if (this.#over) return;
    this.#abandon();
    this.#wire.carryOnce((this.#peer as LinkEnd).#arriveReset);
  }

  setKeepsProcess(): void {}

  #sendPieces(part: Uint8Array): void {
    const wire = this.#wire;
    let from = 0;
    while (from < part.length) {
      const rest = part.length - from;
      const count = wire.nextPiece === undefined ? rest : Math.min(rest, wire.nextPiece(rest));
      this.#send(count === part.length ? part : part.subarray(from, from + count));
      from += count;
    }
  }

  #send(item: Item): void {
    const peer = this.#peer as LinkEnd;
    peer.#inbox.push(item);
    this.#wire.carry(peer.#arrive, item === "end" ? 0 : item.length);
  }

  readonly #arrive = (): void => {
    // To send to a socket that is no more is answered with a reset: so does a peer learn that an earlier one got lost.
    if (this.#over) {
      this.#wire.carryOnce((this.#peer as LinkEnd).#arriveReset);
      return;
    }
    // A reset of the peer may have taken back what this was about.
    if (this.#arrived === this.#inbox.length - this.#head) return;
    this.#arrived++;
    this.#deliver();
  };

  readonly #arriveReset = (): void => {
    if (this.#over) return;
    const address = formatEndpoint(this.remote);
    this.#fault = new SocketFault("reset", `the peer at ${address} reset the connection`, { address });
    this.#abandon();
  };

  /** Hands on what has arrived, as long as the receiver wants it; then closes, if that is due. */
  readonly #deliver = (): void => {
    const receiver = this.#receiver;
    if (receiver === undefined) return;
    while (this.#arrived > 0 && this.#reading && !this.#over) {
      const item = this.#inbox[this.#head++] as Item;
      if (this.#head === this.#inbox.length) {
        this.#inbox = [];
        this.#head = 0;
      }
      this.#arrived--;
      if (item === "end") {
        this.#peerEnded = true;
        receiver.onEnd();
        (this.#peer as LinkEnd).#noteEnded();
      } else {
        receiver.onBytes(item, 0, item.length);
        (this.#peer as LinkEnd).#noteTaken(item.length);
      }
    }
    if (this.#over && !this.#closeDue) {
      this.#closeDue = true;
      receiver.onClose(this.#fault);
    }
  };

  #noteTaken(count: number): void {
    this.#takenBytes += count;
    if (this.#waiting && this.#passedBytes - this.#takenBytes < this.#windowBytes) this.#wire.soon(this.#tellWritable);
  }

  readonly #tellWritable = (): void => {
    if (!this.#waiting || this.#over) return;
    this.#waiting = false;
    this.#receiver?.onWritable();
  };

  #noteEnded(): void {
    this.#ended = true;
    this.#finish();
    (this.#peer as LinkEnd).#finish();
  }

  /** Both directions are over once each end has been delivered: until then written parts may still be read. */
  #finish(): void {
    if (!this.#over && this.#ended && this.#peerEnded) this.#stop();
  }

  /** Drops both directions. The parts under way are given back to whoever lent them. */
  #abandon(): void {
    this.#inbox = [];
    this.#head = this.#arrived = 0;
    const peer = this.#peer as LinkEnd;
    peer.#inbox = [];
    peer.#head = peer.#arrived = 0;
    this.#stop();
  }

  #stop(): void {
    this.#over = true;
    this.#onOver?.();
    this.#wire.soon(this.#deliver);
  }
}
