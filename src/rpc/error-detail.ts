// RPC layer: the details of an error: messages packed with the names of their types (google.protobuf.Any), as
// google.rpc.Status carries them. Reading never throws: an error matters more than what hangs on it.
import { typeNameOf, typeUrlOf } from "../marshal/type-url.ts";
import type { MessageType } from "../marshal/types.ts";

/** One detail of an error: a message of the type that `typeUrl` names, encoded. */
export interface ErrorDetail {
  /** `type.googleapis.com/google.rpc.BadRequest`: the type's full name stands behind the last `/`. */
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/**
 * Makes a detail of a message: `packDetail(BadRequest, { fieldViolations: [...] })`. The types of google.rpc are in
 * `farcall/details`; any other will do, so its reader has it too. Throws a `MarshalError` when `init` does not fit the type.
 */
export function packDetail<Message, Init>(type: MessageType<Message, Init>, init: NoInfer<Init>): ErrorDetail {
  return { typeUrl: typeUrlOf(type.typeName), value: type.encode(init) };
}

/** The message in a detail; undefined when it is of another type, or cannot be decoded. */
export function unpackDetail<Message, Init>(
  detail: ErrorDetail,
  type: MessageType<Message, Init>,
): Message | undefined {
  if (detailTypeName(detail) !== type.typeName) return undefined;
  try {
    return type.decode(detail.value);
  } catch {
    return undefined;
  }
}

/** The full name of a detail's type: `google.rpc.BadRequest`. */
export function detailTypeName({ typeUrl }: ErrorDetail): string {
  return typeNameOf(typeUrl);
}
