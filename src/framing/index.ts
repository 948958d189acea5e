export { type DelimiterOptions, delimiter } from "./delimiter.ts";
export { fixedLength } from "./fixed-length.ts";
export {
  defaultMaxMessageBytes,
  type Framing,
  FramingError,
  type FramingErrorCode,
  FramingFault,
  type FramingFaultCode,
  type MessageOwner,
  type MessageReader,
} from "./framing.ts";
export { type LengthHeaderKind, type LengthHeaderOptions, lengthHeader } from "./length-header.ts";
