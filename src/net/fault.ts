// The real machine: what Node reports, as a `SocketFault` that names the address and says what to do.
// Codes: errno(3), getaddrinfo(3), OpenSSL's X509_V_ERR names as Node spells them.
import { type Endpoint, formatEndpoint, SocketFault, type SocketFaultCode } from "../host/index.ts";

/** What was being done when it failed. */
export type SocketAction = "connect" | "listen" | "use";

interface Meaning {
  readonly code: SocketFaultCode;
  readonly text: (address: string, action: SocketAction) => string;
}

const lost: Meaning = {
  code: "reset",
  text: (address, action) =>
    `the connection with ${address} was lost${action === "connect" ? " while it was opened" : ""}`,
};

const meanings: { readonly [systemCode: string]: Meaning } = {
  ECONNREFUSED: { code: "refused", text: (address) => `nothing listens at ${address}; is the server running?` },
  ENOENT: { code: "not-found", text: missingFile },
  ENOTDIR: { code: "not-found", text: missingFile },
  EACCES: { code: "permission-denied", text: denied },
  EPERM: { code: "permission-denied", text: denied },
  EADDRINUSE: {
    code: "address-in-use",
    text: (address) => `${address} is in use; stop the other server or choose another address`,
  },
  EADDRNOTAVAIL: {
    code: "address-not-available",
    text: (address, action) =>
      action === "connect"
        ? `there is no way to ${address} from here: no local address or port is free for it`
        : `${address} is not an address of this machine; use one of its own, or 0.0.0.0 for all`,
  },
  ENOTFOUND: {
    code: "name-not-found",
    text: (address) => `the host name in ${address} is unknown; check its spelling`,
  },
  EAI_AGAIN: {
    code: "name-not-found",
    text: (address) => `the host name in ${address} could not be looked up: no name server answers; check the network`,
  },
  ETIMEDOUT: {
    code: "timed-out",
    text: (address) => `${address} does not answer; is the machine up and the way open?`,
  },
  EHOSTUNREACH: { code: "unreachable", text: (address) => `there is no way to the machine of ${address}` },
  ENETUNREACH: { code: "unreachable", text: (address) => `there is no way to the network of ${address}` },
  EHOSTDOWN: { code: "unreachable", text: (address) => `the machine of ${address} is down` },
  ECONNRESET: lost,
  EPIPE: lost,
  ECONNABORTED: lost,
  EMFILE: { code: "too-many-open", text: tooManyOpen },
  ENFILE: { code: "too-many-open", text: tooManyOpen },
  ERR_TLS_CERT_ALTNAME_INVALID: tlsMeaning(
    "its certificate is for another name; connect by that name or set serverName",
  ),
  CERT_HAS_EXPIRED: tlsMeaning("its certificate has expired; renew it"),
  CERT_NOT_YET_VALID: tlsMeaning("its certificate is not valid yet; check the clocks"),
  CERT_REVOKED: tlsMeaning("its certificate was revoked"),
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownIssuer(),
  SELF_SIGNED_CERT_IN_CHAIN: unknownIssuer(),
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer(),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownIssuer(),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuer(),
  ERR_SSL_WRONG_VERSION_NUMBER: tlsMeaning("it does not speak TLS; use tcp:// for a plain-text server"),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: tlsMeaning("it does not speak TLS; use tcp:// for a plain-text server"),
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: tlsMeaning("it does not offer HTTP/2 (ALPN h2)"),
};

/** What a peer's alert says of our certificate (RFC 8446 §6.2); OpenSSL puts the version it was born in before the name. */
const alerts: readonly (readonly [ending: RegExp, reason: string])[] = [
  [/ALERT_CERTIFICATE_REQUIRED$/, "it asks for a client certificate; set cert and key of the option tls"],
  [/ALERT_UNKNOWN_CA$/, "it does not know the authority that signed our certificate"],
  [/ALERT_CERTIFICATE_EXPIRED$/, "our certificate has expired; renew it"],
  [/ALERT_(BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)$/, "it does not accept our certificate"],
  [/ALERT_CERTIFICATE_REVOKED$/, "our certificate was revoked"],
  [/ALERT_ACCESS_DENIED$/, "it denies access to the owner of our certificate"],
  [/ALERT_HANDSHAKE_FAILURE$/, "it found nothing to agree on: no cipher in common, or no client certificate"],
  [/ALERT_PROTOCOL_VERSION$/, "it wants another version of TLS than 1.2 or 1.3"],
];

