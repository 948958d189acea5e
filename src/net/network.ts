// The real machine: which transport serves which endpoint. Every way of failing is a `SocketFault`; an endpoint that cannot
// be one is an `AddressError` before any system call.
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import {
  type ClientTls,
  type ConnectOptions,
  checkEndpoint,
  type Endpoint,
  formatEndpoint,
  type Listener,
  type ListenOptions,
  type ListenReceiver,
  type NameAnswer,
  type Network,
  SocketFault,
  type StreamSocket,
} from "../host/index.ts";
import { socketEndpoints } from "./addresses.ts";
import { openSocket } from "./connect.ts";
import { cancelledFault } from "./fault.ts";
import { createPlainServer, startListening } from "./listen.ts";
import { MemoryNetwork } from "./memory.ts";
import { lookUp } from "./names.ts";
import { NodeStreamSocket } from "./stream.ts";
import { createTlsServer, secureClient } from "./tls.ts";
import { createContext, currentTls, loadTls } from "./tls-settings.ts";

const defaultClientTls: ClientTls = {};

/** TCP, TLS, Unix-domain and memory streams, and foreign `Duplex` ones. */
export class RealNetwork implements Network {
  readonly #memory = new MemoryNetwork();
  /** Reading certificates takes milliseconds, so each settings record is read once. */
  readonly #contexts = new WeakMap<ClientTls, SecureContext>();

  resolve(host: string, { signal }: { readonly signal?: AbortSignal }): Promise<NameAnswer> {
    return lookUp(host, signal);
  }

  async connect(endpoint: Endpoint, options: ConnectOptions): Promise<StreamSocket> {
    checkEndpoint(endpoint, "connect");
    const { signal } = options;
    if (signal?.aborted) throw cancelledFault(endpoint, signal.reason);
    switch (endpoint.kind) {
      case "tcp":
      case "unix": {
        const { socket, reads } = await openSocket(endpoint, { signal });
        const ends = socketEndpoints(socket, endpoint, "client");
        const reset = endpoint.kind === "tcp" ? () => socket.resetAndDestroy() : undefined;
        return new NodeStreamSocket(socket, { ...ends, reads, reset });
      }
      case "tls":
        return this.#connectTls(endpoint, options);
      case "memory":
        return this.#memory.connect(endpoint);
      case "udp":
      case "duplex":
        throw noStream(endpoint);
    }
  }

  async listen(endpoint: Endpoint, options: ListenOptions, receiver: ListenReceiver): Promise<Listener> {
    checkEndpoint(endpoint, "listen");
    switch (endpoint.kind) {
      case "tcp":
      case "unix":
        return startListening(createPlainServer(endpoint, receiver), endpoint, { options, receiver });
      case "tls":
        return this.#listenTls(endpoint, options, receiver);
      case "memory":
        return this.#memory.listen(endpoint, receiver);
      case "udp":
      case "duplex":
        throw noStream(endpoint);
    }
  }

  adopt(duplex: unknown): StreamSocket | undefined {
    if (!isDuplex(duplex)) return undefined;
    duplex.pause();
    // A stream in JavaScript may keep what it was given after it called it written; the kernel does not.
    const kernel = duplex instanceof Socket;
    return new NodeStreamSocket(duplex, { local: { kind: "duplex" }, remote: { kind: "duplex" }, copies: !kernel });
  }

  async #listenTls(
    endpoint: Extract<Endpoint, { readonly port: number }>,
    options: ListenOptions,
    receiver: ListenReceiver,
  ): Promise<Listener> {
    if (options.tls === undefined) throw noCertificate(endpoint);
    const server = createTlsServer(await loadTls(), options.tls, { endpoint, receiver });
    try {
      const listener = await startListening(server.server, endpoint, { options, receiver });
      const close = (): Promise<void> => {
        server.forget();
        return listener.close();
      };
      return { local: listener.local, close };
    } catch (error) {
      server.forget();
      throw error;
    }
  }

  async #connectTls(
    endpoint: Extract<Endpoint, { readonly port: number }>,
    options: ConnectOptions,
  ): Promise<StreamSocket> {
    const library = await loadTls();
    const settings = currentTls(options.tls ?? defaultClientTls);
    const context =
      this.#contexts.get(settings) ??
      createContext(library, settings, `the TLS options for ${formatEndpoint(endpoint)}`);
    this.#contexts.set(settings, context);
    const serverName = settings.serverName ?? options.serverName;
    const { socket } = await openSocket(endpoint, { signal: options.signal, keepsData: true });
    return secureClient(library.tls, socket, { endpoint, context, serverName, signal: options.signal });
  }
}

function isDuplex(value: unknown): value is Duplex {
  if (typeof value !== "object" || value === null) return false;
  const methods = ["on", "write", "end", "pause", "resume", "destroy", "cork", "uncork"];
  return methods.every((name) => typeof (value as { [name: string]: unknown })[name] === "function");
}

function noStream(endpoint: Endpoint): SocketFault {
  const address = formatEndpoint(endpoint);
  return new SocketFault("other", `${address} carries no streams; use tcp://, tls://, unix: or memory:`, { address });
}

function noCertificate(endpoint: Endpoint): SocketFault {
  const address = formatEndpoint(endpoint);
  return new SocketFault("tls-failed", `${address} needs a certificate to listen; pass tls: { cert, key }`, {
    address,
  });
}
