// RPC layer: which limits of a server peers have met, how often, and who last. One entry a limit, so that peers cannot make
// it grow. It decides nothing.

/** A limit that was met: something was refused, cut or closed for it. */
export interface MetLimit {
  /** Its name, as an option or a record of limits has it: `resetsBurst`. */
  readonly limit: string;
  /** How often. */
  readonly count: number;
  /** The last time, in milliseconds since 1970-01-01 UTC. */
  readonly lastAt: number;
  /** The address of the peer that met it last. */
  readonly lastRemote: string;
  /** What was said of it then. */
  readonly lastReason: string;
}

export class LimitLog {
  readonly #met = new Map<string, MetLimit>();

  /** Enters one. `at` in milliseconds since 1970-01-01 UTC. */
  add(limit: string, reason: string, { at, remote }: { readonly at: number; readonly remote: string }): void {
    const count = (this.#met.get(limit)?.count ?? 0) + 1;
    this.#met.set(limit, { limit, count, lastAt: at, lastRemote: remote, lastReason: reason });
  }

  /** Those that were met, in the order of their names. */
  read(): MetLimit[] {
    return [...this.#met.values()].sort((a, b) => (a.limit < b.limit ? -1 : 1));
  }
}
