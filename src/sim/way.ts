// The simulated network: the way from one machine to another, with its delay and its faults, and the wires of single
// connections along it. It is TCP's view of a way: what gets lost is sent again once the way is whole.
// Not modelled: bandwidth, and the growing pauses between TCP's resendings (RFC 6298 §5.5).
import type { Wire } from "../host/index.ts";
import type { SimulatedEvent } from "./event-queue.ts";
import type { SeededRandom } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/** How bytes travel one way between two machines. */
export interface WaySettings {
  /** Milliseconds that a packet travels: fixed, or drawn from the seed for each, in [minMs, maxMs). Default 0. */
  readonly delayMs: number | { readonly minMs: number; readonly maxMs: number };
  /** Bytes are cut into pieces of 1 to `maxPieceBytes`, drawn from the seed. Default: never cut. */
  readonly maxPieceBytes: number;
}

/** Something that the network did, for `SimulationOptions.onTrace`. */
export interface TraceEvent {
  readonly atMs: number;
  readonly kind: "connect" | "refuse" | "bytes" | "end" | "reset" | "lost" | "cut" | "heal";
  /** Machine names. */
  readonly from: string;
  readonly to: string;
  /** Which connection, in the order of their opening. */
  readonly connection?: number;
  readonly byteCount?: number;
}

/** One direction between two machines. */
export class Way {
  readonly from: string;
  readonly to: string;
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly trace: (event: TraceEvent) => void;
  settings: WaySettings;
  isCut = false;
  readonly #waiting = new Set<WayWire>();

  constructor(
    ends: { readonly from: string; readonly to: string },
    settings: WaySettings,
    parts: Pick<Way, "scheduler" | "random" | "trace">,
  ) {
    this.from = ends.from;
    this.to = ends.to;
    this.settings = settings;
    this.scheduler = parts.scheduler;
    this.random = parts.random;
    this.trace = parts.trace;
  }

  drawDelayMs(): number {
    const { delayMs } = this.settings;
    return typeof delayMs === "number" ? delayMs : this.random.between(delayMs.minMs, delayMs.maxMs);
  }

  cut(): void {
    if (this.isCut) return;
    this.isCut = true;
    this.note("cut");
  }

  /** What was lost is sent again. */
  heal(): void {
    if (!this.isCut) return;
    this.isCut = false;
    this.note("heal");
    for (const wire of this.#waiting) wire.sendAgain();
    this.#waiting.clear();
  }

  /** A wire has something that got lost. */
  remember(wire: WayWire): void {
    this.#waiting.add(wire);
  }

  note(kind: TraceEvent["kind"], connection?: number, byteCount?: number): void {
    this.trace({
      atMs: this.scheduler.nowMs,
      kind,
      from: this.from,
      to: this.to,
      ...(connection !== undefined && { connection }),
      ...(byteCount !== undefined && { byteCount }),
    });
  }
}

interface Packet {
  readonly arrive: () => void;
  readonly kind: TraceEvent["kind"];
  readonly byteCount: number;
  /** Its arrival; undefined while it is lost. */
  event: SimulatedEvent | undefined;
}

/** One direction of one connection: packets in order along a way. */
export class WayWire implements Wire {
  readonly #way: Way;
  readonly #connection: number;
  /** Packets sent and not arrived, oldest first. */
  readonly #outstanding: Packet[] = [];
  /** No packet arrives before the one ahead of it does. */
  #notBeforeMs = 0;

  constructor(way: Way, connection: number) {
    this.#way = way;
    this.#connection = connection;
  }

  carry(arrive: () => void, byteCount: number): void {
    this.#send(arrive, byteCount === 0 ? "end" : "bytes", byteCount);
  }

  /** Carries a packet of the handshake; it is sent again when lost, like all but a reset. */
  carryHandshake(arrive: () => void, kind: "connect" | "refuse"): void {
    this.#send(arrive, kind, 0);
  }

  carryOnce(arrive: () => void): void {
    if (this.#way.isCut) {
      this.#way.note("lost", this.#connection, 0);
      return;
    }
    this.#way.scheduler.at(this.#nextArrivalMs(), () => {
      this.#way.note(this.#way.isCut ? "lost" : "reset", this.#connection, 0);
      if (!this.#way.isCut) arrive();
    });
  }

  soon(task: () => void): void {
    this.#way.scheduler.after(0, task);
  }

  nextPiece(length: number): number {
    const { maxPieceBytes } = this.#way.settings;
    if (maxPieceBytes === Number.POSITIVE_INFINITY) return length;
    return 1 + Math.floor(this.#way.random.next() * Math.min(length, maxPieceBytes));
  }

  /** The way is whole again: what was lost is on its way, and what was sent after it arrives after it. */
  sendAgain(): void {
    const firstLost = this.#outstanding.findIndex((packet) => packet.event === undefined);
    if (firstLost < 0) return;
    for (const packet of this.#outstanding.slice(firstLost)) {
      if (packet.event !== undefined) this.#way.scheduler.cancel(packet.event);
      this.#schedule(packet);
    }
  }

  #send(arrive: () => void, kind: TraceEvent["kind"], byteCount: number): void {
    const packet: Packet = { arrive, kind, byteCount, event: undefined };
    this.#outstanding.push(packet);
    if (this.#way.isCut) this.#lose(packet);
    else this.#schedule(packet);
  }

  #schedule(packet: Packet): void {
    packet.event = this.#way.scheduler.at(this.#nextArrivalMs(), () => {
      if (this.#way.isCut) {
        this.#lose(packet);
        return;
      }
      this.#outstanding.shift();
      this.#way.note(packet.kind, this.#connection, packet.byteCount);
      packet.arrive();
    });
  }

  #nextArrivalMs(): number {
    this.#notBeforeMs = Math.max(this.#notBeforeMs, this.#way.scheduler.nowMs + this.#way.drawDelayMs());
    return this.#notBeforeMs;
  }

  #lose(packet: Packet): void {
    packet.event = undefined;
    this.#way.note("lost", this.#connection, packet.byteCount);
    this.#way.remember(this);
  }
}
