// Benchmark, marshalling: our own types, generated and built.
import type { MessageType } from "farcall/marshal";
import { EchoRequest } from "../gen/echo.ts";
import { Account, Blob, DirectoryList, Samples, Tally } from "../gen/records.ts";
import { Order, Readings } from "../gen/shapes.ts";
import { Visit } from "../gen/visit.ts";
import { VisitLog } from "../gen/visit-log.ts";
import { ourVersion } from "../support/programs.ts";
import * as built from "./built.ts";
import { marshaller, type Toolkit } from "./toolkit.ts";

type AnyType = MessageType<unknown, never>;

function toolkitOf(name: string, settings: string, types: readonly AnyType[]): Toolkit {
  const byName = new Map(types.map((type) => [type.typeName, type as MessageType<unknown, unknown>]));
  return {
    name,
    version: ourVersion(),
    settings,
    format: "protobuf",
    prepare({ typeName, value }) {
      const type = byName.get(typeName);
      if (type === undefined) throw new Error(`${name} has no ${typeName}`);
      return marshaller(
        { encode: (form: unknown) => type.encode(form), decode: (bytes: Uint8Array) => type.decode(bytes) },
        value,
      );
    },
  };
}

export const farcallGenerated: Toolkit = toolkitOf("farcall, generated", "types by farcall gen, plain values", [
  EchoRequest,
  Order,
  Readings,
  Account,
  DirectoryList,
  Samples,
  Tally,
  Blob,
  Visit,
  VisitLog,
]);

export const farcallBuilt: Toolkit = toolkitOf("farcall, built", "types by the builder, no code is made", [
  built.EchoRequest,
  built.Order,
  built.Readings,
  built.Account,
  built.DirectoryList,
  built.Samples,
  built.Tally,
  built.Blob,
  built.Visit,
  built.VisitLog,
]);
