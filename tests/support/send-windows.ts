// Test support: the windows that a client gives a scripted server, kept as RFC 9113 section 6.9 has them.
import type { SeenFrame } from "./http2-frames.ts";
import type { ScriptedConnection } from "./rpc-peer.ts";

/** What may be sent before any credit came (RFC 9113 section 6.9.2). */
export const initialWindowBytes = 65_535;
const initialWindowId = 4;
const frameHeaderBytes = 9;

/** What may be sent on one connection and each of its streams. Every frame that is seen must be shown to it. */
export class SendWindows {
  /** Bytes of DATA payload sent so far, padding included, and credit that came for the connection. */
  sentBytes = 0;
  creditedBytes = 0;
  #connection = initialWindowBytes;
  #initial = initialWindowBytes;
  readonly #streams = new Map<number, number>();
  #wake: (() => void)[] = [];

  take({ type, id, increment = 0, entries }: SeenFrame): void {
    if (type === "SETTINGS") {
      for (const [setting, value] of entries ?? []) if (setting === initialWindowId) this.#initial = value;
    }
    if (type === "HEADERS") this.#streams.set(id, this.#initial);
    if (type !== "WINDOW_UPDATE") return;
    if (id === 0) this.#connection += increment;
    else this.#streams.set(id, (this.#streams.get(id) ?? this.#initial) + increment);
    if (id === 0) this.creditedBytes += increment;
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Sends a DATA frame once both windows have room for it. */
  async send(connection: ScriptedConnection, id: number, dataFrame: Uint8Array): Promise<void> {
    const bytes = dataFrame.length - frameHeaderBytes;
    while (Math.min(this.#connection, this.#streams.get(id) ?? 0) < bytes) {
      if (connection.closed || connection.ended) throw new Error("the connection ended before it gave credit");
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    this.#connection -= bytes;
    this.#streams.set(id, (this.#streams.get(id) ?? 0) - bytes);
    this.sentBytes += bytes;
    connection.send(dataFrame);
  }
}
