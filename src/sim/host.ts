// The simulated network: one machine on it, with its address, its ports and who listens at them. It sends nothing.
// Ports: RFC 6335 §6 (ephemeral from 49152). Addresses: a private network, RFC 1918.
import {
  type Endpoint,
  formatEndpoint,
  isLoopback,
  type Listener,
  type ListenOptions,
  type ListenReceiver,
  SocketFault,
} from "../host/index.ts";

/** What a machine answers to those who want to connect. */
export type Admission = "accept" | "refuse" | "ignore";

/** Someone who listens. */
export interface Listening {
  readonly endpoint: Endpoint;
  readonly receiver: ListenReceiver;
}

type InternetEndpoint = Extract<Endpoint, { readonly port: number }>;

const firstEphemeralPort = 49152;
const lastPort = 65535;

function isInternet(endpoint: Endpoint): endpoint is InternetEndpoint {
  return endpoint.kind === "tcp" || endpoint.kind === "tls" || endpoint.kind === "udp";
}

/** One machine of a simulated network. */
export class SimulatedHost {
  readonly name: string;
  /** Its IPv4 address on the simulated network. */
  readonly address: string;
  admission: Admission = "accept";
  readonly #listening = new Set<Listening>();
  #nextPort = firstEphemeralPort;

  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
  }

  /** Whether `host` of an address means this machine when another says it. */
  isCalled(host: string): boolean {
    return host === this.name || host === this.address;
  }

  /** Binds. Throws a `SocketFault`. */
  listen(asked: Endpoint, options: ListenOptions, receiver: ListenReceiver): Listener {
    if (asked.kind === "udp" || asked.kind === "duplex") throw this.#fault("other", asked, "carries no streams");
    if (asked.kind === "tls" && options.tls === undefined) {
      throw this.#fault("tls-failed", asked, "needs a certificate to listen; pass tls: { cert, key }");
    }
    const endpoint = isInternet(asked) ? this.#bindInternet(asked) : asked;
    const text = formatEndpoint(endpoint);
    for (const other of this.#listening) {
      if (clashes(other.endpoint, endpoint)) {
        throw this.#fault("address-in-use", asked, `is in use (${text}); close the other listener first`);
      }
    }
    const listening: Listening = { endpoint, receiver };
    this.#listening.add(listening);
    let closing: Promise<void> | undefined;
    const close = (): Promise<void> => {
      if (closing === undefined) this.#listening.delete(listening);
      closing ??= Promise.resolve();
      return closing;
    };
    return { local: endpoint, close };
  }

  /** Who listens at `target`, an address or name of this machine, called so by `caller`. */
  findListening(target: Endpoint, caller: SimulatedHost): Listening | undefined {
    for (const listening of this.#listening) {
      if (this.#answers(listening.endpoint, target, caller)) return listening;
    }
    return undefined;
  }

  /** The local endpoint of a new connection to `target`. */
  openEphemeral(target: Endpoint): Endpoint {
    if (!isInternet(target)) return target.kind === "unix" ? { kind: "unix", path: "" } : target;
    const host = isLoopback(target) ? target.host : this.address;
    return { kind: target.kind, host: host === "localhost" ? "127.0.0.1" : host, port: this.#takePort() };
  }

  #bindInternet(asked: InternetEndpoint): InternetEndpoint {
    const isWildcard = asked.host === "0.0.0.0" || asked.host === "::";
    if (!isWildcard && !isLoopback(asked) && !this.isCalled(asked.host)) {
      throw this.#fault("address-not-available", asked, `is not an address of ${this.name}; use one of its own`);
    }
    const own = this.isCalled(asked.host) ? this.address : asked.host;
    const host = asked.host === "localhost" ? "127.0.0.1" : own;
    return { kind: asked.kind, host, port: asked.port === 0 ? this.#takePort() : asked.port };
  }

  #answers(bound: Endpoint, target: Endpoint, caller: SimulatedHost): boolean {
    if (!isInternet(target)) return caller === this && formatEndpoint(bound) === formatEndpoint(target);
    if (!isInternet(bound) || bound.port !== target.port) return false;
    if (bound.host === "0.0.0.0" || bound.host === "::") return true;
    return isLoopback(bound) ? caller === this && isLoopback(target) : !isLoopback(target);
  }

  #takePort(): number {
    for (let tries = firstEphemeralPort; tries <= lastPort; tries++) {
      const port = this.#nextPort;
      this.#nextPort = port === lastPort ? firstEphemeralPort : port + 1;
      let isFree = true;
      for (const { endpoint } of this.#listening) if (isInternet(endpoint) && endpoint.port === port) isFree = false;
      if (isFree) return port;
    }
    throw new SocketFault("address-not-available", `${this.name} has no free port left; close some listeners`);
  }

  #fault(code: SocketFault["code"], endpoint: Endpoint, reason: string): SocketFault {
    const address = formatEndpoint(endpoint);
    return new SocketFault(code, `${address} ${reason}`, { address });
  }
}

/** Whether two listeners cannot be bound at once. */
function clashes(one: Endpoint, other: Endpoint): boolean {
  if (!isInternet(one) || !isInternet(other)) return formatEndpoint(one) === formatEndpoint(other);
  if (one.port !== other.port) return false;
  const wild = [one, other].some(({ host }) => host === "0.0.0.0" || host === "::");
  return wild || one.host === other.host || (isLoopback(one) && isLoopback(other));
}
