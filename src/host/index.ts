export type { Ambient } from "./ambient.ts";
export type { Clock, Random, Timer, Timers, Turn } from "./clock.ts";
export { type Compression, CompressionError, type Compressor } from "./compression.ts";
export {
  AddressError,
  type AddressErrorCode,
  type AddressUse,
  checkEndpoint,
  type Endpoint,
  formatEndpoint,
  isLoopback,
  maxUnixPathBytes,
  parseEndpoint,
} from "./endpoint.ts";
export { SocketFault, type SocketFaultCode } from "./fault.ts";
export { formatIpv6, type Ipv6, mappedIpv4, parseIpv4, parseIpv6 } from "./ip.ts";
export { createLink, type LinkSide, linkWindowBytes, type Wire } from "./link.ts";
export type { Machine } from "./machine.ts";
export type {
  ClientTls,
  ConnectOptions,
  Listener,
  ListenOptions,
  ListenReceiver,
  NameAnswer,
  Network,
  PeerIdentity,
  ServerTls,
  SocketReceiver,
  StreamSocket,
  TlsSource,
} from "./network.ts";
