export type { ResolverSnapshot } from "./address-book.ts";
export type { CallTotals } from "./call-counts.ts";
export {
  CallError,
  type CallErrorOptions,
  type Phase,
  UsageError,
  type UsageErrorCode,
} from "./call-error.ts";
export {
  type CallOptions,
  Channel,
  type ChannelOptions,
  type Stub,
  type StubMethod,
} from "./channel.ts";
export type { AddressSnapshot, CallsSnapshot, ChannelSnapshot, ConnectionSnapshot } from "./channel-snapshot.ts";
export type { CallParent } from "./client-call.ts";
export { type BackoffOptions, defaultBackoff } from "./connector.ts";
export { detailTypeName, type ErrorDetail, packDetail, unpackDetail } from "./error-detail.ts";
export { type AttemptProof, decideExecution, type Execution } from "./execution.ts";
export { type Handler, type Handlers, type Implementation, type ImplementOptions, implement } from "./implement.ts";
export type { ClientCallContext, Interceptor, Next } from "./interceptor.ts";
export type { KeepAliveInit } from "./keep-alive.ts";
export type { MetLimit } from "./limit-log.ts";
export { Metadata, MetadataError, type MetadataInit, type MetadataValue } from "./metadata.ts";
export type { Balance, Picker, PickerAddress } from "./picker.ts";
export type { PoolOptions } from "./pool-options.ts";
export type { ResolvedAddress, Resolver, ResolverListener, Resolving } from "./resolver.ts";
export type { Server, ServerOptions, ServerSnapshot } from "./server.ts";
export type { ServerCall } from "./server-call.ts";
export type { ServerCallFacts } from "./server-call-facts.ts";
export type { Peer } from "./server-call-host.ts";
export { defaultServerLimits, type ServerLimits } from "./server-limits.ts";
export type { ServerView } from "./server-view.ts";
export { type ErrorCode, type StatusCode, statusCodeOf, statusCodes, statusNumberOf } from "./status.ts";
