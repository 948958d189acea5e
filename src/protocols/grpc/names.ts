// gRPC: the names and fixed values of its fields (grpc/doc/PROTOCOL-HTTP2.md). `farcall-` ones are ours: whoever does not
// know them ignores them.

export const contentType = "application/grpc";
export const statusName = "grpc-status";
export const messageName = "grpc-message";
export const detailsName = "grpc-status-details-bin";
export const timeoutName = "grpc-timeout";
export const encodingName = "grpc-encoding";
export const acceptEncodingName = "grpc-accept-encoding";
export const executionName = "farcall-execution";

/** Bytes before each message: a flag that says whether it is compressed, and its length in 32 bits, big endian. */
export const prefixBytes = 5;

// Media types are the same in any case (RFC 9110 section 8.3.1).
const grpcType = /^application\/grpc(?:\+([^;]*))?(?:;|$)/i;

/** Whether `content-type` is gRPC's: `application/grpc`, alone or with `+codec` or parameters. */
export function isGrpc(value: string | undefined): boolean {
  return value === contentType || (value !== undefined && grpcType.test(value));
}

/** Whether the codec that a `content-type` of gRPC names is protobuf, the only one spoken here. */
export function isProtobuf(value: string): boolean {
  const codec = grpcType.exec(value)?.[1];
  return codec === undefined || codec.trim().toLowerCase() === "proto";
}
