// The contract that the type tests are about: all four kinds of method, and messages with every kind of field.
import {
  bidiStream,
  bool,
  bytes,
  clientStream,
  enumeration,
  field,
  int64,
  map,
  message,
  oneof,
  optional,
  repeated,
  serverStream,
  service,
  string,
  unary,
} from "farcall/idl";

/** True when both types are one and the same. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export function assertType<_Claim extends true>(): void {}

export const Kind = enumeration("t.Kind", { FILE: 0, FOLDER: 1 });
export const Ask = message("t.Ask", { path: string(1), after: int64(2), kind: field(Kind, 3) });
export const Entry = message("t.Entry", {
  name: string(1),
  isFolder: bool(2),
  size: int64(3),
  note: optional(string(4)),
  kind: field(Kind, 5),
  parts: repeated(string(6)),
  sizes: map(string, int64(7)),
  content: oneof({ data: bytes(8), link: string(9) }),
});
export const Sum = message("t.Sum", { count: int64(1) });

export const Folders = service("t.Folders", {
  get: unary(Ask, Entry),
  watch: serverStream(Ask, Entry),
  upload: clientStream(Entry, Sum),
  sync: bidiStream(Entry, Ask),
});

/** What comes out of an `Entry`. */
export interface EntryValue {
  name: string;
  isFolder: boolean;
  size: bigint;
  note: string | undefined;
  kind: "FILE" | "FOLDER" | number;
  parts: string[];
  sizes: Map<string, bigint>;
  content: { kind: "data"; value: Uint8Array } | { kind: "link"; value: string } | undefined;
  $unknown?: Uint8Array;
}
