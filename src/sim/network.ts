// The simulated network: machines, the ways between them, and how connections are opened over them. TCP's handshake takes
// its three packets (RFC 9293 §3.5); no packet leaves the simulation. A `tls:` connection is authenticated by decree: both
// sides see what TLS would show, and nothing is encrypted or verified.
import {
  type ConnectOptions,
  checkEndpoint,
  createLink,
  type Endpoint,
  formatEndpoint,
  isLoopback,
  type NameAnswer,
  type Network,
  SocketFault,
  type SocketFaultCode,
  type StreamSocket,
} from "../host/index.ts";
import { type Admission, type Listening, SimulatedHost } from "./host.ts";
import { type NameMeaning, type NameSettings, NameTable, nameTimeoutMs } from "./names.ts";
import type { SeededRandom } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";
import { type TraceEvent, Way, type WaySettings, WayWire } from "./way.ts";

/** Virtual milliseconds until a connection attempt that nothing answers gives up, as on Linux (tcp_syn_retries 6). */
export const connectTimeoutMs = 127_000;

/** The rules of a simulated network. Names are those given to `machine(name)`. */
export interface NetworkRules {
  /** Sets how bytes travel between two machines, both ways, or between all when no pair is named. Later rules win. */
  setWay(settings: Partial<WaySettings>, between?: readonly [string, string]): void;
  /** Loses every packet between the two from now on, without a sign. With `oneWay`, only those from `one` to `other`. */
  cut(one: string, other: string, options?: { readonly oneWay?: boolean }): void;
  /** Makes the way whole, both directions; what TCP sends again arrives. */
  heal(one: string, other: string): void;
  /** What a machine answers to new connections: `ignore` is a full backlog that drops. Default `accept`. */
  admit(name: string, admission: Admission): void;
  /** Resets every open connection between the two, at both ends. */
  resetConnections(one: string, other: string): void;
  /**
   * Says what a host name means from now on: machines or addresses, `unknown`, or `silent` (no name server answers).
   * Undefined takes the rule back: a machine's name then means its address again.
   */
  setName(name: string, meaning: NameMeaning | undefined, settings?: NameSettings): void;
}

interface Connection {
  readonly hosts: readonly [SimulatedHost, SimulatedHost];
  readonly ends: readonly [StreamSocket, StreamSocket];
}

/** One attempt to connect. */
interface Attempt {
  readonly caller: SimulatedHost;
  readonly target: Endpoint;
  readonly serverName: string | undefined;
  readonly connection: number;
  readonly outward: WayWire;
  readonly homeward: WayWire;
  isOver: boolean;
  readonly succeed: (socket: StreamSocket) => void;
  readonly fail: (fault: SocketFault) => void;
}

/** All machines and ways of a simulation. */
export class SimulatedNetwork implements NetworkRules {
  readonly #scheduler: Scheduler;
  readonly #random: SeededRandom;
  readonly #trace: (event: TraceEvent) => void;
  readonly #hosts = new Map<string, SimulatedHost>();
  readonly #names = new NameTable((machine) => this.#hosts.get(machine)?.address);
  readonly #ways = new Map<string, Way>();
  readonly #connections = new Set<Connection>();
  #settings: WaySettings = { delayMs: 0, maxPieceBytes: Number.POSITIVE_INFINITY };
  #connectionCount = 0;

  constructor(scheduler: Scheduler, random: SeededRandom, trace: (event: TraceEvent) => void) {
    this.#scheduler = scheduler;
    this.#random = random;
    this.#trace = trace;
  }

