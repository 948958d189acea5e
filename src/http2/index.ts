export { createHttp2Connection, type Http2Options } from "./connection.ts";
export {
  defaultHpackLimits,
  defaultIndexing,
  type FieldSink,
  HpackDecoder,
  type HpackDecoderOptions,
  HpackEncoder,
  type HpackEncoderOptions,
  type HpackFault,
  type HpackFaultCode,
  type HpackIndexing,
  type HpackLimit,
  type HpackLimits,
} from "./hpack/index.ts";
export { defaultHttp2Limits, type Http2Limits } from "./limits.ts";
