// The real machine: host names, by the system's resolver (getaddrinfo(3)): hosts file, name servers, search list. It keeps
// no answer.
import { isIP } from "node:net";
import { type NameAnswer, SocketFault } from "../host/index.ts";

/** The addresses of a name. Rejects with a `SocketFault`. */
export async function lookUp(host: string, signal: AbortSignal | undefined): Promise<NameAnswer> {
  if (isIP(host.split("%")[0] as string) !== 0) return { addresses: [host] };
  const dns = await import("node:dns");
  return new Promise((resolve, reject) => {
    const cancel = () => reject(nameFault(host, signal?.reason, "cancelled"));
    if (signal?.aborted) return cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    dns.lookup(host, { all: true }, (error, found) => {
      signal?.removeEventListener("abort", cancel);
      if (error === null) resolve({ addresses: found.map(({ address }) => address) });
      else reject(nameFault(host, error, error.code ?? ""));
    });
  });
}

function nameFault(host: string, cause: unknown, systemCode: string): SocketFault {
  const options = { address: host, cause, systemCode };
  switch (systemCode) {
    case "cancelled":
      return new SocketFault("cancelled", `looking up ${host} was cancelled`, { address: host, cause });
    case "ENOTFOUND":
      return new SocketFault("name-not-found", `the host name ${host} is unknown; check its spelling`, options);
    case "EAI_AGAIN": {
      const text = `the host name ${host} could not be looked up: no name server answers; check the network`;
      return new SocketFault("name-not-found", text, options);
    }
    default: {
      const reason = cause instanceof Error ? cause.message : String(cause);
      return new SocketFault("other", `the host name ${host} could not be looked up: ${reason}`, options);
    }
  }
}
