// Marshal layer: how a message that is packed with its type names it (google.protobuf.Any): a host, a slash, and the type's
// full name. Nothing is fetched from there: the name alone counts.

/** The host that every toolkit writes, whoever the type belongs to. */
export const typeHost = "type.googleapis.com";

/** `type.googleapis.com/google.rpc.BadRequest` for `google.rpc.BadRequest`. */
export function typeUrlOf(typeName: string, host = typeHost): string {
  return `${host}/${typeName}`;
}

/** The full name behind the last slash; the whole text when it has none. */
export function typeNameOf(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}
