// RPC layer: a channel's addresses as its resolver tells them: checked, each once, the last good list kept. It opens no
// connection.
import type { Clock, Timer, Timers } from "../host/clock.ts";
import type { Opener } from "./connector.ts";
import { messageOf } from "./failure.ts";
import type { ResolvedAddress, Resolver, ResolverListener, Resolving } from "./resolver.ts";

/** An address that may be connected to. Two of the same `key` are the same. */
export interface KnownAddress {
  readonly key: string;
  readonly address: string;
  readonly open: Opener;
}

/** What a channel's resolver has said so far. Times are milliseconds since 1970. */
export interface ResolverSnapshot {
  /** `idle` before the first call; `failed` when the last thing it said was an error. */
  readonly state: "idle" | "resolving" | "resolved" | "failed";
  readonly addressCount: number;
  readonly lastAnswerAt: number | undefined;
  readonly lastError: string | undefined;
  readonly lastErrorAt: number | undefined;
}

export interface AddressBookEvents {
  /** A new list; not empty. */
  onAddresses(addresses: readonly KnownAddress[]): void;
  /** There is no address, and this is why. */
  onUnresolved(message: string, cause: unknown): void;
  need: ResolverListener["need"];
}

export interface AddressBookOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly maxAddresses: number;
  /** Checks an address. Throws what is told to the resolver's user. */
  readonly prepare: (address: ResolvedAddress) => KnownAddress;
  readonly events: AddressBookEvents;
}

/** The least time between two times that a resolver is asked to look again. */
const minAskMs = 1000;

export class AddressBook implements ResolverListener {
  readonly #resolver: Resolver;
  readonly #options: AddressBookOptions;
  #resolving: Resolving | undefined = undefined;
  #state: ResolverSnapshot["state"] = "idle";
  #count = 0;
  #lastAnswerAt: number | undefined = undefined;
  #lastError: { readonly message: string; readonly at: number } | undefined = undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined = undefined;
  #stopped = false;

  constructor(resolver: Resolver, options: AddressBookOptions) {
    this.#resolver = resolver;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Why the last look failed; undefined when it did not. */
  get fault(): string | undefined {
    return this.#state === "failed" ? this.#lastError?.message : undefined;
  }

  /** Asks for addresses: at once at first, then as often as is decent. */
  ask(): void {
    if (this.#stopped || this.#timer !== undefined) return;
    if (this.#resolving !== undefined && this.#resolving.refresh === undefined) return;
    const { clock, timers } = this.#options;
    const waitMs = this.#askedAt + minAskMs - clock.now();
    if (waitMs <= 0) return this.#askNow();
    this.#timer = timers.set(() => this.#askLate(), waitMs, { background: true });
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    if (this.#timer !== undefined) this.#options.timers.clear(this.#timer);
    this.#stopResolving();
  }

  onAddresses(addresses: readonly (string | ResolvedAddress)[]): void {
    if (this.#stopped) return;
    const known = new Map<string, KnownAddress>();
    try {
      for (const one of addresses) {
        const address = this.#options.prepare(typeof one === "string" ? { address: one } : one);
        if (!known.has(address.key)) known.set(address.key, address);
      }
    } catch (error) {
      return this.onError(error);
    }
    if (known.size === 0) return this.onError(new Error("it named no address"));
    const { clock, events, maxAddresses } = this.#options;
    this.#state = "resolved";
    this.#lastAnswerAt = clock.wallNow();
    this.#count = Math.min(known.size, maxAddresses);
    if (known.size > maxAddresses) {
      this.#note(`of ${known.size} addresses the first ${maxAddresses} are used (option maxAddresses)`);
    }
    events.onAddresses([...known.values()].slice(0, maxAddresses));
  }

  onError(error: unknown): void {
    if (this.#stopped) return;
    this.#state = "failed";
    const target = this.#resolver.target ?? "resolver";
    const message = `${target} could not be resolved: ${messageOf(error)}`;
    this.#note(message);
    if (this.#count === 0) this.#options.events.onUnresolved(message, error);
  }

  need(): "calls" | "connections" | "nobody" {
    return this.#options.events.need();
  }

  snapshot(): ResolverSnapshot {
    return {
      state: this.#state,
      addressCount: this.#count,
      lastAnswerAt: this.#lastAnswerAt,
      lastError: this.#lastError?.message,
      lastErrorAt: this.#lastError?.at,
    };
  }

  #askLate(): void {
    this.#timer = undefined;
    if (this.need() !== "nobody") this.#askNow();
  }

  #askNow(): void {
    this.#askedAt = this.#options.clock.now();
    try {
      if (this.#resolving !== undefined) return this.#resolving.refresh?.();
      this.#state = "resolving";
      const resolving = this.#resolver.start(this);
      this.#resolving = resolving;
      if (this.#stopped) this.#stopResolving();
    } catch (error) {
      this.onError(error);
    }
  }

  #stopResolving(): void {
    try {
      this.#resolving?.stop();
    } catch (error) {
      // The channel is closing; its user's resolver does not stop it from that.
      this.#note(`the resolver could not be stopped: ${messageOf(error)}`);
    }
  }

  #note(message: string): void {
    this.#lastError = { message, at: this.#options.clock.wallNow() };
  }
}
