// The real machine: TLS over Node's own, loaded when the first `tls:` endpoint is used. Certificates are always checked;
// there is no switch against it. ALPN offers and accepts `h2` (RFC 7301, RFC 9113 §3.3).
import { isIP, type Socket } from "node:net";
import type { PeerCertificate, SecureContext, Server, TLSSocket } from "node:tls";
import {
  type Endpoint,
  formatEndpoint,
  type ListenReceiver,
  type PeerIdentity,
  type ServerTls,
  type TlsSource,
} from "../host/index.ts";
import { socketEndpoints } from "./addresses.ts";
import { cancelledFault, toSocketFault } from "./fault.ts";
import { netLimits } from "./limits.ts";
import { NodeStreamSocket } from "./stream.ts";
import {
  checkReplacement,
  createContext,
  currentTls,
  formatOptions,
  isTlsSource,
  type TlsLibrary,
} from "./tls-settings.ts";

type Tls = typeof import("node:tls");
type TlsEndpoint = Extract<Endpoint, { readonly port: number }>;

const alpnProtocols = ["h2"];

/** Does the client's handshake over a connected, paused socket. Rejects with a `SocketFault`. */
export function secureClient(
  tls: Tls,
  raw: Socket,
  setup: {
    readonly endpoint: TlsEndpoint;
    readonly context: SecureContext;
    readonly serverName: string | undefined;
    readonly signal: AbortSignal | undefined;
  },
): Promise<NodeStreamSocket> {
  const { endpoint, signal } = setup;
  const name = setup.serverName ?? endpoint.host.replace(/\.$/, "");
  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      socket: raw,
      host: name,
      // RFC 6066 §3: an address is not a server name.
      ...(isIP(name) === 0 && { servername: name }),
      secureContext: setup.context,
      ALPNProtocols: alpnProtocols,
    });
    const cancel = (): void => {
      settle();
      reject(cancelledFault(endpoint, signal?.reason));
      socket.destroy();
    };
    const fail = (error: Error): void => {
      settle();
      reject(toSocketFault(error, endpoint, "connect"));
      socket.destroy();
    };
    const settle = (): void => {
      socket.removeListener("error", fail);
      socket.on("error", () => {});
      signal?.removeEventListener("abort", cancel);
    };
    socket.on("error", fail);
    socket.on("secureConnect", () => {
      settle();
      socket.pause();
      resolve(wrapSecure(socket, endpoint, { side: "client", raw }));
    });
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
  });
}

/** A TLS server, and what ends its following of replaced settings. */
export interface FollowingServer {
  readonly server: Server;
  forget(): void;
}

/**
 * A server whose connections are reported once their handshake is done. A failed handshake is not reported. When `source`
 * replaces its settings, new handshakes have them, open connections go on.
 */
export function createTlsServer(
  library: TlsLibrary,
  source: ServerTls | TlsSource<ServerTls>,
  { endpoint, receiver }: { readonly endpoint: TlsEndpoint; readonly receiver: ListenReceiver },
): FollowingServer {
  const what = `the TLS options for ${formatEndpoint(endpoint)}`;
  const settings = currentTls(source);
  createContext(library, settings, what);
  const server = library.tls.createServer({
    ...formatOptions(settings),
    requestCert: settings.ca !== undefined,
    rejectUnauthorized: settings.requireClientCert === true,
    ALPNProtocols: alpnProtocols,
    handshakeTimeout: netLimits.handshakeTimeoutMs,
    allowHalfOpen: true,
    noDelay: true,
  });
  reportConnections(server, endpoint, receiver);
  if (!isTlsSource(source)) return { server, forget: () => {} };
  const forget = source.subscribe((next) => {
    checkReplacement(settings, next, what);
    createContext(library, next, what);
    server.setSecureContext(formatOptions(next));
  });
  return { server, forget };
}

function reportConnections(server: Server, endpoint: TlsEndpoint, receiver: ListenReceiver): void {
  const handshaking = new Map<string, Socket>();
  server.on("connection", (raw) => {
    const key = peerKey(raw);
    handshaking.set(key, raw);
    raw.on("close", () => {
      if (handshaking.get(key) === raw) handshaking.delete(key);
    });
  });
  server.on("secureConnection", (socket) => {
    socket.pause();
    const raw = handshaking.get(peerKey(socket));
    handshaking.delete(peerKey(socket));
    receiver.onConnection(wrapSecure(socket, endpoint, { side: "server", raw }));
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
}

/** Tells the peers of one listener apart, so that a secure socket finds the plain one that it runs over. */
function peerKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}

function wrapSecure(
  socket: TLSSocket,
  endpoint: TlsEndpoint,
  { side, raw }: { readonly side: "client" | "server"; readonly raw: Socket | undefined },
): NodeStreamSocket {
  const alpn = typeof socket.alpnProtocol === "string" ? socket.alpnProtocol : undefined;
  return new NodeStreamSocket(socket, {
    ...socketEndpoints(socket, endpoint, side),
    tls: { alpn, peer: describePeer(socket) },
    reset: raw === undefined ? undefined : () => void raw.resetAndDestroy(),
  });
}

/** Who the peer proved to be; undefined when it showed no certificate. */
function describePeer(socket: TLSSocket): PeerIdentity | undefined {
  const certificate: Partial<PeerCertificate> | undefined = socket.getPeerCertificate();
  if (certificate?.fingerprint256 === undefined) return undefined;
  const commonName: string | string[] | undefined = certificate.subject?.CN;
  return {
    authorized: socket.authorized,
    fingerprint256: certificate.fingerprint256,
    ...(commonName !== undefined && { commonName: String(commonName) }),
    ...(certificate.subjectaltname !== undefined && { alternativeNames: certificate.subjectaltname }),
  };
}
