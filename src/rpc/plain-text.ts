// RPC layer: where bytes may go unencrypted: within this machine, or where the user wrote that they may.
import { AddressError, type Endpoint, isLoopback } from "../host/endpoint.ts";
import { UsageError } from "./call-error.ts";

/** Throws a `UsageError` when `endpoint` would send plain text beyond this machine and nobody said `insecure: true`. */
export function checkPlainText(endpoint: Endpoint, text: string, insecure: boolean | undefined): void {
  if (endpoint.kind === "udp") {
    throw new AddressError("unknown-scheme", text, { reason: "udp: carries no streams", fix: "use tcp: or tls:" });
  }
  if (endpoint.kind === "tls" || insecure === true || isLoopback(endpoint)) return;
  const fix = "use tls://, or write insecure: true";
  throw new UsageError("INSECURE", `${text} would send plain text beyond this machine: ${fix}`);
}
