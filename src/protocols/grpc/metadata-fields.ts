// gRPC: metadata as HTTP fields and back (PROTOCOL-HTTP2.md, "Custom-Metadata").
import { formatBase64, parseBase64 } from "../../bytes/base64.ts";
import type { Fields } from "../../http/fields.ts";
import { Metadata } from "../../rpc/metadata.ts";

const protocolNames = new Set([
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "date",
  "host",
  "te",
  "trailer",
  "user-agent",
]);

function isOwn(name: string): boolean {
  return (
    name.charCodeAt(0) === 0x3a || name.startsWith("grpc-") || name.startsWith("farcall-") || protocolNames.has(name)
  );
}

/** Appends the metadata to a list of names and values in turn. */
export function appendMetadata(list: string[], metadata: Metadata): void {
  for (const [name, value] of metadata) list.push(name, typeof value === "string" ? value : formatBase64(value));
}

/** Metadata as a list of names and values in turn; undefined when there is none. */
export function formatMetadata(metadata: Metadata | undefined): readonly string[] | undefined {
  if (metadata === undefined || metadata.size === 0) return undefined;
  const list: string[] = [];
  appendMetadata(list, metadata);
  return list;
}

/** The user's part of received fields. A `-bin` value that is no base64, or text that is not ASCII, is left out. */
export function readMetadata(fields: Fields): Metadata {
  const metadata = new Metadata();
  const { list } = fields;
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] as string;
    const value = list[index + 1] as string;
    if (isOwn(name)) continue;
    if (name.endsWith("-bin")) {
      // Several values may come joined by commas (RFC 9110 section 5.3).
      for (const part of value.split(",")) {
        const bytes = parseBase64(part.trim());
        if (bytes !== undefined) appendReceived(metadata, name, bytes);
      }
    } else appendReceived(metadata, name, value);
  }
  return metadata;
}

function appendReceived(metadata: Metadata, name: string, value: string | Uint8Array): void {
  try {
    metadata.append(name, value);
  } catch {
    // A peer's name or value that our own rules refuse is no metadata to us; the call goes on without it.
  }
}