  /** Puts a machine on the network: its host's interface to it. */
  addHost(name: string): Network {
    const index = this.#hosts.size + 1;
    const host = new SimulatedHost(name, `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
    this.#hosts.set(name, host);
    return {
      resolve: (name, { signal }) => this.#resolve(name, signal),
      connect: (endpoint, options) => this.#connect(host, endpoint, options),
      listen: async (endpoint, options, receiver) => {
        checkEndpoint(endpoint, "listen");
        return host.listen(endpoint, options, receiver);
      },
      adopt: () => undefined,
    };
  }

  setWay(settings: Partial<WaySettings>, between?: readonly [string, string]): void {
    const ways = between === undefined ? this.#ways.values() : this.#both(between[0], between[1]);
    for (const way of ways) way.settings = { ...way.settings, ...settings };
    if (between === undefined) this.#settings = { ...this.#settings, ...settings };
  }

  cut(one: string, other: string, options: { readonly oneWay?: boolean } = {}): void {
    this.#way(this.#named(one), this.#named(other)).cut();
    if (options.oneWay !== true) this.#way(this.#named(other), this.#named(one)).cut();
  }

  heal(one: string, other: string): void {
    for (const way of this.#both(one, other)) way.heal();
  }

  admit(name: string, admission: Admission): void {
    this.#named(name).admission = admission;
  }

  resetConnections(one: string, other: string): void {
    const hosts = [this.#named(one), this.#named(other)];
    for (const connection of [...this.#connections]) {
      if (!hosts.every((host) => connection.hosts.includes(host))) continue;
      if (one !== other && connection.hosts[0] === connection.hosts[1]) continue;
      for (const end of connection.ends) end.reset();
    }
  }

  setName(name: string, meaning: NameMeaning | undefined, settings: NameSettings = {}): void {
    this.#names.set(name, meaning === undefined ? undefined : { ...settings, meaning });
  }

  #resolve(name: string, signal: AbortSignal | undefined): Promise<NameAnswer> {
    return new Promise((resolve, reject) => {
      const { meaning, delayMs = 0 } = this.#names.ruleOf(name);
      const cancel = (): void => {
        this.#scheduler.clear(timer);
        reject(new SocketFault("cancelled", `looking up ${name} was cancelled`, { address: name }));
      };
      const answer = (): void => {
        signal?.removeEventListener("abort", cancel);
        const { ttlMs } = this.#names.ruleOf(name);
        try {
          resolve({ addresses: this.#names.find(name), ...(ttlMs !== undefined && { ttlMs }) });
        } catch (error) {
          reject(error);
        }
      };
      const timer = this.#scheduler.set(answer, meaning === "silent" ? nameTimeoutMs : delayMs);
      if (signal?.aborted) cancel();
      else signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  #connect(caller: SimulatedHost, endpoint: Endpoint, options: ConnectOptions): Promise<StreamSocket> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      checkEndpoint(endpoint, "connect");
      if (endpoint.kind === "udp" || endpoint.kind === "duplex") throw fault("other", endpoint, "carries no streams");
      const server = this.#find(endpoint, caller);
      const connection = ++this.#connectionCount;
      const cancel = (): void => attempt.fail(fault("cancelled", endpoint, "was no longer wanted"));
      const settle = (): boolean => {
        if (attempt.isOver) return false;
        attempt.isOver = true;
        this.#scheduler.clear(timer);
        signal?.removeEventListener("abort", cancel);
        return true;
      };
      const attempt: Attempt = {
        caller,
        target: endpoint,
        serverName: options.serverName,
        connection,
        outward: new WayWire(this.#way(caller, server ?? caller), connection),
        homeward: new WayWire(this.#way(server ?? caller, caller), connection),
        isOver: false,
        succeed: (socket) => void (settle() ? resolve(socket) : socket.reset()),
        fail: (reason) => void (settle() && reject(reason)),
      };
      const giveUp = () => attempt.fail(fault("timed-out", endpoint, "does not answer; is the machine up?"));
      const timer = this.#scheduler.set(giveUp, connectTimeoutMs);
      if (signal?.aborted) return cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      if (server !== undefined) attempt.outward.carryHandshake(() => this.#answer(server, attempt), "connect");
    });
  }

  /** The first packet of a connection has reached its server. */
  #answer(server: SimulatedHost, attempt: Attempt): void {
    if (server.admission === "ignore") return;
    const { target, homeward } = attempt;
    const listening = server.admission === "refuse" ? undefined : server.findListening(target, attempt.caller);
    if (listening === undefined) {
      const refuse = () => attempt.fail(fault("refused", target, "has no listener; is the server running?"));
      homeward.carryHandshake(refuse, "refuse");
      return;
    }
    if (target.kind === "tls" && listening.endpoint.kind !== "tls") {
      const mismatch = () => attempt.fail(fault("tls-failed", target, "does not speak TLS; use tcp://"));
      homeward.carryHandshake(mismatch, "refuse");
      return;
    }
    homeward.carryHandshake(() => this.#establish(server, listening, attempt), "connect");
  }

  /** The answer has come back: the caller is connected, and the server will be when the third packet arrives. */
  #establish(server: SimulatedHost, listening: Listening, attempt: Attempt): void {
    if (attempt.isOver) return;
    const { caller, target, outward, homeward } = attempt;
    let openEnds = 2;
    // Until both know that it is over: one of them may not have heard yet.
    const onOver = (): void => {
      if (--openEnds === 0) this.#connections.delete(connection);
    };
    const ends = createLink(
      {
        local: caller.openEphemeral(target),
        wire: outward,
        onOver,
        ...(target.kind === "tls" && { tls: seenTls(attempt.serverName ?? target.host) }),
      },
      {
        local: numericEndpoint(target, server),
        wire: homeward,
        onOver,
        ...(target.kind === "tls" && { tls: seenTls() }),
      },
    );
    const connection: Connection = { hosts: [caller, server], ends };
    this.#connections.add(connection);
    outward.carryHandshake(() => {
      // A plain-text caller at a TLS server: what it sends is no handshake, so the server drops it.
      if (listening.endpoint.kind === target.kind) listening.receiver.onConnection(ends[1]);
      else ends[1].reset();
    }, "connect");
    attempt.succeed(ends[0]);
  }

  /** The machine at an endpoint: an address that belongs to nobody is a machine that does not answer. */
  #find(endpoint: Endpoint, caller: SimulatedHost): SimulatedHost | undefined {
    if (!("host" in endpoint) || isLoopback(endpoint)) return caller;
    const [address] = this.#names.find(endpoint.host);
    for (const host of this.#hosts.values()) if (host.address === address) return host;
    return undefined;
  }

  #named(name: string): SimulatedHost {
    const host = this.#hosts.get(name);
    if (host === undefined)
      throw new Error(`no machine is called ${JSON.stringify(name)}; make it with machine() first`);
    return host;
  }

  #both(one: string, other: string): Way[] {
    const hosts: [SimulatedHost, SimulatedHost] = [this.#named(one), this.#named(other)];
    return [this.#way(hosts[0], hosts[1]), this.#way(hosts[1], hosts[0])];
  }

  #way(from: SimulatedHost, to: SimulatedHost): Way {
    const key = `${from.name} ${to.name}`;
    let way = this.#ways.get(key);
    if (way === undefined) {
      way = new Way({ from: from.name, to: to.name }, this.#settings, {
        scheduler: this.#scheduler,
        random: this.#random.derive(key),
        trace: this.#trace,
      });
      this.#ways.set(key, way);
    }
    return way;
  }
}

/** What a socket shows of TLS: a client sees the server's name, a server sees a client without a certificate. */
function seenTls(serverName?: string): NonNullable<StreamSocket["tls"]> {
  return { alpn: "h2", peer: serverName === undefined ? undefined : { authorized: true, commonName: serverName } };
}

/** The server's end of a connection to `target`. */
function numericEndpoint(target: Endpoint, server: SimulatedHost): Endpoint {
  if (!("host" in target)) return target;
  if (target.host === "localhost") return { ...target, host: "127.0.0.1" };
  return isLoopback(target) ? target : { ...target, host: server.address };
}

function fault(code: SocketFaultCode, endpoint: Endpoint, reason: string): SocketFault {
  const address = formatEndpoint(endpoint);
  return new SocketFault(code, `${address} ${reason}`, { address });
}
