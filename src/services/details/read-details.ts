// Services: what is in an error's details, all at once: the types that google.rpc has for errors, and whichever a program
// adds. A detail that cannot be read stays as it came; reading never throws.
import type { MessageOf, MessageType } from "../../marshal/types.ts";
import type { CallError } from "../../rpc/call-error.ts";
import { type ErrorDetail, unpackDetail } from "../../rpc/error-detail.ts";
import {
  BadRequest,
  DebugInfo,
  ErrorInfo,
  Help,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
} from "../gen/google/rpc/error_details.ts";

/** Message types by the names that a program has for them. */
export interface DetailTypes {
  // biome-ignore lint/suspicious/noExplicitAny: a bound that every message type fits, in both directions
  readonly [kind: string]: MessageType<any, any>;
}

/** The types of google/rpc/error_details.proto. */
export const standardDetails = {
  BadRequest,
  DebugInfo,
  ErrorInfo,
  Help,
  LocalizedMessage,
  PreconditionFailure,
  QuotaFailure,
  RequestInfo,
  ResourceInfo,
  RetryInfo,
} as const;

/** A detail of a type that was not named, or with bytes that are no message of its type. */
export interface UnknownDetail extends ErrorDetail {
  readonly kind: "unknown";
  readonly message: undefined;
}

/** A detail, decoded; `kind` is the name of its type among those that were looked for. */
export type ReadDetail<Types extends DetailTypes> =
  | UnknownDetail
  | {
      readonly [Kind in keyof Types & string]: ErrorDetail & {
        readonly kind: Kind;
        readonly message: MessageOf<Types[Kind]>;
      };
    }[keyof Types & string];

/**
 * All details of an error, in their order. Without `types` those of google.rpc are known; own ones are added by name:
 * `readDetails(error, { ...standardDetails, OutOfStock })`.
 */
export function readDetails<Types extends DetailTypes = typeof standardDetails>(
  error: Pick<CallError, "details">,
  types?: Types,
): readonly ReadDetail<Types>[] {
  const known = Object.entries<MessageType>(types ?? standardDetails);
  return error.details.map((detail) => readDetail(detail, known) as ReadDetail<Types>);
}

function readDetail(detail: ErrorDetail, known: readonly (readonly [kind: string, type: MessageType])[]) {
  for (const [kind, type] of known) {
    const message = unpackDetail(detail, type);
    if (message !== undefined) return { ...detail, kind, message };
  }
  return { ...detail, kind: "unknown", message: undefined };
}
