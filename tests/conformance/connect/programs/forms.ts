// Connect's conformance suite: its forms of metadata and errors, and ours.
/// <reference types="node" />
import { CallError, type ErrorCode, Metadata, packDetail } from "farcall";
import type { MessageType } from "farcall/marshal";
import type { Code } from "./connectrpc/conformance/v1/config.js";
import type { Error as ErrorForm, ErrorInit, Header, HeaderInit } from "./connectrpc/conformance/v1/service.js";

/** Bytes are text in base64 there. */
export function toMetadata(headers: readonly Header[]): Metadata {
  const metadata = new Metadata();
  for (const { name, value } of headers) {
    const binary = name.toLowerCase().endsWith("-bin");
    for (const one of value) metadata.append(name, binary ? new Uint8Array(Buffer.from(one, "base64")) : one);
  }
  return metadata;
}

export function toHeaders(metadata: Metadata | undefined): HeaderInit[] {
  const all = metadata?.toJSON() ?? {};
  const toText = (one: string | Uint8Array) => (typeof one === "string" ? one : Buffer.from(one).toString("base64"));
  return Object.entries(all).map(([name, values]) => ({ name, value: values.map(toText) }));
}

/** The error that a handler is told to throw; with `detail` behind the details that it names. */
export function toCallError<Message, Init>(
  { code, message, details }: ErrorForm,
  detail?: { readonly type: MessageType<Message, Init>; readonly message: Init },
): CallError {
  const more = detail === undefined ? [] : [packDetail(detail.type, detail.message)];
  return new CallError(toErrorCode(code), message ?? "", { details: [...details, ...more] });
}

export function toErrorForm({ code, message, details }: CallError): ErrorInit {
  return { code: code === "CANCELLED" ? "CODE_CANCELED" : `CODE_${code}`, message, details };
}

function toErrorCode(code: Code): ErrorCode {
  if (typeof code === "number" || code === "CODE_UNSPECIFIED") throw new RangeError(`${code} is no code of an error`);
  return code === "CODE_CANCELED" ? "CANCELLED" : (code.slice("CODE_".length) as ErrorCode);
}
