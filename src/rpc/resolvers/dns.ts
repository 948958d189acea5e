// Resolvers: a host name, looked up by the machine's network: at first use, again from time to time while the channel has
// connections or calls, and whenever a connection is lost. It opens nothing. Certificates are checked against the name.

import type { Timer } from "../../host/clock.ts";
import { type Endpoint, formatEndpoint } from "../../host/endpoint.ts";
import type { Network } from "../../host/network.ts";
import { type BackoffOptions, type ConnectorHost, pauseMs } from "../connector.ts";
import type { Resolver, ResolverListener, Resolving } from "../resolver.ts";

export interface DnsOptions {
  readonly host: ConnectorHost & { readonly network: Network };
  /** Between two look-ups, spread by a tenth to both sides. Infinity: only when a connection is lost. */
  readonly refreshMs: number;
  /** Between failed look-ups while calls wait. */
  readonly backoff: BackoffOptions;
}

export type NamedEndpoint = Extract<Endpoint, { readonly port: number }>;

/** An answer's own lifetime may bring the next look-up forward, but not below this. */
const minRefreshMs = 1000;

const refreshJitter = 0.1;

export class DnsResolver implements Resolver {
  readonly target: string;
  readonly #endpoint: NamedEndpoint;
  readonly #options: DnsOptions;

  constructor(endpoint: NamedEndpoint, options: DnsOptions) {
    this.target = formatEndpoint(endpoint);
    this.#endpoint = endpoint;
    this.#options = options;
  }

  start(listener: ResolverListener): Resolving {
    const lookups = new Lookups(this.#endpoint, this.#options, listener);
    lookups.refresh();
    return lookups;
  }
}

/** The look-ups for one channel. */
class Lookups implements Resolving {
  readonly #endpoint: NamedEndpoint;
  readonly #options: DnsOptions;
  readonly #listener: ResolverListener;
  /** The look-up under way. */
  #abort: AbortController | undefined = undefined;
  #timer: Timer | undefined = undefined;
  #failures = 0;
  #stopped = false;

  constructor(endpoint: NamedEndpoint, options: DnsOptions, listener: ResolverListener) {
    this.#endpoint = endpoint;
    this.#options = options;
    this.#listener = listener;
  }

  refresh(): void {
    if (this.#stopped || this.#abort !== undefined) return;
    const abort = new AbortController();
    this.#abort = abort;
    this.#options.host.network.resolve(this.#endpoint.host, { signal: abort.signal }).then(
      ({ addresses, ttlMs }) => {
        if (this.#abort !== abort) return;
        this.#failures = 0;
        const { host } = this.#endpoint;
        const named = (address: string) => formatEndpoint({ ...this.#endpoint, host: address });
        this.#listener.onAddresses(addresses.map((one) => ({ address: named(one), serverName: host })));
        this.#over(Math.max(minRefreshMs, Math.min(this.#options.refreshMs, ttlMs ?? Number.POSITIVE_INFINITY)));
      },
      (error: unknown) => {
        if (this.#abort !== abort) return;
        this.#listener.onError(error);
        this.#over(undefined);
      },
    );
  }

  stop(): void {
    this.#stopped = true;
    this.#clearTimer();
    this.#abort?.abort();
    this.#abort = undefined;
  }

  /** A look-up has ended: the next follows after `nextMs`, or after a pause when it failed. */
  #over(nextMs: number | undefined): void {
    if (this.#stopped) return;
    this.#abort = undefined;
    this.#clearTimer();
    const { host, backoff } = this.#options;
    const delayMs =
      nextMs === undefined
        ? pauseMs(this.#failures++, backoff, host.random)
        : nextMs * (1 + refreshJitter * (2 * host.random.next() - 1));
    if (delayMs === Number.POSITIVE_INFINITY) return;
    // Only a call that waits for a name to be known keeps the process alive.
    const background = nextMs !== undefined || this.#listener.need() !== "calls";
    this.#timer = host.timers.set(() => this.#next(), delayMs, { background });
  }

  #next(): void {
    this.#timer = undefined;
    // A channel that rests asks again when it has a call.
    if (this.#listener.need() !== "nobody") this.refresh();
  }

  #clearTimer(): void {
    if (this.#timer !== undefined) this.#options.host.timers.clear(this.#timer);
    this.#timer = undefined;
  }
}
