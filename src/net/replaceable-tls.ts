// The real machine: TLS settings that a program replaces itself, while servers and channels use them. Nothing that cannot
// be used ever replaces what can.
import type { ClientTls, ServerTls, TlsSource } from "../host/index.ts";
import { createContext, loadTls } from "./tls-settings.ts";

/** TLS settings with a new value from time to time: for `serve` and `dial`, in the place of a record. */
export class ReplaceableTls<Settings extends ClientTls | ServerTls> implements TlsSource<Settings> {
  readonly #appliers = new Set<(settings: Settings) => void>();
  #current: Settings;

  constructor(settings: Settings) {
    this.#current = settings;
  }

  get current(): Settings {
    return this.#current;
  }

  subscribe(apply: (settings: Settings) => void): () => void {
    // A function of its own for each, for one may subscribe twice.
    const applier = (settings: Settings): void => apply(settings);
    this.#appliers.add(applier);
    return () => void this.#appliers.delete(applier);
  }

  /**
   * New connections have `next`, open ones go on as they are. Rejects with a `SocketFault` (`tls-failed`) when it cannot be
   * used (the key does not belong to the certificate, a file is cut off, ...); what was before then stays.
   */
  async replace(next: Settings): Promise<void> {
    createContext(await loadTls(), next, "the new TLS settings");
    for (const apply of this.#appliers) apply(next);
    this.#current = next;
  }
}

/** Settings that `replace` changes. They are checked when they are first used, and at each replacement. */
export function replaceableTls(settings: ServerTls): ReplaceableTls<ServerTls>;
export function replaceableTls(settings: ClientTls): ReplaceableTls<ClientTls>;
export function replaceableTls<Settings extends ClientTls | ServerTls>(settings: Settings): ReplaceableTls<Settings> {
  return new ReplaceableTls(settings);
}
