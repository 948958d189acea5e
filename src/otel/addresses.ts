// OpenTelemetry: addresses as attributes: host and port where an address has them, a socket's path, else the text as it is.
import type { Attributes } from "@opentelemetry/api";
import { parseEndpoint } from "../host/endpoint.ts";
import { attributeNames as names } from "./names.ts";

/** Where a channel calls, as it was told: several addresses are one text, so that the values stay few. */
export function serverAttributes(target: string): Attributes {
  const { address, port } = split(target);
  return { [names.serverAddress]: address, ...(port !== undefined && { [names.serverPort]: port }) };
}

/** The other end of a connection. */
export function peerAttributes(peer: string): Attributes {
  const { address, port } = split(peer);
  return { [names.peerAddress]: address, ...(port !== undefined && { [names.peerPort]: port }) };
}

function split(text: string): { readonly address: string; readonly port?: number } {
  try {
    const endpoint = parseEndpoint(text, "connect");
    if (endpoint.kind === "unix") return { address: endpoint.path };
    if (endpoint.kind === "memory" || endpoint.kind === "duplex") return { address: text };
    return { address: endpoint.host, port: endpoint.port };
  } catch {
    return { address: text };
  }
}
