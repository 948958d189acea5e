// gRPC: how large a block of fields is to its receiver, who may have said how much it takes (RFC 9113 section 6.5.2).
import { formatBase64 } from "../../bytes/base64.ts";
import type { Metadata } from "../../rpc/metadata.ts";

/** What each field counts beside its name and value (RFC 9113 section 6.5.2). */
const overheadBytes = 32;
/** What the protocol's own fields of a head or a tail come to, with room for a long path. */
const ownBytes = 1024;

/** The size of names and values in turn. */
export function sizeOfFields(list: readonly string[]): number {
  let bytes = (list.length / 2) * overheadBytes;
  for (const text of list) bytes += text.length;
  return bytes;
}

/** One sentence that says why a receiver that takes `maxBytes` would refuse the metadata; undefined when it would not. */
export function checkMetadataSize(metadata: Metadata, maxBytes: number): string | undefined {
  if (maxBytes === Number.POSITIVE_INFINITY) return undefined;
  const list: string[] = [];
  for (const [name, value] of metadata) list.push(name, typeof value === "string" ? value : formatBase64(value));
  const bytes = sizeOfFields(list);
  if (bytes + ownBytes <= maxBytes) return undefined;
  return `the metadata counts ${bytes} bytes, ${formatLimit(maxBytes)}`;
}

/** Whether more fields of so many bytes fit behind the protocol's own, a status message of `messageBytes` among them. */
export function fitsBeside(messageBytes: number, moreBytes: number, maxBytes: number): boolean {
  return ownBytes + messageBytes + moreBytes <= maxBytes;
}

/** The receiver's limit in words. */
export function formatLimit(maxBytes: number): string {
  return `the peer takes ${maxBytes} in all (its SETTINGS_MAX_HEADER_LIST_SIZE)`;
}
