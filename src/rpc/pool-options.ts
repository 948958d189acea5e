// RPC layer: what may be set of a channel's connections, with its defaults, checked when the channel is made.
import { type BackoffOptions, defaultBackoff } from "./connector.ts";
import type { KeepAliveInit } from "./keep-alive.ts";
import { badOption } from "./option-checks.ts";
import type { Balance } from "./picker.ts";

export interface PoolOptions {
  /**
   * Which address a call goes to. `first` (default): all calls to the first address that answers, another one when that
   * is lost. `round-robin`: one after the other. `least-loaded`: the one with the fewest open calls of this channel. Or a
   * picker of your own.
   */
  readonly balance?: Balance;
  /**
   * Connections open at once, at most. Default 8: another is opened when the peer takes no more calls on the others. With
   * several addresses it counts them all; the first connection of each address is always allowed.
   */
  readonly maxConnections?: number;
  /** Calls that wait for a connection, at most. Default 10,000; beyond it a call fails with RESOURCE_EXHAUSTED. */
  readonly maxQueuedCalls?: number;
  /** Addresses of a resolver's list that are used, at most: the first ones. Default 1,000. */
  readonly maxAddresses?: number;
  /** Time to open a connection, TLS and HTTP/2 handshakes included. Default 10,000 ms. */
  readonly connectTimeoutMs?: number;
  /** Pauses between failed attempts at one address. Default 100 ms, times 1.6 each, at most 5,000 ms, +-20 %. */
  readonly backoff?: Partial<BackoffOptions>;
  /**
   * Time between look-ups of a host name while the channel has connections or calls. Default 30,000 ms, +-10 %. One that is
   * lost or fails brings the next forward, to once a second at most. `Infinity`: only those.
   */
  readonly dnsRefreshMs?: number;
  /**
   * A connection on which nothing came for so long is asked by a PING before it gets a call. Default 30,000 ms;
   * `Infinity` for never.
   */
  readonly pingAfterMs?: number;
  /** Time to answer that PING. Default 1,000 ms; then the connection is closed, and the call goes on another. */
  readonly pingTimeoutMs?: number;
  /**
   * Finds out that a connection is dead while calls are open on it. Default: off; they then wait until their
   * deadlines.
   */
  readonly keepAlive?: KeepAliveInit;
}

export const defaultPoolOptions = {
  balance: "first",
  maxConnections: 8,
  maxQueuedCalls: 10_000,
  maxAddresses: 1000,
  connectTimeoutMs: 10_000,
  dnsRefreshMs: 30_000,
  pingAfterMs: 30_000,
  pingTimeoutMs: 1000,
} satisfies PoolOptions;

type CheckedPoolOptions = Required<Omit<PoolOptions, "backoff" | "keepAlive">> & { readonly backoff: BackoffOptions };

const counts = ["maxConnections", "maxAddresses"] as const;
const times = ["connectTimeoutMs", "dnsRefreshMs", "pingAfterMs", "pingTimeoutMs"] as const;

/** All options, the defaults filled in. Throws a `UsageError`. */
export function checkPoolOptions(options: PoolOptions): CheckedPoolOptions {
  const checked: { -readonly [Name in keyof CheckedPoolOptions]: CheckedPoolOptions[Name] } = {
    ...defaultPoolOptions,
    backoff: { ...defaultBackoff, ...options.backoff },
  };
  for (const name of Object.keys(defaultPoolOptions) as (keyof typeof defaultPoolOptions)[]) {
    if (options[name] !== undefined) Object.assign(checked, { [name]: options[name] });
  }
  for (const name of counts) if (!(checked[name] >= 1)) throw badOption(name, checked[name], "give 1 or more");
  for (const name of times) if (!(checked[name] > 0)) throw badOption(name, checked[name], "give milliseconds above 0");
  if (!(checked.maxQueuedCalls >= 0)) throw badOption("maxQueuedCalls", checked.maxQueuedCalls, "give 0 or more");
  checkBackoff(checked.backoff);
  return checked;
}

/** A pause that is no time at all would have attempts follow each other as fast as they fail. */
function checkBackoff({ initialMs, maxMs, multiplier, jitter }: BackoffOptions): void {
  if (!(initialMs > 0)) throw badOption("backoff.initialMs", initialMs, "give milliseconds above 0");
  if (!(maxMs > 0)) throw badOption("backoff.maxMs", maxMs, "give milliseconds above 0");
  if (!(multiplier >= 1)) throw badOption("backoff.multiplier", multiplier, "give 1 or more");
  if (!(jitter >= 0 && jitter <= 1)) throw badOption("backoff.jitter", jitter, "give a number from 0 to 1");
}
