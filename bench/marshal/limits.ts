// Benchmark, marshalling: what nobody can be faster than: a codec by hand that checks the same, for the one message it
// knows, and a bare copy of bytes.
import type { EchoRequestInit } from "../gen/echo.ts";
import { decodeByHand, encodeByHand } from "./by-hand.ts";
import { marshaller, type Toolkit } from "./toolkit.ts";

export const byHand: Toolkit = {
  name: "by hand",
  version: "-",
  settings: "this message only, all the same checks",
  format: "protobuf",
  prepare({ typeName, value }) {
    if (typeName !== "bench.EchoRequest") return undefined;
    return marshaller({ encode: encodeByHand, decode: decodeByHand }, value as EchoRequestInit);
  },
};

export const bareCopy: Toolkit = {
  name: "a copy",
  version: "-",
  settings: "the bytes alone, into memory of their own",
  format: "none",
  prepare({ beside, value }) {
    if (beside !== "a copy") return undefined;
    const copy = (bytes: Uint8Array): Uint8Array => bytes.slice();
    return marshaller({ encode: copy, decode: copy }, value["data"] as Uint8Array);
  },
};
