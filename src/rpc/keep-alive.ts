// RPC layer: what programs say of keep-alive (gRPC proposal A8), and what is made of it. The machine is the connection's.
import type { KeepAliveOptions } from "../http/connection.ts";
import { UsageError } from "./call-error.ts";

/** How a connection finds out that its peer is gone though nobody said so: `keepAlive` of `dial` and `serve`. */
export interface KeepAliveInit {
  /** Silence after which the peer is asked by a PING. At least 10,000 ms for `dial`, 1,000 ms for `serve`. */
  readonly intervalMs: number;
  /** Silence after that question at which the connection is given up. Default 20,000 ms. */
  readonly timeoutMs?: number;
  /** Ask also while no call is open. Default: no for `dial`, as most servers take it ill; yes for `serve`. */
  readonly withoutCalls?: boolean;
}

/** gRPC servers permit no more than this, most of them far less. */
const minClientIntervalMs = 10_000;
const minServerIntervalMs = 1000;
const defaultTimeoutMs = 20_000;
/** A server asks clients that are silent this long: else the handlers of a dead one would wait for ever. */
const serverIntervalMs = 2 * 3_600_000;

/** A channel's keep-alive: off unless it is asked for. It slows down when a server finds it too frequent. */
export class ClientKeepAlive {
  readonly #init: KeepAliveInit | undefined;
  #intervalMs: number;

  constructor(init: KeepAliveInit | undefined) {
    if (init !== undefined) check(init, minClientIntervalMs, "servers take more for an attack");
    this.#init = init;
    this.#intervalMs = init?.intervalMs ?? Number.POSITIVE_INFINITY;
  }

  /** What the next connection is to do; undefined: nothing. */
  get options(): KeepAliveOptions | undefined {
    if (this.#init === undefined) return undefined;
    const { timeoutMs = defaultTimeoutMs, withoutCalls = false } = this.#init;
    return { intervalMs: this.#intervalMs, timeoutMs, withoutCalls };
  }

  /** A server has said "too_many_pings": connections from now on ask half as often. */
  slowDown(): void {
    this.#intervalMs *= 2;
  }
}

/** A server's keep-alive: every 2 h unless it is told otherwise. */
export function serverKeepAlive(init: KeepAliveInit = { intervalMs: serverIntervalMs }): KeepAliveOptions {
  check(init, minServerIntervalMs, "clients have other things to do");
  const { intervalMs, timeoutMs = defaultTimeoutMs, withoutCalls = true } = init;
  return { intervalMs, timeoutMs, withoutCalls };
}

function check({ intervalMs, timeoutMs = defaultTimeoutMs }: KeepAliveInit, minIntervalMs: number, why: string): void {
  // Written so that NaN and what is no number are refused too.
  if (!(intervalMs >= minIntervalMs)) {
    const fix = `give ${minIntervalMs} or more, for ${why}`;
    throw new UsageError("BAD_OPTION", `keepAlive.intervalMs is ${String(intervalMs)}; ${fix}`);
  }
  if (!(timeoutMs > 0)) {
    throw new UsageError("BAD_OPTION", `keepAlive.timeoutMs is ${String(timeoutMs)}; give milliseconds above 0`);
  }
}
