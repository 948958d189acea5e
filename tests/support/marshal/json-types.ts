// Types made of descriptors at run time: those of `kinds.ts`, and one with every well-known type.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { linkFiles, type MessageType } from "farcall/idl";
import { TypeRegistry } from "farcall/marshal";
import { kindsProto } from "./kinds.ts";

const standard = fileURLToPath(new URL("../../../../third_party/protobuf/", import.meta.url));
const wellKnownProto = `syntax = "proto3";
package known;
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
message Known {
  google.protobuf.Timestamp at = 1;
  google.protobuf.Duration took = 2;
  google.protobuf.FieldMask mask = 3;
  google.protobuf.Struct struct = 4;
  google.protobuf.Value value = 5;
  google.protobuf.ListValue list = 6;
  google.protobuf.Any any = 7;
  google.protobuf.Empty empty = 8;
  google.protobuf.BoolValue bool = 10;
  google.protobuf.BytesValue bytes = 11;
  google.protobuf.DoubleValue double = 12;
  google.protobuf.Int64Value int64 = 13;
  google.protobuf.StringValue string = 14;
  google.protobuf.UInt32Value uint32 = 15;
  repeated google.protobuf.Value values = 20;
  repeated google.protobuf.Int64Value longs = 21;
  map<string, google.protobuf.Value> by_key = 22;
  google.protobuf.NullValue nothing = 23;
  oneof one { google.protobuf.NullValue null_one = 30; google.protobuf.Value value_one = 31; }
  Known inner = 40;
}
`;

const texts: Readonly<Record<string, string>> = { "kinds.proto": kindsProto, "known.proto": wellKnownProto };
const linked = linkFiles(Object.keys(texts), (path) =>
  path.startsWith("google/") ? readFileSync(standard + path, "utf8") : texts[path],
);
assert.deepEqual(linked.errors, []);
/** All types of both files and of what they import. */
export const types: TypeRegistry = new TypeRegistry().addFiles(linked.files);
export const Everything = types.findMessage("kinds.Everything") as MessageType;
export const Known = types.findMessage("known.Known") as MessageType;
