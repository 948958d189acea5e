// The wiring: a machine, HTTP/2 and gRPC made into `dial` and `serve`. The subpath farcall/runtime; it imports nothing of Node.
import { ChunkPool } from "./bytes/writer.ts";
import { type Endpoint, formatEndpoint, parseEndpoint } from "./host/endpoint.ts";
import type { Machine } from "./host/machine.ts";
import type { ClientTls, Listener, ServerTls, StreamSocket, TlsSource } from "./host/network.ts";
import type { ConnectionOwner, HttpConnection, KeepAliveOptions } from "./http/connection.ts";
import type { MemoryBudget } from "./http/memory-budget.ts";
import { createHttp2Connection, defaultHttp2Limits, type Http2Limits } from "./http2/index.ts";
import { createGrpcClient, createGrpcServer, refuseForeign, refuseOverlong } from "./protocols/grpc/index.ts";
import { UsageError } from "./rpc/call-error.ts";
import { Channel, type ChannelOptions } from "./rpc/channel.ts";
import type { CallParent } from "./rpc/client-call.ts";
import { resolveTarget, type TargetPart } from "./rpc/dial-target.ts";
import type { Implementation } from "./rpc/implement.ts";
import { type KeepAliveInit, serverKeepAlive } from "./rpc/keep-alive.ts";
import { checkCount, checkFieldText } from "./rpc/option-checks.ts";
import { checkPlainText } from "./rpc/plain-text.ts";
import { ConnectionPool } from "./rpc/pool.ts";
import type { PoolOptions } from "./rpc/pool-options.ts";
import { RuntimeRegistry } from "./rpc/runtime-registry.ts";
import { Server, type ServerOptions } from "./rpc/server.ts";
import { ServerCall } from "./rpc/server-call.ts";
import { version } from "./rpc/version.ts";
import { Health } from "./services/gen/grpc/health/v1/health.ts";
import { health } from "./services/health.ts";

export { AddressError, type AddressErrorCode } from "./host/endpoint.ts";
export { SocketFault, type SocketFaultCode } from "./host/fault.ts";
export type { ClientTls, PeerIdentity, ServerTls, TlsSource } from "./host/network.ts";
export {
  type AddressSnapshot,
  type AttemptProof,
  type BackoffOptions,
  type Balance,
  CallError,
  type CallErrorOptions,
  type CallOptions,
  type CallParent,
  type CallsSnapshot,
  type CallTotals,
  type Channel,
  type ChannelOptions,
  type ChannelSnapshot,
  type ClientCallContext,
  type ConnectionSnapshot,
  type ErrorCode,
  type ErrorDetail,
  type Execution,
  type Handler,
  type Handlers,
  type Implementation,
  type ImplementOptions,
  type Interceptor,
  implement,
  type KeepAliveInit,
  Metadata,
  MetadataError,
  type MetadataInit,
  type MetadataValue,
  type MetLimit,
  type Next,
  type Peer,
  type Phase,
  type Picker,
  type PickerAddress,
  type PoolOptions,
  packDetail,
  type ResolvedAddress,
  type Resolver,
  type ResolverListener,
  type ResolverSnapshot,
  type Resolving,
  type Server,
  type ServerCall,
  type ServerCallFacts,
  type ServerOptions,
  type ServerSnapshot,
  type ServerView,
  type StatusCode,
  type Stub,
  type StubMethod,
  statusCodes,
  UsageError,
  type UsageErrorCode,
  unpackDetail,
} from "./rpc/index.ts";
export { version } from "./rpc/version.ts";

/** Limits of the layers below a channel or a server; what is not given has its documented default. */
export interface LayerLimits {
  readonly http2?: Partial<Http2Limits>;
}

export interface DialOptions extends ChannelOptions, PoolOptions {
  /** Permits plain text beyond this machine. Certificates are checked all the same where there are any. */
  readonly insecure?: boolean;
  /** For `tls:` addresses: whom to trust, who the client is. A source may replace them: new connections have the newest. */
  readonly tls?: ClientTls | TlsSource<ClientTls>;
  /** The `:authority` of calls. Default: the address's host and port. */
  readonly authority?: string;
  /** Bytes of one reply message, at most. Default 4 MiB. */
  readonly maxMessageBytes?: number;
  /** Put before "farcall/VERSION" in the `user-agent` field. */
  readonly userAgent?: string;
  readonly limits?: LayerLimits;
}

