// The real machine: listening sockets, TCP and Unix-domain. A socket file that a dead server left behind is removed; a
// live server's, or a file that is no socket, never. unix(7). It knows no TLS: the caller says how to make the server.
import { lstat, unlink } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import {
  type Endpoint,
  formatEndpoint,
  type Listener,
  type ListenOptions,
  type ListenReceiver,
  SocketFault,
} from "../host/index.ts";
import { boundEndpoint, socketEndpoints } from "./addresses.ts";
import { openSocket, systemPath } from "./connect.ts";
import { toSocketFault } from "./fault.ts";
import { netLimits } from "./limits.ts";
import { NodeStreamSocket } from "./stream.ts";

type BindableEndpoint = Extract<Endpoint, { readonly kind: "tcp" | "tls" | "udp" | "unix" }>;

/** A server for plain connections. Its sockets are paused and half-open-capable. */
export function createPlainServer(endpoint: Endpoint, receiver: ListenReceiver): Server {
  return createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (socket: Socket) => {
    const ends = socketEndpoints(socket, endpoint, "server");
    const reset = endpoint.kind === "tcp" ? () => socket.resetAndDestroy() : undefined;
    receiver.onConnection(new NodeStreamSocket(socket, { ...ends, reset }));
  });
}

/** Binds `server` and listens. Rejects with a `SocketFault`. */
export async function startListening(
  server: Server,
  endpoint: BindableEndpoint,
  setup: { readonly options: ListenOptions; readonly receiver: ListenReceiver },
): Promise<Listener> {
  const backlog = setup.options.backlog ?? netLimits.backlog;
  try {
    await bind(server, endpoint, backlog);
  } catch (error) {
    if (endpoint.kind !== "unix" || !hasCode(error, "EADDRINUSE") || endpoint.path.startsWith("@")) {
      throw toSocketFault(await nameMissingFolder(error, endpoint), endpoint, "listen");
    }
    await removeStale(endpoint);
    await bind(server, endpoint, backlog).catch((second: unknown) => {
      throw toSocketFault(second, endpoint, "listen");
    });
  }
  server.on("error", (error) => setup.receiver.onFault(toSocketFault(error, endpoint, "listen")));
  return { local: boundEndpoint(server.address(), endpoint), close: closeOnce(server) };
}

function bind(server: Server, endpoint: BindableEndpoint, backlog: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const listening = (): void => {
      server.removeListener("error", reject);
      resolve();
    };
    if (endpoint.kind === "unix") server.listen({ path: systemPath(endpoint.path), backlog }, listening);
    else server.listen({ host: endpoint.host, port: endpoint.port, backlog }, listening);
  });
}

/** Node reports a server closed when its last connection is; the endpoint itself is free in the next turn. */
function closeOnce(server: Server): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= new Promise((resolve) => {
      server.close();
      setImmediate(resolve);
    });
    return closing;
  };
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** libuv reports a socket file's missing folder as EACCES, as Windows does: the folder's own error is the true one. */
async function nameMissingFolder(error: unknown, endpoint: BindableEndpoint): Promise<unknown> {
  if (endpoint.kind !== "unix" || endpoint.path.startsWith("@") || !hasCode(error, "EACCES")) return error;
  return lstat(dirname(endpoint.path)).then(
    () => error,
    (missing: unknown) => missing,
  );
}

/** Removes the socket file that stands in the way, if nobody listens on it; otherwise throws why not. */
async function removeStale(endpoint: Extract<Endpoint, { readonly kind: "unix" }>): Promise<void> {
  const address = formatEndpoint(endpoint);
  const inUse = (message: string): never => {
    throw new SocketFault("address-in-use", message, { address, systemCode: "EADDRINUSE" });
  };
  try {
    const before = await lstat(endpoint.path);
    if (!before.isSocket()) inUse(`${address} is a file but no socket, so it is not removed; choose another path`);
    if (!(await isAbandoned(endpoint)))
      inUse(`${address} is in use by a running server; stop it or choose another path`);
    // Another server may have replaced the file while we asked; what it bound is not ours to remove.
    const after = await lstat(endpoint.path);
    if (after.ino !== before.ino || after.ctimeMs !== before.ctimeMs) inUse(`${address} was taken by another server`);
    await unlink(endpoint.path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw toSocketFault(error, endpoint, "listen");
  }
}

async function isAbandoned(endpoint: Extract<Endpoint, { readonly kind: "unix" }>): Promise<boolean> {
  try {
    const { socket } = await openSocket(endpoint);
    socket.destroy();
    return false;
  } catch (error) {
    if (error instanceof SocketFault && error.code === "refused") return true;
    if (error instanceof SocketFault && error.code === "not-found") return true;
    throw error;
  }
}
