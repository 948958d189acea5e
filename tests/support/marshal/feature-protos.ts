// A contract of what proto2 has and proto3 has not: groups, required fields, closed enums, defaults, extensions, message sets;
// and one of edition 2023 beside it.

export const featuresProto = `syntax = "proto2";
package old;

enum Grade {
  LOW = -1;
  HIGH = 5;
  TOP = 5;
  option allow_alias = true;
}

message Item {
  required int32 id = 1;
  optional string name = 2;
}

message Order {
  extensions 100 to 199;
  optional group Place = 1 {
    optional string city = 2;
    optional group Inner = 3 {
      optional int32 depth = 1;
    }
    optional Order order = 4;
    extensions 100 to 199;
  }
  repeated group Line = 5 {
    required int32 count = 1;
  }
  optional Grade grade = 6;
  repeated Grade grades = 7;
  repeated Grade packed_grades = 8 [packed = true];
  enum Level {
    LOW = 0;
    HIGH = 5;
  }
  map<string, Level> by_name = 9;
  oneof choice {
    Grade chosen = 10;
    group Nested = 11 {
      optional string text = 1;
    }
    Item item = 12;
  }
  optional Item one = 13;
  repeated Item many = 14;
  map<int32, Item> mapped = 15;
  optional int32 port = 16 [default = 80];
  optional string host = 17 [default = "localhost"];
  optional bytes magic = 18 [default = "\\001a"];
  optional int64 big = 19 [default = -9007199254740993];
  optional double ratio = 20 [default = inf];
  optional Grade wanted = 21 [default = HIGH];
  optional bool flag = 22 [default = true];
  repeated int32 numbers = 23;
  optional Order inner = 24;
}

extend Order {
  optional int32 weight = 100 [default = 7];
  optional Item extra = 101;
  repeated sint32 marks = 102;
  repeated int32 packed_marks = 103 [packed = true];
  optional Grade mood = 104;
  repeated Grade moods = 105;
  optional group Bag = 106 {
    optional string color = 1;
  }
  repeated string tags = 107;
  optional Order nested = 108;
}

message Holder {
  extend Order {
    optional string note = 110;
  }
}

message Set {
  option message_set_wire_format = true;
  extensions 4 to max;
}

message Member {
  extend Set {
    optional Member member = 1000;
  }
  optional string text = 1;
}
`;

export const delimitedProto = `edition = "2023";
package late;
option features.message_encoding = DELIMITED;
option features.repeated_field_encoding = EXPANDED;

import "old.proto";

message Tree {
  Tree left = 1;
  repeated Tree right = 2;
  int32 value = 3 [features.field_presence = IMPLICIT];
  int32 needed = 4 [features.field_presence = LEGACY_REQUIRED];
  map<string, Tree> named = 5;
  old.Item item = 6;
  old.Item sized = 7 [features.message_encoding = LENGTH_PREFIXED];
  oneof choice {
    old.Item far = 8;
  }
}
`;
