// IDL layer, linker: the names that mean a scalar type wherever a type is named.
import type { ScalarType } from "../descriptor.ts";

export const scalarTypes: ReadonlySet<string> = new Set<ScalarType>([
  "double",
  "float",
  "int32",
  "int64",
  "uint32",
  "uint64",
  "sint32",
  "sint64",
  "fixed32",
  "fixed64",
  "sfixed32",
  "sfixed64",
  "bool",
  "string",
  "bytes",
]);
