// RPC layer: the addresses of a channel: those that its resolver names now, and those that it no longer does while their
// calls go on. It knows no waiting call and picks nothing.
import type { KnownAddress } from "./address-book.ts";
import type { AddressConnections } from "./address-connections.ts";

export class AddressList {
  readonly #create: (known: KnownAddress) => AddressConnections;
  readonly #retired = new Set<AddressConnections>();
  #all: readonly AddressConnections[] = [];
  #open: readonly AddressConnections[] = [];
  #only: AddressConnections | undefined = undefined;

  constructor(create: (known: KnownAddress) => AddressConnections) {
    this.#create = create;
  }

  /** The addresses of the resolver's last list, in its order. */
  get all(): readonly AddressConnections[] {
    return this.#all;
  }

  /** Those of them with an open connection. */
  get open(): readonly AddressConnections[] {
    return this.#open;
  }

  /** The one that is open when only one is: that of most channels, all the time. */
  get only(): AddressConnections | undefined {
    return this.#only;
  }

  /** All, and those that are no longer named. */
  get withRetired(): readonly AddressConnections[] {
    return [...this.#all, ...this.#retired];
  }

  /** Connections that are open or being opened and are to take more calls. */
  get connectionCount(): number {
    let count = 0;
    for (const { connectionCount } of this.#all) count += connectionCount;
    return count;
  }

  /** Takes a new list: what stays is kept as it is, what is gone ends when its calls have. */
  replace(list: readonly KnownAddress[]): void {
    const before = new Map(this.#all.map((address) => [address.key, address]));
    this.#all = list.map((known) => {
      const kept = before.get(known.key);
      before.delete(known.key);
      return kept ?? this.#create(known);
    });
    for (const gone of before.values()) {
      this.#retired.add(gone);
      gone.retire();
      this.forget(gone);
    }
    this.findOpen();
  }

  /** Lets go of an address that is no longer named and has no socket left. */
  forget(address: AddressConnections): void {
    if (address.isEmpty) this.#retired.delete(address);
  }

  isRetired(address: AddressConnections): boolean {
    return this.#retired.has(address);
  }

  /** A connection was opened or lost: looks again which addresses are open. */
  findOpen(): void {
    this.#open = this.#all.filter(({ isOpen }) => isOpen);
    this.#only = this.#open.length === 1 ? this.#open[0] : undefined;
  }

  /** Has a connection opened to every address that has none. */
  connectAll(): void {
    for (const address of this.#all) if (address.connectionCount === 0) address.connect();
  }

  /** The open address with the fewest connections that is not opening another one. */
  leastConnected(): AddressConnections | undefined {
    let best: AddressConnections | undefined;
    for (const address of this.#open) {
      if (address.isConnecting || address.isPausing) continue;
      if (best === undefined || address.connectionCount < best.connectionCount) best = address;
    }
    return best;
  }

  /** Why none could be connected to: what each said, each thing once. */
  faults(): string[] {
    return [...new Set(this.#all.map(({ lastFault }) => lastFault))].filter((fault) => fault !== undefined);
  }
}
