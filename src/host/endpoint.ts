// Host layer: addresses of endpoints, parsed before any system call. DESIGN: `tcp://host:port`, `tls://host:port`,
// `udp://host:port`, `unix:/path`, `unix:@abstract`, `memory:name`. It resolves no names and touches no file.
// Ports: RFC 6335 §6. Host names: RFC 1123 §2.1. Paths: unix(7), `sun_path`.
import { formatIpv6, mappedIpv4, parseIpv4, parseIpv6 } from "./ip.ts";

/** One end of a connection, or where to reach one. */
export type Endpoint =
  /** `host` is a name in lower case, a dotted quad, or an IPv6 address without brackets. */
  | { readonly kind: "tcp" | "tls" | "udp"; readonly host: string; readonly port: number }
  /** `path` of an abstract name begins with `@`; it is empty at the end of a client that bound to no name. */
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "memory"; readonly name: string }
  /** A foreign duplex stream: it has no address of its own. */
  | { readonly kind: "duplex" };

/** What is wrong with an address, to switch on. */
export type AddressErrorCode =
  /** It does not begin with `tcp:`, `tls:`, `unix:` or another scheme. */
  | "missing-scheme"
  /** It begins with one that is not known. */
  | "unknown-scheme"
  /** The host is neither a name nor an IP address. */
  | "bad-host"
  /** The port is no number from 0 to 65,535, or 0 where one is called. */
  | "bad-port"
  /** The path of a Unix-domain socket is empty, or too long for the system. */
  | "bad-path"
  /** The name of an address in memory is not one. */
  | "bad-name"
  /** It has a part that addresses of its kind do not have. */
  | "unexpected-part";

/** An address that cannot be one. Thrown before anything is opened. */
export class AddressError extends Error {
  override readonly name = "AddressError";
  readonly code: AddressErrorCode;
  /** The address as it was given. */
  readonly text: string;
  /** What is wrong with it, as one clause. */
  readonly reason: string;
  /** What to write instead. */
  readonly fix: string;

  constructor(code: AddressErrorCode, text: string, problem: { readonly reason: string; readonly fix: string }) {
    super(`bad address ${JSON.stringify(text)}: ${problem.reason}; ${problem.fix}`);
    this.code = code;
    this.text = text;
    this.reason = problem.reason;
    this.fix = problem.fix;
  }
}

/** What an address is for: port 0, "choose for me", is one only for listening. */
export type AddressUse = "connect" | "listen";

/** Bytes that a Unix-domain path may have on Linux: `sun_path` holds 108 with its closing zero. */
export const maxUnixPathBytes = 107;

const internetForm = "write tcp://host:port";
const schemes = "tcp://, tls://, udp://, unix: or memory:";

/**
 * Reads an address. Host names and schemes are put in lower case, IP addresses in canonical form.
 *
 * `unix:` takes an absolute path, a path that begins with `./` or `../`, or `@` and an abstract name;
 * `unix:///path` is `unix:/path`. Throws an `AddressError`.
 */
export function parseEndpoint(text: string, use: AddressUse): Endpoint {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  const rest = scheme === undefined ? text : text.slice(scheme.length + 1);
  switch (scheme) {
    case "tcp":
    case "tls":
    case "udp":
      return parseInternet(scheme, rest, { text, use });
    case "unix":
      return { kind: "unix", path: checkPath(rest, text) };
    case "memory":
      if (!/^[A-Za-z0-9._~/-]{1,255}$/.test(rest)) {
        const reason = rest === "" ? "the name is empty" : "the name is not 1 to 255 letters, digits and . _ ~ / -";
        throw new AddressError("bad-name", text, { reason, fix: "write memory:name" });
      }
      return { kind: "memory", name: rest };
    case undefined:
      throw missingScheme(text);
    default: {
      if (/^[0-9]+$/.test(rest)) throw missingScheme(text);
      const instead = { http: "tcp://", https: "tls://", grpc: "tcp://", grpcs: "tls://" }[scheme];
      const fix = instead === undefined ? `known are ${schemes}` : `write ${instead}host:port`;
      throw new AddressError("unknown-scheme", text, { reason: `there is no transport ${scheme}:`, fix });
    }
  }
}

/** The canonical text of an endpoint; `parseEndpoint` reads it back. A foreign stream prints as `duplex`. */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case "tcp":
    case "tls":
    case "udp": {
      const ipv6 = parseIpv6(endpoint.host);
      const host = ipv6 === undefined ? endpoint.host : `[${formatIpv6(ipv6)}]`;
      return `${endpoint.kind}://${host}:${endpoint.port}`;
    }
    case "unix":
      return `unix:${endpoint.path}`;
    case "memory":
      return `memory:${endpoint.name}`;
    case "duplex":
      return "duplex";
  }
}

/**
 * Checks an endpoint that was not parsed but built by hand, by the rules of `parseEndpoint`. Throws an
 * `AddressError`.
 */
export function checkEndpoint(endpoint: Endpoint, use: AddressUse): void {
  if (endpoint.kind !== "duplex") parseEndpoint(formatEndpoint(endpoint), use);
}

/**
 * Whether bytes sent there stay on this machine: 127.0.0.0/8, ::1, `localhost` (RFC 6761 §6.3), Unix-domain and memory
 * endpoints. Of a foreign duplex stream nothing is known, so the answer is no.
 */
export function isLoopback(endpoint: Endpoint): boolean {
  if (endpoint.kind === "unix" || endpoint.kind === "memory") return true;
  if (endpoint.kind === "duplex") return false;
  if (endpoint.host === "localhost") return true;
  const ipv6 = parseIpv6(endpoint.host);
  if (ipv6 === undefined) return parseIpv4(endpoint.host)?.[0] === 127;
  return mappedIpv4(ipv6)?.[0] === 127 || ipv6.groups.every((group, index) => group === (index === 7 ? 1 : 0));
}

