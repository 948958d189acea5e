// One contract with a field of every kind, written twice: as a .proto text and in TypeScript. Tests hold the two together.
import {
  bool,
  bytes,
  double,
  enumeration,
  field,
  fixed32,
  fixed64,
  float,
  type InitOf,
  int32,
  int64,
  type MessageOf,
  type MessageType,
  map,
  message,
  oneof,
  optional,
  repeated,
  serverStream,
  service,
  sfixed32,
  sfixed64,
  sint32,
  sint64,
  string,
  uint32,
  uint64,
  unary,
} from "farcall/idl";

export const kindsProto = `syntax = "proto3";
package kinds;

enum Color {
  RED = 0;
  GREEN = 1;
  MINUS = -1;
}

message Leaf {
  string name = 1;
  int32 count = 2;
  Leaf next = 3;
}

message Everything {
  reserved 900 to 909, 1000;
  reserved "gone";
  double double_value = 1;
  float float_value = 2;
  int32 int32_value = 3;
  int64 int64_value = 4;
  uint32 uint32_value = 5;
  uint64 uint64_value = 6;
  sint32 sint32_value = 7;
  sint64 sint64_value = 8;
  fixed32 fixed32_value = 9;
  fixed64 fixed64_value = 10;
  sfixed32 sfixed32_value = 11;
  sfixed64 sfixed64_value = 12;
  bool bool_value = 13;
  string string_value = 14;
  bytes bytes_value = 15;
  Color color_value = 16;
  Leaf leaf_value = 17;
  repeated int32 packed_ints = 20;
  repeated int32 loose_ints = 21 [packed = false];
  repeated string strings = 22;
  repeated bytes byte_strings = 23;
  repeated Leaf leaves = 24;
  repeated Color colors = 25;
  repeated sint64 zigzags = 26;
  repeated double doubles = 27;
  repeated bool bools = 28;
  map<string, int32> counts = 30;
  map<int64, string> names = 31;
  map<bool, Leaf> by_flag = 32;
  map<uint32, Color> paints = 33;
  map<string, bytes> blobs = 34;
  oneof choice {
    string text = 40;
    int64 big = 41;
    Leaf leaf = 42;
    Color color = 43;
    bytes raw = 44;
  }
  optional int32 maybe_int = 50;
  optional string maybe_string = 51;
  optional bytes maybe_bytes = 52;
  optional Color maybe_color = 53;
  optional int64 maybe_big = 54 [deprecated = true];
  string constructor = 60;
  string to_string = 61;
  string default = 1000000 [json_name = "Default"];
}

service Kinds {
  rpc Echo(Everything) returns (Everything) {
    option idempotency_level = NO_SIDE_EFFECTS;
  }
  rpc Watch(Leaf) returns (stream Everything);
}
`;

export const Color = enumeration("kinds.Color", { RED: 0, GREEN: 1, MINUS: -1 });

export interface LeafValue {
  name: string;
  count: number;
  next: LeafValue | undefined;
  $unknown?: Uint8Array;
}
export interface LeafInit {
  readonly name?: string | undefined;
  readonly count?: number | undefined;
  readonly next?: LeafInit | undefined;
  readonly $unknown?: Uint8Array | undefined;
}
export const Leaf: MessageType<LeafValue, LeafInit> = message("kinds.Leaf", {
  name: string(1),
  count: int32(2),
  next: field(() => Leaf, 3),
});

export const Everything = message(
  "kinds.Everything",
  {
    doubleValue: double(1),
    floatValue: float(2),
    int32Value: int32(3),
    int64Value: int64(4),
    uint32Value: uint32(5),
    uint64Value: uint64(6),
    sint32Value: sint32(7),
    sint64Value: sint64(8),
    fixed32Value: fixed32(9),
    fixed64Value: fixed64(10),
    sfixed32Value: sfixed32(11),
    sfixed64Value: sfixed64(12),
    boolValue: bool(13),
    stringValue: string(14),
    bytesValue: bytes(15),
    colorValue: field(Color, 16),
    leafValue: field(Leaf, 17),
    packedInts: repeated(int32(20)),
    looseInts: repeated(int32(21), { packed: false }),
    strings: repeated(string(22)),
    byteStrings: repeated(bytes(23)),
    leaves: repeated(field(Leaf, 24)),
    colors: repeated(field(Color, 25)),
    zigzags: repeated(sint64(26)),
    doubles: repeated(double(27)),
    bools: repeated(bool(28)),
    counts: map(string, int32(30)),
    names: map(int64, string(31)),
    byFlag: map(bool, field(Leaf, 32)),
    paints: map(uint32, field(Color, 33)),
    blobs: map(string, bytes(34)),
    choice: oneof({ text: string(40), big: int64(41), leaf: field(Leaf, 42), color: field(Color, 43), raw: bytes(44) }),
    maybeInt: optional(int32(50)),
    maybeString: optional(string(51)),
    maybeBytes: optional(bytes(52)),
    maybeColor: optional(field(Color, 53)),
    maybeBig: optional(int64(54, { deprecated: true })),
    constructor$: string(60),
    toString$: string(61),
    default: string(1_000_000, { jsonName: "Default" }),
  },
  { reserved: { numbers: [[900, 909], 1000], names: ["gone"] } },
);
export type EverythingInit = InitOf<typeof Everything>;
export type EverythingValue = MessageOf<typeof Everything>;

export const Kinds = service("kinds.Kinds", {
  echo: unary(Everything, Everything, { idempotency: "no-side-effects" }),
  watch: serverStream(Leaf, Everything),
});
