// RPC layer: when a server parts with a connection that is sound (gRPC proposal A9): because it is old, so that clients
// spread anew, or because nobody uses it. It reads no clock and closes nothing; `server-connection.ts` does what it says.
import { UsageError } from "./call-error.ts";

export interface ConnectionLifeOptions {
  /** Age at which a connection takes no new calls: GOAWAY, open calls go on. +-10 % each. Default: none, `Infinity`. */
  readonly maxConnectionAgeMs?: number;
  /** Time for the open calls of a connection that has become too old; then they end. Default: none, `Infinity`. */
  readonly maxConnectionAgeGraceMs?: number;
  /** Time without a call after which a connection is closed. Default 30 min; `Infinity` for none. */
  readonly maxConnectionIdleMs?: number;
}

export const defaultConnectionLife: Required<ConnectionLifeOptions> = {
  maxConnectionAgeMs: Number.POSITIVE_INFINITY,
  maxConnectionAgeGraceMs: Number.POSITIVE_INFINITY,
  maxConnectionIdleMs: 30 * 60_000,
};

export interface ConnectionLifeLimits {
  readonly maxAgeMs: number;
  readonly maxAgeGraceMs: number;
  readonly maxIdleMs: number;
}

/** What is to be done: take no new calls, end those that are left, or nothing. */
export type ConnectionLifeStep = "nothing" | "drain-old" | "drain-idle" | "cut";

/** How far ages of connections that began together are spread, to both sides. */
const ageJitter = 0.1;

/** The limits of a server's connections. Throws what is wrong with the options. */
export function connectionLifeLimits(options: ConnectionLifeOptions): ConnectionLifeLimits {
  const given = (name: keyof ConnectionLifeOptions): number =>
    check(name, options[name] ?? defaultConnectionLife[name]);
  return {
    maxAgeMs: given("maxConnectionAgeMs"),
    maxAgeGraceMs: given("maxConnectionAgeGraceMs"),
    maxIdleMs: given("maxConnectionIdleMs"),
  };
}

/** The life of a connection that has none but its socket's: one that could not be opened again. */
export const unlimitedLife: ConnectionLifeLimits = {
  maxAgeMs: Number.POSITIVE_INFINITY,
  maxAgeGraceMs: Number.POSITIVE_INFINITY,
  maxIdleMs: Number.POSITIVE_INFINITY,
};

export class ConnectionLife {
  readonly #limits: ConnectionLifeLimits;
  readonly #chance: number;
  #oldAt = Number.POSITIVE_INFINITY;
  #idleAt = Number.POSITIVE_INFINITY;
  #cutAt = Number.POSITIVE_INFINITY;

  /** `chance`: from 0 to 1, of this connection alone. */
  constructor(limits: ConnectionLifeLimits, chance: number) {
    this.#limits = limits;
    this.#chance = chance;
  }

  /** The handshake is done. Until then it has limits of its own, and a client that is sent away would see a failure. */
  begin(now: number): void {
    this.#oldAt = now + this.#limits.maxAgeMs * (1 + ageJitter * (2 * this.#chance - 1));
    this.#idleAt = now + this.#limits.maxIdleMs;
  }

  /** When `advance` is due; it moves only there, so that calls cost nothing. */
  get dueAt(): number {
    return Math.min(this.#oldAt, this.#idleAt, this.#cutAt);
  }

  /** `idleSince`: when the last call ended, or the connection began; Infinity while calls are open. */
  advance(now: number, idleSince: number): ConnectionLifeStep {
    if (now >= this.#cutAt) {
      this.#cutAt = Number.POSITIVE_INFINITY;
      return "cut";
    }
    if (now >= this.#oldAt) {
      this.#oldAt = this.#idleAt = Number.POSITIVE_INFINITY;
      this.#cutAt = now + this.#limits.maxAgeGraceMs;
      return "drain-old";
    }
    if (now < this.#idleAt) return "nothing";
    this.#idleAt = Math.min(idleSince, now) + this.#limits.maxIdleMs;
    if (now < this.#idleAt) return "nothing";
    this.#idleAt = Number.POSITIVE_INFINITY;
    return "drain-idle";
  }
}

function check(name: string, milliseconds: number): number {
  // Written so that NaN and what is no number are refused too.
  if (milliseconds > 0) return milliseconds;
  throw new UsageError("BAD_OPTION", `${name} is ${String(milliseconds)}; give milliseconds above 0, or Infinity`);
}
