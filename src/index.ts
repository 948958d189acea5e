// The package root: Farcall on the real machine.
import { createRealMachine } from "./net/index.ts";
import { createRuntime, type DialOptions, type Runtime, type Where } from "./runtime.ts";

export {
  CertificateFiles,
  type CertificateFilesOptions,
  type CertificatePaths,
  certificateFiles,
  ReplaceableTls,
  replaceableTls,
  type SettingsOf,
} from "./net/index.ts";
export {
  AddressError,
  type AddressErrorCode,
  type AttemptProof,
  type BackoffOptions,
  CallError,
  type CallErrorOptions,
  type CallOptions,
  type CallParent,
  type CallTotals,
  type Channel,
  type ChannelOptions,
  type ChannelSnapshot,
  type ClientCallContext,
  type ClientTls,
  createRuntime,
  type DialOptions,
  type ErrorCode,
  type ErrorDetail,
  type Execution,
  type Handler,
  type Handlers,
  type Implementation,
  type ImplementOptions,
  type Interceptor,
  implement,
  type KeepAliveInit,
  type LayerLimits,
  Metadata,
  MetadataError,
  type MetadataInit,
  type MetadataValue,
  type Next,
  type Peer,
  type PeerIdentity,
  type Phase,
  type PoolOptions,
  type Runtime,
  type Served,
  type ServeOptions,
  type Server,
  type ServerCall,
  type ServerOptions,
  type ServerSnapshot,
  type ServerTls,
  type ServerView,
  SocketFault,
  type SocketFaultCode,
  type StatusCode,
  type Stub,
  type StubMethod,
  statusCodes,
  type TlsSource,
  UsageError,
  type UsageErrorCode,
  type Where,
} from "./runtime.ts";

const runtime: Runtime = createRuntime(createRealMachine(), {
  onHandlerError: (error, call) =>
    console.error(`${call.method.path} from ${call.peer.address}: the handler failed:`, error),
});

/** A channel to a target: an address such as `tcp://127.0.0.1:12345`, several, or an open duplex stream. */
export const dial: (target: Where, options?: DialOptions) => ReturnType<Runtime["dial"]> = runtime.dial;
/** Serves implementations at an address; resolves when it is bound. */
export const serve: Runtime["serve"] = runtime.serve;
