// The simulated network: what host names mean, to every machine alike. A machine's own name means its address, until a rule
// says something else. It keeps no answer: a change is seen by the next look-up.
import { parseIpv4, parseIpv6, SocketFault } from "../host/index.ts";

/**
 * What a name means: addresses, or names of machines, most wanted first; `unknown`: name servers know it not; `silent`:
 * none answers.
 */
export type NameMeaning = readonly string[] | "unknown" | "silent";

/** How look-ups of a name go. */
export interface NameSettings {
  /** Virtual milliseconds that a look-up takes. Default 0. */
  readonly delayMs?: number;
  /** Milliseconds that answers say they may be kept. Default: they do not say. */
  readonly ttlMs?: number;
}

export interface NameRule extends NameSettings {
  readonly meaning: NameMeaning;
}

/** Virtual milliseconds until a look-up that no name server answers is given up, as on Linux (resolv.conf(5)). */
export const nameTimeoutMs = 10_000;

/** The rules of a network's names. */
export class NameTable {
  readonly #rules = new Map<string, NameRule>();
  readonly #addressOf: (machine: string) => string | undefined;

  /** `addressOf` knows the machines. */
  constructor(addressOf: (machine: string) => string | undefined) {
    this.#addressOf = addressOf;
  }

  set(name: string, rule: NameRule | undefined): void {
    if (rule === undefined) this.#rules.delete(name);
    else this.#rules.set(name, rule);
  }

  ruleOf(name: string): NameRule {
    return this.#rules.get(name) ?? { meaning: [name] };
  }

  /** The addresses of a name. Throws a `SocketFault`. */
  find(name: string): readonly string[] {
    const { meaning } = this.ruleOf(name);
    if (meaning === "silent") {
      const text = `the host name ${name} could not be looked up: no name server answers`;
      throw new SocketFault("name-not-found", text, { address: name });
    }
    const addresses: string[] = [];
    for (const one of meaning === "unknown" ? [] : meaning) {
      const address = this.#addressOfOne(one);
      if (address !== undefined) addresses.push(address);
    }
    if (addresses.length > 0) return addresses;
    throw new SocketFault("name-not-found", `${name} is a name that no machine has`, { address: name });
  }

  #addressOfOne(one: string): string | undefined {
    if (parseIpv4(one) !== undefined || parseIpv6(one) !== undefined) return one;
    return one === "localhost" ? "127.0.0.1" : this.#addressOf(one);
  }
}
