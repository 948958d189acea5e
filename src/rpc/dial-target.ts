// RPC layer: what may be dialled, made into a resolver and a way to open what it names: addresses, host names, resolvers of
// the user, open duplex streams. It opens nothing itself.
import { type Endpoint, formatEndpoint, parseEndpoint } from "../host/endpoint.ts";
import { SocketFault } from "../host/fault.ts";
import { parseIpv4, parseIpv6 } from "../host/ip.ts";
import type { Machine } from "../host/machine.ts";
import type { ClientTls, StreamSocket, TlsSource } from "../host/network.ts";
import type { KnownAddress } from "./address-book.ts";
import { UsageError } from "./call-error.ts";
import type { Opener } from "./connector.ts";
import { checkPlainText } from "./plain-text.ts";
import { checkPoolOptions, type PoolOptions } from "./pool-options.ts";
import type { Target } from "./protocol.ts";
import type { ResolvedAddress, Resolver } from "./resolver.ts";
import { DnsResolver, type NamedEndpoint } from "./resolvers/dns.ts";
import { FixedResolver } from "./resolvers/fixed.ts";
import { JoinedResolver } from "./resolvers/joined.ts";

/** What a list of targets may hold: an address, a resolver, or an open duplex stream. */
export type TargetPart = string | object;

export interface TargetOptions extends PoolOptions {
  readonly insecure?: boolean;
  readonly tls?: ClientTls | TlsSource<ClientTls>;
}

/** A target, understood. */
export interface DialTarget extends Target {
  /** In words, for messages. */
  readonly text: string;
  readonly resolver: Resolver;
  readonly prepareAddress: (address: ResolvedAddress) => KnownAddress;
}

interface Part extends Target {
  readonly text: string;
  readonly resolver: Resolver;
}

/** Understands a list of targets, which is not empty. Throws an `AddressError` or a `UsageError` when one cannot be dialled. */
export function resolveTarget(parts: readonly TargetPart[], machine: Machine, options: TargetOptions): DialTarget {
  const duplexes = new Map<string, Opener>();
  const prepareAddress = (address: ResolvedAddress): KnownAddress => {
    const open = duplexes.get(address.address);
    if (open !== undefined) return { key: address.address, address: address.address, open };
    return prepareEndpoint(address, machine, options);
  };
  const list = parts.map((part) => {
    if (typeof part === "string") return targetOfAddress(part, machine, options);
    const socket = machine.network.adopt(part);
    if (socket !== undefined) return targetOfDuplex(socket, duplexes);
    if (isResolver(part)) return targetOfResolver(part, options);
    throw new UsageError("BAD_ADDRESS", "neither an address nor a resolver nor a duplex stream was given");
  });
  const first = list[0] as Part;
  if (list.length === 1) return { ...first, prepareAddress };
  const text = list.map((one) => one.text).join(", ");
  const resolvers = list.map(({ resolver }) => resolver);
  return { ...first, text, resolver: new JoinedResolver(text, resolvers, machine.timers), prepareAddress };
}

function targetOfAddress(address: string, machine: Machine, options: TargetOptions): Part {
  const endpoint = parseEndpoint(address, "connect");
  checkPlainText(endpoint, address, options.insecure);
  const text = formatEndpoint(endpoint);
  const scheme = endpoint.kind === "tls" ? "https" : "http";
  const { dnsRefreshMs: refreshMs, backoff } = checkPoolOptions(options);
  const resolver = isNamed(endpoint)
    ? new DnsResolver(endpoint, { host: machine, refreshMs, backoff })
    : new FixedResolver(text, [{ address: text }]);
  return { scheme, authority: authorityOf(endpoint), text, resolver };
}

/** Its addresses are not known yet: whether calls say `https` is told by the option `tls`. */
function targetOfResolver(resolver: Resolver, { tls }: TargetOptions): Part {
  const text = resolver.target ?? "resolver";
  // RFC 3986 section 3.2, without user information.
  const authority = /^[A-Za-z0-9._~:[\]-]+$/.test(text) ? text : "resolver";
  return { scheme: tls === undefined ? "http" : "https", authority, text, resolver };
}

function targetOfDuplex(socket: StreamSocket, duplexes: Map<string, Opener>): Part {
  const text = duplexes.size === 0 ? "the duplex stream" : `duplex stream ${duplexes.size + 1}`;
  duplexes.set(text, openOnce(socket));
  return { scheme: "http", authority: "duplex", text, resolver: new FixedResolver(text, [{ address: text }]) };
}

function isResolver(value: object): value is Resolver {
  return typeof (value as { readonly start?: unknown }).start === "function";
}

function isNamed(endpoint: Endpoint): endpoint is NamedEndpoint {
  return "host" in endpoint && parseIpv4(endpoint.host) === undefined && parseIpv6(endpoint.host) === undefined;
}

function prepareEndpoint(named: ResolvedAddress, machine: Machine, options: TargetOptions): KnownAddress {
  const endpoint = parseEndpoint(named.address, "connect");
  checkPlainText(endpoint, named.address, options.insecure);
  const { tls } = options;
  const { serverName } = named;
  const address = formatEndpoint(endpoint);
  const more = { ...(tls !== undefined && { tls }), ...(serverName !== undefined && { serverName }) };
  const open: Opener = (signal) => machine.network.connect(endpoint, { signal, ...more });
  return { key: serverName === undefined ? address : `${address} as ${serverName}`, address, open };
}

function authorityOf(endpoint: Endpoint): string {
  if (!("host" in endpoint)) return "localhost";
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

/** A duplex stream can be connected once; when it is gone, it is gone. */
function openOnce(socket: StreamSocket): Opener {
  let used = false;
  return () => {
    if (used) {
      return Promise.reject(new SocketFault("closed", "the duplex stream has ended, it cannot be opened again"));
    }
    used = true;
    return Promise.resolve(socket);
  };
}
