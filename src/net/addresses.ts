// The real machine: what Node says about a socket's two ends, as endpoints. It asks Node only.
import type { AddressInfo, Socket } from "node:net";
import { type Endpoint, formatIpv6, mappedIpv4, parseIpv6 } from "../host/index.ts";

/** The local and remote endpoints of a connected socket. `asked` is what was connected to, or listened at. */
export function socketEndpoints(
  socket: Socket,
  asked: Endpoint,
  side: "client" | "server",
): { readonly local: Endpoint; readonly remote: Endpoint } {
  if (asked.kind === "tcp" || asked.kind === "tls") {
    return {
      local: { kind: asked.kind, host: canonicalHost(socket.localAddress), port: socket.localPort ?? 0 },
      remote: { kind: asked.kind, host: canonicalHost(socket.remoteAddress), port: socket.remotePort ?? 0 },
    };
  }
  const nameless: Endpoint = { kind: "unix", path: "" };
  return side === "client" ? { local: nameless, remote: asked } : { local: asked, remote: nameless };
}

/** The endpoint that a server is bound to. */
export function boundEndpoint(bound: AddressInfo | string | null, asked: Endpoint): Endpoint {
  if (bound === null || typeof bound === "string") return asked;
  if (asked.kind !== "tcp" && asked.kind !== "tls") return asked;
  return { kind: asked.kind, host: canonicalHost(bound.address), port: bound.port };
}

/** An IPv4 peer of a socket that listens on both families shows as `::ffff:a.b.c.d`; it is called by its own address. */
function canonicalHost(address: string | undefined): string {
  const ipv6 = parseIpv6(address ?? "");
  if (ipv6 === undefined) return address ?? "";
  return mappedIpv4(ipv6)?.join(".") ?? formatIpv6(ipv6);
}
