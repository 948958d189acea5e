// Host layer: how a socket operation fails, the same on every machine.

/** What went wrong, to switch on. */
export type SocketFaultCode =
  /** Nobody listens there. Start the server, or mend the port. */
  | "refused"
  /** No way leads there: routes, firewalls, the network. */
  | "unreachable"
  /** No answer came in time. */
  | "timed-out"
  /** The other side dropped the connection. */
  | "reset"
  /** The host's name is not known. Look at its spelling, and at DNS. */
  | "name-not-found"
  /** Another socket listens there. Stop it, or choose another port. */
  | "address-in-use"
  /** The address is none of this machine's. */
  | "address-not-available"
  /** The system does not permit it: low ports, folders of sockets. */
  | "permission-denied"
  /** There is no such socket file, or no such address in memory. */
  | "not-found"
  /** The TLS handshake failed; the message says why: trust, names, dates, client certificates. */
  | "tls-failed"
  /** The process or the system has no file descriptors left. Raise the limit, or lower `maxConnections`. */
  | "too-many-open"
  /** It was given up by this side. */
  | "cancelled"
  /** It is closed already. */
  | "closed"
  /** Something else: `systemCode` has the system's own word. */
  | "other";

/** A failed socket operation. The message names the address and says what to do. */
export class SocketFault extends Error {
  override readonly name = "SocketFault";
  readonly code: SocketFaultCode;
  /** The operating system's own code, such as `ECONNREFUSED`. */
  readonly systemCode: string | undefined;
  /** The address it happened at, as text. */
  readonly address: string | undefined;

  constructor(
    code: SocketFaultCode,
    message: string,
    options: { readonly systemCode?: string; readonly address?: string; readonly cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.systemCode = options.systemCode;
    this.address = options.address;
  }
}
