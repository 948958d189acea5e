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
export { defaultDecodeLimits, type MessageFields, messageType } from "./message-type.ts";
export { type MethodParts, methodType, serviceType } from "./service.ts";
export type {
  CallKind,
  Codec,
  DecodeLimits,
  EnumType,
  Idempotency,
  InitOf,
  MessageOf,
  MessageType,
  Method,
  Service,
} from "./types.ts";
export type { Wire } from "./wire.ts";