/** Certificates and keys of ours that cannot be used, as OpenSSL has it. */
const unusable: { readonly [systemCode: string]: string } = {
  ERR_OSSL_PEM_NO_START_LINE: "a certificate or key is no PEM text (-----BEGIN ...)",
  ERR_OSSL_PEM_BAD_END_LINE: "a certificate or key is cut off",
  ERR_OSSL_UNSUPPORTED: "the key is no private key in PEM",
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: "the key does not belong to the certificate",
  ERR_OSSL_BAD_DECRYPT: "the key is encrypted; pass it decrypted",
};

function missingFile(address: string, action: SocketAction): string {
  if (action === "listen") return `the directory of ${address} does not exist; make it first`;
  return `there is no socket at ${address}; is the server running?`;
}

function denied(address: string, action: SocketAction): string {
  const port = /:([0-9]+)$/.exec(address)?.[1];
  if (action === "listen" && port !== undefined && Number(port) < 1024) {
    return `port ${port} of ${address} needs root; use one above 1023`;
  }
  return `${action === "listen" ? "listening at" : "access to"} ${address} is not permitted; check the owner and mode`;
}

function tooManyOpen(address: string): string {
  return `no more files can be opened, so not ${address} either; close some or raise the limit (ulimit -n)`;
}

function tlsMeaning(reason: string): Meaning {
  return { code: "tls-failed", text: (address) => `no secure connection with ${address}: ${reason}` };
}

function unknownIssuer(): Meaning {
  return tlsMeaning("its certificate was signed by an authority we do not know; pass that one as ca");
}

/** The fault for `error`, which Node reported at `endpoint`. */
export function toSocketFault(error: unknown, endpoint: Endpoint, action: SocketAction): SocketFault {
  if (error instanceof SocketFault) return error;
  const address = formatEndpoint(endpoint);
  const message = error instanceof Error ? error.message : String(error);
  const systemCode = error instanceof Error && "code" in error ? String(error.code) : undefined;
  const meaning = systemCode === undefined ? undefined : (meanings[systemCode] ?? tlsAlert(systemCode, message));
  const options = { address, cause: error, ...(systemCode !== undefined && { systemCode }) };
  if (meaning === undefined) return new SocketFault("other", `${action} failed at ${address}: ${message}`, options);
  return new SocketFault(meaning.code, meaning.text(address, action), options);
}

/** The many names that OpenSSL has for a failed handshake or record. */
function tlsAlert(systemCode: string, message: string): Meaning | undefined {
  for (const [ending, reason] of alerts) if (ending.test(systemCode)) return tlsMeaning(reason);
  if (!/^(ERR_SSL_|ERR_TLS_|ERR_OSSL_|CERT_|UNABLE_TO_|EPROTO$)/.test(systemCode)) return undefined;
  return tlsMeaning(message);
}

/** The fault for TLS settings of ours that cannot be used, before any handshake; `what` names them. */
export function unusableTls(error: unknown, what: string): SocketFault {
  if (error instanceof SocketFault) return error;
  const systemCode = error instanceof Error && "code" in error ? String(error.code) : undefined;
  const known = systemCode === undefined ? undefined : unusable[systemCode];
  const reason = known ?? (error instanceof Error ? error.message : String(error));
  return new SocketFault("tls-failed", `${what} cannot be used: ${reason}`, {
    cause: error,
    ...(systemCode !== undefined && { systemCode }),
  });
}

/** An abort by `ConnectOptions.signal`. */
export function cancelledFault(endpoint: Endpoint, cause: unknown): SocketFault {
  const address = formatEndpoint(endpoint);
  return new SocketFault("cancelled", `connecting to ${address} was cancelled`, { address, cause });
}
