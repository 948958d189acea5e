// Host layer: how a socket operation fails, the same on every machine.

/** What went wrong, to switch on. */
export type SocketFaultCode =
  | "refused"
  | "unreachable"
  | "timed-out"
  | "reset"
  | "name-not-found"
  | "address-in-use"
  | "address-not-available"
  | "permission-denied"
  | "not-found"
  | "tls-failed"
  | "too-many-open"
  | "cancelled"
  | "closed"
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
