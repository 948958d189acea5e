// gRPC: what the head and the trailers of a reply say (PROTOCOL-HTTP2.md, "Responses"). A peer repeats them from call to
// call, so what was understood is kept with the fields.
import type { Compression } from "../../host/compression.ts";
import type { Fields } from "../../http/fields.ts";
import type { ErrorDetail } from "../../rpc/error-detail.ts";
import { type StatusCode, statusCodeOf, statusCodes } from "../../rpc/status.ts";
import { parseDetails } from "./details.ts";
import { detailsName, encodingName, executionName, isGrpc, isProtobuf, messageName, statusName } from "./names.ts";
import { decodePercent } from "./percent.ts";
import { codeOfHttpStatus } from "./status-map.ts";

/** What was understood of a block of fields; kept as its `memo`. */
interface Memo {
  head: HeadVerdict | undefined;
  verdict: Verdict | undefined;
}

/** What a tail, or a head that is all, says. */
export interface Verdict {
  readonly code: StatusCode;
  readonly message: string;
  readonly details: readonly ErrorDetail[];
  /** What `farcall-execution` says, whoever said it. */
  readonly execution: string | undefined;
}

/** Why a reply is not read. */
export interface Refusal {
  readonly code: StatusCode;
  readonly message: string;
}

/** What a head says. */
export interface HeadVerdict {
  readonly encoding: string | undefined;
  /** It is not gRPC's: its body is worth quoting. */
  readonly foreign: Refusal | undefined;
  /** It is, but its messages cannot be read. */
  readonly fault: Refusal | undefined;
}

function memoOf(fields: Fields): Memo {
  const memo = (fields.memo as Memo | undefined) ?? { head: undefined, verdict: undefined };
  fields.memo = memo;
  return memo;
}

/** Reads the head of a reply that goes on. */
export function readHead(fields: Fields, compression: Compression): HeadVerdict {
  const memo = memoOf(fields);
  if (memo.head === undefined) {
    const text = fields.get(encodingName);
    const encoding = text === "identity" ? undefined : text;
    memo.head = { encoding, foreign: foreignOf(fields), fault: faultOf(fields, encoding, compression) };
  }
  return memo.head;
}

function faultOf(fields: Fields, encoding: string | undefined, compression: Compression): Refusal | undefined {
  const type = fields.get("content-type") ?? "";
  const known = encoding === undefined || compression.find(encoding) !== undefined;
  if (known && isProtobuf(type)) return undefined;
  const what = known ? `of content-type ${JSON.stringify(type)}` : `encoded as ${JSON.stringify(encoding)}`;
  return { code: "INTERNAL", message: `the reply is ${what}, which we did not ask for` };
}

function foreignOf(fields: Fields): Refusal | undefined {
  const status = fields.get(":status") as string;
  const type = fields.get("content-type");
  if (status !== "200") {
    return { code: codeOfHttpStatus(status), message: `the answer is HTTP ${status} (${type ?? "no content-type"})` };
  }
  if (!isGrpc(type)) {
    return { code: "UNKNOWN", message: `the answer is no gRPC: content-type ${JSON.stringify(type ?? "")}` };
  }
  return undefined;
}

/** Reads the end of a call: trailers, or a head that is all. */
export function readVerdict(fields: Fields): Verdict {
  const memo = memoOf(fields);
  memo.verdict ??= verdictOf(fields);
  return memo.verdict;
}

function verdictOf(fields: Fields): Verdict {
  const status = fields.get(statusName);
  const execution = fields.get(executionName);
  if (status === undefined) {
    const refusal = fields.get(":status") === undefined ? undefined : foreignOf(fields);
    const { code, message } = refusal ?? { code: "UNKNOWN", message: "the reply has no grpc-status" };
    return { code: code === "OK" ? "UNKNOWN" : code, message, details: [], execution };
  }
  const known = /^[0-9]{1,2}$/.test(status) && Number(status) < statusCodes.length;
  const code = known ? statusCodeOf(Number(status)) : "UNKNOWN";
  const text = decodePercent(fields.get(messageName) ?? "");
  const message = known ? text : `grpc-status is ${JSON.stringify(status)}${text === "" ? "" : `: ${text}`}`;
  return { code, message, details: parseDetails(fields.get(detailsName)), execution };
}