export interface ServeOptions extends ServerOptions {
  /** Permits plain text beyond this machine. */
  readonly insecure?: boolean;
  /** For `tls:` addresses. A source may replace them while the server serves: new connections have the newest. */
  readonly tls?: ServerTls | TlsSource<ServerTls>;
  /** Connections the kernel may hold before they are accepted. Default 511. */
  readonly backlog?: number;
  /** Serve `grpc.health.v1.Health`, unless the implementations have it. Default true. */
  readonly health?: boolean;
  /** Asks clients whether they are there, so that handlers of dead ones end. Default: after 2 h of silence, 20 s to answer. */
  readonly keepAlive?: KeepAliveInit;
  /** The least time between two keep-alive PINGs of a client. Default 5 min. After two too soon it is sent away. */
  readonly minPingIntervalMs?: number;
  /** Whether the same holds while no call is open. Default: no, then it is 2 h. */
  readonly permitPingsWithoutCalls?: boolean;
  readonly limits?: LayerLimits;
}

/** What may stand in a list of what is served: a service, or several that belong together. */
export type Served = Implementation | readonly Implementation[];

/**
 * Where to call or to serve: one address or several, or an open duplex stream (a Node `Duplex`) in the place of one. To call,
 * a `Resolver` may stand there too.
 */
export type Where = TargetPart | readonly TargetPart[];

export interface Runtime {
  /** A channel to a target; it connects when first needed. Throws at once when an address is bad. */
  dial(target: Where, options?: DialOptions): Channel;
  /** Serves implementations (`implement(...)`), and health with them; resolves when every address is bound. */
  serve(where: Where, implementations: readonly Served[], options?: ServeOptions): Promise<Server>;
}

/** Defaults that the root package and tests give their runtime. */
export interface RuntimeDefaults {
  readonly onHandlerError?: ServerOptions["onHandlerError"];
}

const defaultMaxMessageBytes = 4 * 1024 * 1024;

/** Makes `dial` and `serve` of a machine, real or simulated. */
export function createRuntime(machine: Machine, defaults: RuntimeDefaults = {}): Runtime {
  return new MachineRuntime(machine, defaults);
}

class MachineRuntime implements Runtime {
  readonly #machine: Machine;
  readonly #defaults: RuntimeDefaults;
  readonly #chunks = new ChunkPool();
  readonly #registry = new RuntimeRegistry();
  /** A process that serves and dials gets calls nested in calls: from then on their context is followed. */
  #serves = false;
  #dials = false;

  constructor(machine: Machine, defaults: RuntimeDefaults) {
    this.#machine = machine;
    this.#defaults = defaults;
    this.dial = this.dial.bind(this);
    this.serve = this.serve.bind(this);
  }

