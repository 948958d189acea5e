// What both halves of the grpc-js peer stand on: its procedures with messages by protobuf.js, and metadata.
import type { EventEmitter } from "node:events";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import type { Type } from "protobufjs";
import { CallFailure, type Fields } from "../../probe.ts";
import { probeRoot } from "../../schema.ts";

export type Plain = Readonly<Record<string, unknown>>;

const root = probeRoot(false);

export interface Procedure {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: Plain) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Plain;
  readonly responseSerialize: (value: Plain) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Plain;
}

/** protobuf.js gives null for a message that is absent. */
function withoutNulls(value: Plain): Plain {
  const present = Object.entries(value).filter(([, one]) => one !== null);
  const isMessage = (one: unknown): one is Plain => Object.getPrototypeOf(one) === Object.prototype;
  return Object.fromEntries(present.map(([name, one]) => [name, isMessage(one) ? withoutNulls(one) : one]));
}

const serializer =
  (type: Type) =>
  (value: Plain): Buffer =>
    Buffer.from(type.encode(type.fromObject(value)).finish());
const deserializer =
  (type: Type) =>
  (bytes: Buffer): Plain =>
    withoutNulls(type.toObject(type.decode(bytes), { defaults: true, longs: Number, bytes: Uint8Array }));

type Names<Name extends string> = Readonly<Record<Name, Procedure>>;

function procedures<Name extends string>(service: string, names: readonly Name[]): Names<Name> {
  return Object.fromEntries(names.map((name) => [name, procedure(service, name)])) as Names<Name>;
}

function procedure(service: string, name: string): Procedure {
  const method = root.lookupService(service).methods[name];
  if (method === undefined) throw new Error(`${service} has no ${name}`);
  const request = root.lookupType(`interop.${method.requestType}`);
  const reply = root.lookupType(`interop.${method.responseType}`);
  return {
    path: `/${service}/${name}`,
    requestStream: method.requestStream === true,
    responseStream: method.responseStream === true,
    requestSerialize: serializer(request),
    requestDeserialize: deserializer(request),
    responseSerialize: serializer(reply),
    responseDeserialize: deserializer(reply),
  };
}

export const probe = procedures("interop.Probe", ["Echo", "Fail", "Sleep", "LastSleep", "Missing"]);
export const streams = procedures("interop.Streams", ["Feed", "Collect", "Chat", "LastStream", "Release", "Drain"]);
export const absent = procedure("interop.Absent", "Call");

export function toMetadata(fields: Fields): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of fields) metadata.add(name, typeof value === "string" ? value : Buffer.from(value));
  return metadata;
}

export function toFields(metadata: Metadata): Fields {
  const names = Object.keys(metadata.getMap());
  return names.flatMap((name) =>
    metadata.get(name).map((value): readonly [string, string | Uint8Array] => [name, value]),
  );
}

export function toFailure({ code, details, metadata }: ServiceError): CallFailure {
  const status = metadata.get("grpc-status-details-bin")[0];
  return new CallFailure(code, details, status instanceof Uint8Array ? status : undefined);
}

/** What grpc-js' readable streams have in common. */
interface Messages extends EventEmitter {
  read(): unknown;
}

/** Messages one by one. The streams' own iterators destroy what they have read to its end, also the half that is written. */
export async function* messagesOf(stream: Messages): AsyncGenerator<Plain> {
  let wake = (): void => {};
  let outcome: { readonly error?: unknown } | undefined;
  stream.on("readable", () => wake());
  stream.on("end", () => {
    outcome ??= {};
    wake();
  });
  stream.on("error", (error) => {
    outcome = { error };
    wake();
  });
  stream.on("cancelled", () => {
    outcome = { error: new Error("the call was cancelled") };
    wake();
  });
  for (;;) {
    for (let message = stream.read(); message !== null; message = stream.read()) yield message as Plain;
    if (outcome !== undefined) {
      if (outcome.error !== undefined) throw outcome.error;
      return;
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}
