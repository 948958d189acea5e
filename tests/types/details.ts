// What the types of details of errors promise and refuse: compiled, never run.
import { type CallError, packDetail } from "farcall";
import { BadRequest, readDetails } from "farcall/details";
import { bool, message, string } from "farcall/idl";

const DirectoryEntry = message("dirs.DirectoryEntry", { name: string(1), isDirectory: bool(2) });

export function details(error: CallError): string[] {
  const violations: string[] = (error.detail(BadRequest)?.fieldViolations ?? []).map(({ field }) => field);
  // @ts-expect-error there may be no such detail
  error.detail(BadRequest).fieldViolations;
  packDetail(BadRequest, { fieldViolations: [{ field: "path" }] });
  // @ts-expect-error a field that the type lacks
  packDetail(BadRequest, { violations: [] });
  // @ts-expect-error a wrong type of field
  packDetail(DirectoryEntry, { name: 5 });
  for (const detail of readDetails(error)) {
    if (detail.kind === "RetryInfo") violations.push(String(detail.message.retryDelay?.seconds));
    // @ts-expect-error no such kind
    if (detail.kind === "DirectoryEntry") return [];
  }
  const own = readDetails(error, { DirectoryEntry });
  return own.flatMap((detail) => (detail.kind === "DirectoryEntry" ? detail.message.name : detail.typeUrl));
}