  dial(target: Where, options: DialOptions = {}): Channel {
    this.#dials = true;
    const { scheme, authority, text, resolver, prepareAddress } = resolveTarget(listOf(target), this.#machine, options);
    const { maxMessageBytes = defaultMaxMessageBytes } = options;
    checkCount("maxMessageBytes", maxMessageBytes, 0);
    if (options.authority !== undefined) checkFieldText("authority", options.authority, false);
    if (options.userAgent !== undefined) checkFieldText("userAgent", options.userAgent, true);
    const protocol = createGrpcClient({
      maxMessageBytes,
      userAgent: `${options.userAgent === undefined ? "" : `${options.userAgent} `}farcall/${version}`,
      compression: this.#machine.compression,
    });
    const pool = new ConnectionPool(
      {
        machine: this.#machine,
        protocol,
        connect: (owner, now, keepAlive) =>
          this.#connect("client", owner, { now, keepAlive, limits: options.limits?.http2 }),
        resolver,
        prepareAddress,
        target: text,
        formatRemote: (socket) => formatEndpoint(socket.remote),
      },
      options,
    );
    const ambientParent = (): CallParent | undefined => this.#ambientCall();
    this.#registry.addChannel(pool);
    const called = { scheme, authority: options.authority ?? authority };
    return new Channel(pool, called, { ...options, ambientParent });
  }

  async serve(where: Where, implementations: readonly Served[], options: ServeOptions = {}): Promise<Server> {
    if (!Array.isArray(implementations)) {
      throw new UsageError("BAD_OPTION", "serve takes a list of implementations: serve(address, [implement(...)])");
    }
    this.#serves = true;
    const keepAlive = serverKeepAlive(options.keepAlive);
    const limits = serverLimits(options);
    const server = new Server(
      {
        machine: this.#machine,
        protocols: [createGrpcServer()],
        refuse: refuseForeign,
        refuseOverlong,
        maxCallsPerConnection: limits.maxConcurrentStreams,
        connect: (owner, now, memory) => this.#connect("server", owner, { now, keepAlive, limits, memory }),
        runAmbient: () => this.#runAmbient(),
        runtime: this.#registry,
      },
      withHealth(implementations.flat(), options),
      { ...(this.#defaults.onHandlerError && { onHandlerError: this.#defaults.onHandlerError }), ...options },
    );
    const places = listOf(where).map((one) => (typeof one === "string" ? this.#checkListen(one, options) : one));
    try {
      for (const place of places) {
        const listener = await this.#listen(place, server, options);
        if (listener !== undefined) server.addListener(listener);
      }
    } catch (error) {
      await server.close();
      throw error;
    }
    this.#registry.addServer(server);
    return server;
  }

  #checkListen(text: string, options: ServeOptions): Endpoint {
    const endpoint = parseEndpoint(text, "listen");
    checkPlainText(endpoint, text, options.insecure);
    if (endpoint.kind === "tls" && options.tls === undefined) {
      throw new UsageError("BAD_OPTION", `${text} needs the option tls: { cert, key }`);
    }
    return endpoint;
  }

  async #listen(place: Endpoint | object, server: Server, options: ServeOptions): Promise<Listener | undefined> {
    const { network } = this.#machine;
    if (!("kind" in place)) {
      server.accept(this.#adopt(place), { once: true });
      return undefined;
    }
    const { backlog, tls } = options;
    const listenOptions = { ...(backlog !== undefined && { backlog }), ...(tls !== undefined && { tls }) };
    return network.listen(place as Endpoint, listenOptions, {
      onConnection: (socket) => server.accept(socket),
      onFault: () => void server.drain(),
    });
  }

  #adopt(duplex: object): StreamSocket {
    const socket = this.#machine.network.adopt(duplex);
    if (socket !== undefined) return socket;
    throw new UsageError("BAD_ADDRESS", "neither an address nor a duplex stream was given");
  }

  #connect(
    role: "client" | "server",
    owner: ConnectionOwner,
    more: {
      readonly now: number;
      readonly keepAlive: KeepAliveOptions | undefined;
      readonly limits: Partial<Http2Limits> | undefined;
      readonly memory?: MemoryBudget;
    },
  ): HttpConnection {
    return createHttp2Connection({
      role,
      owner,
      now: more.now,
      chunks: this.#chunks,
      limits: more.limits ?? {},
      ...(more.keepAlive !== undefined && { keepAlive: more.keepAlive }),
      ...(more.memory !== undefined && { memory: more.memory }),
    });
  }

  #ambientCall(): CallParent | undefined {
    if (!this.#serves) return undefined;
    const current = this.#machine.ambient.current();
    return current instanceof ServerCall ? current : undefined;
  }

  #runAmbient(): (<Result>(call: ServerCall, task: () => Result) => Result) | undefined {
    if (!this.#dials) return undefined;
    return (call, task) => this.#machine.ambient.run(call, task);
  }
}

/** All that is served: health is, unless the list has it or the options say no. */
function withHealth(listed: readonly Implementation[], options: ServeOptions): readonly Implementation[] {
  const hasHealth = listed.some(({ service }) => service.typeName === Health.typeName);
  return hasHealth || options.health === false ? listed : [...listed, health()];
}

/** The limits of a server's connections: PINGs have options of their own, for clients that ask more often than most may. */
function serverLimits(options: ServeOptions): Http2Limits {
  const limits = { ...defaultHttp2Limits, ...options.limits?.http2 };
  const minPingIntervalMs = options.minPingIntervalMs ?? limits.minPingIntervalMs;
  const minIdlePingIntervalMs =
    options.permitPingsWithoutCalls === true ? minPingIntervalMs : limits.minIdlePingIntervalMs;
  return { ...limits, minPingIntervalMs, minIdlePingIntervalMs };
}

function listOf(where: Where): readonly TargetPart[] {
  const list = Array.isArray(where) ? (where as readonly TargetPart[]) : [where as TargetPart];
  if (list.length > 0) return list;
  throw new UsageError("BAD_ADDRESS", "the list of addresses is empty");
}
