// Host layer: byte streams between two endpoints, as callbacks. Promises over it are `farcall/sockets`' business.
import type { Endpoint } from "./endpoint.ts";
import type { SocketFault } from "./fault.ts";

/** What a stream socket tells its one owner. No callback runs before `open`, none after `onClose`. */
export interface SocketReceiver {
  /** Bytes arrived: `bytes[start..end)`, lent until the callback returns. */
  onBytes(bytes: Uint8Array, start: number, end: number): void;
  /** After a `write` returned false: the machine's buffer is below its mark again. */
  onWritable(): void;
  /** The peer has ended its direction; ours may still be written. */
  onEnd(): void;
  /** The last callback: both directions are over. `fault` is absent after a clean close and after our own `reset`. */
  onClose(fault: SocketFault | undefined): void;
}

/** Who is at the other end, as far as the transport can tell. */
export interface PeerIdentity {
  /** TLS: the peer proved a certificate that our authorities signed. */
  readonly authorized: boolean;
  /** TLS: the certificate's subject common name, alternative names as `DNS:a, URI:b`, SHA-256 fingerprint. */
  readonly commonName?: string;
  readonly alternativeNames?: string;
  readonly fingerprint256?: string;
}

/** One connection. Both directions close on their own: after `end`, bytes may still arrive. */
export interface StreamSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** TLS: what was negotiated, and with whom. Absent on plain sockets. */
  readonly tls?: { readonly alpn: string | undefined; readonly peer: PeerIdentity | undefined };
  /** Names the receiver; once, a second time throws. Until then the socket reads nothing. No callback runs within the call. */
  open(receiver: SocketReceiver): void;
  /**
   * Writes the parts in order as one gathered write; they are lent until `taken()` passes them, or
   * `onClose`. False: wait for `onWritable`. Never throws; what is written after `end`, `reset` or `onClose` is dropped,
   * not counted, and answered with false.
   */
  write(parts: readonly Uint8Array[]): boolean;
  /** Bytes given to `write` so far. */
  passed(): number;
  /** Bytes the kernel (or the peer, in memory) has taken so far; what was written before it may be reused. */
  taken(): number;
  /** False: deliver no more bytes until true again, and let the peer feel it. */
  setReading(on: boolean): void;
  /** Ends our direction once all written bytes have left. */
  end(): void;
  /** Drops the connection now; unsent bytes are lost. `onClose` follows. */
  reset(): void;
  /** False: the open connection alone keeps no process alive. */
  setKeepsProcess(on: boolean): void;
}

export interface ConnectOptions {
  /** Gives up; the connection is then never reported. */
  readonly signal?: AbortSignal;
  /** TLS settings of `tls:` endpoints, as the machine's network takes them. */
  readonly tls?: ClientTls | TlsSource<ClientTls>;
  /** The name that a `tls:` endpoint's certificate must be for, when its host is an address that the name resolved to. */
  readonly serverName?: string;
}

/** What a host name means. */
export interface NameAnswer {
  /** IP addresses without brackets, most wanted first; at least one. */
  readonly addresses: readonly string[];
  /** Milliseconds that the answer may be kept, where the machine tells. */
  readonly ttlMs?: number;
}

/** TLS as a client. PEM texts or bytes. */
export interface ClientTls {
  /** Certificate authorities to trust instead of the machine's own. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Shown to servers that ask for one, with the chain behind it; its key beside it. */
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** The name to verify, when it is not the one that was dialled. */
  readonly serverName?: string;
}

/** TLS as a server. PEM texts or bytes. */
export interface ServerTls {
  /** With the chain behind it, without the authority at its end. */
  readonly cert: string | Uint8Array;
  readonly key: string | Uint8Array;
  /** Certificate authorities for clients' certificates: clients are asked for one. */
  readonly ca?: string | Uint8Array | readonly (string | Uint8Array)[];
  /** Refuse clients without a certificate that `ca` signed. Default false: a handler looks at `call.peer.identity`. */
  readonly requireClientCert?: boolean;
}

/**
 * TLS settings that may be replaced while they are used: open connections go on as they are, and new handshakes have the
 * newest.
 */
export interface TlsSource<Settings extends ClientTls | ServerTls> {
  /** As they are now. Clients read it for each connection. */
  readonly current: Settings;
  /**
   * Calls `apply` with each replacement, for listeners; returns what takes it back. `apply` throws a `SocketFault` when it
   * cannot use the settings, and goes on with those before.
   */
  subscribe(apply: (settings: Settings) => void): () => void;
}

export interface ListenOptions {
  /** Connections the kernel may hold before they are accepted. Default 511. */
  readonly backlog?: number;
  readonly tls?: ServerTls | TlsSource<ServerTls>;
}

/** A listening socket. */
export interface Listener {
  /** The endpoint bound to, with the port filled in. */
  readonly local: Endpoint;
  /** Accepts no more; resolves when the endpoint is free again. Open connections go on. */
  close(): Promise<void>;
}

export interface ListenReceiver {
  onConnection(socket: StreamSocket): void;
  /** The listener broke after it was bound; a single failed handshake is not reported here. */
  onFault(fault: SocketFault): void;
}

/** The machine's network. */
export interface Network {
  /**
   * What a host name means now, by the machine's own means: hosts file, name servers. An IP address means itself. Rejects
   * with a `SocketFault`, `name-not-found` when nobody knows the name; with `signal`, gives up.
   */
  resolve(host: string, options: { readonly signal?: AbortSignal }): Promise<NameAnswer>;
  /** Opens a connection (TLS handshake included). Rejects with a `SocketFault`. */
  connect(endpoint: Endpoint, options: ConnectOptions): Promise<StreamSocket>;
  /** Binds and listens. Rejects with a `SocketFault`. */
  listen(endpoint: Endpoint, options: ListenOptions, receiver: ListenReceiver): Promise<Listener>;
  /** Takes a foreign duplex stream (Node's `Duplex`) for a connection; undefined when the value is none. */
  adopt(duplex: unknown): StreamSocket | undefined;
}
