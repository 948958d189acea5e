export { type FieldSink, HpackDecoder, type HpackDecoderOptions } from "./decoder.ts";
export { HpackEncoder, type HpackEncoderOptions, maxEncoderTableBytes } from "./encoder.ts";
export type { HpackFault, HpackFaultCode } from "./fault.ts";
export { defaultHpackLimits, type HpackLimit, type HpackLimits } from "./limits.ts";
export { defaultIndexing, type HpackIndexing } from "./policy.ts";
