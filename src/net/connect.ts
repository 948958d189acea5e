// The real machine: opening TCP and Unix-domain connections. A host name's addresses are tried in turn, each a quarter of
// a second after the one before or as soon as that fails, and the first to answer wins (RFC 8305 §5). No attempt is cut
// short for being slow. It knows no TLS.
import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { Endpoint } from "../host/index.ts";
import { cancelledFault, toSocketFault } from "./fault.ts";
import { lookUp } from "./names.ts";
import { ReadBuffer } from "./read-buffer.ts";

type InternetEndpoint = Extract<Endpoint, { readonly port: number }>;
type UnixEndpoint = Extract<Endpoint, { readonly kind: "unix" }>;

/** Milliseconds before the next address is tried beside one that has not answered. RFC 8305 §8. */
const attemptDelayMs = 250;

/** A connected, paused socket. `reads` stands for its `data` events, unless others were asked for. */
export interface OpenedSocket {
  readonly socket: Socket;
  readonly reads: ReadBuffer | undefined;
}

/**
 * Opens a half-open-capable socket. With `keepsData` it emits `data` events, as TLS needs them. Rejects with a
 * `SocketFault`.
 */
export async function openSocket(
  endpoint: InternetEndpoint | UnixEndpoint,
  { signal, keepsData = false }: { readonly signal?: AbortSignal | undefined; readonly keepsData?: boolean } = {},
): Promise<OpenedSocket> {
  if (signal?.aborted) throw cancelledFault(endpoint, signal.reason);
  if (endpoint.kind === "unix") {
    return firstToConnect([{ path: systemPath(endpoint.path) }], { endpoint, signal, keepsData });
  }
  const { host, port } = endpoint;
  const { addresses } = await lookUp(host, signal);
  const targets = addresses.map((address) => ({ host: address, port, noDelay: true }));
  return firstToConnect(targets, { endpoint, signal, keepsData });
}

/** The path as the system wants it: an abstract name begins with a zero byte. */
export function systemPath(path: string): string {
  return path.startsWith("@") ? `\0${path.slice(1)}` : path;
}

/** The first of `targets` to connect; the others are dropped. */
export function firstToConnect(
  targets: readonly NetConnectOpts[],
  setup: { readonly endpoint: Endpoint; readonly signal: AbortSignal | undefined; readonly keepsData: boolean },
): Promise<OpenedSocket> {
  const { endpoint, signal } = setup;
  return new Promise((resolve, reject) => {
    const open = new Set<Socket>();
    const errors: unknown[] = [];
    let next = 0;
    let timeout: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timeout);
      next = targets.length;
      signal?.removeEventListener("abort", cancel);
      for (const socket of open) socket.destroy();
      open.clear();
    };
    const cancel = (): void => {
      settle();
      reject(cancelledFault(endpoint, signal?.reason));
    };
    const fail = (error: unknown): void => {
      errors.push(error);
      if (next < targets.length) {
        start();
      } else if (open.size === 0) {
        settle();
        reject(toSocketFault(mostTelling(errors), endpoint, "connect"));
      }
    };
    const start = (): void => {
      clearTimeout(timeout);
      const target = targets[next++] as NetConnectOpts;
      const reads = setup.keepsData ? undefined : new ReadBuffer();
      const socket = connect({ ...target, allowHalfOpen: true, ...(reads !== undefined && { onread: reads.options }) });
      socket.pause();
      open.add(socket);
      socket.on("connect", () => {
        open.delete(socket);
        settle();
        resolve({ socket, reads });
      });
      socket.on("error", (error) => {
        if (open.delete(socket)) fail(error);
      });
      if (next < targets.length) timeout = setTimeout(start, attemptDelayMs);
    };
    if (signal?.aborted) return cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    start();
  });
}

/** Of the failures of several addresses, one that says more than that there is no way there. */
function mostTelling(errors: readonly unknown[]): unknown {
  const noWay = /^(ENETUNREACH|EHOSTUNREACH|EADDRNOTAVAIL|EAFNOSUPPORT)$/;
  return (
    errors.find((error) => !(error instanceof Error && "code" in error && noWay.test(String(error.code)))) ?? errors[0]
  );
}
