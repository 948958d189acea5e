// IDL layer: the options of farcall/rpc.proto (in the folder `proto`): what a contract says about calls. Records of options
// may come from a peer's reflection, so nothing here trusts their shape.
import type { Options } from "./descriptor.ts";
import { getOption } from "./option-record.ts";

/** The path that contracts import the options by. */
export const rpcOptionsName = "farcall/rpc.proto";
/** The options as records have them. */
export const methodOptionName = "(farcall.rpc.method)";
export const serviceOptionName = "(farcall.rpc.service)";
/** The field of both that holds the deadline. */
export const timeoutField = "default_timeout_ms";

/** A day: a default deadline beyond it is a mistake of units, or none. */
export const maxDefaultTimeoutMs = 86_400_000;

/** Fields of the options, by full name, that do not take all numbers of their type. */
export const optionBounds: ReadonlyMap<string, { readonly min: number; readonly max: number; readonly hint: string }> =
  new Map(
    ["farcall.rpc.MethodDefaults", "farcall.rpc.ServiceDefaults"].map((message) => [
      `${message}.${timeoutField}`,
      { min: 1, max: maxDefaultTimeoutMs, hint: "milliseconds, a day at most; leave the option away for no default" },
    ]),
  );

/** What a contract says about the calls of a method. */
export interface CallDefaults {
  /** Milliseconds; undefined: the contract sets no deadline. */
  readonly defaultTimeoutMs: number | undefined;
  readonly idempotency: "unknown" | "no-side-effects" | "idempotent";
}

/** Whether a number can be a default deadline. */
export function isDefaultTimeout(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= maxDefaultTimeoutMs;
}

/** The defaults of a method by its own options and its service's; a value that no contract may have counts as not there. */
export function callDefaultsOf(method: Options, service: Options): CallDefaults {
  const own = recordIn(method, methodOptionName)[timeoutField];
  const shared = recordIn(service, serviceOptionName);
  const timeout = isDefaultTimeout(own) ? own : shared[timeoutField];
  const level = getOption(method, "idempotency_level") ?? shared["idempotency_level"];
  return {
    defaultTimeoutMs: isDefaultTimeout(timeout) ? timeout : undefined,
    idempotency: idempotencyOf((level as { readonly identifier?: unknown } | undefined)?.identifier),
  };
}

function recordIn(options: Options, name: string): { readonly [field: string]: unknown } {
  const value = getOption(options, name);
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function idempotencyOf(level: unknown): CallDefaults["idempotency"] {
  if (level === "NO_SIDE_EFFECTS") return "no-side-effects";
  return level === "IDEMPOTENT" ? "idempotent" : "unknown";
}
