// RPC layer: what a handler may know of the server that its call came to. Services that speak of their server (health,
// reflection, channelz) live on it; it gives no hold on connections or other calls.
import type { Service } from "../marshal/types.ts";
import type { RuntimeView } from "./runtime-registry.ts";

/** A server as its handlers see it: `call.server`. */
export interface ServerView {
  /** All that it serves, in the order given. */
  readonly services: readonly Service[];
  /** The channels and servers that were made by the same runtime, this one among them. */
  readonly runtime: RuntimeView;
  /** It takes no new calls, and ends when those it has are over, or before. */
  readonly isDraining: boolean;
  /** Calls `task` when the server begins to drain; at once when it has begun. Returns what takes `task` back. */
  onDrain(task: () => void): () => void;
}

/** The server's own end of the view. */
export class ServerState implements ServerView {
  readonly services: readonly Service[];
  readonly runtime: RuntimeView;
  readonly #tasks = new Set<() => void>();
  #isDraining = false;

  constructor(services: readonly Service[], runtime: RuntimeView) {
    this.services = services;
    this.runtime = runtime;
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  onDrain(task: () => void): () => void {
    if (this.#isDraining) {
      task();
      return () => {};
    }
    this.#tasks.add(task);
    return () => void this.#tasks.delete(task);
  }

  /** The server drains from now on. */
  drain(): void {
    this.#isDraining = true;
    for (const task of [...this.#tasks]) task();
    this.#tasks.clear();
  }
}
