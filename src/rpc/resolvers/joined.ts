// Resolvers: several as one: their lists in the order in which the user wrote them.
import type { Timer, Timers } from "../../host/clock.ts";
import type { ResolvedAddress, Resolver, ResolverListener, Resolving } from "../resolver.ts";

/** How long the first list waits for parts that are still silent, so that the order holds from the beginning. */
const patienceMs = 250;

export class JoinedResolver implements Resolver {
  readonly target: string;
  readonly #parts: readonly Resolver[];
  readonly #timers: Timers;

  constructor(target: string, parts: readonly Resolver[], timers: Timers) {
    this.target = target;
    this.#parts = parts;
    this.#timers = timers;
  }

  start(listener: ResolverListener): Resolving {
    return new Joined(this.#parts, this.#timers, listener);
  }
}

/** What one part said last. */
interface Part {
  addresses: readonly (string | ResolvedAddress)[];
  hasSpoken: boolean;
  resolving: Resolving | undefined;
}

class Joined implements Resolving {
  readonly #parts: readonly Part[];
  readonly #timers: Timers;
  readonly #listener: ResolverListener;
  #patience: Timer | undefined = undefined;
  #lastError: { readonly error: unknown } | undefined = undefined;

  constructor(resolvers: readonly Resolver[], timers: Timers, listener: ResolverListener) {
    this.#timers = timers;
    this.#listener = listener;
    this.#parts = resolvers.map(() => ({ addresses: [], hasSpoken: false, resolving: undefined }));
    this.#patience = timers.set(() => this.#impatient(), patienceMs);
    for (const [index, part] of this.#parts.entries()) this.#startPart(resolvers[index] as Resolver, part);
  }

  refresh(): void {
    for (const { resolving } of this.#parts) resolving?.refresh?.();
  }

  stop(): void {
    this.#clearPatience();
    let failed: { readonly error: unknown } | undefined;
    for (const { resolving } of this.#parts) {
      try {
        resolving?.stop();
      } catch (error) {
        // It keeps none of the others from being stopped.
        failed ??= { error };
      }
    }
    if (failed !== undefined) throw failed.error;
  }

  #startPart(resolver: Resolver, part: Part): void {
    const fail = (error: unknown): void => {
      part.hasSpoken = true;
      this.#lastError = { error };
      this.#tell();
    };
    try {
      part.resolving = resolver.start({
        onAddresses: (addresses) => {
          if (addresses.length > 0) part.addresses = addresses;
          part.hasSpoken = true;
          this.#tell();
        },
        onError: fail,
        need: () => this.#listener.need(),
      });
    } catch (error) {
      fail(error);
    }
  }

  #tell(): void {
    const waits = this.#parts.some(({ hasSpoken }) => !hasSpoken);
    if (waits && this.#patience !== undefined) return;
    const addresses = this.#parts.flatMap((part) => part.addresses);
    if (addresses.length > 0) this.#listener.onAddresses(addresses);
    else if (waits) return;
    if (!waits) this.#clearPatience();
    const failed = this.#lastError;
    this.#lastError = undefined;
    if (failed !== undefined) this.#listener.onError(failed.error);
    else if (addresses.length === 0) this.#listener.onAddresses([]);
  }

  #impatient(): void {
    this.#patience = undefined;
    if (this.#parts.some((part) => part.addresses.length > 0)) this.#tell();
  }

  #clearPatience(): void {
    if (this.#patience !== undefined) this.#timers.clear(this.#patience);
    this.#patience = undefined;
  }
}
