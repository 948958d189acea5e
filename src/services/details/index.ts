export { Any, type AnyInit } from "../gen/google/protobuf/any.ts";
export { Duration, type DurationInit } from "../gen/google/protobuf/duration.ts";
export {
  BadRequest,
  BadRequest_FieldViolation,
  type BadRequest_FieldViolationInit,
  type BadRequestInit,
  DebugInfo,
  type DebugInfoInit,
  ErrorInfo,
  type ErrorInfoInit,
  Help,
  Help_Link,
  type Help_LinkInit,
  type HelpInit,
  LocalizedMessage,
  type LocalizedMessageInit,
  PreconditionFailure,
  PreconditionFailure_Violation,
  type PreconditionFailure_ViolationInit,
  type PreconditionFailureInit,
  QuotaFailure,
  QuotaFailure_Violation,
  type QuotaFailure_ViolationInit,
  type QuotaFailureInit,
  RequestInfo,
  type RequestInfoInit,
  ResourceInfo,
  type ResourceInfoInit,
  RetryInfo,
  type RetryInfoInit,
} from "../gen/google/rpc/error_details.ts";
export { Status, type StatusInit } from "../gen/google/rpc/status.ts";
export { type DetailTypes, type ReadDetail, readDetails, standardDetails, type UnknownDetail } from "./read-details.ts";
