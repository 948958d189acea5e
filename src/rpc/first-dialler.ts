// RPC layer: how a channel that wants one connection finds it: address after address, the next one a quarter of a second
// after the one before or as soon as that fails; the first to be ready is used (as RFC 8305 section 5 does for names).
import type { AddressConnections } from "./address-connections.ts";
import { type DeadlineWheel, WheelEntry } from "./wheel.ts";

/** Milliseconds before the next address is tried beside one that has not answered. RFC 8305 section 8. */
const attemptDelayMs = 250;

export class FirstDialler extends WheelEntry {
  readonly #wheel: DeadlineWheel;
  readonly #addresses: () => readonly AddressConnections[];

  constructor(wheel: DeadlineWheel, addresses: () => readonly AddressConnections[]) {
    super();
    this.#wheel = wheel;
    this.#addresses = addresses;
  }

  /** A connection is wanted: begins with the first address, or goes on beside the attempts that are under way. */
  dial(): void {
    if (this.dueAt !== Number.POSITIVE_INFINITY) return;
    const addresses = this.#addresses();
    if (!addresses.some(({ isConnecting }) => isConnecting)) return this.next();
    if (addresses.some(({ state }) => state === "idle")) this.#wheel.set(this, this.#wheel.now() + attemptDelayMs);
  }

  /** Tries the next address; when all are tried, those that pause go on when their pauses end. */
  next(): void {
    this.#wheel.clear(this);
    const addresses = this.#addresses();
    const untried = addresses.filter(({ state }) => state === "idle");
    untried[0]?.connect();
    if (untried.length > 1) return this.#wheel.set(this, this.#wheel.now() + attemptDelayMs);
    if (untried.length === 0) for (const address of addresses) if (address.isPausing) address.connect();
  }

  override onDue(): void {
    this.next();
  }

  /** One address is ready: the other attempts are given up. */
  settle(winner: AddressConnections | undefined): void {
    this.#wheel.clear(this);
    for (const address of this.#addresses()) if (address !== winner) address.cancelAttempt();
  }
}
