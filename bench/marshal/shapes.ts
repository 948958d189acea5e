// Benchmark, marshalling: the shapes that are raced, and the rule by which one counts as strings.
import {
  account,
  blob,
  directory,
  echoRequest,
  order,
  readings,
  samples,
  tally,
  type Value,
  visit,
  visitLog,
} from "./values.ts";

export interface Shape {
  readonly name: string;
  readonly typeName: string;
  readonly value: Value;
  /** How its goals are judged: beside other toolkits, or, where nearly all of it is one copy, beside that copy. */
  readonly beside: "toolkits" | "a copy";
}

/** The `.proto` files of the shapes, in `bench`. */
export const protoFiles = ["echo", "records", "shapes", "visit", "visit-log"] as const;

const blobBytes = 1024 * 1024;

export const shapes: readonly Shape[] = [
  { name: "echo request", typeName: "bench.EchoRequest", value: echoRequest(), beside: "toolkits" },
  { name: "order", typeName: "bench.Order", value: order(), beside: "toolkits" },
  { name: "readings", typeName: "bench.Readings", value: readings(), beside: "toolkits" },
  { name: "30 fields", typeName: "bench.Account", value: account(), beside: "toolkits" },
  { name: "1,000 entries", typeName: "bench.DirectoryList", value: directory(1000), beside: "toolkits" },
  { name: "packed numbers", typeName: "bench.Samples", value: samples(), beside: "toolkits" },
  { name: "maps of 100", typeName: "bench.Tally", value: tally(), beside: "toolkits" },
  { name: "proto2, flat", typeName: "bench.Visit", value: visit(), beside: "toolkits" },
  { name: "proto2, groups", typeName: "bench.VisitLog", value: visitLog(200), beside: "toolkits" },
  { name: "1 MiB of bytes", typeName: "bench.Blob", value: blob(blobBytes), beside: "a copy" },
];

/** The bytes of all strings in a value, keys of maps included: each JavaScript string in it is one of protobuf's. */
export function stringBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return 0;
  const parts = value instanceof Map ? [...value].flat() : Object.values(value);
  return parts.reduce((sum, part) => sum + stringBytes(part), 0);
}

/** Whether more than half of the encoded bytes are strings: UTF-8 then costs the same in any toolkit, and less can be won. */
export function isStringBound(value: unknown, encodedBytes: number): boolean {
  return stringBytes(value) * 2 > encodedBytes;
}
