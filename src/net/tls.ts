// The real machine: TLS over Node's own, loaded when the first `tls:` endpoint is used. Certificates are always checked;
// there is no switch against it. ALPN offers and accepts `h2` (RFC 7301, RFC 9113 §3.3).
import { isIP, type Server, type Socket } from "node:net";
import type { PeerCertificate, SecureContext, TLSSocket } from "node:tls";
import type { ClientTls, Endpoint, ListenReceiver, PeerIdentity, ServerTls } from "../host/index.ts";
import { socketEndpoints } from "./addresses.ts";
import { cancelledFault, toSocketFault } from "./fault.ts";
import { NodeStreamSocket } from "./stream.ts";

type Tls = typeof import("node:tls");
type TlsEndpoint = Extract<Endpoint, { readonly port: number }>;

/** Milliseconds that a client has for its handshake before the server drops it. */
export const handshakeTimeoutMs = 10_000;

const alpnProtocols = ["h2"];

/** Turns texts and bytes into what Node's TLS takes. */
function pem(value: string | Uint8Array): string | Buffer {
  return typeof value === "string" ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function pems(value: NonNullable<ClientTls["ca"]>): (string | Buffer)[] {
  return typeof value === "string" || value instanceof Uint8Array ? [pem(value)] : value.map(pem);
}

/** The client's side of TLS settings, checked. Throws a `SocketFault` when a certificate or key cannot be read. */
export function createClientContext(tls: Tls, settings: ClientTls, endpoint: Endpoint): SecureContext {
  try {
    return tls.createSecureContext({
      ...(settings.ca !== undefined && { ca: pems(settings.ca) }),
      ...(settings.cert !== undefined && { cert: pem(settings.cert) }),
      ...(settings.key !== undefined && { key: pem(settings.key) }),
    });
  } catch (error) {
    throw toSocketFault(error, endpoint, "connect");
  }
}

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

/** A server whose connections are reported once their handshake is done. A failed handshake is not reported. */
export function createTlsServer(
  tls: Tls,
  settings: ServerTls,
  { endpoint, receiver }: { readonly endpoint: TlsEndpoint; readonly receiver: ListenReceiver },
): Server {
  try {
    const server = tls.createServer({
      cert: pem(settings.cert),
      key: pem(settings.key),
      ...(settings.ca !== undefined && { ca: pems(settings.ca) }),
      requestCert: settings.requireClientCert === true || settings.ca !== undefined,
      rejectUnauthorized: settings.requireClientCert === true,
      ALPNProtocols: alpnProtocols,
      handshakeTimeout: handshakeTimeoutMs,
      allowHalfOpen: true,
      noDelay: true,
    });
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
    return server;
  } catch (error) {
    throw toSocketFault(error, endpoint, "listen");
  }
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
