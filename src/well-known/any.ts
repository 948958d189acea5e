// Well-known layer: google.protobuf.Any: a message of any type beside the name of that type.
import { MarshalError } from "../marshal/errors.ts";
import { typeHost, typeNameOf, typeUrlOf } from "../marshal/type-url.ts";
import type { MessageType, MessageTypes } from "../marshal/types.ts";
import type { Any } from "../services/gen/google/protobuf/any.ts";

/** What is accepted as an Any, of whichever module. */
export interface AnyInit {
  readonly typeUrl?: string | undefined;
  readonly value?: Uint8Array | undefined;
}

/** Packs a message. The type's URL is `prefix`, by default `type.googleapis.com`, a slash, and the type's full name. */
export function packAny<Message, Init>(type: MessageType<Message, Init>, value: Init, prefix = typeHost): Any {
  return { typeUrl: typeUrlOf(type.typeName, prefix), value: type.encode(value) };
}

/** The full name of the type that is packed; `""` when nothing is. Who serves the type, before the last slash, does not count. */
export function anyTypeName({ typeUrl = "" }: AnyInit): string {
  return typeNameOf(typeUrl);
}

/** Whether an Any holds a message of `type`. */
export function isAny<Message, Init>(any: AnyInit, type: MessageType<Message, Init>): boolean {
  return any.typeUrl?.includes("/") === true && anyTypeName(any) === type.typeName;
}

/** The message that is packed; undefined when it is of another type. Throws a `MarshalError` for bytes that are not of it. */
export function unpackAny<Message, Init>(any: AnyInit, type: MessageType<Message, Init>): Message | undefined {
  return isAny(any, type) ? type.decode(any.value ?? new Uint8Array(0)) : undefined;
}

/**
 * The message that is packed, with its type out of `types`, a `TypeRegistry` for one. Undefined when nothing is packed.
 * Throws a `MarshalError` for a type that is not among them.
 */
export function unpackAnyOf(
  any: AnyInit,
  types: MessageTypes,
): { readonly type: MessageType; readonly message: unknown } | undefined {
  const typeName = anyTypeName(any);
  if (typeName === "" && (any.value ?? []).length === 0) return undefined;
  const type = types.findMessage(typeName);
  if (type === undefined || !isAny(any, type)) {
    const known = `${JSON.stringify(any.typeUrl ?? "")} is not among the types that are known`;
    throw new MarshalError("unknown-type", known, { path: "typeUrl" });
  }
  return { type, message: type.decode(any.value ?? new Uint8Array(0)) };
}
