// Marshal layer, ProtoJSON: what the well-known types with a form of their own in JSON need of those who walk messages.
import type { MessageDescriptor } from "../../idl/descriptor.ts";
import type { MessageType } from "../types.ts";
import type { JsonValue } from "./json-value.ts";

/** A message while its type is not known to the compiler. */
export interface OpenMessage {
  [localName: string]: unknown;
}

/** What a form needs to become JSON. */
export interface FormatContext {
  readonly descriptor: MessageDescriptor;
  /** The JSON of a property of the message, of zero when it is not set. */
  formatField(localName: string, value: unknown): JsonValue;
  /** The JSON of another message within this one. */
  formatMessage(descriptor: MessageDescriptor, value: unknown): JsonValue;
  /** True for types with a form of their own. */
  isSpecial(typeName: string): boolean;
  findMessage(typeName: string): MessageType | undefined;
}

/** What a form needs to be read. */
export interface ParseContext {
  readonly descriptor: MessageDescriptor;
  /** The value of a property out of JSON. */
  parseField(localName: string, json: unknown): unknown;
  /** Another message within this one, in a form that its type accepts. */
  parseMessage(descriptor: MessageDescriptor, json: unknown): OpenMessage;
  /** True for types with a form of their own. */
  isSpecial(typeName: string): boolean;
  findMessage(typeName: string): MessageType | undefined;
}

/** A well-known type that is not an object of its fields in JSON. */
export interface SpecialForm {
  format(message: OpenMessage, context: FormatContext): JsonValue;
  parse(json: unknown, context: ParseContext): OpenMessage;
}
