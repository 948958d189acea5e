// The real machine: TLS settings as Node takes them, checked first: Node ignores a `ca` that is no certificate, and a
// certificate without its key. It opens nothing.
import type { X509Certificate } from "node:crypto";
import type { SecureContext } from "node:tls";
import { type ClientTls, type ServerTls, SocketFault, type TlsSource } from "../host/index.ts";
import { unusableTls } from "./fault.ts";

type Pem = string | Uint8Array;

/** What TLS takes of Node. */
export interface TlsLibrary {
  readonly tls: typeof import("node:tls");
  readonly X509Certificate: typeof X509Certificate;
}

/** Loads it: most programs need none. */
export async function loadTls(): Promise<TlsLibrary> {
  const [tls, crypto] = await Promise.all([import("node:tls"), import("node:crypto")]);
  return { tls, X509Certificate: crypto.X509Certificate };
}

export function isTlsSource<Settings extends ClientTls | ServerTls>(
  tls: Settings | TlsSource<Settings>,
): tls is TlsSource<Settings> {
  return "subscribe" in tls;
}

/** The settings as they are now. */
export function currentTls<Settings extends ClientTls | ServerTls>(tls: Settings | TlsSource<Settings>): Settings {
  return isTlsSource(tls) ? tls.current : tls;
}

/** The options that a context and a server have in common. */
export function formatOptions({ ca, cert, key }: ClientTls): { ca?: Buffer[]; cert?: Buffer; key?: Buffer } {
  return {
    ...(ca !== undefined && { ca: listOf(ca).map(toBuffer) }),
    ...(cert !== undefined && { cert: toBuffer(cert) }),
    ...(key !== undefined && { key: toBuffer(key) }),
  };
}

/** Reads certificates and key. Throws a `SocketFault` that says why they cannot be used; `what` names them in it. */
export function createContext(library: TlsLibrary, settings: ClientTls | ServerTls, what: string): SecureContext {
  const reason = findProblem(library, settings);
  if (reason !== undefined) throw refusal(what, reason);
  try {
    return library.tls.createSecureContext(formatOptions(settings));
  } catch (error) {
    throw unusableTls(error, what);
  }
}

/** Throws a `SocketFault` where a server that was made with `first` cannot change to `next`. */
export function checkReplacement(first: ServerTls, next: ServerTls, what: string): void {
  const isSame =
    (first.ca === undefined) === (next.ca === undefined) &&
    (first.requireClientCert === true) === (next.requireClientCert === true);
  if (isSame) return;
  const reason = "whether clients are asked for a certificate cannot change while the server listens; serve anew";
  throw refusal(what, reason);
}

function refusal(what: string, reason: string): SocketFault {
  return new SocketFault("tls-failed", `${what} cannot be used: ${reason}`);
}

function findProblem(library: TlsLibrary, settings: ClientTls & Partial<ServerTls>): string | undefined {
  const { ca, cert, key, requireClientCert } = settings;
  if ((cert === undefined) !== (key === undefined)) return "cert and key belong together, and one is missing";
  if (cert?.length === 0 || key?.length === 0) return `${cert?.length === 0 ? "cert" : "key"} is empty`;
  if (requireClientCert === true && ca === undefined) {
    return "requireClientCert needs ca, the authorities that sign clients' certificates";
  }
  for (const one of ca === undefined ? [] : listOf(ca)) {
    const problem = findPemProblem(library, one, "ca");
    if (problem !== undefined) return problem;
  }
  return cert === undefined ? undefined : findPemProblem(library, cert, "cert");
}

/** Reads every certificate in a text, for Node leaves out what follows a broken one, and says nothing. */
function findPemProblem({ X509Certificate }: TlsLibrary, pem: Pem, option: "ca" | "cert"): string | undefined {
  const text = toBuffer(pem).toString("latin1");
  const begun = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/g) ?? [];
  if (begun.length === 0) return `${option} has no certificate in PEM (-----BEGIN CERTIFICATE-----)`;
  const whole = text.match(/-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----[^-]*-----END \1-----/g) ?? [];
  if (whole.length < begun.length) return `a certificate in ${option} is cut off`;
  try {
    for (const block of whole) new X509Certificate(block);
  } catch {
    return `a certificate in ${option} cannot be read`;
  }
  return undefined;
}

function toBuffer(value: Pem): Buffer {
  return typeof value === "string" ? Buffer.from(value) : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function listOf(value: NonNullable<ClientTls["ca"]>): readonly Pem[] {
  return typeof value === "string" || value instanceof Uint8Array ? [value] : value;
}
