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
