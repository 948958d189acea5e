// What both halves of the connect-es peer stand on: its methods with messages by protobuf-es, and metadata.
import type { DescMethodStreaming, DescMethodUnary, DescService } from "@bufbuild/protobuf";
import { ConnectError, decodeBinaryHeader, encodeBinaryHeader } from "@connectrpc/connect";
import { CallFailure, type Fields } from "../../probe.ts";
import { createRegistry, probeRoot } from "../../schema.ts";

export type Plain = Readonly<Record<string, unknown>>;

const root = probeRoot();
const registry = createRegistry(root);
export const Status = root.lookupType("google.rpc.Status");

function serviceOf(name: string): DescService {
  const service = registry.getService(name);
  if (service === undefined) throw new Error(`probe.proto has no ${name}`);
  return service;
}

export const probe = serviceOf("interop.Probe");
export const streams = serviceOf("interop.Streams");
export const absent = serviceOf("interop.Absent");

function methodOf(service: DescService, name: string) {
  const method = service.methods.find((candidate) => candidate.name === name);
  if (method === undefined) throw new Error(`${service.typeName} has no ${name}`);
  return method;
}

export const unaryOf = (service: DescService, name: string) => methodOf(service, name) as DescMethodUnary;
export const streamingOf = (service: DescService, name: string) => methodOf(service, name) as DescMethodStreaming;

export function toHeaders(fields: Fields): Headers {
  const headers = new Headers();
  for (const [name, value] of fields)
    headers.append(name, typeof value === "string" ? value : encodeBinaryHeader(value));
  return headers;
}

export function toFields(headers: Headers): Fields {
  const fields: (readonly [string, string | Uint8Array])[] = [];
  headers.forEach((value, name) => {
    if (name.startsWith("probe-")) fields.push([name, name.endsWith("-bin") ? decodeBinaryHeader(value) : value]);
  });
  return fields;
}

export function toFailure(cause: unknown): CallFailure {
  const { code, rawMessage, metadata: trailers } = ConnectError.from(cause);
  const details = trailers.get("grpc-status-details-bin");
  return new CallFailure(code, rawMessage, details === null ? undefined : decodeBinaryHeader(details));
}
