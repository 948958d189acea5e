// RPC layer: the compression that an option names.
import type { Compression, Compressor } from "../host/compression.ts";
import { UsageError } from "./call-error.ts";

/** The compressor of that name; undefined for none or `identity`. Throws a `UsageError` when this machine has none. */
export function findCompressor(compression: Compression, name: string | undefined): Compressor | undefined {
  if (name === undefined || name === "identity") return undefined;
  const compressor = compression.find(name);
  if (compressor !== undefined) return compressor;
  const known = ["identity", ...compression.names].join(", ");
  throw new UsageError("BAD_OPTION", `the compression ${JSON.stringify(name)} is not known; use one of ${known}`);
}
