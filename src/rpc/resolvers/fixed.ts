// Resolvers: a list that never changes.
import type { ResolvedAddress, Resolver, ResolverListener, Resolving } from "../resolver.ts";

export class FixedResolver implements Resolver {
  readonly target: string;
  readonly #addresses: readonly ResolvedAddress[];

  constructor(target: string, addresses: readonly ResolvedAddress[]) {
    this.target = target;
    this.#addresses = addresses;
  }

  start(listener: ResolverListener): Resolving {
    listener.onAddresses(this.#addresses);
    return { stop: () => {} };
  }
}
