// gRPC: `grpc-status-details-bin`, a google.rpc.Status in base64. Only its `details` are of use beside the other fields.
import { formatBase64, parseBase64 } from "../../bytes/base64.ts";
import { bytes, field, int32, repeated, string } from "../../marshal/builder/fields.ts";
import { message } from "../../marshal/builder/message.ts";
import type { ErrorDetail } from "../../rpc/error-detail.ts";

const Any = message("google.protobuf.Any", { typeUrl: string(1), value: bytes(2) });
const Status = message("google.rpc.Status", { code: int32(1), message: string(2), details: repeated(field(Any, 3)) });

export function formatDetails(code: number, text: string, details: readonly ErrorDetail[]): string {
  return formatBase64(Status.encode({ code, message: text, details }));
}

/** The details in a field's value; none when it is no google.rpc.Status. */
export function parseDetails(text: string | undefined): readonly ErrorDetail[] {
  const encoded = text === undefined ? undefined : parseBase64(text);
  if (encoded === undefined) return [];
  try {
    return Status.decode(encoded).details.map(({ typeUrl, value }) => ({ typeUrl, value }));
  } catch {
    return [];
  }
}
