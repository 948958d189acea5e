export type { DefaultsOf } from "./defaults.ts";
export { type DelimitedLimits, decodeDelimited, encodeDelimited, readDelimited } from "./delimited.ts";
export {
  decodeFileDescriptorSet,
  decodeFileHead,
  encodeFileDescriptor,
  encodeFileDescriptorSet,
  type FileHead,
  type LinkDescriptorsOptions,
  linkFileDescriptors,
} from "./descriptor-set/index.ts";
export { MarshalError, type MarshalErrorCode, marshalErrorCodes } from "./errors.ts";
export { clearExtension, getExtension, hasExtension, setExtension } from "./extensions.ts";
export type { JsonObject, JsonValue } from "./json/json-value.ts";
export { defaultDecodeLimits, type MessageFields, messageType } from "./message-type.ts";
export { messageTypeOf, serviceOf, TypeRegistry } from "./registry.ts";
export { type MethodParts, methodType, serviceType } from "./service.ts";
export type {
  CallKind,
  Codec,
  DecodeLimits,
  EncodeOptions,
  EnumType,
  Extension,
  FromJsonOptions,
  FromTextOptions,
  Idempotency,
  InitOf,
  MessageOf,
  MessageType,
  MessageTypes,
  Method,
  Service,
  ToJsonOptions,
  ToTextOptions,
} from "./types.ts";
export type { Wire } from "./wire.ts";