function missingScheme(text: string): AddressError {
  const fix = /^[^/@:]+:[0-9]+$/.test(text) ? `write tcp://${text}` : `begin it with ${schemes}`;
  return new AddressError("missing-scheme", text, { reason: "it does not say which transport", fix });
}

interface Context {
  readonly text: string;
  readonly use: AddressUse;
}

function parseInternet(kind: "tcp" | "tls" | "udp", rest: string, context: Context): Endpoint {
  const { text } = context;
  const refuse = (code: AddressErrorCode, reason: string, fix: string): never => {
    throw new AddressError(code, text, { reason, fix });
  };
  if (!rest.startsWith("//")) refuse("missing-scheme", `${kind}: is not followed by //`, `write ${kind}://host:port`);
  const authority = rest.slice(2);
  if (authority.includes("@")) refuse("unexpected-part", "it names a user", "pass credentials as metadata");
  const extra = /[/?#\\]/.exec(authority);
  if (extra !== null) {
    refuse("unexpected-part", `there is ${JSON.stringify(authority.slice(extra.index))}`, "end it after the port");
  }
  if (authority.startsWith("[")) {
    const bracket = authority.indexOf("]");
    if (bracket < 0) refuse("bad-host", "the bracket is not closed", `write ${kind}://[address]:port`);
    const ipv6 = parseIpv6(authority.slice(1, bracket));
    if (ipv6 === undefined) {
      return refuse("bad-host", "there is no IPv6 address in the brackets", `write it as in ${kind}://[::1]:80`);
    }
    return { kind, host: formatIpv6(ipv6), port: checkPort(authority.slice(bracket + 1), context) };
  }
  const colon = authority.lastIndexOf(":");
  if (authority.indexOf(":") !== colon) {
    refuse("bad-host", "an IPv6 address needs brackets", `write ${kind}://[address]:port`);
  }
  const host = checkHost(colon < 0 ? authority : authority.slice(0, colon), context);
  return { kind, host, port: checkPort(colon < 0 ? "" : authority.slice(colon), context) };
}

/** A dotted quad or a host name, in lower case. */
function checkHost(host: string, { text, use }: Context): string {
  const refuse = (reason: string, fix: string): never => {
    throw new AddressError("bad-host", text, { reason, fix });
  };
  if (host === "" || host === "*") {
    const reason = host === "" ? "the host is empty" : "* is not a host";
    refuse(reason, use === "listen" ? "write 0.0.0.0 or [::] to listen on every interface" : internetForm);
  }
  // A last label of digits, or of a C number, cannot be a top-level domain: the writer meant an IPv4 address.
  if (/(^|\.)([0-9]+|0[xX][0-9A-Fa-f]*)\.?$/.test(host)) {
    if (parseIpv4(host) !== undefined) return host;
    return refuse(`${host} is not an IPv4 address`, "write four numbers from 0 to 255, without leading zeros");
  }
  const labels = (host.endsWith(".") ? host.slice(0, -1) : host).split(".");
  if (host.length > 253 || labels.some((label) => !/^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label))) {
    refuse(`${JSON.stringify(host)} is not a host name`, "use letters, digits, - and dots (xn-- for other scripts)");
  }
  return host.toLowerCase();
}

/** The number in `:port`. */
function checkPort(suffix: string, { text, use }: Context): number {
  const refuse = (reason: string, fix: string): never => {
    throw new AddressError("bad-port", text, { reason, fix });
  };
  if (suffix === "" || suffix === ":") refuse("the port is missing", "end it with :port, a number from 1 to 65535");
  const port = /^:(0|[1-9][0-9]*)$/.exec(suffix)?.[1];
  if (port === undefined) {
    const reason = suffix.startsWith(":") ? `${JSON.stringify(suffix.slice(1))} is not a port` : "no : before the port";
    return refuse(reason, "write a whole number from 1 to 65535");
  }
  if (Number(port) > 65535) refuse(`port ${port} is over 65535`, "write a number from 1 to 65535");
  if (port === "0" && use === "connect")
    refuse("port 0 cannot be connected to", "write the port the server listens on");
  return Number(port);
}

/** The path or abstract name of a Unix-domain endpoint. */
function checkPath(rest: string, text: string): string {
  const refuse = (reason: string, fix: string): never => {
    throw new AddressError("bad-path", text, { reason, fix });
  };
  const path = rest.startsWith("///") ? rest.slice(2) : rest;
  if (path === "" || path === "@") refuse("the path is empty", "write unix:/path or unix:@name");
  if (path.startsWith("//")) refuse("it names a host", "write unix:/path: a Unix-domain socket is on this machine");
  if (!/^(\/|\.\.?\/|@)/.test(path)) refuse("the path is relative", `write unix:./${path} if that is meant`);
  if (path.endsWith("/") && !path.startsWith("@")) refuse("the path is a directory's", "add the socket's file name");
  if (path.includes("\0")) refuse("there is a zero character", "leave it out (abstract names begin with @)");
  if (/[\uD800-\uDFFF]/u.test(path)) refuse("there is half a surrogate pair", "write whole characters");
  const { length } = new TextEncoder().encode(path.startsWith("@") ? path.slice(1) : path);
  if (length > maxUnixPathBytes) {
    refuse(`the path has ${length} bytes and may have ${maxUnixPathBytes}`, "use a shorter directory or name");
  }
  return path;
}
